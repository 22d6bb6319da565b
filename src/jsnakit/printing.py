"""Tables for people and programs: the one way every command prints rows."""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from jsnakit.auditing import Audit, audit_records
from jsnakit.errors import CacheWriteError

if TYPE_CHECKING:
    import pyarrow as pa

    from jsnakit.publish import CheckReport
    from jsnakit.refreshing import RefreshReport

__all__ = ["FORMATS", "print_audit", "print_checked", "print_table", "render_rows"]

FORMATS: Final = ("table", "csv", "json", "parquet")
"""The formats of `--format`: `table` is for reading, the others carry every column unrounded."""

_SHOWN_ROWS = 200
_CONTROL = dict.fromkeys((*range(32), 127, *range(128, 160), 8232, 8233), " ")
_BREAKDOWNS = ("sex", "age", "category_type", "category")


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
        # A figure that is not 0 is never shown as 0.
        return f"{value:,.4f}".rstrip("0").rstrip(".") if value == 0 or abs(value) >= 0.0001 else f"{value:.3g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    # A line break in a publisher's note would break the table, and an escape sequence the terminal.
    return str(value).translate(_CONTROL)


def print_table(table: pa.Table, form: str, out: Path | None = None, *, hidden: Sequence[str] = ()) -> None:
    """Write an Arrow table to standard output or to the file `out`, which is complete or not there at all.

    `hidden` columns are left out of the readable format alone; the formats for programs are UTF-8 wherever they go. Raises `CacheWriteError` where the file cannot be written.
    """
    if out is None:
        _to_screen(table, form, hidden)
        return
    _to_file(out, lambda stream: _write(table, form, stream, hidden))


def print_audit(audit: Audit, form: str, out: Path | None = None) -> None:
    """Write an audit as a table of its rules with the rows that disagree, or as JSON; to standard output or to a file that is complete or not there at all."""
    _print_text(json.dumps(audit_records(audit), ensure_ascii=False, indent=1) if form == "json" else _readable_audit(audit), form, out)


def print_checked(found: CheckReport, form: str, out: Path | None = None) -> None:
    """Write what a check of the chapters found, for reading or as JSON; to standard output or to a file that is complete or not there at all."""
    _print_text(json.dumps(found.records(), ensure_ascii=False, indent=1) if form == "json" else _readable_checked(found), form, out)


def print_refreshed(found: RefreshReport, form: str, out: Path | None = None) -> None:
    """Write what a refresh found, for reading or as JSON; to standard output or to a file that is complete or not there at all."""
    readable = "\n".join(line.translate(_CONTROL) for line in str(found).split("\n"))
    _print_text(json.dumps(found.records(), ensure_ascii=False, indent=1) if form == "json" else readable, form, out)


def _readable_checked(found: CheckReport) -> str:
    parts = []
    for heading, entries in (
        ("No longer true", found.untrue), ("Names without a value", found.without_value), ("Figures that cannot be drawn", found.not_drawn),
    ):  # fmt: skip
        # Only our own line break stays: a sentence or a reason may hold anything that an author or a publisher wrote.
        lines = ["\n".join(line.translate(_CONTROL) for line in str(entry).split("\n  ", 1)).replace("\n", "\n  ") for entry in entries]
        if lines:
            parts.append(f"{heading} ({len(lines)}):\n" + "\n".join(lines))
    return "\n\n".join([*parts, str(found)])


def _print_text(text: str, form: str, out: Path | None) -> None:
    data = (text + "\n").encode()
    if out is not None:
        _to_file(out, lambda stream: stream.write(data))
    elif form == "table" or not hasattr(sys.stdout, "buffer"):
        sys.stdout.write(text + "\n")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    sys.stdout.flush()


def _readable_audit(audit: Audit) -> str:
    parts = [
        render_rows(["rule", "rows", "checkable", "agree", "disagree"], [[r.rule, r.rows, r.checkable, r.agree, r.disagree] for r in audit.rules])
    ]
    reasons = [[r.rule, rows, reason] for r in audit.rules for reason, rows in r.reasons.items()]
    if reasons:
        parts.append("Not checked, and why:\n" + render_rows(["rule", "rows", "reason"], reasons))
    apart = [[r.rule, str(d.row), d.about, d.column, d.printed, d.computed, d.why] for r in audit.rules for d in r.disagreements]
    if apart:
        shown = render_rows(["rule", "row", "about", "column", "printed", "computed", "why"], apart[:_SHOWN_ROWS])
        more = f"\n... and {len(apart) - _SHOWN_ROWS:,} more rows: --format json writes them all" if len(apart) > _SHOWN_ROWS else ""
        parts.append("Rows that disagree:\n" + shown + more)
    return "\n\n".join(parts)


def _to_file(out: Path, write: Callable[[BinaryIO], object]) -> None:
    temporary = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as stream:
            write(stream)
        temporary.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        missing = not out.parent.is_dir()
        raise CacheWriteError(
            f"{out} cannot be written: {error.strerror or error}",
            hint=f"make the folder {out.parent} first" if missing else "choose another file with --out",
            folder=str(out.parent),
        ) from error


def _to_screen(table: pa.Table, form: str, hidden: Sequence[str]) -> None:
    if form == "table" or not hasattr(sys.stdout, "buffer"):
        # A console that cannot show a letter shows a question mark: see `jsnakit.cli.main`.
        sys.stdout.write(_readable(table, hidden) if form == "table" else _bytes(table, form).decode())
    else:
        # What a program reads is UTF-8 with plain line ends, whatever the console speaks: a name must not lose a letter on its way into a file.
        sys.stdout.flush()
        sys.stdout.buffer.write(_bytes(table, form))
    sys.stdout.flush()


def _bytes(table: pa.Table, form: str) -> bytes:
    stream = io.BytesIO()
    _write(table, form, stream, ())
    return stream.getvalue()


def _readable(table: pa.Table, hidden: Sequence[str]) -> str:
    # A column that says nothing in any row only makes the others unreadable.
    empty = {n for n in table.column_names if table.num_rows and table[n].null_count == table.num_rows}
    totals = {n for n in _BREAKDOWNS if n in table.column_names and table.num_rows and table[n].unique().to_pylist() == ["_T"]}
    shown = [n for n in table.column_names if n not in hidden and n not in empty and n not in totals]
    head = table.select(shown).slice(0, _SHOWN_ROWS)
    text = render_rows(shown, [list(row.values()) for row in head.to_pylist()])
    if table.num_rows > _SHOWN_ROWS:
        text += f"\n... and {table.num_rows - _SHOWN_ROWS:,} more rows: --format csv --out FILE writes them all"
    return text + "\n"


def _write(table: pa.Table, form: str, stream: BinaryIO, hidden: Sequence[str]) -> None:
    if form == "table":
        stream.write(_readable(table, hidden).encode())
    elif form == "csv":
        import pyarrow.csv as pacsv

        pacsv.write_csv(table, stream, write_options=pacsv.WriteOptions(quoting_style="needed"))
    elif form == "json":
        stream.write((json.dumps(table.to_pylist(), ensure_ascii=False, indent=1, default=str, allow_nan=False) + "\n").encode())
    else:
        import pyarrow.parquet as pq

        pq.write_table(table, stream, compression="zstd", use_dictionary=True)
