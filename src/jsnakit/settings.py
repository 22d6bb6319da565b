"""`jsna.toml`, environment and defaults; and the one strict reader of every TOML and JSON record.

A project is a folder with `jsna.toml`, `jsna.lock` and `chapters/`:

    [jsna]
    area = "E06000009"            # the authority the assessment is about
    area_type = "ltla"
    council = "Blackpool Council"
    edition = "2026-11"
    packs = ["sample"]            # ready-made figures; delete a line to go live
    plugins = []                  # plugins whose targets are used as well

    [site]
    assets = "inline"             # or "split": style sheet and script as files beside the pages, for hosts with a strict policy
    pdf = false                   # true: every chapter, and the whole, also as a PDF (pip install 'jsnakit[pdf]')
    url = "https://..."           # where the site stands, for the feed
    feedback = "jsna@..."         # where readers say what is missing or wrong: an address of a page, or of a mailbox

    [[leads]]                     # who answers for the assessment, as often as there are leads
    name = "..."
    role = "Director of Public Health"
    contact = "..."

    [[coming]]                    # a chapter that is not ready
    title = "Growing old"
    expected = 2027-03-01

    [[publications]]              # an assessment from before this tool: a PDF that stays to be read
    title = "Joint Strategic Needs Assessment 2019"
    file = "earlier/jsna-2019.pdf"
    published = 2019-07-01
    description = "..."

    [store]
    cache = "..."                 # default: the user's cache folder
    offline = false
"""

from __future__ import annotations

import datetime as dt
import enum
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin

import attrs
from attrs import field, frozen

from jsnakit.errors import SettingsError
from jsnakit.model import nearest

__all__ = ["PROJECT_FILE", "Assets", "Coming", "Earlier", "Lead", "Settings", "load_toml", "structure"]

PROJECT_FILE: Final = "jsna.toml"
"""The name of a project's settings file."""

MAX_TOML_BYTES: Final = 1_000_000

_T = TypeVar("_T")


def _exact(kind: type) -> Callable[[Any, Any], Any]:
    def hook(value: Any, asked: Any) -> Any:
        # cattrs asks the hook of `str` for a StrEnum too, which must not stay plain text.
        if asked is not kind and isinstance(asked, type) and issubclass(asked, enum.Enum):
            return _member(value, asked)
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {_WORDS[kind]}")
        return value

    return hook


_WORDS = {str: "text", bool: "true or false", int: "a whole number"}


def _real(value: Any, _: Any) -> float:
    if type(value) not in {int, float} or value != value or value in {float("inf"), float("-inf")}:
        raise TypeError(f"{value!r} is not a finite number")
    return float(value)


def _date(value: Any, _: Any) -> dt.date:
    if type(value) is str:
        value = dt.date.fromisoformat(value)
    if type(value) is not dt.date:
        raise TypeError(f"{value!r} is not a date")
    return value


def _path(value: Any, _: Any) -> Path:
    if type(value) is not str:
        raise TypeError(f"{value!r} is not a path")
    return Path(value)


def _member(value: Any, kind: Any) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"{value!r} is not one of {', '.join(m.value for m in kind)}") from None


@cache
def _converter() -> Any:
    """A cattrs converter that converts nothing silently: 5 is not "5", None is not "None", and an unknown key is an error."""
    import cattrs
    from cattrs.strategies import configure_union_passthrough

    converter = cattrs.Converter(forbid_extra_keys=True)

    def tuples(kind: Any) -> Any:
        item = get_args(kind)[0]

        def hook(value: Any, _: Any) -> Any:
            # Text is a sequence too, of letters: "sample" must not become seven packs.
            if type(value) not in {list, tuple}:
                raise TypeError(f"{value!r} is not a list")
            return tuple(converter.structure(v, item) for v in value)

        return hook

    for kind in _WORDS:
        converter.register_structure_hook(kind, _exact(kind))
    converter.register_structure_hook(float, _real)
    converter.register_structure_hook(dt.date, _date)
    converter.register_structure_hook(Path, _path)
    converter.register_structure_hook_func(lambda kind: isinstance(kind, type) and issubclass(kind, enum.Enum), _member)
    converter.register_structure_hook_factory(_is_open_tuple, tuples)
    configure_union_passthrough(str | bool | int | None, converter)
    return converter


def _is_open_tuple(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is tuple and get_args(kind)[-1:] == (...,)


def structure(mapping: Mapping[str, Any], cls: type[_T], *, where: str, file: str | None = None) -> _T:
    """One record of a TOML or JSON file as an attrs class, strictly: unknown keys and wrong types are errors, nothing is converted silently.

    Raises `SettingsError` naming `where`, the key, and the nearest valid one.

    >>> from jsnakit.model import Headline
    >>> structure({"age": "18+ yrs"}, Headline, where="doc").age
    '18+ yrs'
    """
    known = [a.name for a in attrs.fields(cls)]  # type: ignore[arg-type]  # every class given here is an attrs class
    for key in mapping:
        if key not in known:
            close = nearest(str(key), known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"its keys are {', '.join(known)}"
            raise SettingsError(f"{where}: unknown key {key!r}", hint=hint, file=file, key=str(key))
    try:
        result: _T = _converter().structure(dict(mapping), cls)
    except Exception as error:  # cattrs raises groups of whatever the hooks raise
        problems = _flatten(error)
        raise SettingsError(f"{where}: {'; '.join(problems)}", hint="mend the value in the file", file=file) from error
    return result


def _flatten(error: BaseException) -> list[str]:
    import cattrs

    try:
        if isinstance(error, cattrs.BaseValidationError):
            said = cattrs.transform_error(error, format_exception=_say)
            # A key that is missing is not "in" itself.
            return [re.sub(r"^(the key '(\w+)' is missing) @ \$\.\2$", r"\1", text).replace(" @ $.", " in ").replace(" @ $", "") for text in said]
    except RecursionError:
        return ["nested too deeply"]
    return [_say(error, None)]


def _say(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"the key {error.args[0]!r} is missing"
    return str(error) or type(error).__name__


def load_toml(path: Path) -> dict[str, Any]:
    """A TOML file as plain values. Raises `SettingsError` naming file and line where it cannot be read."""
    name = str(path)
    try:
        if path.stat().st_size > MAX_TOML_BYTES:
            raise SettingsError(f"{name} is larger than {MAX_TOML_BYTES:,} bytes", hint="this is not a settings file", file=name)
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{name} does not exist", hint="`jsnakit new FOLDER --area NAME` makes a project", file=name) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{name} is not valid TOML: {error}", hint="mend the line it names", file=name) from error
    except OSError as error:
        raise SettingsError(f"{name} cannot be read: {error.strerror}", file=name) from error


class Assets(enum.StrEnum):
    """Where the style sheet and the script of a site stand: in every page, which is then whole by itself, or in two files beside them."""

    INLINE = "inline"
    SPLIT = "split"


@frozen(kw_only=True)
class Lead:
    """Somebody who answers for the assessment."""

    name: str = field(validator=attrs.validators.min_len(1))
    role: str = ""
    contact: str = ""


@frozen(kw_only=True)
class Coming:
    """A chapter that is not ready, and when it is expected."""

    title: str = field(validator=attrs.validators.min_len(1))
    expected: dt.date | None = None
    note: str = ""


@frozen(kw_only=True)
class Earlier:
    """An assessment from before this tool: a PDF in the project's folder, when it was published, and what it is."""

    title: str = field(validator=attrs.validators.min_len(1))
    file: str = field(validator=attrs.validators.min_len(1))
    published: dt.date
    description: str = ""


_TABLES: Final = ("jsna", "site", "store")
_LISTS: Final = ("leads", "coming", "publications")


@frozen(kw_only=True)
class Settings:
    """What a project says of itself, with the environment and the defaults filled in.

    `JSNAKIT_CACHE` and `JSNAKIT_OFFLINE=1` override the file. Addresses of test servers, plugins' secrets and other things that could weaken a guard are not settings.
    """

    folder: Path | None = None
    area: str | None = None
    area_type: str | None = None
    title: str = "Joint Strategic Needs Assessment"
    council: str = ""
    edition: str = ""
    contact: str = ""
    packs: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    comparators: tuple[str, ...] = ()
    assets: Assets = Assets.INLINE
    pdf: bool = False
    url: str = ""
    feedback: str = ""
    leads: tuple[Lead, ...] = ()
    coming: tuple[Coming, ...] = ()
    publications: tuple[Earlier, ...] = ()
    cache: Path | None = None
    offline: bool = False
    stale_if_error: bool = field(default=False)

    @classmethod
    def load(cls, folder: Path | str | None = None) -> Settings:
        """The settings of a project folder, or the defaults without one. Raises `SettingsError` for anything it does not understand."""
        values: dict[str, Any] = {}
        if folder is not None:
            path = Path(folder) / PROJECT_FILE
            document = load_toml(path)
            _known_tables(document, path)
            project, site = {"cache", "offline", "stale_if_error"}, {"assets", "pdf", "url", "feedback"}
            for table, allowed in (
                ("jsna", {a.name for a in attrs.fields(cls)} - project - site - {"folder", *_LISTS}),
                ("site", site),
                ("store", project),
            ):
                for key in document.get(table, {}):
                    if key not in allowed:
                        close = nearest(key, sorted(allowed), 1)
                        raise SettingsError(
                            f"{path}: unknown key {key!r} in [{table}]",
                            hint=f"did you mean {close[0]!r}?" if close else f"its keys are {', '.join(sorted(allowed))}", file=str(path), key=key,
                        )  # fmt: skip
                values |= document.get(table, {})
            values |= {name: document[name] for name in _LISTS if name in document}
        settings = structure(values, cls, where=str(folder or "settings")) if values else cls()
        if folder is not None:
            settings = attrs.evolve(settings, folder=Path(folder))
        return _with_environment(settings)


def _known_tables(document: Mapping[str, Any], path: Path) -> None:
    """Refuse a table that means nothing, and one that is written as another kind of thing than it is. Raises `SettingsError`."""
    for table, value in document.items():
        if table not in (*_TABLES, *_LISTS):
            close = nearest(table, [*_TABLES, *_LISTS], 1)
            named = [f"[{t}]" for t in _TABLES] + [f"[[{t}]]" for t in _LISTS]
            raise SettingsError(
                f"{path}: unknown table [{table}]", hint=f"its tables are {', '.join(named[:-1])} and {named[-1]}{', did you mean ' + close[0] if close else ''}",
                file=str(path), key=table,
            )  # fmt: skip
        if table in _TABLES and not isinstance(value, dict):
            raise SettingsError(f"{path}: {table} must be a table", hint=f"write [{table}] on a line of its own", file=str(path), key=table)
        if table in _LISTS and not (isinstance(value, list) and all(isinstance(v, dict) for v in value)):
            raise SettingsError(
                f"{path}: {table} must be a list of tables", hint=f"write [[{table}]] on a line of its own, once for each", file=str(path), key=table
            )


def _with_environment(settings: Settings) -> Settings:
    changed: dict[str, Any] = {}
    if folder := os.environ.get("JSNAKIT_CACHE"):
        changed["cache"] = Path(folder)
    offline = os.environ.get("JSNAKIT_OFFLINE")
    if offline is not None:
        if offline not in {"0", "1", ""}:
            raise SettingsError(f"JSNAKIT_OFFLINE is {offline!r}", hint="set it to 1 or 0", key="JSNAKIT_OFFLINE")
        changed["offline"] = offline == "1"
    return attrs.evolve(settings, **changed) if changed else settings
