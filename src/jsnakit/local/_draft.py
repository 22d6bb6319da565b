"""Look at a file and write the TOML that describes it, as far as it can be recognised; what cannot is said, with its row and column."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from jsnakit.errors import AmbiguousAreaError, DataError, InvalidValueError, JsnakitError, LayoutError, UnknownAreaError
from jsnakit.files import SourceFile
from jsnakit.local._areas import OwnAreas, read_areas
from jsnakit.local._cells import SEXES, TOTALS, figure_of, period_of
from jsnakit.local._describe import AREAS_FILE, DATA_SUFFIXES, FOLDER, Dimension, described
from jsnakit.local._grid import Grid, cell_text, header_names, read_grid, sheets_of
from jsnakit.local._margins import age_span
from jsnakit.local._read import read_described
from jsnakit.tabular import column_letters

__all__ = ["Draft", "draft"]

_MEANT: Final[Mapping[str, str]] = {
    "*": "suppressed", "c": "suppressed", "[c]": "suppressed", "suppressed": "suppressed", "..": "not_available", "x": "not_available", "[x]": "not_available",
    "z": "not_applicable", "[z]": "not_applicable", "n/a": "not_applicable", "not applicable": "not_applicable", "": "not_available", "#n/a": "not_available",
}  # fmt: skip
_FEWER: Final = re.compile(
    r"(?:<|less than |fewer than |under )\s?(\d{1,3})|(\d{1,2}) or (?:fewer|less)|(\d)\s?(?:-|to|\N{EN DASH})\s?(\d{1,2})", re.IGNORECASE
)
_PERIODS: Final = re.compile(
    r"\bQ[1-4] \d{4}(?:/\d{2,4})?|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[ -]\d{2,4}\b"
    r"|\b(?:19|20)\d{2} ?[/\N{EN DASH}-] ?(?:(?:19|20)\d{2}|\d{2})\b|\b(?:19|20)\d{2}\b", re.IGNORECASE,
)  # fmt: skip
_SEX_WORD: Final = re.compile(r"\b(?:Females?|Males?|Women|Men|Girls|Boys|Persons|People|Both sexes)\b", re.IGNORECASE)
_AREA_WORDS: Final = re.compile(
    r"\b(area|ward|locality|localit|district|authority|council|practice|pcn|network|neighbourhood|place|lsoa|msoa|region|trust|borough|parish)",
    re.IGNORECASE,
)
_TYPES: Final = ("ltla", "utla", "region", "country", "icb", "sub_icb", "trust", "nhs_region")
_ROLES: Final = (
    ("lower", re.compile(r"\b(lower|lci|lcl|low(?:er)? ?ci|ll)\b", re.IGNORECASE)),
    ("upper", re.compile(r"\b(upper|uci|ucl|ul)\b", re.IGNORECASE)),
    (
        "value",
        re.compile(
            r"(%|\b(rate|percent\w*|pct|proportion|share|prevalence|per [\d,]+|value|mean|average|avg|median|score|index|ratio|dsr|smr)\b)",
            re.IGNORECASE,
        ),
    ),
    (
        "denominator",
        re.compile(
            r"\b(population|pop|denominator|list size|eligible|people aged|residents|households|dwellings|base)\b|^\W*(people|persons|patients|children|adults|pupils)\W*$",
            re.IGNORECASE,
        ),
    ),
    ("count", re.compile(r".")),
)
_MANY: Final = 12


@frozen(kw_only=True)
class Draft:
    """A drafted description: the TOML's `text`, where it would be written (`path`), and what is `missing` before the file can be read (empty: it reads)."""

    path: Path
    text: str
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    def write(self) -> Path:
        """Write it beside the file. Raises `DataError` where there is a description already: it is never overwritten."""
        try:
            with self.path.open("x", encoding="utf-8", newline="\n") as handle:
                handle.write(self.text)
        except FileExistsError:
            raise DataError(
                f"{self.path} is there already, and is not overwritten",
                hint="move it away first, or print the draft without --write",
                file=str(self.path),
                rule="exists",
            ) from None
        return self.path


@define
class _Seen:
    """What was recognised so far in one sheet."""

    grid: Grid
    top: int
    header_rows: int
    names: tuple[str, ...]
    body: list[int]
    notes: list[str] = field(factory=list)
    missing: list[str] = field(factory=list)
    unplaced: list[str] = field(factory=list)
    skip: list[str] = field(factory=list)
    used: set[int] = field(factory=set)

    @property
    def below(self) -> int:
        return self.top + self.header_rows

    def values(self, column: int) -> list[tuple[int, Any]]:
        """The cells of a column under the header, with their rows."""
        return [(i, self.grid.cell(i, column)) for i in self.body]

    def filled(self, column: int) -> list[tuple[int, str]]:
        return [(i, text) for i, cell in self.values(column) if (text := cell_text(cell))]


def draft(path: Path | str, *, sheet: str | None = None) -> Draft:
    """Look at a CSV file or a workbook and draft its description.

    Nothing is guessed in silence: what was taken for what stands in comments to check, and what could not be placed is named with its row and column. A draft without `missing` has been
    tried: the file reads by it. Own areas are known where the file lies in a project's `local/` folder. Raises `LayoutError` where the file is no table at all.
    """
    path = Path(path)
    if path.suffix.lower() not in DATA_SUFFIXES:
        raise LayoutError(
            f"{path.name} is neither a CSV file nor a workbook",
            hint=f"it must end in {', '.join(DATA_SUFFIXES)}",
            resource=path.name,
            expected="a table",
            found=path.suffix,
        )
    file = SourceFile.from_path(path)
    areas = read_areas(path.parent)
    encoding, delimiter = _text_form(file) if path.suffix.lower() == ".csv" else ("utf-8-sig", ",")
    seen, sheet, others = _best_sheet(file, sheet, encoding, delimiter)
    toml_path = path.with_suffix(".toml")
    lines = _Lines(seen, areas, _home(path), path.stem).written(path, sheet, others, encoding, delimiter)
    text = "\n".join(lines) + "\n"
    missing = list(dict.fromkeys(seen.missing))
    if not missing:
        try:
            read_described(described(toml_path, tomllib.loads(text)), file, areas)
        except JsnakitError as error:
            missing.append(f"the file does not read by this draft yet: {error.message}")
    if missing:
        text += "\n# Still missing:\n" + "".join(f"#   {line}\n" for said in missing for line in said.splitlines())
    return Draft(path=toml_path, text=text, missing=tuple(missing))


def _text_form(file: SourceFile) -> tuple[str, str]:
    """The encoding and the delimiter of a CSV file."""
    data = file.read()
    try:
        text, encoding = data.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError:
        text, encoding = data.decode("cp1252", "replace"), "cp1252"
    counts = {d: sum(d in line for line in text.splitlines()[:200]) for d in (",", ";", "\t")}
    best = max(counts, key=lambda d: (counts[d], d == ","))
    return encoding, best if counts[","] * 2 < counts[best] else ","


def _home(path: Path) -> str | None:
    """The area of the project in whose `local/` folder the file lies."""
    from jsnakit.settings import PROJECT_FILE, Settings

    if path.resolve().parent.name != FOLDER or not (path.resolve().parent.parent / PROJECT_FILE).exists():
        return None
    settings = Settings.load(path.resolve().parent.parent)
    return f"{settings.area_type or 'ltla'}:{settings.area}" if settings.area else None


# -- the table in the sheet ----------------------------------------------------------------------------------------------------------


def _best_sheet(file: SourceFile, asked: str | None, encoding: str, delimiter: str) -> tuple[_Seen, str | None, list[str]]:
    """The sheet asked for, or the one with the largest table; and the others that hold one."""
    names = sheets_of(file)
    if not names or asked is not None:
        grid = read_grid(file, asked, encoding=encoding, delimiter=delimiter)
        seen = _table_in(grid)
        if seen is None:
            raise LayoutError(
                f"{grid.name}: no table of figures was found",
                hint="a table has a header row with words, and rows of numbers under it",
                resource=file.name,
                expected="a table",
                found=(),
            )
        return seen, asked if len(names) > 1 else None, []
    found = [(name, seen) for name in names if (seen := _table_in(read_grid(file, name))) is not None]
    if not found:
        raise LayoutError(
            f"{file.name}: no sheet holds a table of figures",
            hint=f"its sheets are {', '.join(map(repr, names))}",
            resource=file.name,
            expected="a table",
            found=names,
        )
    best = max(found, key=lambda f: len(f[1].body) * len(f[1].names))
    return best[1], best[0] if len(names) > 1 else None, [name for name, _ in found if name != best[0]]


def _number_like(cell: Any) -> bool:
    figure = figure_of(cell, {}, percent=True)
    return figure is not None


def _year_like(cell: Any) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d{2}", cell_text(cell)))


def _mark_like(text: str) -> bool:
    return (
        (text.casefold() in _MEANT and text != "") or bool(_FEWER.fullmatch(text)) or bool(re.fullmatch(r"[-.:*~\N{EN DASH}]{1,3}|\[\w{1,3}\]", text))
    )


def _is_body(row: Sequence[Any]) -> bool:
    """Whether a row has a figure: a number that is no year, or a mark, beside words."""
    filled = [c for c in row if cell_text(c)]
    figures = [c for c in filled if (_number_like(c) and not _year_like(c)) or _mark_like(cell_text(c))]
    return len(filled) >= 2 and bool(figures)


def _table_in(grid: Grid) -> _Seen | None:
    body = [i for i, row in enumerate(grid.rows) if _is_body(row)]
    for first in body:
        header = _header_above(grid, first)
        if header is None:
            continue
        top, rows = header
        names = header_names(grid, top, rows)
        if sum(bool(n) for n in names) < 2:
            continue
        enough = max(2, (sum(bool(n) for n in names) + 1) // 2)
        inside = [i for i in range(first, len(grid.rows)) if i in body or sum(bool(cell_text(c)) for c in grid.rows[i]) >= enough]
        return _Seen(grid, top, rows, names, inside)
    return None


def _header_above(grid: Grid, first: int) -> tuple[int, int] | None:
    """The rows right above the first row of figures that are a header: words in more than the first column, three at most."""
    last = first - 1
    # An empty row or a heading may stand between the header and the first figures.
    while last >= max(0, first - 3) and sum(bool(cell_text(c)) for c in grid.rows[last]) < 2:
        last -= 1
    if last < 0 or sum(bool(cell_text(c)) for c in grid.rows[last]) < 2 or _is_body(grid.rows[last]):
        return None
    top = last
    while top > 0 and last - top < 2:
        above = grid.rows[top - 1]
        if not any(cell_text(c) for c in above[1:]) or _is_body(above):
            break
        top -= 1
    return top, last - top + 1


# -- the lines of the description ----------------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
    return slug if re.match(r"[a-z]", slug) else f"figure_{slug}".strip("_")


@define
class _Lines:
    """Writes the description of what was seen."""

    seen: _Seen
    areas: OwnAreas
    home: str | None
    stem: str
    across: dict[str, list[str]] = field(factory=dict)
    lone_period: str = ""

    def written(self, path: Path, sheet: str | None, others: list[str], encoding: str, delimiter: str) -> list[str]:
        """All lines."""
        seen = self.seen
        templates = self._templates()
        area = self._area(templates)
        period = self._period(templates)
        more = [line for name in ("sex", "age") for line in self._breakdown(name, templates)]
        indicators = self._indicators(templates)
        more += self._category()
        marks = self._marks(templates)
        policy = self._policy(indicators)
        self._between()
        head = [
            f"# Drafted by `jsnakit local draft {path.name}`: check each line, and delete the comments you have dealt with.",
            f"file = {_quoted(path.name)}",
        ]
        if sheet is not None:
            head.append(f"sheet = {_quoted(sheet)}")
        if others:
            head.append(f"# These sheets hold tables too: {', '.join(map(_quoted, others))}. Draft them with --sheet NAME.")
        above = [t for row in seen.grid.rows[: seen.top] if (t := " ".join(filter(None, map(cell_text, row))))]
        below = [t for row in seen.grid.rows[max(seen.body) + 1 :] if (t := " ".join(filter(None, map(cell_text, row))))]
        said = next((t for t in (*below, *above) if re.match(r"source\b", t, re.IGNORECASE)), "")
        head += [
            f"source = {_quoted(re.sub(r'^source[: ]*', '', said, flags=re.IGNORECASE))}" if said else '# source = "where the figures come from"'
        ]
        head += ['# owner = "who answers for the figures"', '# licence = "OGL-UK-3.0"', '# caveat = "what a reader must know"']
        head += [f"# above the table: {t:.150}" for t in above[:8]] + [f"# under the table: {t:.150}" for t in below[:8]]
        table = ["", "[table]", f"header = [{', '.join(_quoted(w) for w in self._header_words())}]  # row {seen.top + 1}"]
        if seen.header_rows > 1:
            table.append(f"header_rows = {seen.header_rows}  # rows {seen.top + 1} to {seen.below}, read as: {'; '.join(n for n in seen.names if n)}")
        if seen.skip:
            table.append(f"skip = [{', '.join(_quoted(t) for t in dict.fromkeys(seen.skip))}]  # rows with one of these are left out")
        if encoding != "utf-8-sig":
            table.append(f"encoding = {_quoted(encoding)}")
        if delimiter != ",":
            table.append(f"delimiter = {_quoted(delimiter)}")
        unplaced = [f"# not placed: {said}" for said in seen.unplaced]
        return [
            *head,
            *([""] if unplaced else []),
            *unplaced,
            *table,
            *area,
            *period,
            *more,
            *marks,
            *policy,
            *[line for i in indicators for line in i],
        ]

    def _header_words(self) -> list[str]:
        """Words that tell the header: cells of each of its rows, the fewest that are found once."""
        seen = self.seen
        words: list[str] = []
        for i in range(seen.top, seen.below):
            texts = [t for c in seen.grid.rows[i] if (t := cell_text(c))]
            words += texts[:1] if seen.header_rows > 1 else texts[:3]
        return list(dict.fromkeys(words))

    # -- what lies across ----------------------------------------------------------------------------------------------------------------

    def _templates(self) -> dict[int, tuple[str, dict[str, str]]]:
        """Each column of figures with its name as a template, and the labels taken out of it."""
        made: dict[int, tuple[str, dict[str, str]]] = {}
        for column, name in enumerate(self.seen.names):
            if not name or not self._of_figures(column):
                continue
            labels: dict[str, str] = {}
            template = name
            for dimension, pattern in (("period", _PERIODS), ("sex", _SEX_WORD)):
                if match := pattern.search(template):
                    labels[dimension] = match[0]
                    template = f"{template[: match.start()]}{{{dimension}}}{template[match.end() :]}"
            made[column] = (template, labels)
        for dimension in ("period", "sex"):
            found = {labels[dimension] for _, labels in made.values() if dimension in labels}
            if len(found) == 1 and dimension == "period":
                self.lone_period = next(iter(found))
            if len(found) < 2:
                made = {
                    c: (t.replace(f"{{{dimension}}}", ls[dimension]) if dimension in ls else t, {k: v for k, v in ls.items() if k != dimension})
                    for c, (t, ls) in made.items()
                }
            else:
                self.across[dimension] = list(dict.fromkeys(labels[dimension] for _, labels in made.values() if dimension in labels))
        return made

    def _of_figures(self, column: int) -> bool:
        cells = [cell for _, cell in self.seen.values(column)]
        filled = [c for c in cells if cell_text(c)]
        figures = [c for c in filled if _number_like(c) or _mark_like(cell_text(c))]
        if not filled or len(figures) * 2 < len(filled):
            return False
        years = all(_year_like(c) or (isinstance(c, str) and not _number_like(c)) for c in filled) and any(_year_like(c) for c in filled)
        return not years and not re.search(r"\bcode\b", self.seen.names[column], re.IGNORECASE)

    # -- places --------------------------------------------------------------------------------------------------------------------------

    def _area(self, templates: Mapping[int, Any]) -> list[str]:
        seen = self.seen
        best: tuple[int, int, int, str] | None = None
        for column in range(len(seen.names)):
            if column in templates or not seen.names[column]:
                continue
            texts = dict.fromkeys(t for _, t in seen.filled(column) if t.casefold() not in TOTALS)
            for rank, kind in enumerate((*self.areas.types, *_TYPES)):
                hits = sum(self._is(t, kind) for t in texts)
                score = (hits, int(bool(re.search(r"\bcode\b", seen.names[column], re.IGNORECASE))), -rank)
                if hits and hits * 2 >= len(texts) and (best is None or score > (*best[:3][:1], best[1], best[2])):
                    best = (*score[:1], score[1], score[2], f"{column}\0{kind}")
        if best is None:
            return self._unknown_areas(templates)
        column, kind = int(best[3].partition("\0")[0]), best[3].partition("\0")[2]
        return self._known_areas(column, kind)

    def _is(self, text: str, kind: str) -> bool:
        try:
            self.areas.find(text, type=kind)
        except AmbiguousAreaError:
            return True
        except (UnknownAreaError, InvalidValueError):
            return False
        return True

    def _known_areas(self, column: int, kind: str) -> list[str]:
        seen = self.seen
        seen.used.add(column)
        means: dict[str, str] = {}
        lost: dict[str, int] = {}
        for i, text in seen.filled(column):
            if self._is(text, kind) or text in means:
                continue
            if _total_word(text):
                if self.home is not None:
                    means[text] = self.home
                else:
                    seen.skip.append(text)
                    seen.notes.append(f"row {i + 1}: {text!r} is left out; to keep it, say under [area.means] which area it is for")
                continue
            other = next((k for k in _TYPES if k != kind and self._is(text, k)), None)
            if other is not None:
                means[text] = f"{other}:{self.areas.find(text, type=other).code}" if self._sure(text, other) else text
            else:
                lost.setdefault(text, i)
        lines = ["", "[area]", f"column = {_quoted(seen.names[column])}  # column {column_letters(column)}", f"type = {_quoted(kind)}"]
        if any(not cell_text(c) for _, c in seen.values(column)):
            lines.append("fill = true  # an empty cell means the area above it")
        for text, i in list(lost.items())[:_MANY]:
            seen.missing.append(
                f"row {i + 1}, column {column_letters(column)}: {text!r} is no {kind} known here: say under [area.means] what it means, or leave it out with skip"
            )
        if kind == "ltla" and all(self._is(t, "utla") for _, t in seen.filled(column) if not _total_word(t) and t not in means):
            lines.append('# every one of these is an upper-tier authority too: write type = "utla" if that is meant')
        lines += [f"# {note}" for note in seen.notes]
        if means:
            lines += ["[area.means]", *(f"{_quoted(text)} = {_quoted(code)}" for text, code in means.items())]
        return lines

    def _sure(self, text: str, kind: str) -> bool:
        try:
            self.areas.find(text, type=kind)
        except (AmbiguousAreaError, UnknownAreaError):
            return False
        return True

    def _unknown_areas(self, templates: Mapping[int, Any]) -> list[str]:
        seen = self.seen
        texts = [
            c
            for c in range(len(seen.names))
            if c not in templates and seen.names[c] and seen.filled(c) and not all(_number_like(x) for _, x in seen.filled(c))
        ]
        column = next((c for c in texts if _AREA_WORDS.search(seen.names[c])), None)
        if column is None:
            if self.home is not None:
                seen.notes.append("no column names areas: the figures are taken to be of the area of the project")
                return ["", "[area]", f"value = {_quoted(self.home)}  # no column names areas: taken to be the area of the project"]
            seen.missing.append("[area]: no column holds names or codes of areas")
            return ["", "[area]", '# column = "..."  # no column holds names or codes of areas; or value = "E06000009" for all rows']
        seen.used.add(column)
        names = [t for t in dict.fromkeys(t for _, t in seen.filled(column)) if not _total_word(t)]
        kind = _slug(re.sub(r"\b(name|code)\b", "", seen.names[column], flags=re.IGNORECASE))
        seen.missing.append(
            f"[area]: the {len(names)} areas of column {column_letters(column)} are not known: describe them in {FOLDER}/{AREAS_FILE} (see the comment), then draft again"
        )
        for _, text in seen.filled(column):
            if _total_word(text) and self.home is None:
                seen.skip.append(text)
        lines = [
            "",
            "[area]",
            f"column = {_quoted(seen.names[column])}  # column {column_letters(column)}",
            f"type = {_quoted(kind)}",
            f"# For {FOLDER}/{AREAS_FILE}:",
        ]
        within = f', in = "{self.home.partition(":")[2]}"' if self.home else ""
        lines += [f"#   [[area]]  code = {_quoted(_slug(n))}, name = {_quoted(n)}, type = {_quoted(kind)}{within}" for n in names[:_MANY]]
        if len(names) > _MANY:
            lines.append(f"#   ... and {len(names) - _MANY} more")
        totals = [t for _, t in seen.filled(column) if _total_word(t)]
        if totals and self.home is not None:
            lines += ["[area.means]", *(f"{_quoted(t)} = {_quoted(self.home)}" for t in dict.fromkeys(totals))]
        return lines

    # -- times ---------------------------------------------------------------------------------------------------------------------------

    def _period(self, templates: Mapping[int, Any]) -> list[str]:
        seen = self.seen
        if "period" in self.across:
            labels = self.across["period"]
            lines = ["", "[period]", f"across = [{', '.join(map(_quoted, labels))}]"]
            return lines + self._years(labels, "the header")
        for column in range(len(seen.names)):
            if column in templates or column in seen.used or not seen.names[column]:
                continue
            cells = [c for _, c in seen.values(column) if cell_text(c)]
            if not cells or not all(self._is_period(c) for c in cells):
                continue
            seen.used.add(column)
            lines = ["", "[period]", f"column = {_quoted(seen.names[column])}  # column {column_letters(column)}"]
            if len(cells) < len(seen.body):
                lines.append("fill = true  # an empty cell means the period above it")
            dates = [c for c in cells if not isinstance(c, str | float | int)] + [
                c for c in cells if isinstance(c, str) and re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", cell_text(c))
            ]
            if dates:
                seen.missing.append(
                    f"[period] of: column {column_letters(column)} holds dates: say whether each stands for its day, month, quarter, year or financial_year"
                )
                lines.append('# of = "month"  # day, month, quarter, year or financial_year')
            return lines + self._years([cell_text(c) for c in cells], f"column {column_letters(column)}")
        texts = [self.lone_period] if self.lone_period else []
        texts += [cell_text(c) for row in seen.grid.rows[: seen.top] for c in row if cell_text(c)] + [
            seen.grid.name.partition(", sheet ")[2],
            self.stem,
        ]
        for text in texts:
            found = list(dict.fromkeys(m[0] for m in _PERIODS.finditer(text)))
            if len(found) == 1:
                return ["", "[period]", f"value = {_quoted(found[0])}  # from {text!r:.100}", *self._years(found, "the title")]
        seen.missing.append("[period]: no column and no heading names the period")
        return ["", "[period]", '# value = "2024/25"  # the one period of the file, or column = "..."']

    def _years(self, labels: Iterable[str], where: str) -> list[str]:
        """What `2022-23` means, where it is written."""
        doubtful = [
            t for t in labels if (m := re.fullmatch(r"(\d{4}) ?[-\N{EN DASH}] ?(\d{2}|\d{4})", t)) and (int(m[1]) + 1) % 100 == int(m[2]) % 100
        ]
        return (
            [f'years = "financial"  # {where} has {doubtful[0]!r}: taken for April to March; "calendar" if it is two calendar years']
            if doubtful
            else []
        )

    def _is_period(self, cell: Any) -> bool:
        if isinstance(cell, float) and not _year_like(cell):
            return False
        try:
            period_of(cell, Dimension(column="x", years="" if re.fullmatch(r"\d{4}", cell_text(cell)) else "financial", of="month"))
        except InvalidValueError:
            return False
        return True

    # -- breakdowns ----------------------------------------------------------------------------------------------------------------------

    def _breakdown(self, name: str, templates: Mapping[int, Any]) -> list[str]:
        seen = self.seen
        if name in self.across:
            return ["", f"[{name}]", f"across = [{', '.join(map(_quoted, self.across[name]))}]"]
        for column in range(len(seen.names)):
            texts = {t for _, t in seen.filled(column)}
            if column in templates or column in seen.used or not texts or not seen.names[column]:
                continue
            if name == "sex":
                fits = all(t.casefold() in SEXES or t.casefold() in TOTALS for t in texts) and any(t.casefold() in SEXES for t in texts)
            else:
                ages = sum(age_span(t) is not None or t.casefold() in TOTALS for t in texts)
                fits = bool(re.search(r"\bage", seen.names[column], re.IGNORECASE)) and ages * 2 >= len(texts)
            if fits:
                seen.used.add(column)
                lines = ["", f"[{name}]", f"column = {_quoted(seen.names[column])}  # column {column_letters(column)}"]
                if any(not cell_text(c) for _, c in seen.values(column)):
                    lines.append(f"fill = true  # an empty cell means the {name} above it")
                if not any(t.casefold() in TOTALS for t in texts):
                    lines.append(f'# no row is the total: say with headline = {{ {name} = "..." }} under [[indicator]] which {name} is "the" figure')
                return lines
        return []

    def _category(self) -> list[str]:
        """What is left of the columns with words: one may be the categories, the others are said."""
        seen = self.seen
        left = [c for c in range(len(seen.names)) if c not in seen.used and seen.filled(c)]
        lines: list[str] = []
        for column in left:
            texts = [t for _, t in seen.filled(column)]
            place = f"column {column_letters(column)} ({seen.names[column] or 'without a name'})"
            named = seen.names[column] and len(set(texts)) < len(texts) and len(texts) == len(seen.body)
            if re.search(r"\b(name|code)\b", seen.names[column], re.IGNORECASE) or all(
                any(self._is(t, k) for k in (*self.areas.types, *_TYPES)) for t in dict.fromkeys(texts)
            ):
                seen.unplaced.append(f"{place}: it names the areas a second time")
            elif named and not lines and len(set(texts)) > 1:
                lines = [
                    "",
                    "[category]",
                    f"column = {_quoted(seen.names[column])}  # column {column_letters(column)}: {', '.join(dict.fromkeys(texts[:_MANY]))[:120]}",
                    f"type = {_quoted(seen.names[column].lower())}",
                ]
                if not any(t.casefold() in TOTALS for t in texts):
                    lines.append(
                        '# no row is the total: say with headline = { category_type = "...", category = "..." } under [[indicator]] which is "the" figure'
                    )
            else:
                seen.unplaced.append(f"{place}: {texts[0]!r:.60} in row {seen.filled(column)[0][0] + 1}")
        return lines

    # -- figures -------------------------------------------------------------------------------------------------------------------------

    def _indicators(self, templates: Mapping[int, tuple[str, dict[str, str]]]) -> list[list[str]]:
        seen = self.seen
        groups: dict[str, list[int]] = {}
        for column, (template, labels) in templates.items():
            lacking = [d for d in self.across if d not in labels]
            if lacking:
                seen.unplaced.append(
                    f"column {column_letters(column)} ({seen.names[column]}): it does not lie across by {' and '.join(lacking)}, as other columns do"
                )
                continue
            groups.setdefault(template, []).append(column)
            seen.used.add(column)
        roles: dict[str, list[str]] = {}
        for template in groups:
            # `pct_under_18` is three words.
            plain = re.sub(r"\{\w+\}", "", template).replace("_", " ")
            role = next(r for r, pattern in _ROLES if pattern.search(plain or "count"))
            roles.setdefault(role, []).append(template)
        if not roles.get("value") and not roles.get("count") and roles.get("denominator"):
            roles["count"] = roles.pop("denominator")
        mains = (
            roles.get("value", [])
            if len(roles.get("value", [])) and len(roles.get("count", [])) <= 1
            else roles.get("value", []) + roles.get("count", [])
        )
        mains = mains or roles.get("count", [])
        if not mains:
            seen.missing.append("[[indicator]]: no column of figures was recognised")
            return [["", "[[indicator]]", '# key = "...", name = "...", unit = "...", count = "..."']]
        made = []
        for main in mains:
            made.append(self._indicator(main, roles, groups, alone=len(mains) == 1))
        for role in ("lower", "upper", "denominator"):
            if len(roles.get(role, [])) > 1 or (roles.get(role) and role != "denominator" and len(roles.get("value", [])) > 1):
                for template in roles[role]:
                    seen.unplaced.append(
                        f"column {column_letters(groups[template][0])} ({template}): it looks like the {role} of one of several figures; say of which"
                    )
        return made

    def _indicator(self, main: str, roles: Mapping[str, list[str]], groups: Mapping[str, list[int]], *, alone: bool) -> list[str]:
        plain = " ".join(re.sub(r"\{\w+\}", " ", main).split()).strip(" -:,")
        title = plain or re.sub(r"[-_]+", " ", self.stem).strip().capitalize()
        name = (
            f"{re.sub(r'[-_]+', ' ', self.stem).strip().capitalize()}: {plain}"
            if alone and plain and plain.casefold() not in self.stem.casefold()
            else title
        )
        is_value = main in roles.get("value", [])
        per = re.search(r"per ([\d,]+)", main, re.IGNORECASE)
        percent = "%" in main or re.search(r"percent|proportion|\bpct\b", main.replace("_", " "), re.IGNORECASE)
        unit = "%" if percent else f"per {per[1]}" if per else (plain.lower() or "number") if not is_value else ""
        lines = ["", "[[indicator]]", f"key = {_quoted(_slug(self.stem if alone else plain or self.stem))}", f"name = {_quoted(name)}"]
        if unit:
            lines.append(f"unit = {_quoted(unit)}")
        else:
            lines.append('# unit = "..."  # the header does not say what the value is counted in')
            self.seen.missing.append(
                f"[[indicator]] unit: the header of column {column_letters(groups[main][0])} does not say what {plain!r} is counted in"
            )
        lines.append('# polarity = "lower_is_better"  # or higher_is_better, none; unknown is never judged')
        chosen = {"value" if is_value else "count": main}
        if is_value and len(roles.get("count", [])) == 1 and len(roles.get("value", [])) == 1:
            chosen["count"] = roles["count"][0]
        for role in ("denominator", "lower", "upper"):
            if len(roles.get(role, [])) == 1 and (role == "denominator" or len(roles.get("value", [])) == 1):
                chosen[role] = roles[role][0]
        for role, template in chosen.items():
            where = ", ".join(column_letters(c) for c in groups[template][:_MANY])
            lines.append(f"{role} = {_quoted(template)}  # column{'s' if len(groups[template]) > 1 else ''} {where}")
        if not is_value and "denominator" in chosen:
            lines.append("# per = 1000  # for a rate: the count for each 1,000 of the denominator (and its unit)")
        if is_value and percent:
            numbers = [
                n
                for c in groups[main]
                for _, cell in self.seen.values(c)
                if (f := figure_of(cell, {}, percent=True)) is not None and (n := f.number) is not None
            ]
            if numbers and max(numbers) <= 1.0:
                lines.append("scale = 100  # the cells are fractions, no value is over 1")
        return lines

    def _marks(self, templates: Mapping[int, Any]) -> list[str]:
        seen = self.seen
        found: dict[str, tuple[int, int]] = {}
        for column in templates:
            if column in seen.used:
                for i, cell in seen.values(column):
                    text = cell_text(cell)
                    if not _number_like(cell) and text not in found:
                        found[text] = (i, column)
        if not found:
            return []
        lines = ["", "[marks]"]
        for text, (i, column) in found.items():
            where = f"first in row {i + 1}, column {column_letters(column)}"
            few = _FEWER.fullmatch(text)
            if text.casefold() in _MEANT:
                lines.append(f'{_quoted(text)} = "{_MEANT[text.casefold()]}"  # {where}')
            elif few:
                top = int(few[1]) - 1 if few[1] else int(few[2] or few[4])
                lines.append(f'{_quoted(text)} = {{ status = "suppressed", min = {few[3] or 0}, max = {top} }}  # {where}')
            elif any(c.isdigit() for c in text):
                # A raw count stands in no comment.
                seen.missing.append(
                    f"row {i + 1}, column {column_letters(column)}: words beside a number, so it is neither a number nor a mark: mend the cell"
                )
            else:
                said = "words" if len(text) > 3 else "a mark that different publishers use for different things"
                lines.append(f'# {_quoted(text)} = "..."  # {where}: {said}; suppressed, not_available, not_applicable, not_collected, not_submitted')
                seen.missing.append(f"[marks]: {text!r} ({where}) has no meaning yet")
        return lines

    def _policy(self, indicators: Sequence[Sequence[str]]) -> list[str]:
        counted = all(any(line.startswith("count = ") for line in lines) for lines in indicators)
        lines = ["", "[small_numbers]"]
        if counted:
            return [
                *lines,
                'policy = "raw"  # counts below 5 are withheld; write policy = "published", without below, if the figures are out already',
                "below = 5",
                '# zero = "hidden"  # a count of nobody is withheld too',
            ]
        self.seen.missing.append("[small_numbers] policy: these figures have no counts, so small ones cannot be told: they must be published already")
        return [*lines, '# policy = "published"  # if they are: raw figures need the counts behind them']

    def _between(self) -> None:
        """Words between the rows of the table are headings: they are left out, and said."""
        seen = self.seen
        inside = set(seen.body)
        for i in range(seen.below, max(seen.body)):
            texts = [t for c in seen.grid.rows[i] if (t := cell_text(c))]
            if i in inside or not texts:
                continue
            seen.skip.append(texts[0])
            seen.unplaced.append(f"row {i + 1}: {texts[0]!r:.60} stands between the rows and has no figure; it is left out")


def _total_word(text: str) -> bool:
    return text.casefold() in TOTALS or bool(re.search(r"\btotals?\b", text, re.IGNORECASE))
