"""Scores in every spelling, one scale a column, and what is refused rather than guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit_place.cells import code_of, flag_of, number_of, rating_of, scores_of, text_of, year_of
from jsnakit_place.rounds import scale_of


def values(cells):
    return [c.value for c in scores_of({"x": cells})["x"]]


def faults(cells, **others):
    return {c.fault for c in scores_of({"x": cells, **others})["x"]}


hundredths = st.integers(200, 10000)


@given(st.lists(hundredths, min_size=1))
def test_three_spellings_say_the_same(drawn):
    wanted = [n / 100 for n in drawn]
    assert values([f"{n / 100:.2f}%" for n in drawn]) == wanted
    assert values([n / 100 for n in drawn]) == wanted
    assert values([float(Decimal(n) / 10000) for n in drawn]) == wanted
    assert values([f"{n / 100:.2f}" for n in drawn]) == wanted


@given(st.lists(hundredths, min_size=1), st.lists(st.integers(1, 100), min_size=1), st.randoms(use_true_random=False))
def test_a_column_of_both_scales_is_refused_whole(large, small, random):
    cells = [n / 100 for n in large] + [n / 100 for n in small]
    random.shuffle(cells)
    assert faults(cells) == {"scale"}


def test_a_column_of_fractions_beside_one_of_plain_percentages_is_refused():
    assert faults([0.91, 0.95], y=[91.0, 95.0]) == {"scale"}
    # A sign leaves no doubt, whatever stands beside it.
    assert faults([0.91, 0.95], y=["91%", "95%"]) == {None}


def test_a_sign_and_a_fraction_in_one_column_are_refused():
    assert faults(["98.08%", 0.9712]) == {"scale"}
    assert faults(["0.98%", "98.08%"]) == {"scale"}


def test_nought_and_one_hundred_are_scores():
    assert values([0, 0.5, 1]) == [0.0, 50.0, 100.0]
    assert values(["0%", "100%"]) == [0.0, 100.0]
    assert values([0]) == [0.0]


@pytest.mark.parametrize("cell", ["", "N/A", "n/a", "-", "\N{EN DASH}", "NA", "Not applicable", "#N/A", "  "])
def test_a_cell_without_a_score_has_none(cell):
    (read,) = scores_of({"x": [cell]})["x"]
    assert (read.value, read.fault) == (None, None)


@pytest.mark.parametrize("cell", ["self catering", "Not Applicable"])
def test_the_words_themselves_may_say_that_it_does_not_apply(cell):
    assert scores_of({"x": [cell]})["x"][0].status == "not_applicable"


@pytest.mark.parametrize(
    "cell", ["ninety", "98,08%", "9 8", "1e2", "-5%", "98.08 per cent", "5E1", "\N{FULLWIDTH DIGIT NINE}0", True, float("nan"), float("inf"), -1.0]
)
def test_anything_else_is_no_score(cell):
    assert faults([cell]) <= {"score", "range"}
    assert None not in faults([cell])


@pytest.mark.parametrize("cell", [100.01, "100.01%", "998%"])
def test_more_than_all_marks_is_refused(cell):
    assert faults([cell, 50.0]) & {"range"}


@given(st.one_of(st.text(max_size=8), st.floats(), st.integers(), st.booleans()))
def test_no_cell_is_read_as_something_else(cell):
    (read,) = scores_of({"x": [cell]})["x"]
    if read.value is not None and read.fault is None:
        assert 0 <= read.value <= 100
        assert not isinstance(cell, bool)


@pytest.mark.parametrize("cell", ["Source: NHS", "RP", "rp5dr", "RP5 DR", "50", 50.0, "", "ABCDEFGHIJ", "RP5-DR"])
def test_what_is_no_code(cell):
    assert code_of(cell) is None


@pytest.mark.parametrize("cell", ["RP5DR", " TAHXM ", "5E1", "NVC04", "8HX", "AXG01"])
def test_codes(cell):
    assert code_of(cell) == cell.strip()


@pytest.mark.parametrize("words", [("5", 5), ("Excellent", 5), ("5 - excellent", 5), ("excellent (5)", 5), ("1", 1), ("unacceptable", 1)])
def test_ratings_are_words_ranks_or_both(words):
    assert scale_of("peat_food").rank(words[0]) == words[1]


@pytest.mark.parametrize("words", ["6", "0", "very good", "4 excellent", "green", "", "4.5"])
def test_what_is_no_rating(words):
    assert scale_of("peat_food").rank(words) is None
    assert rating_of(words or "?", scale_of("peat_food")).fault == "rating"


def test_the_two_scales_share_no_word():
    assert scale_of("peat_traffic_light").rank("Amber") == 2
    assert scale_of("peat_traffic_light").rank("acceptable") is None


def test_numbers_flags_and_years():
    assert [number_of(c).value for c in ("1,234", 12, "7.5", "")] == [1234.0, 12.0, 7.5, None]
    assert [number_of(c).fault for c in ("1,23", -1, "many", True)] == ["number"] * 4
    assert [flag_of(c).value for c in ("Yes", "n", 1, True, "")] == [1.0, 0.0, 1.0, 1.0, None]
    assert flag_of("perhaps").fault == "yes-or-no"
    assert (year_of("2024").value, year_of(2024.0).value, year_of("2024/25").fault) == (2024.0, 2024.0, "year")
    assert text_of(12.0) == "12"
