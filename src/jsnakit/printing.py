"""Tables for people and programs: the one way every command prints rows."""

from __future__ import annotations

import io
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from jsnakit.errors import CacheWriteError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FORMATS", "print_table", "render_rows"]

FORMATS: Final = ("table", "csv", "json", "parquet")
"""The formats of `--format`: `table` is for reading, the others carry every column unrounded."""

_SHOWN_ROWS = 200


def render_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as aligned text: numbers to the right, a dash for what is missing.

    >>> print(render_rows(["area", "value"], [["Blackpool", 1.5], ["Wyre", None]]))
    area       value
    Blackpool    1.5
    Wyre           -
    """
    cells = [[_cell(v) for v in row] for row in rows]
    right = [all(isinstance(r[i], int | float) or r[i] is None for r in rows) and bool(rows) for i in range(len(columns))]
    widths = [max([len(c), *(len(row[i]) for row in cells)]) for i, c in enumerate(columns)]
    lines = []
    for row in [list(columns), *cells]:
        lines.append("  ".join(v.rjust(w) if r else v.ljust(w) for v, w, r in zip(row, widths, right, strict=True)).rstrip())
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "-"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def print_table(table: pa.Table, form: str, out: Path | None = None, *, hidden: Sequence[str] = ()) -> None:
    """Write an Arrow table to standard output or to the file `out`, which is complete or not there at all.

    `hidden` columns are left out of the readable format alone. Raises `CacheWriteError` where the file cannot be written.
    """
    if out is None and form == "parquet":
        _write(table, form, sys.stdout.buffer)
    elif out is None:
        sys.stdout.write(_text(table, form, hidden))
        sys.stdout.flush()
    else:
        temporary = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
        try:
            with temporary.open("wb") as stream:
                if form in ("csv", "parquet"):
                    _write(table, form, stream)
                else:
                    stream.write(_text(table, form, hidden).encode())
            temporary.replace(out)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise CacheWriteError(f"{out} cannot be written: {error.strerror}", hint="choose another file with --out", folder=str(out.parent)) from error


def _text(table: pa.Table, form: str, hidden: Sequence[str]) -> str:
    if form == "csv":
        stream = io.BytesIO()
        _write(table, form, stream)
        return stream.getvalue().decode()
    if form == "json":
        return json.dumps(table.to_pylist(), ensure_ascii=False, indent=1, default=str, allow_nan=False) + "\n"
    # A column that says nothing in any row only makes the others unreadable.
    empty = {n for n in table.column_names if table.num_rows and table[n].null_count == table.num_rows}
    constant = {n for n in ("sex", "age", "category_type", "category") if table.num_rows and table[n].unique().to_pylist() == ["_T"]} if "sex" in table.column_names else set()
    shown = [n for n in table.column_names if n not in hidden and n not in empty and n not in constant]
    head = table.select(shown).slice(0, _SHOWN_ROWS)
    text = render_rows(shown, [list(row.values()) for row in head.to_pylist()])
    if table.num_rows > _SHOWN_ROWS:
        text += f"\n... and {table.num_rows - _SHOWN_ROWS:,} more rows: --format csv --out FILE writes them all"
    return text + "\n"


def _write(table: pa.Table, form: str, stream: BinaryIO) -> None:
    if form == "csv":
        import pyarrow.csv as pacsv

        pacsv.write_csv(table, stream, write_options=pacsv.WriteOptions(quoting_style="needed"))
    else:
        import pyarrow.parquet as pq

        pq.write_table(table, stream, compression="zstd", use_dictionary=True)
