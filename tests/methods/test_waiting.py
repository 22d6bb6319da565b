"""Waiting lists against the documented examples, and percentiles of banded waits against patients counted one by one."""

from __future__ import annotations

import csv
import datetime as dt
import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit.errors import InvalidValueError, TableError
from jsnakit.methods import waiting

START, END = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
NAMES = {"time_to_target": "weeks_to_target"}


def test_every_documented_example_is_reproduced(real_data):
    with real_data("methods/waitinglist/doc_examples.csv").open(encoding="utf-8") as file:
        examples = list(csv.DictReader(file))
    assert len(examples) == 6
    for row in examples:
        given = dict(part.split("=") for part in row["inputs"].split(";"))
        function = getattr(waiting, row["function"].removeprefix("calc_"))
        found = function(**{NAMES.get(name, name): float(value) for name, value in given.items()})
        assert found == pytest.approx(float(row["result"]), rel=1e-12), row


@pytest.mark.parametrize("days", [7, 1])
def test_relief_capacity_does_not_depend_on_the_unit_of_time(days):
    weekly = waiting.relief_capacity(demand=30, queue_size=1200, target_queue_size=390, weeks_to_target=26, referrals=900)
    other = waiting.relief_capacity(demand=30 / days, queue_size=1200, target_queue_size=390, weeks_to_target=26 * days, referrals=900)
    assert other * days == pytest.approx(weekly)
    assert weekly == pytest.approx(30 / (1 - 2 / 30) + 810 / 26)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("queue_load", {"demand": 30, "capacity": 0}),
        ("queue_load", {"demand": -1, "capacity": 10}),
        ("queue_load", {"demand": math.nan, "capacity": 10}),
        ("queue_load", {"demand": None, "capacity": 10}),
        ("target_mean_wait", {"target_wait": 0}),
        ("target_queue_size", {"demand": 30, "target_wait": math.inf}),
        ("target_capacity", {"demand": 30, "target_wait": 52, "cv_demand": -1}),
        ("relief_capacity", {"demand": 30, "queue_size": -1, "target_queue_size": 390}),
        ("relief_capacity", {"demand": 30, "queue_size": 1200, "target_queue_size": 390, "weeks_to_target": 0}),
        ("relief_capacity", {"demand": 30, "queue_size": 1200, "target_queue_size": 390, "referrals": 4}),
        ("waiting_list_pressure", {"mean_wait": 63, "target_wait": True}),
    ],
)
def test_what_cannot_be_is_refused(name, given):
    with pytest.raises(InvalidValueError):
        getattr(waiting, name)(**given)


def test_a_person_referred_after_the_end_does_not_wait_at_the_end():
    came = [START, END + dt.timedelta(10)]
    went = [None, END + dt.timedelta(20)]
    found = waiting.waiting_list_stats(came, went, start=START, end=END, target_wait=18)
    assert found.queue_size == 1
    assert found.mean_wait == pytest.approx((END - START).days / 7)


def test_the_time_since_the_last_removal_counts_while_people_wait():
    came = [START, START, START]
    one = waiting.removal_stats(came, [START + dt.timedelta(7), None, None], start=START, end=START + dt.timedelta(70))
    # Gaps of 7 and 63 days: two gaps in ten weeks, not one a week.
    assert one.rate == pytest.approx(0.2)
    empty = waiting.removal_stats([START], [START + dt.timedelta(7)], start=START, end=START + dt.timedelta(70))
    assert empty.rate == pytest.approx(1.0)


def test_a_gap_begins_anew_when_the_list_was_empty():
    came = [START, START + dt.timedelta(30)]
    went = [START + dt.timedelta(7), START + dt.timedelta(37)]
    assert waiting.removal_stats(came, went, start=START, end=END) == waiting.FlowStats(2, 1.0, 0.0)


def test_a_list_of_nobody_has_no_waits_and_no_load():
    found = waiting.waiting_list_stats([], [], start=START, end=END, target_wait=18)
    assert (found.queue_size, found.mean_wait, found.pressure, found.load) == (0, None, None, None)


@pytest.mark.parametrize(
    ("came", "went"), [([None], [None]), ([START], []), ([END], [START]), ([START], [START - dt.timedelta(1)])]
)  # fmt: skip
def test_impossible_lists_are_refused(came, went):
    with pytest.raises(InvalidValueError):
        waiting.waiting_list_stats(came, went, start=START, end=END, target_wait=18)


people = st.lists(st.tuples(st.integers(-60, 120), st.none() | st.integers(0, 100)), max_size=40)


@given(people, st.randoms())
def test_lists_counted_one_by_one_agree_and_order_does_not_matter(rows, random):
    came = [START + dt.timedelta(a) for a, _ in rows]
    went = [None if w is None else START + dt.timedelta(a + w) for a, w in rows]
    sizes = waiting.queue_sizes(came, went, start=START, end=END)
    assert len(sizes) == (END - START).days + 1
    for day, size in sizes[::13] + sizes[-1:]:
        assert size == sum(c <= day and (w is None or w > day) for c, w in zip(came, went, strict=True))
    found = waiting.waiting_list_stats(came, went, start=START, end=END, target_wait=18)
    assert found.queue_size == sizes[-1][1]
    assert found.mean_wait is None or found.mean_wait >= 0
    order = list(range(len(rows)))
    random.shuffle(order)
    again = waiting.waiting_list_stats([came[i] for i in order], [went[i] for i in order], start=START, end=END, target_wait=18)
    assert (again.queue_size, again.demand, again.capacity) == (found.queue_size, found.demand, found.capacity)


counts = st.lists(st.integers(0, 50), min_size=1, max_size=12)


@given(counts, st.integers(1, 100), st.booleans())
def test_a_percentile_stands_in_the_band_of_its_patient(numbers, percent, plus_one):
    edges = [*range(len(numbers)), None]
    found = waiting.banded_percentile(numbers, edges=edges, percent=percent, plus_one=plus_one)
    queue = [band for band, n in enumerate(numbers) for _ in range(n)]
    if not queue:
        assert found.value is found.at_least is None
        return
    place = min(Fraction(percent * (len(queue) + plus_one), 100), Fraction(len(queue)))
    band = queue[math.ceil(place) - 1]
    assert found.lower == band
    if band == len(numbers) - 1:
        assert (found.value, found.at_least, found.upper) == (None, band, None)
    else:
        assert found.value is not None
        assert band < found.value <= band + 1


@given(counts.filter(any), st.integers(1, 99))
def test_the_vectorised_rule_gives_the_same(numbers, percent):
    single = waiting.banded_percentile(numbers, edges=list(range(len(numbers) + 1)), percent=percent)
    band, place = waiting.position_in_bands(np.cumsum(numbers)[:, None], (percent, 0, 100))
    assert band[0] == single.lower
    assert place[0] == pytest.approx(single.value, rel=1e-12)


@given(counts.filter(any), st.lists(st.integers(1, 100), min_size=2, max_size=2))
def test_percentiles_rise(numbers, percents):
    low, high = (waiting.banded_percentile(numbers, edges=list(range(len(numbers) + 1)), percent=p).value for p in sorted(percents))
    assert low is not None
    assert high is not None
    assert low <= high


@pytest.mark.parametrize(
    ("numbers", "edges", "percent"),
    [
        ([1, None], [0, 1, 2], 50), ([1, -1], [0, 1, 2], 50), ([1, 1.5], [0, 1, 2], 50), ([1, 2], [0, 1], 50), ([], [0], 50),
        ([1, 2], [0, 2, 1], 50), ([1, 2], [0, None, 2], 50), ([1, 2], [0, 1, 2], 0), ([1, 2], [0, 1, 2], 101), ([1, 2], [0, 1, 2], math.nan),
    ],
)  # fmt: skip
def test_impossible_bands_are_refused(numbers, edges, percent):
    with pytest.raises(InvalidValueError):
        waiting.banded_percentile(numbers, edges=edges, percent=percent)


def test_uneven_bands_are_interpolated_by_their_own_width():
    assert waiting.banded_percentile([10, 10], edges=[0, 6, 18], percent=75).value == 12


def test_the_median_patient_may_be_the_one_at_half_of_n_plus_one():
    # Of 3 in one band of a week the 2nd stands at 2/3, and half of 3 at 1/2.
    assert waiting.banded_percentile([3, 0], edges=[0, 1, None], percent=50, plus_one=True).value == pytest.approx(2 / 3)
    assert waiting.banded_percentile([3, 0], edges=[0, 1, None], percent=50).value == pytest.approx(1 / 2)


def test_both_ends_of_the_dates_are_inside():
    assert waiting.referral_stats([START, END], start=START, end=END).count == 2
    assert waiting.waiting_list_stats([START, END], [None, None], start=START, end=END, target_wait=18).queue_size == 2
    assert waiting.removal_stats([START, START], [START, END], start=START, end=END).count == 2


def test_gaps_of_one_and_three_weeks_vary_by_their_sample_deviation():
    days = [START + dt.timedelta(7)]
    found = waiting.referral_stats(days, start=START, end=START + dt.timedelta(28))
    assert (found.rate, found.cv) == pytest.approx((0.5, math.sqrt(2) / 2))


def test_the_last_gap_begins_when_somebody_came_to_the_empty_list():
    came = [START, START + dt.timedelta(56)]
    found = waiting.removal_stats(came, [START + dt.timedelta(14), None], start=START, end=START + dt.timedelta(70))
    # Gaps of 14 and 14 days; the six weeks in which nobody waited are no gap.
    assert found == waiting.FlowStats(1, 0.5, 0.0)


def test_a_list_far_below_its_target_needs_no_capacity_below_nought():
    assert waiting.relief_capacity(demand=1, queue_size=0, target_queue_size=390) == 0


BANDS = pl.DataFrame(
    {
        "trust": ["x", "x", "x", "y", "y", "z", "z"],
        "lower": [2, 0, 1, 0, 4, 0, 6],
        "upper": [None, 1, 2, 4, 8, 6, None],
        "count": [2, 2, 4, 0, 0, 9, None],
    }
)


def test_queues_with_bands_of_their_own_have_their_percentiles_side_by_side():
    found = waiting.banded_percentiles(BANDS, by="trust", percent=[50, 92])
    assert found.select("trust", "percent", "value", "at_least", "reason").rows() == [
        ("x", 50.0, 1.5, 1.5, None), ("x", 92.0, None, 2.0, "open_band"), ("y", 50.0, None, None, "nobody_waits"),
        ("y", 92.0, None, None, "nobody_waits"), ("z", 50.0, None, None, "missing"), ("z", 92.0, None, None, "missing"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"lower": [2, 0, 2, 0, 4, 0, 6], "upper": [None, 1, 3, 4, 8, 6, None]}, "stands 2 times"), ({"upper": [None, 1, 1.5, 4, 8, 6, None]}, "trust 'x' a band begins at 2 after one that ends at 1.5"),
        ({"upper": [None, 1, 2, 5, 8, 6, None]}, "begins at 4 after one that ends at 5"), ({"upper": [None, None, 2, 4, 8, 6, None]}, "ends at inf"),
        ({"upper": [None, 1, 2, 4, 4, 6, None]}, "upper is not above lower"), ({"count": [2, 2, 4, 0, 0.5, 9, None]}, "count is not a whole number"),
        ({"count": [2, -2, 4, 0, 0, 9, None]}, "count is negative"), ({"lower": [2, None, 1, 0, 4, 0, 6]}, "the band has no place"),
    ],
)  # fmt: skip
def test_bands_in_which_a_patient_stands_twice_or_nowhere_are_refused(change, why):
    with pytest.raises(TableError, match=why):
        waiting.banded_percentiles(BANDS.with_columns(**{name: pl.Series(values, strict=False) for name, values in change.items()}), by="trust")


@given(st.lists(st.lists(st.integers(0, 50), min_size=2, max_size=6), min_size=1, max_size=5), st.floats(1, 100))
def test_a_frame_gives_each_queue_what_it_has_alone(queues, percent):
    rows = [(i, j, j + 1, n) for i, counts in enumerate(queues) for j, n in enumerate(counts)]
    frame = pl.DataFrame(rows, schema=["queue", "lower", "upper", "count"], orient="row")
    found = waiting.banded_percentiles(frame, by="queue", percent=percent)["value"].to_list()
    assert found == [waiting.banded_percentile(counts, edges=list(range(len(counts) + 1)), percent=percent).value for counts in queues]
