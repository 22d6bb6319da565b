"""Values and claims in the prose of a site: every word is what the figures say, a gap is its word, and a claim that fails is told to its author."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import pyarrow as pa
import pytest

from jsnakit import geography, observations
from jsnakit.chapters import FIELDS, Chapter, ChapterState, Figure, Measure, Options, Page, Placeholder, Prose, Value
from jsnakit.errors import ChapterError
from jsnakit.model import Break, Headline, Indicator, Polarity
from jsnakit.publish import SiteInfo, SiteReport, build, check
from jsnakit.publish.figures import Context
from jsnakit.publish.values import _FIELDS, Values

BLACKPOOL, ENGLAND, NORTH_WEST = "E06000009", "E92000001", "E12000002"
ORIGIN = "sha256:aaaaaaaaaaaa"
YEARS = tuple(range(2018, 2024))
RATE = Indicator(
    "t.rate",
    "Smoking at birth",
    "%",
    value_type="proportion",
    polarity=Polarity.LOWER_IS_BETTER,
    decimals=1,
    area_types=("ltla",),
    headline=Headline("F", "_T"),
)


def _rows(name: str, kind: str, codes: Sequence[str], year: int, values: Sequence[float | None], **columns: Any) -> pa.Table:
    return observations.build(
        len(codes), indicator=name, area_scheme="gss", area_type=kind, area=list(codes), period_start=dt.date(year, 1, 1), period_duration="P1Y",
        period=str(year), value=list(values), origin=ORIGIN, **columns,
    )  # fmt: skip


def _series(values: Sequence[float | None], name: str = RATE.id, kind: str = "ltla", code: str = BLACKPOOL, **columns: Any) -> list[pa.Table]:
    """One area's figures year by year, with limits half a point away and counts out of a thousand."""
    made = []
    for year, v in zip(YEARS, values, strict=False):
        given: dict[str, Any] = {"sex": "F", "status": "normal" if v is not None else "suppressed"}
        given |= {"lower": [None if v is None else v - 0.5], "upper": [None if v is None else v + 0.5], "count": [None if v is None else v * 10], "denominator": [None if v is None else 1000.0]}  # fmt: skip
        made.append(_rows(name, kind, [code], year, [v], **(given | columns)))
    return made


@pytest.fixture
def know(country: Any) -> Callable[..., None]:
    """Puts a measure and its rows into the country."""

    def put(indicator: Indicator, *tables: pa.Table) -> None:
        country.catalogue[indicator.id] = indicator
        country.table = pa.concat_tables([country.table, *tables])

    return put


@pytest.fixture
def ask(country: Any, site: SiteInfo) -> Callable[..., Value]:
    """Asks one field of a measure."""

    def one(measure: Measure | str, asked: str) -> Value:
        chapter = Chapter(title="A", slug="a", order=1, indicators={"m": measure}, file="01-a.md")
        return Values(Context(country, site, Figure("prose", Options())), chapter)(Placeholder("m", asked))

    return one


FALLING = (21.0, 20.0, 19.0, 18.0, 17.0, 16.0)


def test_every_field_has_its_value() -> None:
    assert list(_FIELDS) == list(FIELDS)


def test_what_each_field_prints(know: Any, ask: Any, places: Any) -> None:
    others = [a.code for a in places[1:]]
    know(
        RATE, *_series(FALLING), *_series([13.0] * 6, kind="country", code=ENGLAND), *_series([14.25] * 6, kind="region", code=NORTH_WEST),
        _rows(RATE.id, "ltla", others, 2023, [float(i) / 10 for i in range(len(others))], sex="F"),
    )  # fmt: skip
    n = len(places)
    expected = {
        "name": "Smoking at birth, women",
        "value": "16.0%",
        "period": "2023",
        "interval": "15.5% to 16.5%",
        "count": "160",
        "out_of": "1,000",
        "england": "13.0%",
        "region": "14.3%",
        "compared": "worse",
        "beside_england": "worse than England",
        "place": f"the worst of {n} authorities",
        "fifth": "worst fifth",
        "trend": "fallen",
        "first_period": "2019",
        "first_value": "20.0%",
        "source": "Office for Tests, Index",
    }
    found = {name: ask(RATE.id, name) for name in FIELDS}
    assert {name: v.text for name, v in found.items()} == expected
    assert not any(v.missing for v in found.values())
    # The claim is of the word, and the reason says by which rule.
    assert found["beside_england"].word == "worse"
    assert "95 % interval" in found["compared"].because
    assert found["place"].word == "the worst"


@pytest.mark.parametrize(
    ("polarity", "england", "word", "phrase"),
    [
        (Polarity.LOWER_IS_BETTER, 17.0, "better", "better than England"),
        (Polarity.LOWER_IS_BETTER, 16.4, "similar", "similar to England"),
        (Polarity.HIGHER_IS_BETTER, 13.0, "better", "better than England"),
        (Polarity.UNKNOWN, 13.0, "higher", "higher than England"),
        (Polarity.NONE, 17.0, "lower", "lower than England"),
    ],
)
def test_beside_england_by_interval(know: Any, ask: Any, polarity: Polarity, england: float, word: str, phrase: str) -> None:
    know(attrs.evolve(RATE, polarity=polarity), *_series(FALLING), *_series([england] * 6, kind="country", code=ENGLAND))
    assert (ask(RATE.id, "compared").text, ask(RATE.id, "beside_england").text) == (word, phrase)


def test_without_an_interval_the_word_is_the_fifth_and_says_so(ask: Any, places: Any) -> None:
    n = len(places)
    assert ask("t.life", "compared").text == "worst fifth"
    assert ask("t.life", "beside_england").text == f"in the worst fifth of {n} authorities"
    assert ask("t.life", "compared").word == ask("t.life", "beside_england").word == "worst fifth"
    assert "So its place is told" in ask("t.life", "compared").because
    # Where no direction is better nobody is called worse.
    assert ask("t.odd", "compared").text == "lowest fifth"
    assert ask("t.odd", "place").text == f"the lowest of {n} authorities"
    assert ask("t.life", "interval") == Value(text="no interval published", because="No interval is published with the figure.", missing=True)


def test_a_place_among_the_areas_of_one_region_says_so(know: Any, ask: Any, country: Any, places: Any) -> None:
    members = [a.code for a in places if a.code != BLACKPOOL and any(p.code == NORTH_WEST for p in geography.parents(a, "region"))]
    know(RATE, *_series(FALLING), _rows(RATE.id, "ltla", members, 2023, [1.0] * len(members), sex="F"))
    assert ask(RATE.id, "place").text == f"the worst of {len(members) + 1} authorities of the North West"


def test_too_few_areas_are_not_put_in_fifths(know: Any, ask: Any) -> None:
    know(RATE, *_series([10.0, 16.0], lower=None, upper=None))
    assert (ask(RATE.id, "compared").text, ask(RATE.id, "fifth").text) == ("not compared", "not put in fifths")
    assert ask(RATE.id, "compared").missing


# -- gaps ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "word"),
    [("suppressed", "hidden"), ("not_available", "not published"), ("not_submitted", "not sent"), ("not_collected", "not published")],
)
def test_a_gap_is_its_word_and_never_a_number(know: Any, ask: Any, status: str, word: str) -> None:
    know(
        RATE,
        *_series(FALLING[:5]),
        _rows(RATE.id, "ltla", [BLACKPOOL], 2023, [None], sex="F", status=status),
        *_series([13.0] * 6, kind="country", code=ENGLAND),
    )
    for name in ("value", "count", "out_of"):
        assert ask(RATE.id, name).text == word
    assert {n: ask(RATE.id, n).text for n in ("interval", "compared", "beside_england", "place", "fifth", "trend")} == {
        "interval": "no interval published", "compared": "not compared", "beside_england": "not compared with England", "place": "not placed",
        "fifth": "not put in fifths", "trend": "no trend that can be told",
    }  # fmt: skip
    for name in FIELDS:
        found = ask(RATE.id, name)
        assert found.missing == (
            name in {"value", "count", "out_of", "interval", "compared", "beside_england", "place", "fifth", "trend", "region"}
        ), name
        assert "0.0" not in found.text.replace("20.0", "").replace("13.0", "")
    assert ask(RATE.id, "period").text == "2023"


def test_a_true_zero_is_a_figure(know: Any, ask: Any) -> None:
    know(RATE, *_series([0.0]))
    assert ask(RATE.id, "value") == Value(text="0.0%")
    assert ask(RATE.id, "count").text == "0"


def test_a_measure_that_is_not_at_hand_has_no_value_and_says_why(ask: Any, country: Any) -> None:
    assert ask("elsewhere.x", "value") == Value(
        text="not published", missing=True,
        because="No figures are at hand for this: no pack and no source that this assessment uses answers for \u201celsewhere.x\u201d.",
    )  # fmt: skip
    assert ask("elsewhere.x", "trend").text == "no trend that can be told"
    assert ask("rtt.admitted_within_18_weeks", "value").missing


def test_a_misspelt_measure_is_told_at_its_line(ask: Any) -> None:
    with pytest.raises(ChapterError) as caught:
        ask(Measure("t.lifee", line=5), "value")
    assert (caught.value.file, caught.value.line, caught.value.nearest) == ("01-a.md", 5, "t.life")


def test_whom_a_figure_is_of_must_be_clear(know: Any, ask: Any) -> None:
    both = attrs.evolve(RATE, headline=Headline("", "_T"))
    know(both, *_series([10.0]), *_series([20.0], sex="M"))
    with pytest.raises(ChapterError, match="it is not said which is meant") as caught:
        ask(Measure(RATE.id, line=6), "value")
    assert caught.value.line == 6
    assert 'sex = "M"' in (caught.value.hint or "")
    assert ask(Measure(RATE.id, "M"), "value").text == "20.0%"
    assert ask(Measure(RATE.id, "Women"), "value").text == "10.0%"
    assert ask(Measure(RATE.id, "M"), "name").text == "Smoking at birth, men"
    with pytest.raises(ChapterError, match="there is none"):
        ask(Measure(RATE.id, "F", "65+ yrs"), "value")


# -- the past ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "word", "first"),
    [
        (FALLING, "fallen", "2019"),
        (FALLING[::-1], "risen", "2019"),
        ((16.0, 16.1, 16.0, 16.1, 16.0, 16.1), "not clearly changed", "2019"),
        ((21.0, 16.0), "no trend that can be told", "2018"),
        ((21.0, 20.0, None, 19.0, 18.0, 17.0), "fallen", "2018"),
    ],
)
def test_the_trend_and_the_period_it_is_told_from(know: Any, ask: Any, values: Sequence[float | None], word: str, first: str) -> None:
    know(RATE, *_series(values))
    assert (ask(RATE.id, "trend").text, ask(RATE.id, "first_period").text) == (word, first)
    assert ask(RATE.id, "trend").missing == word.startswith("no trend")


def test_nothing_is_compared_across_a_break(know: Any, ask: Any) -> None:
    know(attrs.evolve(RATE, breaks=(Break(dt.date(2022, 1, 1), "The questions changed."),)), *_series(FALLING))
    assert ask(RATE.id, "first_period").text == "2022"
    assert ask(RATE.id, "first_value").text == "17.0%"
    assert ask(RATE.id, "trend").text == "no trend that can be told"


def test_a_single_year_has_no_first_period(know: Any, ask: Any) -> None:
    know(RATE, *_series([21.0]))
    assert (ask(RATE.id, "first_period").text, ask(RATE.id, "first_period").missing) == ("not published", True)
    assert ask(RATE.id, "first_value").missing


def test_a_repeated_figure_is_not_passed_off_as_new(ask: Any) -> None:
    # The country's figure of 2021 only repeats that of 2020.
    assert (ask("t.smoking", "value").text, ask("t.smoking", "period").text) == ("24.0%", "2020")


# -- the site ------------------------------------------------------------------------------------------------------------------------

TEXT = "One sentence. In {{ area }} life lasts {{ life.value }}, which is {{ life.beside_england | claim: CLAIM }}. {{ hidden.value }} is not shown."


def _chapter(claim: str, state: ChapterState, **more: Any) -> Chapter:
    prose = Prose(TEXT.replace("CLAIM", claim), 9)
    return Chapter(
        title="Life", slug="life", order=1, state=state, file="/somewhere/01-life.md", pages=(Page("Summary", "index", (prose,)),),
        indicators={"life": "t.life", "hidden": "t.hidden"}, **more,
    )  # fmt: skip


@pytest.fixture
def publish(country: Any, site: SiteInfo, tmp_path: Any) -> Callable[..., tuple[SiteReport, str]]:
    """Builds a chapter with a claim, and gives the report and its page."""

    def one(claim: str, state: ChapterState = ChapterState.IN_REVIEW, *, fingerprint: str = "", **more: Any) -> tuple[SiteReport, str]:
        report = build([_chapter(claim, state, **more)], country, tmp_path / "site", site, drafts=True, fingerprint=fingerprint)
        return report, (report.folder / "life/index.html").read_text(encoding="utf-8")

    return one


def test_a_claim_that_holds_leaves_no_trace(publish: Any, places: Any) -> None:
    report, page = publish("worst fifth")
    assert f"In Blackpool life lasts 73.0 years, which is in the worst fifth of {len(places)} authorities." in page
    assert report.untrue == ()
    assert 'class="jp-untrue' not in page
    assert "Check this sentence" not in page


@pytest.mark.parametrize("state", [ChapterState.DRAFT, ChapterState.IN_REVIEW])
def test_until_approval_a_false_claim_is_marked_for_its_author(publish: Any, places: Any, state: ChapterState) -> None:
    report, page = publish("best fifth", state)
    assert f'which is <mark class="jp-untrue">in the worst fifth of {len(places)} authorities</mark>.' in page
    assert "In Blackpool life lasts 73.0 years, which is best fifth." in page
    assert "It claims \u201cbest fifth\u201d; the figures say \u201cworst fifth\u201d, and that is what is printed." in page
    (untrue,) = report.untrue
    assert (untrue.file, untrue.line, untrue.claimed, untrue.found, untrue.asked) == (
        "01-life.md",
        9,
        "best fifth",
        "worst fifth",
        "life.beside_england",
    )
    assert untrue.sentence == "In Blackpool life lasts 73.0 years, which is best fifth."
    assert "1 sentence claims what the figures do not say" in str(report)
    assert (report.false_claims == ()) == (state is ChapterState.DRAFT)


def test_an_approved_page_prints_what_is_true_and_says_that_it_changed(publish: Any, places: Any) -> None:
    report, page = publish("best fifth", ChapterState.APPROVED, approved_by="The <b>board</b>", approved_on=dt.date(2026, 11, 4))
    assert f"which is in the worst fifth of {len(places)} authorities." in page
    assert "<mark" not in page
    assert "This text was written with the word \u201cbest fifth\u201d where the figures now say \u201cworst fifth\u201d, which is printed." in page
    assert len(report.false_claims) == 1
    assert "<strong>Approved by</strong> The &lt;b&gt;board&lt;/b&gt;, 4 November 2026" in page
    assert "Approved</strong>" in page


def test_every_number_in_prose_has_its_source_on_the_page(publish: Any) -> None:
    report, page = publish("worst fifth")
    assert 'Figures in the text: <a href="../data.html#t-life">Life expectancy</a>; <a href="../data.html#t-hidden">Hidden measure</a>' in page
    assert "Source: Office for Tests, Index" in page
    assert "Licence: Open Government Licence v3.0." in page
    data = (report.folder / "data.html").read_text(encoding="utf-8")
    assert 'id="t-life"' in data
    assert "Life: Summary" in data


def test_a_name_without_a_value_is_reported_with_its_word(publish: Any) -> None:
    report, page = publish("worst fifth")
    assert "hidden is not shown." in page
    (gap,) = report.without_value
    assert (gap.asked, gap.printed, gap.line, gap.because) == ("hidden.value", "hidden", 9, "The figure for 2021 is hidden.")


def test_a_site_that_did_not_change_still_knows_what_is_untrue(publish: Any) -> None:
    first, _ = publish("best fifth", fingerprint="x")
    again, _ = publish("best fifth", fingerprint="x")
    assert again.unchanged
    assert (again.untrue, again.without_value) == (first.untrue, first.without_value)
    assert again.false_claims == first.false_claims != ()
    # Where the author keeps the files is nobody's business.
    assert "/somewhere" not in (first.folder / "manifest.json").read_text(encoding="utf-8")


def test_check_lists_everything_and_writes_nothing(country: Any, site: SiteInfo, make_figure: Any) -> None:
    absent = attrs.evolve(make_figure("ranked", indicator="rtt.admitted_within_18_weeks"), line=14)
    draft = attrs.evolve(_chapter("best fifth", ChapterState.DRAFT), slug="draft", pages=(Page("Summary", "index", (absent,)),), title="Draft")
    found = check([_chapter("best fifth", ChapterState.PUBLISHED), draft], country, site)
    assert [u.sentence for u in found.untrue] == ["In Blackpool life lasts 73.0 years, which is best fifth."]
    assert [n.asked for n in found.without_value] == ["hidden.value"]
    assert [(m.file, m.line, m.panel) for m in found.not_drawn] == [("01-life.md", 14, "ranked")]
    assert (found.chapters, found.names, found.claims, found.clean) == (2, 4, 1, False)
    assert json.loads(json.dumps(found.records()))["untrue"][0]["claimed"] == "best fifth"
    assert str(found) == "2 chapters, 4 names in prose, 1 claim: 1 sentence no longer true, 1 name without a value, 1 figure that cannot be drawn"
    assert check([], country, site).clean


def test_the_title_of_a_page_may_name_the_place(country: Any, site: SiteInfo, tmp_path: Any) -> None:
    pages = (Page("Summary", "index"), Page("Later life in {{ area }}", "later-life", (Prose("Words.", 3),)))
    out = build([Chapter(title="A", slug="a", order=1, state=ChapterState.PUBLISHED, pages=pages)], country, tmp_path / "site", site).folder
    assert "Later life in Blackpool</h1>" in (out / "a/later-life.html").read_text(encoding="utf-8")
    assert "{{" not in (out / "a/index.html").read_text(encoding="utf-8").partition("<body")[2].partition("<script")[0]


def test_a_measure_with_a_nasty_name_stays_text(country: Any, site: SiteInfo, tmp_path: Any, know: Any) -> None:
    nasty = "</p><script>alert(1)</script> [x](javascript:alert(1)) *a* | `b`"
    know(attrs.evolve(RATE, name=nasty, unit='per "<b>1,000</b>"'), *_series([16.0]))
    chapter = Chapter(
        title="A", slug="a", order=1, state=ChapterState.PUBLISHED, indicators={"m": RATE.id},
        pages=(Page("Summary", "index", (Prose("{{ m.name }} is {{ m.value }}\n\n| a |\n|---|\n| {{ m.name }} |", 1),)),),
    )  # fmt: skip
    page = (build([chapter], country, tmp_path / "site", site).folder / "a/index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "javascript:alert" not in "".join(part.split('"')[0] for part in page.split('href="')[1:])
    assert "[x](javascript:alert(1)) *a* | `b`, women is 16.0 per &quot;&lt;b&gt;1,000&lt;/b&gt;&quot;" in page
