"""A made-up country on real codes: every authority of the North West and of London, six trusts, and figures whose order is known by construction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import pandas as pd
import pyarrow as pa
import pytest

from jsnakit import geography, judgement, observations
from jsnakit.chapters import Chapter, ChapterState, Figure, Page, Prose
from jsnakit.chapters.options import PANELS, Group
from jsnakit.errors import NoDataError, UnknownIndicatorError
from jsnakit.model import AREA_TYPES, ENGLAND, Area, AreaType, Indicator, Member, Period, Polarity, Target, nearest
from jsnakit.model import Group as Named
from jsnakit.packs import SHAPE_COLUMNS
from jsnakit.profiles import profile_of
from jsnakit.publish import Citation, SiteInfo, SiteReport, build, pages
from jsnakit.publish.assembly import chapter_of, context_of, site_of
from jsnakit.publish.figures import Context

REGIONS = {"E12000002": "North West", "E12000007": "London"}
YEARS = (2019, 2020, 2021)
MONTH = Period.month_end(2026, 2)
ORIGIN, RTT_ORIGIN = "sha256:aaaaaaaaaaaa", "sha256:bbbbbbbbbbbb"
LIFE = Indicator(
    "t.life", "Life expectancy", "years", definition="Years of life.", polarity=Polarity.HIGHER_IS_BETTER, polarity_source="test", decimals=1
)
SMOKING = Indicator("t.smoking", "Smoking", "%", definition="Who smokes.", polarity=Polarity.LOWER_IS_BETTER, polarity_source="test", decimals=1)
ODD = Indicator("t.odd", "Odd measure", "as published", definition="Odd.", polarity=Polarity.UNKNOWN, decimals=2)
HIDDEN = Indicator(
    "t.hidden", "Hidden measure", "per 1,000", definition="Few.", polarity=Polarity.LOWER_IS_BETTER, polarity_source="test", decimals=1
)
RANGE = Indicator("t.range", "Contact", "%", definition="With limits.", polarity=Polarity.HIGHER_IS_BETTER, polarity_source="test", decimals=1)
WITHIN = "rtt.incomplete_within_18_weeks"
ADMITTED = "rtt.admitted_within_18_weeks"
WAITS = "rtt.waiting_list"
LONG = "rtt.incomplete_over_52_weeks"
# Blackpool's trust, Lancashire's, one that has everybody within 18 weeks, one near it, one too small to judge, one that sent nothing.
TRUSTS = {"RXL": 57.2, "RXN": 55.7, "REN": 100.0, "RBV": 95.0, "RW4": 10.0, "RJ1": None}
FUNCTIONS = {"C_100": "General surgery", "C_430": "Elderly medicine"}


def authorities() -> list[Area]:
    """The lower-tier authorities of the two regions, Blackpool first: its place in the order is its place in the list."""
    found = [a for region in REGIONS for a in geography.children(region, "ltla") if a.valid_to is None]
    return sorted(found, key=lambda a: (a.code != "E06000009", a.code))


def _year(indicator: Indicator, year: int, places: Sequence[Area], values: Sequence[float | None], **columns: Any) -> pa.Table:
    return observations.build(
        len(places), indicator=indicator.id, area_scheme="gss", area_type="ltla", area=[a.code for a in places], period_start=dt.date(year, 1, 1),
        period_duration="P1Y", period=str(year), value=list(values), origin=ORIGIN, **columns,
    )  # fmt: skip


def _places(places: Sequence[Area]) -> list[pa.Table]:
    n = len(places)
    tables = []
    for year in YEARS:
        later = year - 2019
        # Blackpool lives shortest, and shorter each year; it smokes most, and the last figure only repeats the one before.
        tables.append(_year(LIFE, year, places, [75.0 - later if i == 0 else 77.0 + i / 10 for i in range(n)]))
        smoking = [30.0 - min(later, 1) * 6 if i == 0 else 20.0 - i / 10 for i in range(n)]
        tables.append(_year(SMOKING, year, places, smoking, flags=["carried_forward" if i == 0 and year == 2021 else None for i in range(n)]))
        tables.append(_year(ODD, year, places, [float(i) for i in range(n)]))
        values = [None if i in {0, 1} else float(i) for i in range(n)]
        tables.append(_year(HIDDEN, year, places, values, status=["suppressed" if v is None else "normal" for v in values]))
        # One authority has a true zero, one a gap that is none.
        contact = [0.0 if i == 2 else 40.0 + i / 10 for i in range(n)]
        tables.append(
            _year(RANGE, year, places, contact, lower=[max(0.0, v - 3) for v in contact], upper=[v + 3 for v in contact], limits_method="published")
        )
    return tables


def _waiting(
    name: str, kind: str, scheme: str, codes: Sequence[str], values: Sequence[float | None], category: str = "_T", **columns: Any
) -> pa.Table:
    flow = "admitted" in name
    start = MONTH.start.replace(day=1) if flow else MONTH.start
    return observations.build(
        len(codes), indicator=name, area_scheme=scheme, area_type=kind, area=list(codes), period_start=start, period_duration="P1M" if flow else "P0D",
        period="February 2026", value=list(values), category_type="_T" if category == "_T" else "treatment_function", category=category, origin=RTT_ORIGIN,
        denominator=columns.pop("denominator", None), **columns,
    )  # fmt: skip


def _trusts() -> list[pa.Table]:
    codes, values = list(TRUSTS), list(TRUSTS.values())
    sent = ["not_submitted" if v is None else "normal" for v in values]
    patients = [None if v is None else 19.0 if code == "RW4" else 1000.0 for code, v in TRUSTS.items()]
    tables = []
    for name in (WITHIN, ADMITTED):
        for category in ("_T", *FUNCTIONS):
            drop = 10.0 if category == "C_100" else 0.0
            shown = [None if v is None else max(0.0, v - drop) for v in values]
            tables.append(_waiting(name, "provider", "ods", codes, shown, category, status=sent, denominator=patients))
            tables.append(_waiting(name, "country", "gss", [ENGLAND.code], [62.5 - drop], category, denominator=[7_000_000.0]))
    tables += [_waiting(name, "provider", "ods", codes, patients, status=sent) for name in (WAITS, LONG)]
    for kind, code, values_of in (("country", ENGLAND.code, (62.5, 7_000_000.0, 120_000.0)), ("commissioner", "00R", (57.5, 32_000.0, 600.0))):
        for name, value in zip((WITHIN, WAITS, LONG), values_of, strict=True):
            if (kind, name) != ("country", WITHIN):
                tables.append(_waiting(name, kind, "gss" if kind == "country" else "ods", [code], [value]))
    # England through the years of the standard: met once, then not.
    for year, value in ((2012, 91.0), (2014, 93.0), (2015, 90.0)):
        tables.append(
            observations.build(
                1, indicator=WITHIN, area_scheme="gss", area_type="country", area=ENGLAND.code, period_start=dt.date(year, 5, 31), period_duration="P0D",
                period=f"May {year}", value=[value], origin=RTT_ORIGIN,
            )
        )  # fmt: skip
    return tables


def _square(kind: str, code: str, name: str, x: float, y: float, size: float) -> dict[str, Any]:
    path = f"M{x} {y}L{x + size} {y}L{x + size} {y + size}L{x} {y + size}Z"
    values = ("gss", kind, code, name, None, None, path, x, y, x + size, y + size, x + size / 2, y + size / 2)
    return dict(zip(SHAPE_COLUMNS, values, strict=True))


@attrs.define
class Waits:
    """Where the place's patients wait."""

    frame: pd.DataFrame
    month: Period = MONTH
    caveat: str = "Shares are those of practices."


@attrs.define(kw_only=True)
class Country:
    """A `Data` whose every part a test may change before it is asked. `asked` are the questions it was asked."""

    place: Area
    table: pa.Table
    catalogue: dict[str, Indicator]
    cited: dict[str, Citation]
    outlines: list[dict[str, Any]]
    waits: Waits | None
    asked: list[Any] = attrs.field(factory=list)

    def indicators(self) -> list[Indicator]:
        return list(self.catalogue.values())

    def indicator(self, indicator: str) -> Indicator:
        if indicator not in self.catalogue:
            raise UnknownIndicatorError(
                f"nothing answers for {indicator!r}", indicator=indicator, suggestions=nearest(indicator, list(self.catalogue))
            )
        return self.catalogue[indicator]

    def observe(
        self, *indicators: str, areas: Iterable[Area] | None = None, area_type: str | None = None, since: Any = None, breakdowns: Sequence[str] = ()
    ) -> pd.DataFrame:
        assert since is None
        asked = None if areas is None else [a.key for a in areas]
        self.asked.append((indicators, asked, area_type, tuple(breakdowns)))
        rows = observations.to_pandas(self.table)
        rows = rows[
            rows["indicator"].isin(indicators)
            & ((rows["category_type"] == "_T") | rows["category_type"].isin(list(breakdowns)) | ("*" in breakdowns))
        ]
        if area_type is not None:
            rows = rows[rows["area_type"] == area_type]
        if asked is not None:
            keys = list(zip(rows["area_scheme"], rows["area_type"], rows["area"], strict=True))
            rows = rows[[k in asked for k in keys]]
        if rows.empty:
            raise NoDataError(f"there is nothing for {', '.join(indicators)}", available=())
        return rows.reset_index(drop=True)

    def citations(self, origins: Sequence[str]) -> list[Citation]:
        return [self.cited[o] for o in origins if o in self.cited]

    def area_name(self, code: str, area_type: str) -> str:
        return geography.name_of(code, type=area_type)

    def area_type(self, area_type: str) -> AreaType | None:
        return AREA_TYPES.get(area_type)

    def providers(self, area: Area) -> Waits:
        if self.waits is None:
            raise NoDataError(f"no source says where the patients of {area.name} wait", available=())
        return self.waits

    def profile(self, group: str | None) -> Any:
        members = tuple(Member(i) for i in self.catalogue if group in (None, i.partition(".")[0]))
        rows = observations.to_pandas(self.table)
        if not (rows["area"] == self.place.code).any():
            raise NoDataError(f"no indicator of it has a figure for {self.place.name}", available=())
        return profile_of(
            self.place, Named(f"{group or 'x'}.all", "All measures", members), rows, self.catalogue, notes=("Neighbours are left out.",)
        )

    def shapes(self, area_type: str) -> pa.Table:
        rows = [r for r in self.outlines if r["area_type"] == area_type]
        if not rows:
            raise NoDataError(f"no outlines of {area_type}", available=())
        return pa.Table.from_pylist(rows)

    def judge(self, frame: pd.DataFrame, target: str) -> Any:
        return judgement.judge(frame, judgement.target(target), indicators=list(self.catalogue.values()))

    def target(self, target: str) -> Target:
        return judgement.target(target)


def _rtt(name: str, words: str, unit: str) -> Indicator:
    kinds = ("country", "provider") if name == ADMITTED else ("commissioner", "country", "provider")
    return Indicator(
        name, words, unit, definition=words, area_types=kinds, decimals=1 if unit == "%" else 0, caveats=("Waits are counted, not people.",)
    )


@pytest.fixture(scope="session")
def _tables() -> pa.Table:
    return pa.concat_tables([*_places(authorities()), *_trusts()])


@pytest.fixture
def country(_tables: pa.Table) -> Country:
    """A country seen from Blackpool."""
    return _country(_tables)


def _country(table: pa.Table) -> Country:
    places = authorities()
    measures = [attrs.evolve(i, area_types=("ltla",)) for i in (LIFE, SMOKING, ODD, HIDDEN, RANGE)]
    measures += [
        _rtt(WITHIN, "Incomplete within 18 weeks", "%"), _rtt(ADMITTED, "Admitted within 18 weeks", "%"), _rtt(WAITS, "Waiting list", "waits"),
        _rtt(LONG, "Over 52 weeks", "waits"),
    ]  # fmt: skip
    ons = Citation(
        publisher="Office for Tests",
        title="Index",
        release="2021",
        retrieved="2026-01-13",
        url="https://x.example/a",
        licence="OGL-UK-3.0",
        sha256="a" * 64,
    )
    nhs = Citation(
        publisher="NHS Tests",
        title="Extract, February 2026",
        retrieved="2026-03-12",
        url="https://x.example/b",
        licence="OGL-UK-3.0",
        sha256="b" * 64,
    )
    outlines = [_square("ltla", a.code, a.name, 300_000.0 + 9_000 * (i % 8), 380_000.0 + 9_000 * (i // 8), 8_500.0) for i, a in enumerate(places)]
    outlines += [
        _square("region", "E12000002", "North West", 290_000.0, 370_000.0, 130_000.0),
        _square("region", "E12000007", "London", 503_000.0, 155_000.0, 59_000.0),
    ]
    frame = pd.DataFrame(
        [
            ("ods", "provider", "RXL", "Blackpool Teaching Hospitals NHS Foundation Trust", 0.75, 24_000.0),
            ("ods", "provider", "NT3", "Spire Fylde", 0.25, 8_000.0),
        ],
        columns=["area_scheme", "area_type", "area", "name", "share", "count"],
    ).assign(origin=RTT_ORIGIN)
    return Country(
        place=places[0],
        table=table,
        catalogue={i.id: i for i in measures},
        cited={ORIGIN: ons, RTT_ORIGIN: nhs},
        outlines=outlines,
        waits=Waits(frame),
    )


@pytest.fixture(scope="session")
def places() -> list[Area]:
    """The authorities, in the order of their figures: Blackpool first."""
    return authorities()


@pytest.fixture
def make_chapters() -> Any:
    """The function `chapters`."""
    return chapters


@pytest.fixture
def one_chapter() -> tuple[Chapter, ...]:
    """A chapter of one figure, for tests of folders."""
    page = Page("Summary", "index", (figure("ranked", indicator=SMOKING.id),))
    return (Chapter(title="Health", slug="health", order=1, state=ChapterState.PUBLISHED, pages=(page,), file="01-health.md"),)


@pytest.fixture
def make_figure() -> Any:
    """The function `figure`."""
    return figure


@pytest.fixture(scope="session")
def built(_tables: pa.Table, site: SiteInfo, tmp_path_factory: pytest.TempPathFactory) -> SiteReport:
    """The whole site of the country, made once: to be read only."""
    return build(chapters(), _country(_tables), tmp_path_factory.mktemp("built") / "site", site)


@pytest.fixture(scope="session")
def made_site(_tables: pa.Table, site: SiteInfo) -> pages.Site:
    """The same site before it is written to pages: to be read only."""
    context = context_of(chapters(), _country(_tables), site)
    return site_of(context, tuple(chapter_of(context, c, n) for n, c in enumerate(chapters(), 1)), site)


@pytest.fixture(scope="session")
def site() -> SiteInfo:
    """The words of a council."""
    return SiteInfo(council="Blackpool Council", edition="2026-11", attribution=("Source: Office for Tests",))


def figure(panel: str, **options: Any) -> Figure:
    """A figure as an author asks for it."""
    return Figure(panel, PANELS[panel](**options), 7)


@pytest.fixture
def context(country: Country, site: SiteInfo) -> Any:
    """A function that makes the context of one figure."""

    def make(panel: str, **options: Any) -> Context:
        return Context(country, site, figure(panel, **options), file="01-a.md")

    return make


def chapters(state: ChapterState = ChapterState.PUBLISHED) -> tuple[Chapter, ...]:
    """Two chapters that use every panel there is."""
    measures = (LIFE.id, SMOKING.id, ODD.id, HIDDEN.id)
    health = (
        figure("headline", indicator=LIFE.id, measures=measures), Prose("In {{ area }}, by {{ council }}.", 3), figure("key_figures", indicators=measures),
        figure("spine", group=(Group(name="All", indicators=measures),)), figure("area_map", indicator=LIFE.id), figure("ranked", indicator=SMOKING.id),
        figure("ranked", indicator=RANGE.id), figure("trends", indicators=measures), figure("lowest", indicators=("t.*", f"!{RANGE.id}"), rows=1),
        figure("facts", indicators=(ODD.id, LIFE.id)),
    )  # fmt: skip
    explore = Page("Explore", "explore", (figure("dashboard", indicators=(*measures, RANGE.id)),))
    waiting = (
        figure("waiting_headline"), figure("waiting_figures"), figure("providers"), figure("symbol_map", indicator=WITHIN), figure("trend", indicator=WITHIN, target="nhs-constitution.rtt-18-weeks"),
        figure("ranked_trusts", indicator=WITHIN), figure("side_by_side", indicators=(WITHIN, ADMITTED)), figure("waits_by_specialty", indicator=ADMITTED),
    )  # fmt: skip
    specialties = figure("specialties", indicators=(WITHIN, ADMITTED), names=FUNCTIONS, other=("C_430",))
    return (
        Chapter(title="Health", slug="health", order=1, state=state, owner="Public health", pages=(Page("Summary", "index", health), explore), file="01-health.md"),
        Chapter(
            title="Waiting", slug="waiting", order=2, state=state, pages=(Page("18 weeks", "index", waiting), Page("Specialties", "specialties", (specialties,))), file="02-waiting.md"
        ),
    )  # fmt: skip
