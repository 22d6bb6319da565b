"""The words of the field as values: periods as publishers print them, targets in force, the nearest word."""

from __future__ import annotations

import datetime as dt
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit.errors import InvalidValueError
from jsnakit.model import AREA_TYPES, ENGLAND, Area, Comparator, Indicator, Period, Pin, Target, TargetKind, nearest
from jsnakit.sources import Query


@pytest.mark.parametrize(
    ("text", "start", "duration", "end"),
    [
        ("2021", "2021-01-01", "P1Y", "2021-12-31"),
        ("2021/22", "2021-04-01", "P1Y", "2022-03-31"),
        ("1999/00", "1999-04-01", "P1Y", "2000-03-31"),
        ("2021/2022", "2021-04-01", "P1Y", "2022-03-31"),
        ("2018 - 20", "2018-01-01", "P3Y", "2020-12-31"),
        ("2018–20", "2018-01-01", "P3Y", "2020-12-31"),
        ("1999-2001", "1999-01-01", "P3Y", "2001-12-31"),
        ("2024-02", "2024-02-01", "P1M", "2024-02-29"),
        ("Feb 2026", "2026-02-01", "P1M", "2026-02-28"),
        ("February 2026", "2026-02-01", "P1M", "2026-02-28"),
        ("Feb26", "2026-02-01", "P1M", "2026-02-28"),
        ("Apr-22", "2022-04-01", "P1M", "2022-04-30"),
        (" 2026-02-28 ", "2026-02-28", "P0D", "2026-02-28"),
    ],
)
def test_periods_as_publishers_print_them(text: str, start: str, duration: str, end: str) -> None:
    period = Period.parse(text)
    assert (str(period.start), period.duration, str(period.end)) == (start, duration, end)
    assert str(period) in (text.strip(), "February 2024")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "20211",
        "2021/23",
        "2021/20",
        "2021-13",
        "2021-00",
        "2021-02-30",
        "2020 - 20",
        "2018 - 17",
        "1900 - 50",
        "Foo 2026",
        "2026 Q1",
        "٢٠٢١x",
    ],
)
def test_what_could_only_be_guessed_at_is_no_period(text: str) -> None:
    with pytest.raises(InvalidValueError, match="is not a period"):
        Period.parse(text)


@given(st.text(max_size=20))
def test_any_text_is_a_period_or_a_typed_error(text: str) -> None:
    try:
        period = Period.parse(text)
    except InvalidValueError:
        return
    assert period.start <= period.end


@pytest.mark.parametrize("duration", ["P1", "1Y", "P0M", "P1Y6M", "P-1Y", "PT1H", "p1y", "P1.5Y", ""])
def test_a_duration_is_one_number_and_unit(duration: str) -> None:
    with pytest.raises(InvalidValueError):
        Period(dt.date(2020, 1, 1), duration)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 60), st.sampled_from("YMWD"))
def test_a_period_ends_on_the_day_before_the_next_begins(start: dt.date, n: int, unit: str) -> None:
    period = Period(start, f"P{n}{unit}")
    assert period.end >= start
    if unit == "D":
        assert (period.end - start).days == n - 1
    elif unit == "W":
        assert (period.end - start).days == 7 * n - 1
    elif start.day == 1:
        following = period.end + dt.timedelta(days=1)
        assert following.day == 1
        assert (following.year - start.year) * 12 + following.month - start.month == n * (12 if unit == "Y" else 1)


def test_a_label_is_shown_and_never_compared() -> None:
    assert Period.month(2026, 2) == Period(dt.date(2026, 2, 1), "P1M", "whatever")
    assert Period.month_end(2024, 2).start == dt.date(2024, 2, 29)
    assert Period.month_end(2026, 2).first_month == Period.month(2026, 2).first_month
    assert str(Period(dt.date(2026, 2, 1), "P1M")) == "2026-02-01/P1M"


def test_a_stock_and_a_flow_of_one_month_are_asked_for_alike() -> None:
    query = Query(since="2026-02", until=dt.date(2026, 2, 10))
    assert query.in_range(Period.month_end(2026, 2))
    assert query.in_range(Period.month(2026, 2))
    assert not query.in_range(Period.month(2026, 1))
    assert not query.in_range(Period.month(2026, 3))
    assert query.in_range(Period(dt.date(2025, 4, 1), "P1Y")), "a year is asked for where it touches the month"


def test_an_area_is_its_scheme_type_and_code() -> None:
    assert Area("gss", "utla", "E06000009", "Blackpool") == Area("gss", "utla", "E06000009")
    assert Area("gss", "utla", "E06000009") != Area("gss", "ltla", "E06000009")
    ended = attrs.evolve(ENGLAND, valid_from=dt.date(2009, 4, 1), valid_to=dt.date(2023, 3, 31))
    assert [ended.valid_at(dt.date(*d)) for d in ((2009, 3, 31), (2009, 4, 1), (2023, 3, 31), (2023, 4, 1))] == [False, True, True, False]
    assert {t.scheme for t in AREA_TYPES.values()} == {"gss", "ods"}


@pytest.mark.parametrize("id_", ["waiting", "Rtt.x", "rtt.", ".x", "rtt.x y", "rtt..x", "rtt.X"])
def test_an_indicator_id_is_source_and_key(id_: str) -> None:
    with pytest.raises(ValueError, match="must match regex"):
        Indicator(id_, "x", "x")


def test_a_publishers_number_is_a_key() -> None:
    assert Indicator("fingertips.90366", "Life expectancy at birth", "years").source == "fingertips"


def test_a_target_binds_whole_periods() -> None:
    base = Target("x.y", "x", ("a.b",), Comparator.AT_MOST, 1.0, unit="x", kind=TargetKind.SCHEME)
    march = attrs.evolve(base, only_month=dt.date(2026, 3, 1))
    assert march.in_force(Period.month(2026, 3))
    assert march.in_force(Period.month_end(2026, 3))
    assert march.in_force(Period(dt.date(2026, 3, 2), "P1W"))
    assert not march.in_force(Period(dt.date(2026, 3, 1), "P2M"))
    assert not march.in_force(Period(dt.date(2026, 3, 30), "P1W"))
    spell = attrs.evolve(base, valid_from=dt.date(2009, 1, 1), valid_to=dt.date(2015, 9, 30))
    assert [spell.in_force(Period.parse(p)) for p in ("2008", "2009", "2014/15", "2015", "2015-09", "2015-10")] == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]


def test_a_pin_is_named_by_its_bytes_and_survives_a_journey() -> None:
    pin = Pin(url="https://example.org/x", sha256="ab" * 32, bytes=3, retrieved="2026-02-01T00:00:00Z")
    assert pin.key == "sha256:abababababab"
    assert pickle.loads(pickle.dumps(pin)) == pin
    with pytest.raises(ValueError, match="must match regex"):
        Pin(url="x", sha256="AB" * 32, bytes=3, retrieved="")


def test_the_nearest_word() -> None:
    assert nearest("admitteed", ["admitted", "non_admitted", "waiting"])[0] == "admitted"
    assert nearest("wait", ["rtt.waiting_list", "falls.rate"]) == ("rtt.waiting_list",)
    assert nearest("zzz", ["admitted"]) == ()
