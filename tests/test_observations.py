"""The contract of the table: what `check` refuses, and that equal inputs give equal bytes."""

from __future__ import annotations

import datetime as dt
import io

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import observations
from jsnakit.errors import InvalidValueError, TableError
from jsnakit.testing import observation_tables


def table(**changed: object) -> pa.Table:
    columns: dict[str, object] = {
        "indicator": "demo.figure", "area_scheme": "gss", "area_type": "ltla", "area": ["E06000009", "E07000128"],
        "period_start": dt.date(2026, 2, 1), "period_duration": "P1M", "value": [1.0, 0.0], "origin": "test",
    }  # fmt: skip
    return observations.build(2, **(columns | changed))


def reasons(frame: object) -> set[tuple[str, str]]:
    with pytest.raises(TableError) as caught:
        observations.check(frame)
    return {(f.reason, f.column) for f in caught.value.failures}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"area": [None, "E07000128"]}, ("null-key", "area")),
        ({"area": "E06000009"}, ("duplicate-key", " ".join(observations.KEY))),
        ({"sex": [None, "_T"]}, ("null-key", "sex")),
        ({"status": "missing"}, ("unknown-status", "status")),
        ({"flags": "revised provisional"}, ("unknown-flags", "flags")),
        ({"flags": "invented"}, ("unknown-flags", "flags")),
        ({"value": [None, 0.0]}, ("no-value", "value")),
        ({"status": "suppressed"}, ("value-without-status", "value")),
        ({"category": "C_100"}, ("half-a-category", "category")),
        ({"category_type": "treatment_function"}, ("half-a-category", "category")),
        ({"lower": 2.0, "upper": 1.0, "limits_method": "wilson"}, ("limits-out-of-order", "lower")),
        ({"lower": 0.5, "upper": 2.0, "limits_method": "wilson"}, ("value-outside-limits", "value")),
        ({"lower": 0.0, "upper": 2.0}, ("limits-without-method", "limits_method")),
        ({"count": -1.0}, ("negative", "count")),
        ({"value": [float("inf"), 0.0]}, ("not-finite", "value")),
        ({"value_min": 2.0, "value_max": 1.0}, ("bounds-out-of-order", "value_min")),
        ({"period_duration": "1 month"}, ("bad-duration", "period_duration")),
        ({"indicator": "figure"}, ("bad-indicator", "indicator")),
        ({"note": ""}, ("empty-text", "note")),
    ],
)
def test_check_refuses(changed: dict[str, object], reason: tuple[str, str]) -> None:
    made = table(**changed)
    assert reason in reasons(made)
    assert reason in reasons(observations.to_pandas(made))


def test_check_lists_everything_at_once() -> None:
    frame = observations.to_pandas(table(status="odd", flags="odd"))
    frame.loc[0, "value"] = np.nan
    assert {r for r, _ in reasons(frame)} >= {"unknown-status", "unknown-flags"}


def test_zero_is_a_value_and_an_open_band_is_present() -> None:
    observations.check(table())
    observations.check(table(value=[None, 0.0], value_min=[104.0, None]))


def test_a_column_too_many_or_too_few() -> None:
    assert ("missing-column", "note") in reasons(table().drop_columns(["note"]))
    assert ("unknown-column", "mine") in reasons(table().append_column("mine", pa.array([1, 2])))
    observations.check(table(published_trend=["up", None]))


def test_a_date_column_in_pandas_is_datetime64() -> None:
    frame = observations.to_pandas(table())
    assert frame["period_start"].dtype == "datetime64[us]"
    assert (frame["period_start"] >= "2026-01-01").all()
    observations.check(frame)
    frame["period_start"] = frame["period_start"] + pd.Timedelta(hours=3)
    assert ("time-of-day", "period_start") in reasons(frame)


ENGINES = {"pyarrow": lambda t: t, "pandas": observations.to_pandas, "polars": pl.DataFrame}


@pytest.mark.parametrize("kind", sorted(ENGINES))
def test_any_eager_frame_is_checked_alike(kind: str) -> None:
    observations.check(ENGINES[kind](table()))
    assert ("unknown-status", "status") in reasons(ENGINES[kind](table(status="odd")))


FAULTS = {
    "status": [None, "odd", "suppressed", "low_reliability"], "flags": ["", "odd", "revised provisional", "provisional revised"], "sex": [None, "", "female"],
    "category": ["C_100"], "category_type": [None, "treatment_function"], "period_duration": ["P1", "P0D"], "indicator": ["figure", None], "note": ["", "seen"],
    "value": [None, float("inf"), -1.0, 2.0], "lower": [None, 1.0, 5.0], "upper": [None, 0.5, 3.0], "limits_method": [None, "wilson"], "value_min": [None, 104.0],
    "value_max": [None, 7.0], "count": [-1.0, 0.0], "denominator": [-0.5], "origin": [None, ""], "area": [None, "E06000009"],
}  # fmt: skip


def faults_of(frame: object) -> list[tuple[str, str, int, int | None]]:
    try:
        observations.check(frame)
    except TableError as error:
        return [(f.reason, f.column, f.rows, f.row) for f in error.failures]
    return []


@given(
    made=observation_tables(),
    spoilt=st.lists(
        st.sampled_from([(c, v) for c, values in FAULTS.items() for v in values]).flatmap(lambda f: st.tuples(st.just(f), st.integers(0, 99)))
    ),
    twice=st.booleans(),
)
def test_every_engine_finds_the_same_faults_in_the_same_rows(made: pa.Table, spoilt: list[tuple[tuple[str, object], int]], twice: bool) -> None:
    rows = made.to_pylist()
    if twice and rows:
        rows.append(dict(rows[-1]))
    for (column, value), at in spoilt:
        if rows:
            rows[at % len(rows)][column] = value
    table = pa.Table.from_pylist(rows, schema=pa.schema([f.with_nullable(True) for f in made.schema]))
    found = {name: faults_of(convert(table)) for name, convert in ENGINES.items()}
    assert found["pandas"] == found["pyarrow"] == found["polars"]
    categorical = observations.to_pandas(table).astype({"status": "category", "area": "category"})
    assert faults_of(categorical) == found["pandas"]


def test_duplicates_are_found_whatever_the_number_of_their_combinations() -> None:
    n = 3000
    spread = {c: [f"{c}{i}" for i in range(n)] for c in ("area", "sex", "age", "category_type", "category")}
    base = {
        "indicator": "x.y", "area_scheme": "gss", "area_type": "ltla", "period_start": dt.date(2026, 1, 1), "period_duration": "P1M", "value": 1.0, "origin": "x",
    }  # fmt: skip
    made = observations.build(n, **(base | spread))
    observations.check(made)
    with pytest.raises(TableError) as caught:
        observations.check(pa.concat_tables([made, made.slice(7, 1)]))
    (failure,) = caught.value.failures
    assert (failure.reason, failure.rows, failure.row) == ("duplicate-key", 2, 7)
    assert failure.value[3] == "area7"


def written(made: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(made, stream)
    return stream.getvalue()


def test_equal_inputs_give_equal_bytes_whatever_they_went_through() -> None:
    made = observations.to_arrow(table())
    shuffled = observations.to_pandas(table()).iloc[::-1]
    assert written(observations.to_arrow(shuffled)) == written(made)
    polars = pytest.importorskip("polars")
    assert written(observations.to_arrow(polars.from_arrow(table()))) == written(made)


def test_nan_and_empty_text_become_null() -> None:
    frame = observations.to_pandas(table())
    frame.loc[0, "value"] = np.nan
    frame["note"] = ["", "seen"]
    made = observations.to_arrow(frame)
    assert made["value"].null_count == 1
    assert made["note"].null_count == 1


def test_nothing_is_converted_silently() -> None:
    frame = observations.to_pandas(table())
    frame["value"] = ["1", "2"]
    with pytest.raises(TableError, match="wrong-type"):
        observations.to_arrow(frame)
    frame = observations.to_pandas(table())
    frame["area"] = [5, 6]
    with pytest.raises(TableError, match="wrong-type"):
        observations.to_arrow(frame)


def test_build_refuses_a_column_it_does_not_know() -> None:
    with pytest.raises(InvalidValueError, match="colour"):
        table(colour="red")


@given(made=observation_tables())
def test_what_the_strategy_makes_is_valid_and_survives_a_round_trip(made: pa.Table) -> None:
    observations.check(made)
    sorted_once = observations.to_arrow(made)
    assert observations.to_arrow(observations.to_pandas(sorted_once)).equals(sorted_once)


def relation(**changed: object) -> pa.Table:
    row: dict[str, object] = {
        "from_scheme": "ods", "from_type": "icb", "from_area": "QE1", "to_scheme": "ods", "to_type": "trust", "to_area": "RXL", "kind": "waits_at",
        "period_start": dt.date(2026, 2, 28), "period_duration": "P0D", "weight": 0.5, "count": 10.0, "note": None, "origin": "test",
    }  # fmt: skip
    return pa.Table.from_pylist([row | changed], schema=observations.RELATION_SCHEMA.remove_metadata()) if None not in changed.values() else pa.table(
        {f.name: pa.array([(row | changed)[f.name]], f.type) for f in observations.RELATION_SCHEMA}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reason"), [({"weight": 1.5}, "weight-out-of-range"), ({"count": -1.0}, "negative"), ({"kind": None}, "null-key")]
)
def test_relations_are_checked(changed: dict[str, object], reason: str) -> None:
    observations.check_relations(relation())
    with pytest.raises(TableError, match=reason):
        observations.check_relations(relation(**changed))
    with pytest.raises(TableError, match="duplicate-key"):
        observations.check_relations(pa.concat_tables([relation(), relation()]))


def test_statuses_and_flags_map_to_sdmx() -> None:
    assert all(len(code) == 1 for code in {**observations.STATUSES, **observations.FLAGS}.values())
    assert set(observations.PRESENT) < set(observations.STATUSES)
    assert nw.from_native(observations.empty(), eager_only=True).columns == list(observations.COLUMNS)
