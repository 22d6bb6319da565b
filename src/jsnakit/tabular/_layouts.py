"""What a layout may say, the header contract, the faults, and the one rule for a cell of each kind: shared by CSV files and spreadsheets."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import pyarrow as pa
from attrs import frozen

from jsnakit.errors import DataError, LayoutError
from jsnakit.model import nearest

MAX_FAULTS: Final = 20
"""How many faults an error lists; it counts them all."""

Kind = Literal["text", "code", "int32", "int64", "float64", "date"]
ARROW: Final = {
    "text": pa.string(),
    "code": pa.dictionary(pa.int32(), pa.string()),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "date": pa.date32(),
}
SAFE_INTEGER: Final = 2**53
_INTEGER: Final = re.compile(r"-?0*[0-9]{1,18}")
_THOUSANDS: Final = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?")
_DIGITS_ALONE: Final = re.compile(r"-?[0-9]+")
_NUMBER: Final = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


@frozen(kw_only=True)
class Column:
    """One column a layout asks for: its name in the result, the names publishers give it, and what its cells must be.

    `header` lists the accepted names in the file (default: `name`). `kind`: `text` and `code` (a dictionary of few values) are never anything but text, so `5E1`, `NA`
    and `007` stay; `int32`, `int64`, `float64` are strict (finite, no padding signs, no thousands commas unless `thousands`); `date` is read by the declared `format` alone.
    `nullable` allows a missing cell, `pattern` is a regular expression for the whole of a text, `minimum` the least number allowed.

    >>> Column(name="count", kind="int64").headers
    ('count',)
    """

    name: str
    kind: Kind = "text"
    header: tuple[str, ...] = ()
    required: bool = True
    nullable: bool = True
    pattern: str | None = None
    minimum: float | None = None
    thousands: bool = False
    format: str = "%Y-%m-%d"

    @property
    def headers(self) -> tuple[str, ...]:
        """The names in a file that mean this column."""
        return self.header or (self.name,)


@frozen(kw_only=True)
class Family:
    r"""A run of columns told by a pattern, such as the weekly bands of a waiting list: `name` makes each column's name from the match.

    With `ordered`, they must stand in the order in which `expected` lists them, none missing and none beside them.

    >>> weeks = Family(pattern=r"week (\d+)", name=lambda m: f"w{int(m[1]):02}", kind="int32", expected=("w00", "w01"))
    >>> weeks.ordered
    True
    """

    pattern: str
    name: Callable[[re.Match[str]], str]
    kind: Kind = "int32"
    expected: tuple[str, ...] = ()
    ordered: bool = True
    nullable: bool = True
    minimum: float | None = None


@frozen(kw_only=True)
class Layout:
    """One way in which a publisher lays a table out: its id, its columns and what else the text must keep to.

    `encoding` is what the source declares (`utf-8-sig` unless it says otherwise). `missing` are the cells that mean no number. `ordered` asks for the declared order of columns,
    `extra` allows columns nobody asked for, `blank_lines` lines without text, `final_newline` that the last line ends in one (a cut file does not), `multiline` line ends inside
    quotes (blank lines are then passed over). `skip_rows` lines at most may stand above the header.
    """

    id: str
    columns: tuple[Column, ...]
    families: tuple[Family, ...] = ()
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    missing: tuple[str, ...] = ("",)
    ordered: bool = False
    extra: bool = False
    blank_lines: bool = False
    final_newline: bool = True
    multiline: bool = False
    skip_rows: int = 0


@frozen
class Fault:
    """One place in a file that cannot be right: line (from 1), column as in the header, the cell, and the rule it breaks."""

    line: int | None
    column: str | None
    value: Any
    rule: str

    def __str__(self) -> str:
        line = "" if self.line is None else f"line {self.line:,}"
        column = "" if self.column is None else f"column {self.column!r}"
        place = ", ".join(filter(None, (line, column)))
        shown = "" if self.value is None else f": {self.value!r:.120}"
        return f"{place or 'the file'} [{self.rule}]{shown}"


@frozen
class Header:
    """The header of a CSV file: its names as they stand, and the line it is on."""

    names: tuple[str, ...]
    line: int


@frozen
class Slot:
    """What to make of one column of the file: null where it is read and left out."""

    header: str
    column: Column | None


def data_error(file: str, faults: Sequence[Fault], total: int | None = None, *, hint: str | None = None) -> DataError:
    """The `DataError` for these faults: the message lists the first 20, the attributes hold the first and all of them.

    >>> data_error("x.csv", [Fault(2, "count", "1e400", "finite")]).rule
    'finite'
    """
    total = len(faults) if total is None else total
    first = faults[0]
    listed = "\n".join(f"  - {fault}" for fault in faults[:MAX_FAULTS])
    more = f"\n  ... and {total - MAX_FAULTS:,} more" if total > MAX_FAULTS else ""
    return DataError(
        f"{file}: {total:,} {'place' if total == 1 else 'places'} that cannot be right:\n{listed}{more}",
        hint=hint or "compare with the publisher's file; fetch it again if it may be cut or damaged, else report it with this message",
        file=file,
        line=first.line,
        column=first.column,
        value=first.value,
        rule=first.rule,
        failures=tuple(faults[:MAX_FAULTS]),
        total=total,
    )


class Faults:
    """Collects faults: keeps the first 20, counts all."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.total = 0

    def add(self, line: int | None, column: str | None, value: Any, rule: str) -> None:
        if self.total < MAX_FAULTS:
            self.kept.append(Fault(line, column, value, rule))
        self.total += 1


def choose_layout(names: Sequence[str], layouts: Sequence[Layout], resource: str) -> Layout:
    """The first layout whose contract this header keeps. Raises one `LayoutError` that says what the nearest layout misses.

    >>> a = Layout(id="a", columns=(Column(name="code"), Column(name="count", kind="int64")))
    >>> choose_layout(["code", "count"], [a], "x.csv").id
    'a'
    """
    problems = []
    for layout in layouts:
        try:
            match_header(names, layout, resource)
        except LayoutError as error:
            problems.append(error)
        else:
            return layout
    best = min(problems, key=lambda e: len(e.message))
    if len(problems) == 1:
        raise best
    known = ", ".join(layout.id for layout in layouts)
    raise LayoutError(
        f"{resource}: the header is none of the layouts known ({known}). {best.message}",
        hint=best.hint,
        resource=resource,
        expected=best.expected,
        found=tuple(names),
    )


def match_header(names: Sequence[str], layout: Layout, resource: str) -> list[Slot]:
    """The header held against the layout: one slot a column of the file."""
    duplicates = sorted({n for n in names if list(names).count(n) > 1}) if len(set(names)) < len(names) else []
    wanted = {alias: column for column in layout.columns for alias in column.headers}
    slots = [_slot(name, wanted, layout) for name in names]
    found = [slot.column.name for slot in slots if slot.column is not None]
    doubled = duplicates or sorted({n for n in found if found.count(n) > 1})
    missing = [column.headers[0] for column in layout.columns if column.required and column.name not in found]
    missing += [name for family in layout.families for name in family.expected if name not in found]
    extra = [slot.header for slot in slots if slot.column is None]
    members = {name for family in layout.families for name in family.expected}
    extra += [name for name in found if layout.families and name not in members and name not in {c.name for c in layout.columns} and members]
    disorder = _disorder(found, layout)
    if doubled or missing or disorder or (extra and not layout.extra):
        raise _layout_error(resource, layout, names, {"missing": missing, "extra": extra, "twice": doubled, "out of order": disorder})
    return slots


def _slot(name: str, wanted: dict[str, Column], layout: Layout) -> Slot:
    if name in wanted:
        return Slot(name, wanted[name])
    for family in layout.families:
        if match := re.fullmatch(family.pattern, name):
            return Slot(name, Column(name=family.name(match), kind=family.kind, nullable=family.nullable, minimum=family.minimum))
    return Slot(name, None)


def _disorder(found: list[str], layout: Layout) -> list[str]:
    """The columns that stand where another should."""
    if layout.ordered:
        order = [c.name for c in layout.columns if c.name in found]
        here = [n for n in found if n in set(order)]
        if here != order:
            return [n for n, o in zip(here, order, strict=False) if n != o]
    for family in layout.families:
        members = set(family.expected)
        here = [n for n in found if n in members]
        if family.ordered and len(here) == len(family.expected) and here != list(family.expected):
            return [n for n, o in zip(here, family.expected, strict=True) if n != o]
    return []


def _layout_error(resource: str, layout: Layout, names: Sequence[str], faults: dict[str, list[str]]) -> LayoutError:
    renamed = []
    for name in faults["missing"]:
        if close := nearest(name, faults["extra"], n=1):
            renamed.append(f"{name!r} (is it {close[0]!r}?)")
    said = [f"{word}: {', '.join(map(repr, items[:6]))}{' ...' if len(items) > 6 else ''} ({len(items)})" for word, items in faults.items() if items]
    said += [f"perhaps renamed: {', '.join(renamed[:6])}"] if renamed else []
    return LayoutError(
        f"{resource} is not laid out as {layout.id or 'declared'}: {'; '.join(said)}",
        hint="the publisher may have changed the file: update the plugin, or report this message to it",
        resource=resource,
        expected=tuple([c.headers[0] for c in layout.columns] + [n for f in layout.families for n in f.expected]),
        found=tuple(names),
    )


class Bad(str):
    """The rule that a cell breaks, in place of its value."""

    __slots__ = ()


def cell_of(text: str, column: Column, missing: Sequence[str]) -> Any:
    """One cell by its column's rules: its value, null, or the rule it breaks (`Bad`)."""
    if column.kind in ("text", "code"):
        if not column.nullable and not text.strip():
            return Bad("blank")
        return Bad("pattern") if text and column.pattern is not None and not re.fullmatch(column.pattern, text) else text
    if text in missing:
        return None if column.nullable else Bad("blank")
    if column.kind == "date":
        try:
            return dt.datetime.strptime(text, column.format).replace(tzinfo=dt.UTC).date()
        except ValueError:
            return Bad("date")
    return number_of(text.strip(" \t"), column)


def number_of(text: str, column: Column) -> Any:
    if column.thousands and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if column.kind == "float64":
        if not _NUMBER.fullmatch(text):
            return Bad("number")
        value: float = float(text)
        if value in (float("inf"), float("-inf")):
            return Bad("finite")
        if abs(value) >= SAFE_INTEGER and _DIGITS_ALONE.fullmatch(text) and text.lstrip("-0") != str(SAFE_INTEGER):
            return Bad("integer-range")
    else:
        if not _INTEGER.fullmatch(text):
            return Bad("integer")
        value = int(text)
        if not (-(2**31) <= value < 2**31 if column.kind == "int32" else abs(value) <= SAFE_INTEGER):
            return Bad("integer-range")
    return Bad("minimum") if column.minimum is not None and value < column.minimum else value
