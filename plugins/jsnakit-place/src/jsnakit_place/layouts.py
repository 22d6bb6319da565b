"""The layouts of the files as data: one TOML file for each run of years and each table, and the headings that every column is known by."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen

from jsnakit.errors import SettingsError
from jsnakit.model import nearest
from jsnakit.settings import structure
from jsnakit_place.rounds import Round, round_from, rounds

__all__ = ["TESTED", "ColumnWords", "PlaceLayout", "Placing", "Register", "columns", "folded", "layout_from", "own_files", "place_header", "register"]

TESTED: Final = ("real files", "transcribed figures", "described schema", "refused")
"""How far a layout was tried, from best to worst."""

_KINDS: Final = ("code", "text", "score", "marks", "number", "rating", "flag", "year")
_LEVELS: Final = ("site", "organisation")
_SCORE_WORDS: Final = re.compile(
    r"\b(score|scores|clean\w*|food|hydration|privacy|dignity|well\s?being|condition|appearance|maintenance|dementia|disab\w*|environment|rating|awarded)\b"
)


def folded(text: str) -> str:
    """A heading without what publishers change at a whim: case, spaces, punctuation, the sign for per cent.

    >>> folded("Privacy, Dignity & Wellbeing (%)")
    'privacy dignity and wellbeing'
    """
    return " ".join(re.sub(r"[^a-z0-9&]+", " ", text.casefold()).replace("&", " and ").split())


@frozen(kw_only=True)
class ColumnWords:
    """One column that files may have: the kind of its cells, its known headings, and the status of a cell without a score where the rules say what the gap means."""

    name: str
    kind: str
    header: tuple[str, ...]
    absent: str = "not_available"


@frozen(kw_only=True)
class PlaceLayout:
    """One table of one run of years: its level, the columns that must be there and those that may be, and further headings of these years alone.

    `years` is empty where any year will do. `tested` says how far the layout was tried; `source` where it is known from.
    """

    id: str
    programme: str
    level: str
    required: tuple[str, ...]
    years: tuple[int, ...] = ()
    optional: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    tested: str = "described schema"
    source: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(factory=dict)
    file: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it knows."""
        return (*self.required, *self.optional)

    def fits_year(self, year: int | None) -> bool:
        """Whether it is a layout of this year (or the year is not known)."""
        return year is None or not self.years or year in self.years


@frozen(kw_only=True)
class Placing:
    """A header held against one layout: which column each heading is, and what speaks against it.

    `missing` are required columns that no heading means; `foreign` headings that mean a column this layout does not have; `suspect` ones that look like a score and are unknown;
    `twice` columns that two headings mean; `extra` what is left over and harmless.
    """

    layout: PlaceLayout
    found: Mapping[int, str]
    missing: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    suspect: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the header is of this layout, without any doubt."""
        return not (self.missing or self.foreign or self.suspect or self.twice)

    @property
    def distance(self) -> tuple[int, int]:
        """How far it is from fitting: to name the nearest layout in an error."""
        return (len(self.missing) + len(self.foreign) + len(self.suspect) + len(self.twice), -len(self.found))

    def problems(self, words: Mapping[str, ColumnWords]) -> str:
        """What speaks against it, in words."""
        said = []
        if self.missing:
            listed = ", ".join(f"{name} ({words[name].header[0]!r}{_perhaps(words[name], (*self.suspect, *self.extra))})" for name in self.missing)
            said.append(f"no column for {listed}")
        if self.foreign:
            said.append(f"columns that this layout does not have: {', '.join(map(repr, self.foreign))}")
        if self.suspect:
            said.append(f"columns that look like scores and are unknown: {', '.join(map(repr, self.suspect))}")
        if self.twice:
            said.append(f"two columns each for {', '.join(self.twice)}")
        return "; ".join(said)


def _perhaps(column: ColumnWords, headings: Sequence[str]) -> str:
    best = next((close[0] for h in column.header if (close := nearest(h, list(headings), 1))), None)
    return f"; is it {best!r}?" if best else ""


@frozen(kw_only=True)
class Register:
    """Every layout, column and round that the source reads by."""

    layouts: tuple[PlaceLayout, ...]
    columns: Mapping[str, ColumnWords]
    rounds: Mapping[int, Round]

    def of_year(self, year: int | None) -> list[PlaceLayout]:
        """The layouts of a year, those made for it before those of any year."""
        return sorted((x for x in self.layouts if x.fits_year(year)), key=lambda x: (not x.years, x.id))

    def words(self, layout: PlaceLayout) -> dict[str, str]:
        """The folded headings of a layout, each with its column. A layout's own heading goes before a shared one."""
        shared = {folded(h): name for name in layout.columns for h in self.columns[name].header}
        return shared | {folded(h): name for name, listed in layout.headers.items() for h in listed}

    def foreign(self) -> frozenset[str]:
        """Every folded heading that means some column of scores, marks, ratings or codes in some layout, or says that a row is a site."""
        # Without its codes a table of sites looks like one of organisations but for what the sites are called.
        telling = {c.name for c in self.columns.values() if c.kind not in {"text", "number", "flag", "year"}} | {"site_name", "site_type"}
        return frozenset(folded(h) for name in telling for h in self.columns[name].header)


def place_header(headings: Sequence[str], layout: PlaceLayout, known: Register, *, percent: Iterable[int] = ()) -> Placing:
    """Hold a header against a layout. `percent` are the places of columns whose cells are mostly percentages in text: unknown, they are suspect whatever they are called."""
    words, elsewhere, percent = known.words(layout), known.foreign(), set(percent)
    found: dict[int, str] = {}
    foreign, suspect, extra = [], [], []
    for i, heading in enumerate(headings):
        key = folded(heading)
        if key in words:
            found[i] = words[key]
        elif not key and i not in percent:
            continue
        elif key in elsewhere:
            foreign.append(heading)
        elif i in percent or _SCORE_WORDS.search(key):
            suspect.append(heading)
        else:
            extra.append(heading)
    names = list(found.values())
    return Placing(
        layout=layout,
        found=found,
        missing=tuple(n for n in layout.required if n not in names),
        foreign=tuple(foreign),
        suspect=tuple(suspect),
        twice=tuple(sorted({n for n in names if names.count(n) > 1})),
        extra=tuple(extra),
    )


def layout_from(table: dict[str, Any], where: str, known: Mapping[str, ColumnWords]) -> PlaceLayout:
    """One layout from its TOML table. Raises `SettingsError` naming `where` and the key."""
    layout = evolve(structure(table, PlaceLayout, where=where), file=where)
    unknown = [n for n in (*layout.columns, *layout.headers) if n not in known]
    if unknown:
        close = nearest(unknown[0], list(known), 1)
        raise SettingsError(
            f"{where}: there is no column {unknown[0]!r}",
            hint=f"did you mean {close[0]!r}?" if close else "see columns.toml",
            file=where,
            key=unknown[0],
        )
    for bad, what in ((layout.level not in _LEVELS, "level"), (layout.tested not in TESTED, "tested"), (not layout.required, "required")):
        if bad:
            raise SettingsError(f"{where}: {what} cannot be so", hint="copy a layout that is there and change it", file=where, key=what)
    return layout


@functools.cache
def columns() -> Mapping[str, ColumnWords]:
    """The columns by name. Raises `SettingsError` for a kind there is none of."""
    document = tomllib.loads(resources.files(__package__).joinpath("columns.toml").read_text(encoding="utf-8"))
    made = {name: structure({"name": name, **table}, ColumnWords, where=f"columns.toml, {name}") for name, table in document.items()}
    wrong = [c.name for c in made.values() if c.kind not in _KINDS]
    if wrong:
        raise SettingsError(f"columns.toml: the kind of {wrong[0]} is none of {', '.join(_KINDS)}", file="columns.toml", key=wrong[0])
    return made


def register(folder: Path | None = None) -> Register:
    """The layouts of the package, and those of a folder of one's own, where one is named: a TOML file each, which may carry a `[[collection]]` of a new year.

    Raises `SettingsError` naming the file and the key.

    >>> [x.id for x in register().of_year(2024)]
    ['2024-organisations', '2024-sites', 'beds-sites']
    """
    return _register(own_files(folder))


def own_files(folder: Path | None) -> tuple[tuple[str, bytes], ...]:
    """The layouts of a folder, as they stand now: name and bytes. Raises `SettingsError` where the folder cannot be read."""
    if folder is None:
        return ()
    try:
        found = tuple((path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.suffix == ".toml")
    except OSError as error:
        raise SettingsError(
            f"the folder of layouts {folder} cannot be read: {error.strerror or error}", file=str(folder), hint="name a folder"
        ) from error
    if not found:
        raise SettingsError(
            f"the folder of layouts {folder} has no TOML file", file=str(folder), hint="`python -m jsnakit_place layout FILE --out FOLDER` writes one"
        )
    return found


@functools.cache
def _register(own: tuple[tuple[str, bytes], ...]) -> Register:
    packaged = sorted((f for f in resources.files(__package__).joinpath("layouts").iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    known = columns()
    made: dict[str, PlaceLayout] = {}
    added: dict[int, Round] = {}
    # One's own come last: a layout of the same id takes the place of the package's.
    for name, data in (*((f.name, f.read_bytes()) for f in packaged), *own):
        try:
            table = tomllib.loads(data.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name} cannot be read: {error}", hint="it must be a TOML file of one layout", file=name) from error
        added |= {r.year: r for r in (round_from(c, name) for c in table.pop("collection", []))}
        layout = layout_from(table, name, known)
        made[layout.id] = layout
    return Register(layouts=tuple(made.values()), columns=known, rounds=dict(rounds()) | added)
