"""Reduce published geography and organisation files to the small tables in src/jsnakit/geography/data. For maintainers.

    python tools/make_geography.py --data FOLDER [--out FOLDER]

FOLDER holds `geography/` and `ods/` as described in src/jsnakit/geography/data/SOURCES.md. The same files give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import io
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from jsnakit.geography._names import family_of, fold, readable, shorten

PACKAGED = Path(__file__).resolve().parents[1] / "src" / "jsnakit" / "geography" / "data"
ICB_START, ICB_2023, ICB_2026 = dt.date(2022, 7, 1), dt.date(2023, 4, 1), dt.date(2026, 4, 1)
DAY = dt.timedelta(days=1)

# New codes for small boundary changes, older than any change file: the boundary change Orders of 2012 (St Albans and Welwyn Hatfield) and 2013.
RECODES = (
    ("E07000100", "E07000240", dt.date(2012, 4, 1)),
    ("E07000104", "E07000241", dt.date(2012, 4, 1)),
    ("E07000097", "E07000242", dt.date(2013, 4, 1)),
    ("E07000101", "E07000243", dt.date(2013, 4, 1)),
    ("E08000020", "E08000037", dt.date(2013, 4, 1)),
    ("E06000048", "E06000057", dt.date(2013, 4, 1)),
)
RECODES_2025 = (("E08000016", "E08000038"), ("E08000019", "E08000039"))
RECODED = frozenset(old for old, _, _ in RECODES) | frozenset(old for old, _ in RECODES_2025)
# The nine unitary authorities of 2009 (Northumberland under the code it had until 2013).
UNITARIES_2009 = frozenset(f"E060000{n}" for n in range(47, 57) if n != 53)
# Counties that ended: the authorities that took over their area. Dorset lost Christchurch, so its share is not stated.
COUNTIES = {
    "E10000002": ("E06000060",),
    "E10000006": ("E06000063", "E06000064"),
    "E10000009": ("E06000059", "E06000058"),
    "E10000021": ("E06000061", "E06000062"),
    "E10000023": ("E06000065",),
    "E10000027": ("E06000066",),
}
# Surrey Heartlands and Sussex had other GSS codes until boundaries moved in April 2023.
ICB_RECODES = (("E54000052", "E54000063"), ("E54000053", "E54000064"))
# Bassetlaw's move in 2022 gave two NHS regions new GSS codes.
NHS_REGION_RECODES = (("E40000008", "E40000011"), ("E40000009", "E40000012"))
# Care trusts are not in the trust file; names from NHS workforce statistics.
CARE_TRUSTS = (
    ("TAD", "Bradford District Care NHS Foundation Trust"),
    ("TAF", "Camden and Islington NHS Foundation Trust"),
    ("TAH", "Sheffield Health and Social Care NHS Foundation Trust"),
    ("TAJ", "Black Country Healthcare NHS Foundation Trust"),
)
# In the register's other names: the joint office of two councils, and what is left of "Bristol, City of".
NOT_NAMES = frozenset({"adur and worthing borough council", "city of", "county of"})
RENAMED = (("E07000083", "North Gloucestershire"), ("E07000112", "Shepway"))
ETR = ("2021-05", "2022-03", "2025-07", "2026-04")


class AreaRow(NamedTuple):
    """One area or organisation."""

    scheme: str
    type: str
    code: str
    name: str
    valid_from: str
    valid_to: str


class AliasRow(NamedTuple):
    """Another name or code of an area."""

    scheme: str
    type: str
    code: str
    kind: str
    alias: str


class RelationRow(NamedTuple):
    """One dated link between two areas."""

    from_scheme: str
    from_type: str
    from_code: str
    to_scheme: str
    to_type: str
    to_code: str
    kind: str
    valid_from: str
    valid_to: str
    weight: str
    basis: str


class SiteRow(NamedTuple):
    """One hospital site."""

    site: str
    name: str
    sector: str
    trust: str
    latitude: str
    longitude: str
    headquarters: str


def table(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def iso(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()


def compact(text: str) -> str:
    """A date of an ODS file (yyyymmdd) as ISO 8601."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text else ""


def day_before(text: str) -> str:
    return (dt.date.fromisoformat(text) - DAY).isoformat()


def share(part: float, whole: float) -> str:
    return "1" if part == whole else f"{part / whole:.4f}"


def is_ltla(code: str) -> bool:
    return code[:3] in {"E06", "E07", "E08", "E09"}


def is_utla(code: str) -> bool:
    return code[:3] in {"E06", "E08", "E09", "E10"}


def types_of(code: str) -> list[str]:
    return [t for t, test in (("ltla", is_ltla), ("utla", is_utla)) if test(code)]


class Authorities:
    """England's local authorities through time."""

    def __init__(self, folder: Path) -> None:
        self.names: dict[str, str] = {}
        self.old_names: dict[str, set[str]] = defaultdict(set)
        self.start: dict[str, dt.date] = {code: dt.date(2009, 4, 1) for code in UNITARIES_2009}
        self.end: dict[str, dt.date] = {}
        self.steps: list[tuple[str, str, dt.date]] = []
        self.hierarchy = table(folder / "lookups/ltla24_hierarchy_england.csv")
        self.register = [r for r in table(folder / "changes/mysociety_uk_local_authorities_past_current_future.csv") if r["nation"] == "England"]
        self._names(folder)
        self._changes(folder)
        self.region = self._regions()
        self.county = self._counties()

    def _names(self, folder: Path) -> None:
        for row in table(folder / "changes/ltla_codes_by_year_2016_2024.csv"):
            for year in range(16, 25):
                self._name(row[f"ltla{year}_code"], row[f"ltla{year}_name"])
        for row in self.hierarchy:
            self._name(row["ltla24_code"], row["ltla24_name"])
            self._name(row["ltla25_code"], row["ltla24_name"])
            self._name(row["utla23_code"], row["utla23_name"])
            self._name(row["utla25_code"], row["utla23_name"])

    def _name(self, code: str, name: str) -> None:
        if code.startswith("E") and types_of(code):
            if self.names.get(code, name) != name:
                self.old_names[code].add(self.names[code])
            self.names[code] = name

    def _changes(self, folder: Path) -> None:
        for row in table(folder / "changes/onsvisual_changes_2018_2025.csv"):
            old, new, day = row["oldcd"], row["newcd"], dt.date(int(row["start"]), 4, 1)
            if not old.startswith("E") or not types_of(old):
                continue
            if row["type"] == "termination":
                self._name(old, row["oldnm"])
                self.steps += [(old, heir, day) for heir in COUNTIES[old]]
            elif row["type"] in {"merger", "new_code"} and types_of(new):
                self._name(old, row["oldnm"])
                self._name(new, row["newnm"])
                self.steps.append((old, new, day))
        for old, new, day in RECODES:
            self._name(old, self.names[new])
            self.steps.append((old, new, day))
        for old, new, day in self.steps:
            self.end[old] = day - DAY
            self.start.setdefault(new, day)

    def _regions(self) -> dict[str, str]:
        region: dict[str, str] = {}
        for row in self.hierarchy:
            for code in (row["ltla24_code"], row["ltla25_code"], row["utla23_code"], row["utla25_code"]):
                region[code] = row["region24_code"]
        for old, new, _ in sorted(self.steps, key=lambda s: s[2], reverse=True):
            region.setdefault(old, region[new])
        return region

    def _counties(self) -> dict[str, str]:
        """Which upper tier each lower-tier authority is (or was) in: itself for all but districts."""
        by_letters = {r["local-authority-code"]: r["gss-code"] for r in self.register}
        county = {r["ltla25_code"]: r["utla25_code"] for r in self.hierarchy}
        for row in self.register:
            if row["gss-code"].startswith("E07") and row["county-la"]:
                county.setdefault(row["gss-code"], by_letters[row["county-la"]])
        for old, new, _ in sorted(self.steps, key=lambda s: s[2], reverse=True):
            if old.startswith("E07") and old not in county:
                county[old] = county[new]
        return {code: county.get(code, "") if code.startswith("E07") else code for code in self.names if is_ltla(code)}

    def areas(self) -> Iterator[AreaRow]:
        """Rows of areas.csv."""
        for code, name in self.names.items():
            for kind in types_of(code):
                yield AreaRow("gss", kind, code, name, iso(self.start.get(code)), iso(self.end.get(code)))

    def aliases(self) -> Iterator[AliasRow]:
        """Rows of aliases.csv."""
        names: dict[str, set[str]] = defaultdict(set)
        for code, old in self.old_names.items():
            names[code] |= old
        for code, name in RENAMED:
            names[code].add(name)
        for row in self.register:
            if row["gss-code"] in self.names:
                names[row["gss-code"]] |= self._registered(row)
        for before, after in itertools.chain(((a, b) for a, b, _ in RECODES), RECODES_2025):
            merged = names[before] | names[after]
            names[before], names[after] = set(merged), set(merged)
        for code, found in names.items():
            for kind in types_of(code):
                for alias in spare(found, self.names[code], kind):
                    yield AliasRow("gss", kind, code, "name", alias)

    def _registered(self, row: dict[str, str]) -> set[str]:
        """The register's official name, and of its other names those that the rules of spelling do not give anyway."""
        name = self.names[row["gss-code"]]
        known = {shorten(fold(n), "authority") for n in (name, row["official-name"])}
        # The register parts names by commas, and so takes apart the names that hold one.
        pieces = {shorten(fold(piece), "authority") for piece in name.split(",")} if "," in name else set()
        others = {" ".join(other.split()) for other in (row["nice-name"], *row["alt-names"].split(",")) if len(other.strip()) > 3}
        useful = {o for o in others if shorten(fold(o), "authority") not in known | pieces and fold(o) not in NOT_NAMES}
        return useful | {" ".join(row["official-name"].split())}

    def relations(self, folder: Path) -> Iterator[RelationRow]:
        """Rows of relations.csv."""
        people = self._people(folder)
        for old, new, day in self.steps:
            for kind in types_of(old):
                if kind in types_of(new):
                    yield RelationRow("gss", kind, old, "gss", kind, new, "succeeded_by", iso(day), "", *self._weight(old, new, people))
                elif kind == "ltla":
                    raise SystemExit(f"{old} became {new}, which is not a lower-tier authority")
        for code in self.names:
            span = (iso(self.start.get(code)), iso(self.end.get(code)))
            if is_ltla(code):
                upper = self.county[code]
                first = max(filter(None, (span[0], iso(self.start.get(upper)))), default="")
                last = min(filter(None, (span[1], iso(self.end.get(upper)))), default="")
                yield RelationRow("gss", "ltla", code, "gss", "utla", upper, "in", first, last, "1", "exact")
            for kind in types_of(code):
                yield RelationRow("gss", kind, code, "gss", "region", self.region[code], "in", *span, "1", "exact")
        yield from self._best_fit(folder)
        yield from self._residents(folder)

    def _weight(self, old: str, new: str, people: dict[str, float]) -> tuple[str, str]:
        if old in RECODED:
            return "1", "minor"
        heirs = COUNTIES.get(old, (new,))
        if len(heirs) == 1:
            return "1", "exact"
        if old == "E10000009":  # it lost Christchurch, whose people no stored file counts
            return "", "unknown"
        districts = {heir: [c for c, h, _ in self.steps if h == heir and self.county.get(c) == old] for heir in heirs}
        parts = {heir: people.get(heir) or sum(people[c] for c in districts[heir]) for heir in heirs}
        return share(parts[new], sum(parts.values())), "exact"

    @staticmethod
    def _people(folder: Path) -> dict[str, float]:
        """Residents of the authorities of 2021 at the Census, to weigh counties that were split in 2021 and 2023."""
        people: dict[str, float] = defaultdict(float)
        for row in table(folder / "lookups/oa21_crosswalk_england_ltla21codes.csv.gz"):
            people[row["la_code"]] += float(row["population"])
        return people

    def _residents(self, folder: Path) -> Iterator[RelationRow]:
        """The sub-ICB locations that an authority's residents (Census 2021) live in, with their shares."""
        code25 = {r["ltla24_code"]: r["ltla25_code"] for r in self.hierarchy}
        counted: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for row in table(folder / "lookups/lsoa21_lookup_england.csv.gz"):
            lower = code25[row["ltla24_code"]]
            for kind, code in (("ltla", lower), ("utla", self.county[lower])):
                counted[kind, code][row["sicbl24_code"]] += float(row["census21_pop"])
        for (kind, code), places in counted.items():
            first = max(ICB_START, self.start.get(code, ICB_START))
            for place, people in places.items():
                part = share(people, sum(places.values()))
                yield RelationRow(
                    "gss", kind, code, "gss", "sub_icb", place, "residents_in", iso(first), "", part, "exact" if part == "1" else "best_fit"
                )

    def _best_fit(self, folder: Path) -> Iterator[RelationRow]:
        """The ICB that most residents (Census 2021) of an authority live in, with their share, before and from April 2026."""
        code25 = {r["ltla24_code"]: r["ltla25_code"] for r in self.hierarchy}
        counted: dict[tuple[str, str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for row in table(folder / "lookups/lsoa21_lookup_england.csv.gz"):
            people = float(row["census21_pop"])
            lower = code25[row["ltla24_code"]]
            for kind, code in (("ltla", lower), ("utla", self.county[lower])):
                counted[kind, code, "2024"][row["icb24_code"]] += people
                counted[kind, code, "2026"][row["icb26_code"]] += people
                if row["icb26_basis"] != "exact":
                    counted[kind, code, "estimated"][row["icb26_code"]] += people
        for (kind, code, year), icbs in counted.items():
            if year == "estimated":
                continue
            best = max(icbs, key=lambda icb: (icbs[icb], icb))
            basis = "estimated" if year == "2026" and (kind, code, "estimated") in counted else "best_fit"
            if icbs[best] == sum(icbs.values()) and basis == "best_fit":
                basis = "exact"
            begin, end = (ICB_START, ICB_2026 - DAY) if year == "2024" else (ICB_2026, None)
            first = max(begin, self.start.get(code, begin))
            was = {new: old for old, new in ICB_RECODES}.get(best) if year == "2024" else None
            weight = share(icbs[best], sum(icbs.values()))
            if was and first < ICB_2023:
                yield RelationRow("gss", kind, code, "gss", "icb", was, "best_fit", iso(first), iso(ICB_2023 - DAY), weight, basis)
                first = ICB_2023
            yield RelationRow("gss", kind, code, "gss", "icb", best, "best_fit", iso(first), iso(end), weight, basis)


def spare(found: Iterable[str], name: str, kind: str) -> list[str]:
    """Of several spellings, one for each that the name itself does not already answer to."""
    family = family_of(kind) or ""
    known = {fold(name), shorten(fold(name), family)}
    kept: dict[str, str] = {}
    for alias in sorted(found, key=lambda a: (a.islower(), a)):
        folded = fold(alias)
        if folded and folded not in known and folded not in kept:
            kept[folded] = alias
    return sorted(kept.values())


class Boards:
    """Integrated care boards, sub-ICB locations and NHS regions."""

    def __init__(self, folder: Path, ods: Path) -> None:
        self.events = table(folder / "changes/icb_2026_events.csv")
        self.shares = table(folder / "lookups/icb24_icb26_popshare.csv")
        self.sub = table(folder / "lookups/sicbl24_icb24_nhser.csv")
        self.lsoa = folder / "lookups/lsoa21_lookup_england.csv.gz"
        self.register = {r[0]: r for r in rows_of(ods / "eccg-2025-12.csv")}
        self.names = {r["icb24_code"]: (r["icb24_code_nhs"], r["icb24_name"]) for r in self.shares}
        self.kept = {r["icb24_code"] for r in self.shares if r["icb24_code"] == r["icb26_code"]}
        self.new = {r["icb26_code"]: (r["icb26_code_nhs"], r["icb26_name"]) for r in self.shares if r["icb26_code"] not in self.kept}
        self.region = {r["icb24_code"]: r["nhser_code"] for r in self.sub}
        self.nhs_regions = {r["nhser_code"]: (r["nhser_code_nhs"], r["nhser_name"]) for r in self.sub}

    def _boards(self) -> Iterator[tuple[str, str, str, dt.date, dt.date | None]]:
        recent = {new for _, new in ICB_RECODES}
        for code, (nhs, name) in self.names.items():
            yield code, nhs, name, ICB_2023 if code in recent else ICB_START, None if code in self.kept else ICB_2026 - DAY
        for old, new in ICB_RECODES:
            yield old, *self.names[new], ICB_START, ICB_2023 - DAY
        for code, (nhs, name) in self.new.items():
            yield code, nhs, name, ICB_2026, None

    def areas(self) -> Iterator[AreaRow]:
        """Rows of areas.csv."""
        for code, _, name, first, last in self._boards():
            yield AreaRow("gss", "icb", code, name, iso(first), iso(last))
        for row in self.sub:
            closed = compact(self.register[row["sicbl24_code_nhs"]][11])
            yield AreaRow("gss", "sub_icb", row["sicbl24_code"], row["sicbl24_name"], iso(ICB_START), closed)
        old = {new: was for was, new in NHS_REGION_RECODES}
        for code, (_, name) in self.nhs_regions.items():
            yield AreaRow("gss", "nhs_region", code, name, iso(ICB_START) if code in old else "", "")
            if code in old:
                yield AreaRow("gss", "nhs_region", old[code], name, "", iso(ICB_START - DAY))

    def aliases(self) -> Iterator[AliasRow]:
        """Rows of aliases.csv."""
        for code, nhs, _, _, _ in self._boards():
            yield AliasRow("gss", "icb", code, "code", nhs)
        for row in self.sub:
            yield AliasRow("gss", "sub_icb", row["sicbl24_code"], "code", row["sicbl24_code_nhs"])
        old = {new: was for was, new in NHS_REGION_RECODES}
        for code, (nhs, _) in self.nhs_regions.items():
            for one in (code, old.get(code)):
                if one:
                    yield AliasRow("gss", "nhs_region", one, "code", nhs)

    def relations(self) -> Iterator[RelationRow]:
        """Rows of relations.csv."""
        dates = {r["effective"] for r in self.events}
        if dates != {iso(ICB_2026)}:
            raise SystemExit(f"ICB events on unexpected dates: {sorted(dates)}")
        for row in self.shares:
            if row["icb24_code"] != row["icb26_code"]:
                weight = (share(float(row["share_of_icb24"]), 1.0), row["icb26_basis"])
                yield RelationRow("gss", "icb", row["icb24_code"], "gss", "icb", row["icb26_code"], "succeeded_by", iso(ICB_2026), "", *weight)
        for old, new in ICB_RECODES:
            yield RelationRow("gss", "icb", old, "gss", "icb", new, "succeeded_by", iso(ICB_2023), "", "1", "minor")
        for old, new in NHS_REGION_RECODES:
            yield RelationRow("gss", "nhs_region", old, "gss", "nhs_region", new, "succeeded_by", iso(ICB_START), "", "1", "minor")
        yield from self._in_region()
        yield from self._sub_in_board()

    def _in_region(self) -> Iterator[RelationRow]:
        region = dict(self.region)
        for old, new in ICB_RECODES:
            region[old] = region[new]
        main: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for row in self.shares:
            main[row["icb26_code"]][region[row["icb24_code"]]] += float(row["pop21"])
        for code, _, _, first, last in self._boards():
            parent = region.get(code) or max(main[code], key=lambda r: main[code][r])
            yield RelationRow("gss", "icb", code, "gss", "nhs_region", parent, "in", iso(first), iso(last), "1", "exact")

    def _sub_in_board(self) -> Iterator[RelationRow]:
        recoded = {new: old for old, new in ICB_RECODES}
        later: dict[str, set[str]] = defaultdict(set)
        for row in table(self.lsoa):
            later[row["sicbl24_code"]].add(row["icb26_code"])
        for row in self.sub:
            code, board = row["sicbl24_code"], row["icb24_code"]
            first = ICB_START
            if board in recoded:
                yield self._membership(code, recoded[board], first, ICB_2023 - DAY)
                first = ICB_2023
            if board in self.kept:
                yield self._membership(code, board, first, None)
                continue
            yield self._membership(code, board, first, ICB_2026 - DAY)
            if len(later[code]) == 1:
                yield self._membership(code, next(iter(later[code])), ICB_2026, None)

    @staticmethod
    def _membership(code: str, board: str, first: dt.date, last: dt.date | None) -> RelationRow:
        return RelationRow("gss", "sub_icb", code, "gss", "icb", board, "in", iso(first), iso(last), "1", "exact")


class Trusts:
    """NHS trusts of England, their successions and their hospital sites."""

    def __init__(self, ods: Path) -> None:
        self.names: dict[str, str] = dict(CARE_TRUSTS)
        self.old: dict[str, set[str]] = defaultdict(set)
        self.opened: dict[str, str] = {}
        self.closed: dict[str, str] = {}
        self.address: dict[str, tuple[str, tuple[str, ...]]] = {}
        for month in ETR:
            for row in rows_of(ods / f"etr-{month}.csv"):
                self._record(row)
        self.steps = sorted((old, new, compact(day)) for old, new, _, day, _ in rows_of(ods / "succ.csv") if old in self.names and new in self.names)
        for old, _, day in self.steps:
            self.closed.setdefault(old, day_before(day))
        self.sites = table(ods / "hospital-sites-2020-01.csv")

    def _record(self, row: list[str]) -> None:
        code, name, government_region = row[0], readable(row[1]), row[23]
        if government_region == "W":
            return
        if self.names.get(code, name) != name:
            self.old[code].add(self.names[code])
        self.names[code] = name
        self.opened[code] = compact(row[10])
        self.address[code] = (row[9], tuple(fold(line) for line in row[4:8]))
        if row[11]:
            self.closed[code] = compact(row[11])

    def areas(self) -> Iterator[AreaRow]:
        """Rows of areas.csv."""
        for code, name in self.names.items():
            yield AreaRow("ods", "trust", code, name, self.opened.get(code, ""), self.closed.get(code, ""))

    def aliases(self) -> Iterator[AliasRow]:
        """Rows of aliases.csv."""
        for code, found in self.old.items():
            for alias in spare(found, self.names[code], "trust"):
                yield AliasRow("ods", "trust", code, "name", alias)

    def relations(self) -> Iterator[RelationRow]:
        """Rows of relations.csv."""
        heirs = defaultdict(list)
        for old, new, _ in self.steps:
            heirs[old].append(new)
        for old, new, day in self.steps:
            weight = ("1", "exact") if len(heirs[old]) == 1 else ("", "unknown")
            yield RelationRow("ods", "trust", old, "ods", "trust", new, "succeeded_by", day, "", *weight)

    def site_rows(self) -> Iterator[SiteRow]:
        """Rows of sites.csv."""
        for row in self.sites:
            home = sorted(code for code in self._latest(row["parent_code"]) if self._is_home(row, code))
            sector = "nhs" if row["sector"] == "NHS Sector" else "independent"
            yield SiteRow(row["site_code"], row["site_name"], sector, row["parent_code"], row["latitude"], row["longitude"], " ".join(home))

    def _is_home(self, site: dict[str, str], trust: str) -> bool:
        """Whether a trust's registered address is at this site: by postcode, or because a line of the address is the site's name."""
        postcode, lines = self.address.get(trust, ("", ()))
        named = fold(site["site_name"])
        return bool(postcode) and (site["postcode"] == postcode or any("hospital" in line and f"{named} ".startswith(f"{line} ") for line in lines))

    def _latest(self, code: str) -> set[str]:
        """The trust itself and whatever it became: the later one's headquarters may be the earlier one's hospital."""
        found, todo = {code}, [code]
        while todo:
            step = todo.pop()
            for old, new, _ in self.steps:
                if old == step and new not in found:
                    found.add(new)
                    todo.append(new)
        return found


REGIONS = (
    ("E12000001", "North East"),
    ("E12000002", "North West"),
    ("E12000003", "Yorkshire and The Humber"),
    ("E12000004", "East Midlands"),
    ("E12000005", "West Midlands"),
    ("E12000006", "East of England"),
    ("E12000007", "London"),
    ("E12000008", "South East"),
    ("E12000009", "South West"),
)


def write(path: Path, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(sorted(set(rows)))
    path.write_bytes(text.getvalue().encode("utf-8"))


def build(data: Path, out: Path) -> None:
    """Write the four tables into `out`."""
    geography, ods = data / "geography", data / "ods"
    authorities, boards, trusts = Authorities(geography), Boards(geography, ods), Trusts(ods)
    fixed = [AreaRow("gss", "country", "E92000001", "England", "", "")]
    fixed += [AreaRow("gss", "region", code, name, "", "") for code, name in REGIONS]
    in_england = [RelationRow("gss", "region", code, "gss", "country", "E92000001", "in", "", "", "1", "exact") for code, _ in REGIONS]
    out.mkdir(parents=True, exist_ok=True)
    write(out / "areas.csv", AreaRow._fields, [*fixed, *authorities.areas(), *boards.areas(), *trusts.areas()])
    write(out / "aliases.csv", AliasRow._fields, [*authorities.aliases(), *boards.aliases(), *trusts.aliases()])
    write(out / "relations.csv", RelationRow._fields, [*in_england, *authorities.relations(geography), *boards.relations(), *trusts.relations()])
    write(out / "sites.csv", SiteRow._fields, trusts.site_rows())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with geography/ and ods/")
    parser.add_argument("--out", type=Path, default=PACKAGED)
    given = parser.parse_args()
    build(given.data, given.out)
    for path in sorted(given.out.glob("*.csv")):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
