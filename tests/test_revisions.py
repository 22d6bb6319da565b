"""What changed between two tables: by key, unrounded, and a missing value is not a change from itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given

from jsnakit import observations
from jsnakit.errors import DataError
from jsnakit.printing import print_table
from jsnakit.revisions import compare, read_table
from jsnakit.testing import observation_tables


def table(**values: float | None) -> pa.Table:
    return observations.build(
        len(values), indicator="demo.figure", area_scheme="gss", area_type="ltla", area=list(values), period_start=dt.date(2026, 1, 1), period_duration="P1Y",
        value=list(values.values()), status=["normal" if v is not None else "suppressed" for v in values.values()], origin="test",
    )  # fmt: skip


def test_added_revised_and_gone_are_told_apart() -> None:
    changes = compare(table(A=1.0, B=2.0, C=None, D=4.0), table(A=1.0, B=2.0000001, C=None, E=5.0))
    assert str(changes) == "1 added, 1 revised, 1 gone"
    assert dict(zip(changes.frame["area"], changes.frame["change"], strict=True)) == {"B": "revised", "D": "gone", "E": "added"}
    revised = changes.frame[changes.frame["change"] == "revised"].iloc[0]
    assert (revised["value_before"], revised["value"], revised["columns"]) == (2.0, 2.0000001, "value")


def test_a_figure_that_was_suppressed_since_is_revised_in_value_and_status() -> None:
    changes = compare(table(A=1.0), table(A=None))
    assert changes.frame["columns"].tolist() == ["value status"]


@given(made=observation_tables())
def test_a_table_differs_in_nothing_from_itself(made: pa.Table) -> None:
    assert not compare(made, observations.to_pandas(made))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_was_written_is_read_back_exactly(tmp_path: Path, form: str) -> None:
    made = observations.to_arrow(table(A=0.1 + 0.2, B=None, **{"5E1": 3.0, "NA": 4.0}))
    path = tmp_path / f"t.{form}"
    print_table(made, form, path)
    assert observations.to_arrow(read_table(str(path))).equals(made)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1\n")
    with pytest.raises(DataError, match=r"t\.csv"):
        read_table(str(path))
