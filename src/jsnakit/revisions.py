"""What changed between two observation tables: figures that are new, revised or gone."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from attrs import frozen
from narwhals.stable.v2.typing import IntoDataFrame

from jsnakit import observations
from jsnakit.errors import DataError
from jsnakit.files import SourceFile
from jsnakit.observations import KEY

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["REVISION_COLUMNS", "Revisions", "compare", "read_table"]

_COMPARED: Final = ("value", "lower", "upper", "value_min", "value_max", "count", "denominator", "status", "flags", "note")

NAME_COLUMNS: Final = ("indicator_name", "area_name")

REVISION_COLUMNS: Final = ("change", *KEY, "value", "value_before", "status", "status_before", "columns")
"""The columns of `Revisions.frame`: `change` is `added`, `revised` or `gone`; `columns` names what a revision changed."""


@frozen
class Revisions:
    """The difference of two tables; `frame` has one row a changed figure (`REVISION_COLUMNS`), sorted by key. True when anything changed."""

    frame: pd.DataFrame
    added: int
    revised: int
    gone: int

    def __bool__(self) -> bool:
        return bool(self.added or self.revised or self.gone)

    def __str__(self) -> str:
        return f"{self.added:,} added, {self.revised:,} revised, {self.gone:,} gone"


def compare(before: IntoDataFrame, after: IntoDataFrame) -> Revisions:
    """Hold two observation tables against each other, figure by figure. Values are compared exactly, unrounded; `origin` and `period` (a label) do not count.

    Raises `TableError` where one of them is not a valid table.

    >>> compare(observations.empty(), observations.empty()).added
    0
    """
    import pandas as pd

    frames = []
    for frame in (before, after):
        observations.check(frame)
        table = observations.to_arrow(frame)
        made = observations.to_pandas(table)[[*KEY, *_COMPARED]]
        # pandas cannot merge on Arrow text of no rows (it has no chunk to look at).
        frames.append(made if len(made) else made.astype({c: object for c in KEY if c != "period_start"}))
    joined = frames[0].merge(frames[1], on=list(KEY), how="outer", suffixes=("_before", ""), indicator=True, sort=True)
    changed = pd.Series("", index=joined.index, dtype="str")
    both = joined["_merge"] == "both"
    for column in _COMPARED:
        old, new = joined[f"{column}_before"], joined[column]
        differs = both & ~((old == new) | (old.isna() & new.isna()))
        changed = changed.where(~differs, changed + column + " ")
    change = joined["_merge"].map({"left_only": "gone", "right_only": "added", "both": "revised"}).astype("str")
    joined = joined.assign(change=change, columns=changed.str.strip())
    joined = joined[(joined["change"] != "revised") | (joined["columns"] != "")]
    counts = joined["change"].value_counts()
    return Revisions(
        joined[list(REVISION_COLUMNS)].reset_index(drop=True),
        added=int(counts.get("added", 0)),
        revised=int(counts.get("revised", 0)),
        gone=int(counts.get("gone", 0)),
    )


def read_table(path: str) -> pa.Table:
    """An observation table that jsnakit wrote, from CSV, JSON or Parquet, in its exact types; the columns of `--names` are left out. Raises `TableError` or `DataError`."""
    data = SourceFile.from_path(path)
    try:
        with data.open() as stream:
            table = _read(data.name, stream)
    except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError) as error:
        raise DataError(
            f"{data.name} is not an observation table: {error}", hint="give a CSV, JSON or Parquet file that jsnakit wrote", file=data.name
        ) from error
    return observations.to_arrow(table.drop_columns([c for c in NAME_COLUMNS if c in table.column_names]))


def _read(name: str, stream: Any) -> pa.Table:
    if name.endswith(".parquet"):
        import pyarrow.parquet as pq

        return pq.ParquetFile(pa.PythonFile(stream)).read(use_threads=False)
    if name.endswith(".json"):
        rows = json.load(stream)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError("it is not a list of records")
        given = list(rows[0]) if rows else list(observations.COLUMNS)
        kinds = {f.name: f.type for f in observations.OBSERVATION_SCHEMA}
        return pa.table({c: _column([row.get(c) for row in rows], kinds.get(c)) for c in given})
    import pyarrow.csv as pacsv

    options = pacsv.ConvertOptions(
        column_types=observations.OBSERVATION_SCHEMA, strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=True
    )
    return pacsv.read_csv(stream, convert_options=options)


def _column(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    if kind is not None and pa.types.is_date(kind):
        values = [None if v is None else dt.date.fromisoformat(v) for v in values]
    return pa.array(values, kind)
