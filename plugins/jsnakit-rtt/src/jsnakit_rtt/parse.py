"""One monthly extract as one tidy table, once every gate has held.

The part: one row per provider, commissioner, part and treatment function; codes as dictionaries, the weekly bands wide as int32. A blank band of a row that has
bands is 0 (the sums then match in every month read); bands of Part_3, which has none, stay null. Metadata of the schema: layout, period, release, gates, file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from attrs import frozen
from numpy.typing import NDArray

from jsnakit.errors import DataError, LayoutError
from jsnakit.tabular import MAX_FAULTS, Fault, data_error, read_csv
from jsnakit_rtt.layout import FUNCTIONS, LAYOUTS, PARTS, TOTAL_FUNCTION, bands_of, period_of, refuse_described

if TYPE_CHECKING:
    from jsnakit.files import SourceFile
    from jsnakit.sources import Resource

__all__ = ["GATES", "Extract", "parse_extract", "release_of"]

GATES: Final = (
    "one-period",
    "function-codes",
    "one-parent",
    "one-name",
    "unique-key",
    "total-is-band-sum",
    "total-all-is-sum",
    "no-bands-in-part-3",
    "c999-is-sum",
)
"""What must hold of every extract; each has held in all the months read. Negative counts are refused before, with the types."""

Ints = NDArray[np.int64]
# A hundred and five bands of this many still add up to less than 2**31. England's whole list is half of it.
_ABSURD: Final = 15_000_000
KEEP: Final = ("provider_parent", "provider", "provider_name", "commissioner_parent", "commissioner", "commissioner_name", "part", "function")


@frozen
class Codes:
    """One dictionary column as numbers: `code[i]` indexes `words`."""

    code: NDArray[np.int32]
    words: tuple[str, ...]


@frozen
class Extract:
    """A parsed part with its metadata read: the form in which measures are computed.

    `month` is the first day; `columns` holds the codes of KEEP; `numbers` the int32 columns without nulls.
    """

    table: pa.Table
    month: dt.date
    layout: str
    release: str

    @classmethod
    def of(cls, table: pa.Table) -> Extract:
        """The part that `parse_extract` made, from memory or from a Parquet file."""
        meta = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
        return cls(table, dt.date.fromisoformat(meta["period"]), meta["layout"], meta.get("release", ""))

    def codes(self, name: str) -> Codes:
        """A code column as numbers and words."""
        column = self.table[name]
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        array = column.unify_dictionaries().combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([], pa.dictionary(pa.int32(), pa.string()))
        return Codes(array.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False), tuple(array.dictionary.to_pylist()))

    def numbers(self, name: str) -> NDArray[np.int32]:
        """A number column with nulls as 0 (the gates have proved that sums stay right)."""
        return _filled(self.table[name])

    def bands(self, name: str) -> NDArray[np.int32]:
        """A band as it lies in memory, not copied: only for rows of the parts that have bands, which have no null."""
        array = self.table[name].combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([], pa.int32())
        _, values = array.buffers()
        bare = pa.Array.from_buffers(array.type, len(array), [None, values], offset=array.offset)
        return np.asarray(bare.to_numpy(), dtype=np.int32)


def _filled(column: pa.ChunkedArray) -> NDArray[np.int32]:
    filled = column.fill_null(0) if column.null_count else column
    return np.asarray(filled.to_numpy(), dtype=np.int32)


def release_of(name: str) -> str:
    """The publisher's version in a file's or a link's name: `original`, `revised`, `revised-2` ...

    >>> release_of("Full-CSV-data-file-Jul25-ZIP-4M-revised-2.zip"), release_of("20260228-RTT-February-2026-full-extract.csv")
    ('revised-2', 'original')
    """
    match = re.search(r"revis(?:ed|ion)(?:[-_ ](\d)(?!\d))?", name, re.IGNORECASE)
    if match is None:
        return "original"
    return f"revised-{match[1]}" if match[1] else "revised"


def parse_extract(resource: Resource, data: SourceFile) -> pa.Table:
    """The full CSV extract of one month (a ZIP or its CSV), checked. Raises `LayoutError`, `DataError`, `ArchiveError`."""
    member = data.members()[0] if data.is_zip() else data.name
    try:
        table = read_csv(data, LAYOUTS)
    except LayoutError as error:
        if isinstance(error.found, tuple):
            refuse_described(error.found, data.name)
        raise
    layout = table.schema.metadata[b"layout"].decode()
    if not table.num_rows:
        raise data_error(data.name, [Fault(2, None, None, "no-rows")], hint="the file is cut: it has a header and nothing under it")
    gate = _Gates(table, data.name, bands_of(layout).names)
    month = gate.check()
    release = resource.release or release_of(f"{member} {data.name}")
    metadata = {
        "kind": "extract",
        "layout": layout,
        "period": month.isoformat(),
        "release": release,
        "gates": " ".join(GATES),
        "file": member,
    }
    return gate.tidy().replace_schema_metadata(metadata)


class _Gates:
    """Every gate over one table, each vectorised; the first that fails raises, naming lines, keys and their total."""

    def __init__(self, table: pa.Table, file: str, bands: tuple[str, ...]) -> None:
        self.file = file
        self.first_line = int(table.schema.metadata[b"header_line"]) + 1
        self.raw = table
        self.bands = bands
        self.extract = Extract(table, dt.date.min, "", "")
        self.codes = {name: self.extract.codes(name) for name in ("period", *KEEP, "part_name", "function_name")}
        parts = self.codes["part"]
        lookup = np.array([PARTS.index(word) for word in parts.words], dtype=np.int8)
        self.part = lookup[parts.code]
        self.filled = {name: _filled(table[name]) for name in (*bands, "unknown", "total", "total_all")}
        # Sums of real months fit into 32 bits, at half the cost; of a file with absurd counts they may not.
        self.sums: Any = np.int64 if max(int(v.max()) for v in self.filled.values()) >= _ABSURD else np.int32

    def check(self) -> dt.date:
        month = self._one_period()
        self._functions()
        self._parents()
        self._names()
        starts, order, total_row = self._groups()
        self._sums()
        self._function_totals(starts, order, total_row)
        return month

    def _fail(self, rows: Ints, column: str, rule: str, shown: Callable[[int], Any], hint: str) -> None:
        if len(rows):
            faults = [Fault(self.first_line + int(i), column, shown(int(i)), rule) for i in rows[:MAX_FAULTS]]
            raise data_error(self.file, faults, len(rows), hint=hint)

    def _word(self, name: str, row: int) -> str:
        codes: Codes = self.codes[name]
        return codes.words[int(codes.code[row])]

    def _key(self, row: int) -> str:
        return " ".join(self._word(name, row) for name in ("provider", "commissioner", "part", "function"))

    def _one_period(self) -> dt.date:
        codes = self.codes["period"]
        months = [period_of(word) for word in codes.words]
        common = int(np.bincount(codes.code).argmax())
        bad = np.flatnonzero(np.array([m is None or m != months[common] for m in months])[codes.code])
        if months[common] is None:
            bad = np.flatnonzero(codes.code == common)
        self._fail(bad, "Period", "one-period", lambda i: self._word("period", i), "an extract holds one month, RTT-Month-Year in each row")
        month = months[common]
        assert month is not None
        return month

    def _functions(self) -> None:
        codes = self.codes["function"]
        unknown = np.array([word not in FUNCTIONS for word in codes.words])
        self._fail(
            np.flatnonzero(unknown[codes.code]),
            "Treatment Function Code",
            "function-codes",
            lambda i: self._word("function", i),
            f"the functions known are {', '.join(FUNCTIONS)}; a new one needs a new version of this plugin",
        )

    def _parents(self) -> None:
        for child, column in (("provider", "Provider Parent Org Code"), ("commissioner", "Commissioner Parent Org Code")):
            self._fail(
                self._not_as_first(child, f"{child}_parent"),
                column,
                "one-parent",
                lambda i, c=child: f"{self._word(c, i)} under {self._word(f'{c}_parent', i)!r} and another",  # type: ignore[misc]
                "an organisation has one parent within a month",
            )

    def _names(self) -> None:
        """One name for each code, and for functions and parts one code for each name: a wrong code would keep every sum and be a figure of something else."""
        for code, column, both in (
            ("provider", "Provider Org Code", False),
            ("commissioner", "Commissioner Org Code", False),
            ("part", "RTT Part Type", True),
            ("function", "Treatment Function Code", True),
        ):
            bad = self._not_as_first(code, f"{code}_name")
            if both and not len(bad):
                bad = self._not_as_first(f"{code}_name", code)
            self._fail(
                bad,
                column,
                "one-name",
                lambda i, c=code: f"{self._word(c, i)} called {self._word(f'{c}_name', i)!r}, and elsewhere not",  # type: ignore[misc]
                "within a month a code has one name; compare the code with the name beside it",
            )

    def _not_as_first(self, code: str, other: str) -> Ints:
        """The rows in which `other` is not what it is where the code first stands."""
        codes, others = self.codes[code], self.codes[other]
        first = np.zeros(len(codes.words), dtype=np.int64)
        first[codes.code[::-1]] = np.arange(len(codes.code) - 1, -1, -1)
        return np.flatnonzero(others.code != others.code[first[codes.code]])

    def _groups(self) -> tuple[Ints, Ints | None, NDArray[np.bool_]]:
        """Where each group of provider, commissioner and part begins, and the order that puts it together (null: it is together)."""
        function = self.codes["function"]
        group = (self.codes["provider"].code.astype(np.int64) * len(self.codes["commissioner"].words) + self.codes["commissioner"].code) * len(
            PARTS
        ) + self.part
        key = group * len(function.words) + function.code
        ranked = np.sort(key)
        if (ranked[1:] == ranked[:-1]).any():
            values, counts = np.unique(key, return_counts=True)
            bad = np.flatnonzero(np.isin(key, values[counts > 1]))
            self._fail(bad, "Treatment Function Code", "unique-key", self._key, "provider, commissioner, part and function name one row")
        starts = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
        order = None
        if len(np.unique(group[starts])) != len(starts):
            order = np.argsort(group, kind="stable")
            ordered = group[order]
            starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        is_total = np.array([word == TOTAL_FUNCTION for word in function.words])[function.code]
        return starts, order, is_total

    def _sums(self) -> None:
        band_sum = np.zeros(len(self.part), dtype=self.sums)
        for name in self.bands:
            band_sum += self.filled[name]
        completed = self.part <= 1
        new = self.part == PARTS.index("Part_3")
        total, unknown, total_all = self.filled["total"], self.filled["unknown"], self.filled["total_all"]
        has_total = ~_nulls(self.raw["total"])
        bad = np.flatnonzero((has_total != completed) | (completed & (total != band_sum)))
        self._fail(
            bad,
            "Total",
            "total-is-band-sum",
            lambda i: f"{self._key(i)}: {total[i] if has_total[i] else 'blank'}, bands {band_sum[i]}",
            "Total is the sum of the bands in Part_1A and Part_1B, and blank elsewhere",
        )
        has_unknown = ~_nulls(self.raw["unknown"])
        bad = np.flatnonzero((~new & (total_all != band_sum + unknown)) | (has_unknown & ~completed))
        self._fail(
            bad,
            "Total All",
            "total-all-is-sum",
            lambda i: f"{self._key(i)}: {total_all[i]}, bands {band_sum[i]}, unknown {unknown[i]}",
            "Total All is the sum of the bands, and of the unknown clock starts in Part_1A and Part_1B",
        )
        bad = np.flatnonzero(new & (band_sum > 0))
        self._fail(bad, self.bands[0], "no-bands-in-part-3", self._key, "new periods have no bands")

    def _function_totals(self, starts: Ints, order: Ints | None, is_total: NDArray[np.bool_]) -> None:
        sign = np.where(is_total, -1, 1).astype(self.sums)
        if order is not None:
            sign = sign[order]
        wrong = np.zeros(len(starts), dtype=bool)
        which: dict[int, str] = {}
        for name in (*self.bands, "unknown", "total", "total_all"):
            values = self.filled[name]
            difference = np.add.reduceat((values if order is None else values[order]) * sign, starts, dtype=self.sums)
            if difference.any():
                for g in np.flatnonzero(difference)[:MAX_FAULTS]:
                    which.setdefault(int(g), f"{name} off by {difference[g]}")
                wrong |= difference != 0
        rows = starts[wrong] if order is None else order[starts[wrong]]
        said = dict(zip((int(r) for r in rows), np.flatnonzero(wrong), strict=True))
        self._fail(
            rows,
            "Treatment Function Code",
            "c999-is-sum",
            lambda i: f"{self._key(i).rpartition(' ')[0]}: {which.get(int(said[i]), 'C_999 is not the sum')}",
            "C_999 is the sum of the other functions of the same provider, commissioner and part",
        )

    def tidy(self) -> pa.Table:
        """The columns that are kept, blank bands as 0 in the parts that have bands."""
        new = self.part == PARTS.index("Part_3")
        mask = new if new.any() else None
        arrays: dict[str, Any] = {name: self.raw[name] for name in KEEP}
        arrays |= {name: pa.array(self.filled[name], pa.int32(), mask=mask) for name in self.bands}
        arrays |= {name: self.raw[name] for name in ("total", "unknown", "total_all")}
        return pa.table(arrays)


def _nulls(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(column.is_null().to_numpy(), dtype=bool)


def check_period(table: pa.Table, expected: dt.date | None, file: str) -> None:
    """Raise `DataError` where a listing promised another month than the file holds."""
    month = Extract.of(table).month
    if expected is not None and month != expected:
        raise DataError(
            f"{file} holds {month:%B %Y}, not {expected:%B %Y} as its link says",
            hint="the publisher's page links the wrong file; look at it, or lock the right one",
            file=file,
            column="Period",
            value=month.isoformat(),
            rule="promised-period",
        )
