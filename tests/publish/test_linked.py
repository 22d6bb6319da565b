"""Linked panels: what a page carries comes back to the last number, holds nothing that is hidden, and is read by the scripts as it is read here."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
import subprocess
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from jsnakit import judgement, observations
from jsnakit.errors import ChapterError, InvalidValueError
from jsnakit.model import ENGLAND
from jsnakit.publish.figures import Built, build_figure
from jsnakit.publish.linked import Choice, Dashboard, View
from jsnakit.publish.linked.cube import CODES, MISSING, Cube, doubled_ranks, pack, printed, unpack
from jsnakit.publish.panels import Verdict, number_text, place_words

LIFE, SMOKING, ODD, HIDDEN, RANGE = "t.life", "t.smoking", "t.odd", "t.hidden", "t.range"
EVERY = (LIFE, SMOKING, ODD, HIDDEN, RANGE)
ORIGIN = "sha256:aaaaaaaaaaaa"

# -- the cube ------------------------------------------------------------------------------------------------------------------------

NUMBERS = st.one_of(st.just(int(MISSING)), st.integers(-(10**7), 10**7), st.integers(-3, 3))


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    """Any cube: gaps anywhere, limits on either side, ranks of numbers that were rounded."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 6)))
    value, lower, upper = (draw(npst.arrays(np.int64, shape, elements=NUMBERS)) for _ in range(3))
    both = (value != MISSING) & (lower != MISSING) & (upper != MISSING)
    lower[~both] = upper[~both] = MISSING
    signs = tuple(draw(st.lists(st.sampled_from((-1, 0, 1)), min_size=shape[0], max_size=shape[0])))
    rank = draw(npst.arrays(np.int64, shape, elements=st.integers(1, 12)))
    for i, sign in enumerate(signs):
        rank[i] = np.where((value[i] != MISSING) & (sign != 0), rank[i], 0)
    references, regions = (draw(npst.arrays(np.int64, (*shape[:2], n), elements=NUMBERS)) for n in (4, draw(st.integers(1, 3))))
    codes = {name: draw(npst.arrays(np.uint8, shape, elements=st.integers(0, 5))) for name in CODES}
    return Cube(value, lower, upper, rank, references, regions, codes, signs)


@given(cubes())
def test_a_cube_comes_back_to_the_last_number(cube: Cube) -> None:
    back = unpack(pack(cube), cube.signs)
    for name in ("value", "lower", "upper", "rank", "references", "regions"):
        assert np.array_equal(getattr(back, name), getattr(cube, name)), name
    for name in CODES:
        assert np.array_equal(back.codes[name], cube.codes[name]), name


@given(cubes())
def test_equal_cubes_give_equal_text(cube: Cube) -> None:
    assert pack(cube) == pack(attrs.evolve(cube))


@given(
    st.lists(st.floats(-(10**7), 10**7, allow_nan=False).map(lambda v: float(f"{v:.9g}")), min_size=1, max_size=20),
    st.sampled_from(("%", "per 1,000")),
    st.integers(0, 3),
)
def test_numbers_are_carried_as_they_are_printed(values: list[float], unit: str, decimals: int) -> None:
    for value, carried in zip(values, printed(values, unit, decimals).tolist(), strict=True):
        assert number_text(carried / 10**decimals, unit, decimals) == number_text(value, unit, decimals)


def test_a_number_too_large_for_a_browser_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="too large for a page"):
        printed([1e16], "", 1)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12), st.sampled_from((-1, 1)))
def test_ranks_of_ties_are_shared(values: list[int], sign: int) -> None:
    ranks = doubled_ranks(np.array(values), sign)
    for i, v in enumerate(values):
        worse = sum((w - v) * sign < 0 for w in values)
        assert ranks[i] == 2 * worse + values.count(v) + 1


# -- the view ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def compared(country: Any) -> Any:
    """The country with England's and one region's figure of the measure that has limits."""
    year: dict[str, Any] = {"indicator": RANGE, "area_scheme": "gss", "period_duration": "P1Y", "origin": ORIGIN}
    more = [
        observations.build(1, area_type=kind, area=code, period_start=dt.date(y, 1, 1), period=str(y), value=[value], **year)
        for y in (2019, 2020, 2021)
        for kind, code, value in (("country", ENGLAND.code, 43.5), ("region", "E12000002", 41.0))
    ]
    country.table = pa.concat_tables([country.table, *more])
    country.catalogue[RANGE] = attrs.evolve(country.catalogue[RANGE], area_types=("country", "ltla", "region"))
    return country


@pytest.fixture
def made(compared: Any, context: Callable[..., Any]) -> Built:
    """The linked panels of every measure."""
    assert compared
    return build_figure(context("dashboard", indicators=EVERY))


def _panel(built: Built) -> Dashboard:
    assert isinstance(built.panel, Dashboard), built.absent
    return built.panel


def test_verdicts_are_those_of_judgement(made: Built, compared: Any) -> None:
    view = _panel(made).view
    rows = compared.observe(*EVERY, area_type="ltla")
    ranked = judgement.rank(rows, list(compared.catalogue.values()))
    england = compared.observe(RANGE, area_type="country")
    held = judgement.compare(rows[rows["indicator"] == RANGE], england, indicators=list(compared.catalogue.values()), name="England")
    ids, codes = [i.id for i in view.indicators], [a.code for a in view.areas]
    labels = [p.label for p in view.periods]
    fifths = ("worst", "second-worst", "middle", "second-best", "best")
    for _, row in ranked.iterrows():
        i, p, a = ids.index(row["indicator"]), labels.index(row["period"]), codes.index(row["area"])
        wanted = "no-data" if row["value"] != row["value"] else "not-judged" if row["fifth"] != row["fifth"] else fifths[int(row["fifth"]) - 1]
        assert view.verdict(i, p, a, "middle") == wanted
        rank = view.rank(i, p, a)
        assert (None if rank is None else rank[0]) == (None if row["rank"] != row["rank"] else row["rank"])
    for _, row in held.iterrows():
        i, p, a = ids.index(RANGE), labels.index(row["period"]), codes.index(row["area"])
        assert view.verdict(i, p, a, "england").value.upper() == row["outcome"]
    assert {view.verdict(ids.index(RANGE), 2, a, "england") for a in range(len(codes))} == {Verdict.WORSE, Verdict.SIMILAR, Verdict.BETTER}
    # Beside a region nobody is judged whose own region has no figure.
    assert view.comparators() == ("middle", "england", "region")


def test_the_key_sentence_says_figure_place_verdict_and_comparator(made: Built) -> None:
    view, choice = _panel(made).view, _panel(made).choice
    assert view.sentence(choice) == (
        f"Blackpool, Life expectancy, 2021: 73.0 years, the worst of {len(view.areas)} authorities (worst fifth). Middle authority: "
        f"{view.text(0, view.reference(0, 2, 'middle'))}."
    )
    # The last new figure: that of 2021 only repeats the one before.
    assert view.sentence(attrs.evolve(choice, indicator=1)).startswith("Blackpool, Smoking, 2020: 24.0%, the worst of")
    assert "(carried forward)" in view.sentence(attrs.evolve(choice, indicator=1, period=2))
    assert view.sentence(attrs.evolve(choice, indicator=3)) == "Blackpool, Hidden measure, 2021: hidden."
    ranged = view.sentence(attrs.evolve(choice, indicator=4, compare="england"))
    assert "(worse than England)" in ranged
    assert ranged.endswith("England: 43.5%.")


def test_filters_keep_the_chosen_area_and_count_the_rest(made: Built) -> None:
    view, choice = _panel(made).view, _panel(made).choice
    best = attrs.evolve(choice, verdicts=frozenset({Verdict.BEST}))
    kept = view.ranked(best, 2)
    assert choice.area in kept
    assert {view.verdict(0, 2, a, "middle") for a in kept if a != choice.area} == {Verdict.BEST}
    assert sum(n for _, n, _ in view.counts(choice, 2)) == len(view.areas)
    region = attrs.evolve(choice, region=0)
    assert {view.areas[a].region for a in view.ranked(region, 2)} <= {0, view.areas[choice.area].region}


def test_what_is_hidden_never_reaches_the_page(compared: Any, context: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = type(compared).observe

    def careless(self: Any, *names: str, **options: Any) -> Any:
        # A source that left the figure in the row it calls suppressed.
        rows = asked(self, *names, **options)
        hidden = rows["status"] == "suppressed"
        return rows.assign(
            value=rows["value"].mask(hidden, 9876.5), lower=rows["lower"].mask(hidden, 9870.5), upper=rows["upper"].mask(hidden, 9890.5)
        )

    monkeypatch.setattr(type(compared), "observe", careless)
    panel = _panel(build_figure(context("dashboard", indicators=EVERY)))
    packed = pack(panel.view.cube)
    back = unpack(packed, panel.view.cube.signs)
    assert packed.text in panel.body()
    assert (back.codes["status"] == 2).sum() == 6
    for numbers in (back.value, back.lower, back.upper, back.references, back.regions):
        assert not np.isin(numbers, [98765, 98770, 98705, 98710, 98905, 98910, 9876, 9877]).any()
    assert (back.value[3][back.codes["status"][3] == 2] == MISSING).all()
    for text in ("9,877", "9877", "9876", "9,876"):
        assert text not in panel.body().replace(packed.text, "")
        assert text not in str(panel.data())


def test_less_is_carried_where_less_is_asked_for(compared: Any, context: Callable[..., Any]) -> None:
    assert compared
    full, trend, latest = (_panel(build_figure(context("dashboard", indicators=EVERY, embed=e))) for e in ("full", "trend", "latest"))
    limits = [(p.view.cube.lower[4] != MISSING).any(axis=1).tolist() for p in (full, trend, latest)]
    assert limits == [[True, True, True], [False, False, True], [False, False, True]]
    assert (trend.view.cube.value == full.view.cube.value).all()
    assert (latest.view.cube.value[0] != MISSING).any(axis=1).tolist() == [False, False, True]
    assert "jd-trend" in trend.body()
    assert "jd-trend" not in latest.body()
    assert len(latest.body()) < len(trend.body()) < len(full.body())


def test_a_page_that_grows_too_large_fails_with_what_to_do(context: Callable[..., Any]) -> None:
    with pytest.raises(ChapterError, match=r"01-a.md, line 7: the dashboard needs [\d,]+ bytes of the page, more than the 1,000 allowed") as caught:
        build_figure(context("dashboard", indicators=EVERY, most_bytes=1000))
    assert 'embed = "trend"' in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"since": "soon"}, "since = 'soon' is no period"),
        ({"areas": "parish"}, "areas = 'parish' is no type of area"),
        ({"indicator": RANGE}, "is not among the measures"),
    ],
)
def test_mistakes_of_the_author_have_a_place(context: Callable[..., Any], options: dict[str, str], words: str) -> None:
    with pytest.raises(ChapterError, match=words):
        build_figure(context("dashboard", indicators=(LIFE, SMOKING), **options))


def test_since_leaves_earlier_periods_out(context: Callable[..., Any]) -> None:
    assert [p.label for p in _panel(build_figure(context("dashboard", indicators=EVERY, since="2020"))).view.periods] == ["2020", "2021"]


def test_without_outlines_there_is_no_map(country: Any, context: Callable[..., Any]) -> None:
    country.outlines = []
    body = _panel(build_figure(context("dashboard", indicators=EVERY))).body()
    assert "<path" in body
    assert "jk-map" not in body


def test_names_from_data_are_only_ever_text(country: Any, context: Callable[..., Any]) -> None:
    evil = '</script><img src=x onerror="alert(1)">'
    country.catalogue[LIFE] = attrs.evolve(country.catalogue[LIFE], name=evil, unit=evil)
    body = _panel(build_figure(context("dashboard", indicators=EVERY))).body()
    assert "<img" not in body
    assert body.count("</script>") == 2


# -- the same in the page's scripts --------------------------------------------------------------------------------------------------


def _choices(view: View, own: int) -> list[Choice]:
    every: list[Choice] = []
    for i, area, compare, period in itertools.product(range(5), (own, 0, len(view.areas) - 1), view.comparators(), (None, 0, 2)):
        every.append(Choice(i, area, compare, period))
        every.append(Choice(i, area, compare, period, frozenset({Verdict.WORST, Verdict.BETTER}), 0))
    return every


@pytest.mark.skipif(shutil.which("node") is None, reason="tests/browser asks the same of Chromium")
def test_scripts_read_and_say_the_same(made: Built) -> None:
    panel = _panel(made)
    view, cube = panel.view, panel.view.cube
    packed = pack(cube)
    rng = np.random.default_rng(6)
    numbers = [[float(v), bool(k % 2), int(k % 4)] for k, v in enumerate(rng.normal(0, 1, 300) * 10.0 ** rng.integers(-3, 7, 300))]
    numbers += [[99.96, False, 1], [100.0, False, 1], [-0.04, False, 1], [2.675, False, 2], [0.05, True, 1], [1234567.5, False, 0]]
    places = [[r / 2, of, t] for of in (5, 23, 307) for t in (1, 2, 3) for r in range(t + 1, 2 * of - t + 2, 2)]
    choices = _choices(view, panel.choice.area)
    asked = {
        "head": view.head(panel.choice.area) | {"cube": packed.head()}, "text": packed.text, "numbers": numbers, "places": places,
        "choices": [attrs.asdict(c) | {"verdicts": sorted(c.verdicts)} for c in choices],
    }  # fmt: skip
    script = Path(__file__).with_name("linked_view.cjs")
    folder = str(resources.files("jsnakit.publish.scripts"))
    ran = subprocess.run(
        ["node", str(script), folder], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60
    )  # whichever node there is
    said = json.loads(ran.stdout)
    assert said["texts"] == [number_text(v, "%" if p else "", d) for v, p, d in numbers]
    assert said["places"] == [place_words(r, of, t) for r, of, t in places]
    for name in ("value", "lower", "upper", "rank", "references", "regions"):
        assert said[name] == [None if n == MISSING else n for n in getattr(cube, name).ravel().tolist()], name
    assert said["codes"] == {name: cube.codes[name].ravel().tolist() for name in CODES}
    for choice, answer in zip(choices, said["answers"], strict=True):
        p = view.period_of(choice.indicator, choice.area, choice.period)
        assert answer == {
            "period": p, "sentence": view.sentence(choice), "ranked": view.ranked(choice, p), "counts": [[v.value, n, s] for v, n, s in view.counts(choice, p)],
            "intervals": view.has_intervals(choice.indicator, p), "inside": [view.inside(choice, a, p) for a in range(len(view.areas))],
            "verdicts": [view.verdict(choice.indicator, p, a, choice.compare).value for a in range(len(view.areas))],
        }  # fmt: skip
