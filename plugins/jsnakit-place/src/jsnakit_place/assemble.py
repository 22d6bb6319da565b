"""The tidy tables of one year put together: scores beside their marks, editions that are known to be wrong, averages where none is published."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
from attrs import define, field

from jsnakit.errors import DataError
from jsnakit.model import TOTAL
from jsnakit.observations import build
from jsnakit.sources import Part, Query
from jsnakit.tabular import Fault, data_error
from jsnakit_place.averages import SiteScore, average, distribution, good_or_excellent, score_of_marks
from jsnakit_place.parse import part_facts
from jsnakit_place.rounds import DOMAINS, FOOD, LEAST_SITES, RATINGS, Round, scale_of

__all__ = ["ASSESSOR", "RATING", "Year", "gather", "observations_of"]

log = logging.getLogger("jsnakit_place")

ASSESSOR: Final = "assessor"
"""The breakdown of assessors: patient, staff, healthwatch, other."""
RATING: Final = "rating"
"""The breakdown of PEAT's sites by their rating."""
ENGLAND_CODE: Final = "E92000001"
_AREA_TYPES: Final = {"site": "site", "organisation": "provider", "national": "country"}
_TOLERANCE: Final = 0.0051  # half of the last printed digit, and what floats lose
_FEW: Final = 0.02
_ENOUGH: Final = 0.95
Key = tuple[str, str, str]


@define(kw_only=True)
class Figure:
    """One published figure of a site, an organisation or England, with its marks where they are known."""

    value: float | None
    status: str
    text: str | None
    origin: str
    release: str
    awarded: float | None = None
    available: float | None = None
    notes: list[str] = field(factory=list)
    counted: bool = True


@define(kw_only=True)
class Year:
    """All that was read of one year."""

    collection: Round
    figures: dict[Key, Figure] = field(factory=dict)
    marks: dict[Key, tuple[float | None, float | None, str, str]] = field(factory=dict)
    beds: dict[str, tuple[float, str, bool]] = field(factory=dict)
    organisation: dict[str, str] = field(factory=dict)
    names: dict[tuple[str, str], str] = field(factory=dict)
    self_catering: set[str] = field(factory=set)
    origins: dict[str, str] = field(factory=dict)

    def add(self, part: Part) -> None:
        """Take in one file. Raises `DataError` where another file of the year has said the same."""
        facts = part_facts(part.table)
        for row in part.table.to_pylist():
            self._add_row(row, part, facts["release"])

    def _add_row(self, row: Mapping[str, Any], part: Part, release: str) -> None:
        level, code, measure = key = (row["level"], row["code"], row["measure"])
        of_beds = row["layout"].startswith("beds")
        if level == "site" and row["organisation"] and not of_beds and self.organisation.setdefault(code, row["organisation"]) != row["organisation"]:
            raise data_error(
                part.resource.title or part.resource.url,
                [Fault(None, "organisation", f"{code}: {self.organisation[code]} and {row['organisation']}", "one-organisation-a-site")],
                hint="two rows of one year put a site into two organisations",
            )
        if row["name"]:
            self.names.setdefault((level, code), row["name"])
        if level == "site" and row["self_catering"]:
            self.self_catering.add(code)
        if measure == "beds" and level == "site":
            # The publisher's own column goes before a list from elsewhere.
            if row["value"] is not None and (code not in self.beds or (not of_beds and not self.beds[code][2])):
                self.beds[code] = (row["value"], part.origin, not of_beds)
            return
        if row["layout"].endswith("-base"):
            if key in self.marks and self.marks[key][2] != part.origin:
                raise self._twice(key, part)
            self.marks[key] = (row["awarded"], row["available"], part.origin, row["status"])
            return
        if key in self.figures:
            raise self._twice(key, part)
        self.figures[key] = Figure(value=row["value"], status=row["status"], text=row["text"], origin=part.origin, release=release)

    def _twice(self, key: Key, part: Part) -> DataError:
        return data_error(
            part.resource.title or part.resource.url,
            [Fault(None, key[2], f"{key[0]} {key[1]}, {self.collection.year}", "one-file-a-table")],
            hint="two files hold this: give one of them (the corrected edition, unless the first is what you want; the CSV files or the workbook)",
        )

    def settle(self) -> None:
        """Join marks to scores, take out what was withdrawn, and note what is known to be wrong."""
        self._join_marks()
        for gone in self.collection.withdrawn:
            figure = self.figures.get(("site", gone.site, gone.domain))
            if figure is not None and figure.value is not None:
                shown = figure.text or f"{figure.value:g}"
                figure.notes.append(f"{gone.note} This file prints {shown}")
                figure.value, figure.status, figure.counted = None, "not_applicable", False
                figure.awarded = figure.available = None
        for (level, code, measure), figure in self.figures.items():
            if level == "site" and measure in FOOD and code in self.self_catering:
                if figure.value is None:
                    figure.status = "not_applicable"
                    figure.notes.append("the site declares itself self-catering")
                else:
                    figure.notes.append("the site declares itself self-catering: left out of averages of Food")
            figure.notes += self._edition_notes(level, measure, figure.release)

    def _edition_notes(self, level: str, measure: str, release: str) -> list[str]:
        touching = [e for e in self.collection.edition if e.touches(level, measure)]
        if release == "original":
            return [e.note for e in touching]
        return [f"{e.note} Which edition this file is cannot be told from it" for e in touching] if release == "" else []

    def _join_marks(self) -> None:
        wrong: list[Fault] = []
        compared = 0
        for key, (awarded, available, origin, status) in self.marks.items():
            figure = self.figures.get(key)
            if figure is None:
                value = score_of_marks(awarded, available) if awarded is not None and available else None
                self.figures[key] = Figure(
                    value=value,
                    status="normal" if value is not None else status,
                    text=None,
                    origin=f"place-marks:{origin}",
                    release="",
                    awarded=awarded,
                    available=available,
                )
                if value is not None:
                    self.figures[key].notes.append("computed from the published marks")
                continue
            figure.awarded, figure.available = awarded, available
            if figure.value is None or awarded is None or not available:
                continue
            compared += 1
            exact = 100 * awarded / available
            if abs(exact - figure.value) > _TOLERANCE:
                wrong.append(
                    Fault(
                        None, key[2], f"{key[1]}: {figure.value:g} printed, {awarded:g} of {available:g} marks give {exact:.2f}", "marks-give-score"
                    )
                )
                figure.notes.append(f"the published marks give {exact:.2f}")
        # One slip of the publisher is noted; many are a column in the wrong place.
        if len(wrong) > max(1, _FEW * compared):
            raise data_error(
                f"PLACE {self.collection.year}",
                wrong,
                hint="the scores and the marks are not of one edition, or a column is not what its heading says",
            )
        for fault in wrong:
            log.warning("PLACE %s: %s", self.collection.year, fault)

    def sites(self) -> list[str]:
        """The sites that have any figure of an assessment."""
        return sorted({code for level, code, measure in self.figures if level == "site" and (measure in DOMAINS or measure in RATINGS)})

    def of_provider(self, sites: Iterable[str]) -> dict[str, list[str]]:
        """The sites by their organisation."""
        found: dict[str, list[str]] = {}
        for site in sites:
            if site in self.organisation:
                found.setdefault(self.organisation[site], []).append(site)
        return dict(sorted(found.items()))

    def enough(self, sites: int) -> bool:
        """Whether so many sites are England: nearly all that the publisher counted, or where that is not known as many as the smallest round had."""
        return sites >= (_ENOUGH * self.collection.assessments if self.collection.assessments else LEAST_SITES)


def gather(parts: Iterator[Part], rounds: Mapping[int, Round]) -> list[Year]:
    """The parts by year, settled."""
    years: dict[int, Year] = {}
    for part in parts:
        year = part_facts(part.table)["year"]
        years.setdefault(year, Year(collection=rounds[year])).add(part)
    for held in years.values():
        held.settle()
    return [years[y] for y in sorted(years)]


class _Rows:
    """Collects the rows of one year that a query asks for."""

    def __init__(self, year: Year, query: Query) -> None:
        self.year = year
        self.query = query
        self.codes = {t: query.area_codes(t) for t in ("site", "provider", "country")}
        self.rows: list[dict[str, Any]] = []

    def wants(self, indicator: str, area_type: str, code: str) -> bool:
        codes = self.codes[area_type]
        return (not self.query.indicators or indicator in self.query.indicators) and (codes is None or code in codes)

    def add(self, measure: str, area_type: str, code: str, origin: str, **values: Any) -> None:
        indicator = f"place.{measure}"
        category_type = values.get("category_type", TOTAL)
        if not self.wants(indicator, area_type, code) or not self.query.wants_breakdown(category_type):
            return
        row = dict.fromkeys(("value", "count", "denominator", "note", "flags", "published_score")) | {
            "status": "normal",
            "category_type": TOTAL,
            "category": TOTAL,
        }
        scheme = "gss" if area_type == "country" else "ods"
        self.rows.append(row | values | {"indicator": indicator, "area_scheme": scheme, "area_type": area_type, "area": code, "origin": origin})

    def table(self) -> pa.Table:
        period = self.year.collection.period
        names = (
            "indicator",
            "area_scheme",
            "area_type",
            "area",
            "category_type",
            "category",
            "value",
            "count",
            "denominator",
            "status",
            "flags",
            "note",
            "origin",
        )
        columns: dict[str, Any] = {name: [r[name] for r in self.rows] for name in names}
        columns["published_score"] = pa.array([r["published_score"] for r in self.rows], pa.string())
        return build(len(self.rows), period_start=period.start, period_duration=period.duration, period=period.label, **columns)


def observations_of(year: Year, query: Query) -> pa.Table:
    """The rows of one year that a query asks for."""
    rows = _Rows(year, query)
    published(rows)
    averages(rows)
    shares(rows)
    people_and_beds(rows)
    return rows.table()


def _flags(year: Year, measure: str) -> str | None:
    """`break` where an era begins and the same was measured before it."""
    first = {"dementia": 2015, "disability": 2016}
    return "break" if year.collection.begins_era and year.collection.year > first.get(measure.removesuffix("_sites"), 2000) else None


def published(rows: _Rows) -> None:
    """What the files say: scores and ratings of sites, organisations and England."""
    year = rows.year
    for (level, code, measure), figure in sorted(year.figures.items()):
        if measure not in DOMAINS and measure not in RATINGS:
            continue
        notes = list(figure.notes)
        if measure in RATINGS and figure.value is not None:
            notes.insert(0, scale_of(measure).said(int(figure.value)))
        rows.add(
            measure, _AREA_TYPES[level], code, figure.origin, value=figure.value, count=figure.awarded, denominator=figure.available, status=figure.status,
            flags=_flags(year, measure), note="; ".join(notes) or None, published_score=figure.text,
        )  # fmt: skip


def _over(rows: _Rows, measures: Sequence[str], each: Callable[[str, str, str, list[str]], None]) -> None:
    """Call `each` for every measure, and every provider and England, with the sites that have a figure of it."""
    year = rows.year
    for measure in measures:
        sites = [s for s in year.sites() if ("site", s, measure) in year.figures]
        if not sites:
            continue
        for provider, held in year.of_provider(sites).items():
            each(measure, "provider", provider, held)
        each(measure, "country", ENGLAND_CODE, sites)


def averages(rows: _Rows) -> None:
    """Averages of organisations and England, where none is published."""
    year = rows.year

    def one(measure: str, area_type: str, code: str, sites: list[str]) -> None:
        level = "organisation" if area_type == "provider" else "national"
        if (level, code, measure) in year.figures or not rows.wants(f"place.{measure}", area_type, code):
            return
        figures = {s: year.figures["site", s, measure] for s in sites}
        scores = {
            s: SiteScore(
                score=f.value if f.counted else None, beds=year.beds[s][0] if s in year.beds else None, self_catering=s in year.self_catering
            )
            for s, f in figures.items()
        }
        made = average(measure, list(scores.values()))
        inputs = {f.origin for f in figures.values()}
        if area_type == "country" and not year.enough(len(year.sites())):
            rows.add(measure, area_type, code, _origin("none", inputs), status="not_available", flags=_flags(year, measure), note=_too_few(year))
        elif made is None:
            statuses = {f.status for f in figures.values()}
            status = "not_applicable" if statuses == {"not_applicable"} else "not_available"
            rows.add(
                measure, area_type, code, _origin("none", inputs), status=status, flags=_flags(year, measure), note="none of its sites has a score"
            )
        else:
            if made.method == "bed-weighted":
                inputs |= {year.beds[s][1] for s in sites if s in year.beds}
            rows.add(measure, area_type, code, _origin(made.method, inputs), value=made.value, flags=_flags(year, measure), note=made.note)

    _over(rows, DOMAINS, one)


def _origin(method: str, inputs: Iterable[str]) -> str:
    return f"place-average:{method}:{'+'.join(sorted(set(inputs)))}"


def _too_few(year: Year) -> str:
    of = f"about {LEAST_SITES:,} or more" if year.collection.assessments is None else f"{year.collection.assessments:,}"
    return f"the files hold {len(year.sites()):,} sites of {of}: no figure of England is computed from a part of them"


def shares(rows: _Rows) -> None:
    """PEAT's ratings together: the share rated good or excellent (or green), and the number of sites by rating. Ranks are never averaged."""
    year = rows.year

    def one(measure: str, area_type: str, code: str, sites: list[str]) -> None:
        scale = scale_of(measure)
        figures = [year.figures["site", s, measure] for s in sites]
        ranks = [int(f.value) for f in figures if f.value is not None]
        origin = f"place-share:{'+'.join(sorted({f.origin for f in figures}))}"
        share, sites_of = f"{measure}_{'green' if scale.id == 'peat-traffic-light' else 'good_or_excellent'}", f"{measure}_sites"
        flags = _flags(year, measure)
        if not ranks or (area_type == "country" and not year.enough(len(year.sites()))):
            note = _too_few(year) if ranks else "none of its sites has a rating"
            rows.add(share, area_type, code, origin, status="not_available", flags=flags, note=note)
            return
        good = good_or_excellent(ranks, scale)
        note = f"computed from the ratings of {len(ranks):,} site{'' if len(ranks) == 1 else 's'}"
        note += ", NHS and independent alike" if area_type == "country" else ""
        rows.add(share, area_type, code, origin, value=100 * good / len(ranks), count=good, denominator=len(ranks), flags=flags, note=note)
        rows.add(sites_of, area_type, code, origin, value=float(len(ranks)), count=len(ranks), flags=flags, note=note)
        for label, n in distribution(ranks, scale).items():
            rows.add(
                sites_of,
                area_type,
                code,
                origin,
                value=float(n),
                count=n,
                denominator=len(ranks),
                flags=flags,
                note=note,
                category_type=RATING,
                category=label,
            )

    _over(rows, RATINGS, one)


def people_and_beds(rows: _Rows) -> None:
    """Who assessed, by kind and in all, and the beds of each site, where a file says."""
    year = rows.year
    people: dict[tuple[str, str], dict[str, Figure]] = {}
    for (level, code, measure), figure in sorted(year.figures.items()):
        if measure.startswith("assessors") and figure.value is not None:
            people.setdefault((level, code), {})[measure.removeprefix("assessors").removeprefix("_")] = figure
    for (level, code), kinds in people.items():
        total = kinds.pop("", None)
        counted = sum(f.value or 0.0 for f in kinds.values())
        if total is not None and total.value is not None and counted > total.value:
            raise data_error(
                f"PLACE {year.collection.year}",
                [Fault(None, "assessors", f"{code}: {counted:g} by kind, {total.value:g} in all", "kinds-within-total")],
            )
        area_type = _AREA_TYPES[level]
        value, note = (total.value, None) if total is not None else (counted, f"sum of the kinds published: {', '.join(sorted(kinds))}")
        origin = total.origin if total is not None else f"place-sum:{'+'.join(sorted({f.origin for f in kinds.values()}))}"
        rows.add("assessors", area_type, code, origin, value=value, count=value, note=note)
        for kind, figure in sorted(kinds.items()):
            rows.add(
                "assessors",
                area_type,
                code,
                figure.origin,
                value=figure.value,
                count=figure.value,
                denominator=value,
                category_type=ASSESSOR,
                category=kind,
            )
    for code, (beds, origin, _) in sorted(year.beds.items()):
        rows.add("beds", "site", code, origin, value=beds, count=beds)
    for (level, code, measure), figure in sorted(year.figures.items()):
        if measure == "beds" and level == "organisation":
            rows.add("beds", "provider", code, figure.origin, value=figure.value, count=figure.value)
