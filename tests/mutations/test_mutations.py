"""Real files, damaged in every way a disk, a network or a hand can: each ends in a typed error, or in a table with the same keys in which only the damaged cells differ.

`nox -s faults -- -k mutations -rP` runs 20,000 of them (and 2,000 ZIP files and 500 workbooks) and prints the seed and the counts; `JSNAKIT_MUTATION_SEED` chooses another seed,
`JSNAKIT_MUTATIONS` another number.
A failing line names specimen, number and mutations; the same seed and number give the same file again (`mutant(specimen, seed, number)`).

What was damaged is told by another reader than ours (Python's csv): a cell of an accepted table may differ from the true one only where that reader sees another text.
"""

from __future__ import annotations

import csv
import functools
import gzip
import io
import os
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from attrs import frozen

from jsnakit.errors import DataError, JsnakitError
from jsnakit.files import SourceFile
from jsnakit.sources import Resource
from jsnakit.tabular import Column, Fault, Layout, data_error, read_csv, read_sheet
from jsnakit_rtt.layout import LAYOUTS
from jsnakit_rtt.parse import parse_extract

SEED = int(os.environ.get("JSNAKIT_MUTATION_SEED", "20261124"))
SHARES = {"rtt": 0.5, "ae": 0.25, "health-index": 0.25}
"""How the files are divided among the specimens."""

# --- specimens ---------------------------------------------------------------------------------------------------------


@frozen
class Specimen:
    """A piece of a real file, how it is parsed, and which columns are its key."""

    name: str
    data: bytes
    layouts: Sequence[Layout]
    parse: Callable[[SourceFile], pa.Table]
    key: tuple[str, ...]

    @functools.cached_property
    def truth(self) -> dict[tuple[str, ...], tuple[dict[str, str], dict[str, Any]]]:
        """The texts and the parsed cells of every row, by key."""
        return self.cells(self.data, self.parse(self.file(self.data)))

    def file(self, data: bytes) -> SourceFile:
        return SourceFile.from_bytes(data, name=f"{self.name}.csv")

    def cells(self, data: bytes, table: pa.Table) -> dict[tuple[str, ...], tuple[dict[str, str], dict[str, Any]]]:
        """The texts as another reader sees them, beside the parsed cells. Rows stand in the order of the file."""
        names = read_csv(self.file(data), self.layouts).column_names
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
        parsed = table.to_pylist()
        assert len(lines) == len(parsed), f"{len(parsed)} rows were made of {len(lines)} lines"
        found = {}
        for line, row in zip(lines, parsed, strict=True):
            texts = dict(zip(names, line, strict=True))
            found[tuple(str(row[k]) for k in self.key)] = texts, row
        assert len(found) == len(lines), "a key is there twice"
        return found


def rtt(path: Path) -> Specimen:
    """Whole groups (provider, commissioner, part) of a trust's extract, of every part: the gates hold of them."""
    head, *lines = path.read_bytes().splitlines(keepends=True)
    groups: dict[tuple[str, ...], list[bytes]] = {}
    for line, row in zip(lines, csv.reader(text.decode() for text in lines), strict=True):
        groups.setdefault((row[7], row[9]), []).append(line)
    taken: list[bytes] = []
    for part in ("Part_1A", "Part_1B", "Part_2", "Part_2A", "Part_3"):
        fitting = sorted((rows for key, rows in groups.items() if key[1] == part and len(rows) > 2), key=len)
        taken += [line for rows in fitting[:3] for line in rows]
    return Specimen(
        "rtt",
        head + b"".join(taken),
        LAYOUTS,
        lambda file: parse_extract(Resource(url=file.name), file),
        ("provider", "commissioner", "part", "function"),
    )


def _numbered(names: Sequence[str], **more: Any) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind="int32", nullable=False, minimum=0, **more) for name in names)


def gated(layout: Layout, key: tuple[str, ...], gate: Callable[[pa.Table, str], None]) -> Callable[[SourceFile], pa.Table]:
    """What a source does with such a file: read, hold the key unique, hold the file's own sums."""

    def parse(file: SourceFile) -> pa.Table:
        table = read_csv(file, layout)
        if table.select(list(key)).group_by(list(key)).aggregate([]).num_rows < table.num_rows:
            raise data_error(file.name, [Fault(None, key[-1], None, "unique-key")])
        gate(table, file.name)
        return table

    return parse


def ae(path: Path, *others: Path) -> Specimen:
    """A month of A&E figures, whole: its last row is the total of all the others, and its organisations are known from other months."""
    data = path.read_bytes()
    known = {(row[1], row[3]) for other in others for row in csv.reader(io.StringIO(other.read_text("utf-8-sig"))) if len(row) > 3}
    header = next(csv.reader([data.splitlines()[0].decode()]))
    texts = (
        Column(name="Period", kind="code", nullable=False, pattern=r"MSitAE-[A-Z]+-\d{4}|TOTAL"),
        Column(name="Org Code", nullable=False, pattern="[A-Z0-9]{3,6}|TOTAL"),
        Column(name="Parent Org", kind="code"),
        Column(name="Org name"),
    )
    layout = Layout(id="ae", columns=(*texts, *_numbered(header[4:])), ordered=True)

    def gate(table: pa.Table, file: str) -> None:
        if len(table["Period"].unique()) != 1:
            raise data_error(file, [Fault(None, "Period", None, "one-period")])
        foreign = [pair for pair in zip(table["Org Code"].to_pylist(), table["Org name"].to_pylist(), strict=True) if pair not in known]
        if foreign:
            raise data_error(file, [Fault(None, "Org Code", foreign[0], "known-organisation")])
        is_total = pc.equal(table["Org Code"], "TOTAL")
        for name in header[4:]:
            total, parts = pc.sum(table[name].filter(is_total)).as_py(), pc.sum(table[name].filter(pc.invert(is_total))).as_py()
            if total is None or total != parts:
                raise data_error(file, [Fault(None, name, total, "total-is-sum")])

    return Specimen("ae", data, (layout,), gated(layout, ("Org Code",), gate), ("Org Code",))


def health_index(path: Path) -> Specimen:
    """Some areas of the Health Index: a full grid of area, year and indicator."""
    head, *lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    wanted = (b"E06000001,", b"E06000002,", b"E06000009,")
    indicators = (b",Physical activity,", b",Anxiety,", b",Job-related training,")
    taken = [line for line in lines if line.startswith(wanted) and any(i in line for i in indicators)]
    layout = Layout(
        id="health-index",
        columns=(
            Column(name="ltla21_code", kind="code", nullable=False, pattern=r"E0[6789]\d{6}"),
            Column(name="year", kind="int32", nullable=False, minimum=2015),
            Column(name="indicator", kind="code", nullable=False),
            Column(name="value", kind="float64"),
        ),
        ordered=True,
    )

    def gate(table: pa.Table, file: str) -> None:
        sizes = [len(table[name].unique()) for name in ("ltla21_code", "year", "indicator")]
        if table.num_rows != sizes[0] * sizes[1] * sizes[2] or not table.num_rows:
            raise data_error(file, [Fault(None, None, None, "full-grid")])

    key = ("ltla21_code", "year", "indicator")
    return Specimen("health-index", head + b"".join(taken), (layout,), gated(layout, key, gate), key)


@pytest.fixture(scope="module")
def specimens(real_data: Callable[[str], Path]) -> dict[str, Specimen]:
    made = (
        rtt(real_data("rtt/2024-11_rtt_extract_RBD_only.csv")),
        ae(*(real_data(f"ae/{month}.csv") for month in ("February-2026-CSV-Dl8t54", "January-2026-CSV-S6H81b", "March-2026-CSV-G49lw"))),
        health_index(real_data("healthindex/england_health_index_indicators_2015_2021.csv.gz")),
    )
    return {specimen.name: specimen for specimen in made}


# --- mutations of bytes ------------------------------------------------------------------------------------------------


Mutator = Callable[[random.Random, bytes], bytes]


def spliced(data: bytes, at: int, gone: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + gone :]


def flip(c: random.Random, d: bytes) -> bytes:
    at = c.randrange(len(d))
    return spliced(d, at, 1, bytes([d[at] ^ 1 << c.randrange(8)]))


def other_byte(c: random.Random, d: bytes) -> bytes:
    return spliced(d, c.randrange(len(d)), 1, c.randbytes(1))


def delete(c: random.Random, d: bytes) -> bytes:
    return spliced(d, c.randrange(len(d)), c.choice((1, 1, 2, 5, 40)), b"")


ODD_BYTES = (
    b",",
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b"0",
    b"-",
    b".",
    b" ",
    b"\t",
    b"e",
    b"+",
    b"'",
    b";",
    b"\xff",
    b"\xe9",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    b"\xd9\xa3",
    b"<",
)


def insert(c: random.Random, d: bytes) -> bytes:
    return spliced(d, c.randrange(len(d) + 1), 0, c.choice(ODD_BYTES) if c.random() < 0.7 else c.randbytes(c.randint(1, 3)))


def places(d: bytes, of: bytes) -> list[int]:
    return [i for i, byte in enumerate(d) if byte in of]


def cut(c: random.Random, d: bytes) -> bytes:
    """Anywhere, after a cell, or after a line."""
    kind = c.random()
    return d[
        : c.randrange(len(d))
        if kind < 0.5
        else c.choice(places(d, b",")) + c.randint(0, 1)
        if kind < 0.8
        else c.choice(places(d, b"\n")) + c.randint(0, 1)
    ]


def cut_out(c: random.Random, d: bytes) -> bytes:
    """A block in the middle lost, as when pages of a download are."""
    return spliced(d, c.randrange(len(d)), c.choice((512, 1000, 4096)), b"")


def block_again(c: random.Random, d: bytes) -> bytes:
    at = c.randrange(len(d))
    return spliced(d, at, 0, d[max(0, at - c.choice((10, 512, 4096))) : at])


def zeroed(c: random.Random, d: bytes) -> bytes:
    at = c.randrange(len(d))
    return d[:at] + b"\0" * min(c.choice((1, 16, 512)), len(d) - at) + d[at + 512 :]


def comma_moved(c: random.Random, d: bytes) -> bytes:
    found = places(d, b",")
    gone = spliced(d, c.choice(found), 1, b"")
    return spliced(gone, c.randrange(len(gone)), 0, b",") if c.random() < 0.5 else spliced(gone, c.choice(places(gone, b",")), 0, b",")


def line_ends(c: random.Random, d: bytes) -> bytes:
    new = c.choice((b"\r", b"\r\n", b"", b"\n\n", b"\r\r\n", b" \n", b",\n"))
    if c.random() < 0.3:
        return d.replace(b"\n", new)
    at = c.choice(places(d, b"\n"))
    return spliced(d, at, 1, new)


def whole(c: random.Random, d: bytes) -> bytes:
    """Another encoding, another delimiter, twice the file, a page."""
    return c.choice((
        lambda: d.decode().encode("utf-16"),
        lambda: b"\xef\xbb\xbf\xef\xbb\xbf" + d.removeprefix(b"\xef\xbb\xbf"),
        lambda: d.replace(b",", b";"),
        lambda: d + d,
        lambda: b"<html>" + d,
        lambda: d + b"</html>\n",
        lambda: b"\n" + d,
        lambda: b"",
    ))()  # fmt: skip


# --- mutations of lines and cells --------------------------------------------------------------------------------------


def in_lines(change: Callable[[random.Random, list[bytes]], None]) -> Mutator:
    def mutate(c: random.Random, d: bytes) -> bytes:
        lines = d.splitlines(keepends=True)
        if len(lines) > 2:
            change(c, lines)
        return b"".join(lines)

    mutate.__name__ = change.__name__
    return mutate


@in_lines
def line_twice(c: random.Random, lines: list[bytes]) -> None:
    lines.insert(c.randrange(len(lines) + 1), c.choice(lines))


@in_lines
def line_gone(c: random.Random, lines: list[bytes]) -> None:
    del lines[c.randrange(len(lines))]


@in_lines
def lines_swapped(c: random.Random, lines: list[bytes]) -> None:
    a, b = c.randrange(len(lines)), c.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]


@in_lines
def lines_shuffled(c: random.Random, lines: list[bytes]) -> None:
    rest = lines[1:]
    c.shuffle(rest)
    lines[1:] = rest


def in_cells(change: Callable[[random.Random, list[list[str]]], None]) -> Mutator:
    """A change of the table as a spreadsheet would make it, written as the publisher writes."""

    def mutate(c: random.Random, d: bytes) -> bytes:
        text = d.decode("utf-8", "surrogateescape")
        end = "\r\n" if "\r\n" in text else "\n"
        try:
            table = list(csv.reader(io.StringIO(text.replace("\0", ""), newline="")))
        except csv.Error:
            return d
        table = [row for row in table if row]
        if len(table) < 3:
            return d
        change(c, table)
        out = io.StringIO()
        csv.writer(out, lineterminator=end).writerows(table)
        return out.getvalue().encode("utf-8", "surrogateescape")

    mutate.__name__ = change.__name__
    return mutate


def somewhere(c: random.Random, table: list[list[str]]) -> tuple[int, int]:
    """A cell under the header, more often one that holds something."""
    for _ in range(6):
        r = c.randrange(1, len(table))
        k = c.randrange(len(table[r]))
        if table[r][k]:
            break
    return r, k


@in_cells
def digit_changed(c: random.Random, table: list[list[str]]) -> None:
    r, k = somewhere(c, table)
    found = [i for i, ch in enumerate(table[r][k]) if ch.isdigit()]
    if found:
        at = c.choice(found)
        table[r][k] = table[r][k][:at] + str(c.randrange(10)) + table[r][k][at + 1 :]


CELLS = (
    "",
    "0",
    "1",
    "-1",
    "x",
    "NA",
    "null",
    "*",
    "-",
    "1.5",
    "1e3",
    "1e400",
    "inf",
    "nan",
    "99999999999999999999",
    "2147483648",
    "9007199254740993",
    "1,000",
    "0x1F",
    "+1",
    "5E1",
)
CELLS += (
    "007",
    " 1",
    "1 ",
    '"',
    "=1+1",
    "RBD",
    "C_999",
    "Part_2",
    "TOTAL",
    "E06000009",
    "01/04/2023",
    "12 345",
    "\u0663",
    "\ufeff",
    "\u200b",
    "\n",
    "\r",
    "a,b",
)


@in_cells
def cell_replaced(c: random.Random, table: list[list[str]]) -> None:
    r, k = somewhere(c, table)
    table[r][k] = c.choice(CELLS)


@in_cells
def cell_of_another_row(c: random.Random, table: list[list[str]]) -> None:
    """A code for a code, a number for a number."""
    r, k = somewhere(c, table)
    table[r][k] = c.choice([row[k] for row in table[1:] if k < len(row)])


@in_cells
def cell_of_another_column(c: random.Random, table: list[list[str]]) -> None:
    r, k = somewhere(c, table)
    table[r][k] = c.choice(table[r])


@in_cells
def cells_swapped(c: random.Random, table: list[list[str]]) -> None:
    (r, k), (s, m) = somewhere(c, table), somewhere(c, table)
    if c.random() < 0.6:
        s = r
    if m < len(table[s]) and k < len(table[r]):
        table[r][k], table[s][m] = table[s][m], table[r][k]


@in_cells
def cell_gone(c: random.Random, table: list[list[str]]) -> None:
    """The rest of the row moves to the left; sometimes something is added at its end."""
    r, k = somewhere(c, table)
    table[r].pop(k)
    if c.random() < 0.5:
        table[r].append("")


@in_cells
def column_changed(c: random.Random, table: list[list[str]]) -> None:
    """A column lost, doubled, moved or renamed, or one field too many on every row."""
    k = c.randrange(len(table[0]))
    m = c.randrange(len(table[0]))
    kind = c.randrange(6)
    for number, row in enumerate(table):
        if max(k, m) >= len(row):
            continue
        if kind == 0:
            row.pop(k)
        elif kind == 1:
            row.insert(m, row[k])
        elif kind == 2:
            row.insert(m, row.pop(k))
        elif kind == 3 and number == 0:
            row[k], row[m] = row[m], row[k]
        elif kind == 4 and number == 0:
            row[k] = c.choice((row[k].lower(), row[k] + " ", row[k][1:], "x", ""))
        elif kind == 5 and number:
            row.append("")


MUTATORS: tuple[tuple[Mutator, int], ...] = (
    (flip, 10), (other_byte, 10), (delete, 8), (insert, 12), (cut, 6), (cut_out, 2), (block_again, 2), (zeroed, 2), (comma_moved, 6), (line_ends, 3), (whole, 1),
    (line_twice, 2), (line_gone, 2), (lines_swapped, 2), (lines_shuffled, 1),
    (digit_changed, 16), (cell_replaced, 14), (cell_of_another_row, 10), (cell_of_another_column, 6), (cells_swapped, 6), (cell_gone, 4), (column_changed, 3),
)  # fmt: skip


def mutant(specimen: Specimen, seed: int, number: int) -> tuple[bytes, list[str]]:
    """The damaged file of this number, and how it was damaged: once, or now and then twice or three times."""
    chance = random.Random(f"{specimen.name} {seed} {number}")
    data, done = specimen.data, []
    for _ in range(chance.choices((1, 2, 3), (8, 1, 1))[0]):
        (mutate,) = chance.choices([m for m, _ in MUTATORS], [w for _, w in MUTATORS])
        done.append(mutate.__name__)
        data = mutate(chance, data) if data.count(b"\n") > 1 and b"," in data else data
    return data, done


# --- judging -----------------------------------------------------------------------------------------------------------


def verdict(specimen: Specimen, data: bytes) -> str:
    """What became of one damaged file; raises `AssertionError` where the table is not what it may be."""
    try:
        table = specimen.parse(specimen.file(data))
    except JsnakitError as error:
        return type(error).__name__ if not isinstance(error, DataError) else f"DataError, {error.rule}"
    found, truth = specimen.cells(data, table), specimen.truth
    assert found.keys() <= truth.keys(), f"other keys: {sorted(found.keys() ^ truth.keys())[:4]}"
    changed = 0
    for key, (texts, row) in found.items():
        true_texts, true_row = truth[key]
        if row == true_row:
            continue
        for column, cell in row.items():
            if cell != true_row[column]:
                changed += 1
                assert texts[column] != true_texts[column], f"{key} {column}: {cell!r} instead of {true_row[column]!r}, though its text is unchanged"
    if found.keys() < truth.keys():
        # Rows lost whole, with their total or as a file of its own: nothing in a bare CSV tells. In a ZIP its checksum does, and against a lock the hash.
        assert_told_by_an_archive(specimen, data)
        return "accepted: whole rows gone, which a ZIP's checksum tells"
    return "accepted: damaged cells differ and no others" if changed else "accepted: equal to the undamaged table"


def assert_told_by_an_archive(specimen: Specimen, data: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{specimen.name}.csv", specimen.data)
    with pytest.raises(JsnakitError):
        specimen.parse(SourceFile.from_bytes(packed.getvalue().replace(specimen.data, data), name=f"{specimen.name}.zip"))


def report(title: str, counts: Counter[str]) -> None:
    print(f"\n{title}: {counts.total():,} mutated files, seed {SEED}")
    for what, count in sorted(counts.items(), key=lambda item: (item[0].startswith("accepted"), -item[1])):
        print(f"  {count:>7,}  {what}")
    refused = sum(count for what, count in counts.items() if not what.startswith("accepted"))
    print(f"  {refused:>7,}  refused in all")


TOTAL = int(os.environ.get("JSNAKIT_MUTATIONS", "20000"))
RUNS = [
    pytest.param(name, round(total * share), id=f"{name}-{round(total * share)}", marks=marks)
    for total, marks in ((300, ()), (TOTAL, (pytest.mark.faults,)))
    for name, share in SHARES.items()
]  # fmt: skip


@pytest.mark.parametrize(("name", "files"), RUNS)
def test_mutations_end_in_a_typed_error_or_change_only_what_they_touched(specimens: dict[str, Specimen], name: str, files: int) -> None:
    specimen = specimens[name]
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(files):
        data, done = mutant(specimen, SEED, number)
        try:
            counts[verdict(specimen, data)] += 1
        except AssertionError as error:
            wrong.append(f"{name} number {number} ({', '.join(done)}): {str(error).splitlines()[0]}")
        except Exception as error:  # noqa: BLE001  # whatever is not one of ours is what this test looks for
            wrong.append(f"{name} number {number} ({', '.join(done)}): {type(error).__name__}: {error}")
    report(name, counts)
    assert not wrong, f"{len(wrong)} of {files} with seed {SEED}:\n" + "\n".join(wrong[:40])
    assert len(counts) > 5


def test_mutations_of_nothing_change_nothing(specimens: dict[str, Specimen]) -> None:
    for specimen in specimens.values():
        assert verdict(specimen, specimen.data) == "accepted: equal to the undamaged table"
        assert len(specimen.truth) >= 40


# --- archives and workbooks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [pytest.param(60, id="60"), pytest.param(2000, id="2000", marks=pytest.mark.faults)])
def test_mutations_of_a_zip_are_refused_or_read_the_same(specimens: dict[str, Specimen], files: int) -> None:
    specimen = specimens["rtt"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rtt.csv", specimen.data)
    good, truth = packed.getvalue(), specimen.parse(specimen.file(specimen.data))
    counts: Counter[str] = Counter()
    for number in range(files):
        chance = random.Random(f"zip {SEED} {number}")
        data = chance.choice((flip, other_byte, delete, insert, cut, cut_out, block_again, zeroed))(chance, good)
        # The two directories of a ZIP are where a change may pass unseen, so they are met as often as the data.
        if chance.random() < 0.5:
            at = chance.choice((chance.randrange(40), len(good) - 1 - chance.randrange(110)))
            data = spliced(good, at, 1, chance.randbytes(1))
        try:
            table = specimen.parse(SourceFile.from_bytes(data, name="rtt.zip"))
        except JsnakitError as error:
            counts[f"{type(error).__name__}, {getattr(error, 'rule', None)}"] += 1
        else:
            counts["accepted"] += 1
            assert table.equals(truth), f"number {number} with seed {SEED}"
    report("zip", counts)
    assert counts["accepted"] < files / 2


@pytest.mark.parametrize("files", [pytest.param(20, id="20"), pytest.param(500, id="500", marks=pytest.mark.faults)])
def test_mutations_of_a_workbook_end_in_a_typed_error_or_change_only_what_they_touched(specimens: dict[str, Specimen], files: int) -> None:
    specimen = specimens["health-index"]
    head, *lines = csv.reader(io.StringIO(specimen.data.decode()))
    kinds: tuple[Callable[[str], Any], ...] = (str, int, str, lambda text: float(text) if text else None)
    truth = [[kind(cell) for kind, cell in zip(kinds, line, strict=True)] for line in lines]

    def book(table: list[list[Any]]) -> bytes:
        made = openpyxl.Workbook()
        for row in [head, *table]:
            made.active.append(row)
        buffer = io.BytesIO()
        made.save(buffer)
        return buffer.getvalue()

    def parse(data: bytes) -> list[list[Any]]:
        table = read_sheet(SourceFile.from_bytes(data, name="w.xlsx")).table(specimen.layouts[0], "year")
        return [list(row.values()) for row in table.to_pylist()]

    assert parse(book(truth)) == truth
    counts: Counter[str] = Counter()
    for number in range(files):
        chance = random.Random(f"workbook {SEED} {number}")
        table = [list(row) for row in truth]
        r, k = chance.randrange(len(table)), chance.randrange(4)
        table[r][k] = chance.choice([None, -1, 0, 1e300, 2**60, True, "x", "5E1", 50.0, "#N/A", table[r - 1][k], table[r][3 - k], "", " "])
        if chance.random() < 0.2:
            table[r] = []
        data = book(table)
        if chance.random() < 0.3:
            data = chance.choice((flip, other_byte, delete, cut, zeroed))(chance, data)
        try:
            found = parse(data)
        except JsnakitError as error:
            counts[f"{type(error).__name__}, {getattr(error, 'rule', None)}"] += 1
            continue
        counts["accepted"] += 1
        assert len(found) == len(truth) - (not table[r] and r == len(truth) - 1), f"number {number} with seed {SEED}"
        differing = [(i, j) for i, row in enumerate(found) for j, cell in enumerate(row) if cell != truth[i][j]]
        assert set(differing) <= {(r, k)}, f"number {number} with seed {SEED}: {differing[:3]}"
    report("workbook", counts)
