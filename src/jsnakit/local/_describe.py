"""What the TOML beside a file of the council's own figures says: which table, which columns mean what, and the rule for small numbers."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
from attrs import field, frozen

from jsnakit.errors import SettingsError
from jsnakit.model import TOTAL, Headline, Indicator, Polarity, Theme, nearest
from jsnakit.observations import FLAGS, STATUSES
from jsnakit.settings import load_toml, structure

__all__ = [
    "AREAS_FILE",
    "DATA_SUFFIXES",
    "FOLDER",
    "PREFIX",
    "Described",
    "Dimension",
    "Mark",
    "Measure",
    "SmallNumbers",
    "Table",
    "described",
    "descriptions",
]

FOLDER: Final = "local"
"""The folder of a project in which the council's own figures lie."""

PREFIX: Final = "local"
"""The id of the source, with which the id of each of its indicators starts."""

AREAS_FILE: Final = "areas.toml"
"""The file of that folder that describes the council's own areas."""

DATA_SUFFIXES: Final = (".csv", ".xlsx", ".xlsm", ".xls", ".ods")
"""The kinds of file that are read."""

_AVERAGES: Final = frozenset({"mean", "median", "score", "index", "years", "days"})
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_KEY: Final = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")


class Policy(enum.StrEnum):
    """Whether the figures are out already (`published`: they are left as they are) or not (`raw`: small counts are withheld on entry)."""

    PUBLISHED = "published"
    RAW = "raw"


class Zero(enum.StrEnum):
    """Whether a count of zero is shown, or withheld as a small number is."""

    SHOWN = "shown"
    HIDDEN = "hidden"


@frozen(kw_only=True)
class Table:
    """Where the table is: the words of its header row, how many rows the header takes, and rows to leave out (by the text of any of their cells)."""

    header: tuple[str, ...]
    header_rows: int = 1
    skip: tuple[str, ...] = ()
    encoding: str = "utf-8-sig"
    delimiter: str = ","


@frozen(kw_only=True)
class Dimension:
    """Where the areas, periods, sexes, ages or categories of the figures are.

    One of: `column` (its name in the header), `value` (one for the whole file) or `across` (labels in the header, where a measure's column is written with a placeholder such as
    `{period} Number`). `means` translates cells or labels; `fill` says that an empty cell means the one above; `type` is that of areas (its code) or of categories;
    `years` says what `2022-23` means (`financial` or `calendar`), `of` what a cell that holds a date means (`day`, `month`, `quarter`, `year` or `financial_year`).
    """

    column: str = ""
    value: str = ""
    across: tuple[str, ...] = ()
    means: dict[str, str] = field(factory=dict)
    fill: bool = False
    type: str = ""
    years: str = ""
    of: str = ""


@frozen(kw_only=True)
class Mark:
    """What a cell without a number means: a status, with bounds where the publisher states them; or, behind a number, a flag."""

    status: str = ""
    flag: str = ""
    min: float | None = None
    max: float | None = None


@frozen(kw_only=True)
class SmallNumbers:
    """The rule for small numbers: `policy`, `below` which a count is withheld, whether a `zero` is shown, and a base to round counts to (0: none).

    With `complement`, those of the denominator who are not counted are a count too: 98 of 100 leaves two.
    """

    policy: Policy
    below: int = 0
    zero: Zero = Zero.SHOWN
    round_to: int = 0
    complement: bool = False

    @property
    def raw(self) -> bool:
        """Whether the figures are not public yet."""
        return self.policy is Policy.RAW


@frozen(kw_only=True)
class Measure:
    """One indicator of a file: its words, and the columns of its figures.

    `value`, `count`, `denominator`, `lower` and `upper` name columns (with placeholders for what lies across). Without `value` it is the count, or with `per` the count for each `per` of
    the denominator; `scale` multiplies a printed value (100 where a percentage is kept as a fraction). `total_of` lists keys of indicators of the file that add up to this one.
    """

    key: str
    name: str
    unit: str
    value: str = ""
    count: str = ""
    denominator: str = ""
    lower: str = ""
    upper: str = ""
    per: float | None = None
    scale: float = 1.0
    total_of: tuple[str, ...] = ()
    definition: str = ""
    value_type: str = ""
    theme: Theme | None = None
    polarity: Polarity = Polarity.UNKNOWN
    polarity_source: str = ""
    headline: Headline | None = None
    numerator: str = ""
    denominator_words: str = ""
    frequency: str = ""
    homepage: str = ""
    caveats: tuple[str, ...] = ()
    question: str = ""
    use: str = ""
    keywords: tuple[str, ...] = ()
    decimals: int = 1

    @property
    def id(self) -> str:
        """The indicator's id."""
        return f"{PREFIX}.{self.key}"

    @property
    def columns(self) -> dict[str, str]:
        """The measures that have a column, with its name or template."""
        return {n: c for n in ("value", "count", "denominator", "lower", "upper") if (c := getattr(self, n))}

    @property
    def kind(self) -> str:
        """The type of the value: as stated, else told by what it is made of."""
        if self.value_type:
            return self.value_type
        if self.unit in ("%", "percent"):
            return "proportion"
        return "rate" if self.per is not None or self.value else "count"


@frozen(kw_only=True)
class Described:
    """One file of the council's own figures, with all that its TOML says. `path` is the TOML, `data` the file it describes."""

    path: Path
    data: Path
    table: Table
    area: Dimension
    period: Dimension
    small_numbers: SmallNumbers
    indicator: tuple[Measure, ...]
    sex: Dimension | None = None
    age: Dimension | None = None
    category: Dimension | None = None
    marks: Mapping[str, Mark] = field(factory=dict)
    sheet: str | None = None
    title: str = ""
    source: str = ""
    owner: str = ""
    licence: str = ""
    release: str = ""
    homepage: str = ""
    caveat: str = ""

    @property
    def name(self) -> str:
        """The file as it is called in messages and in the lock: `local/falls.csv`."""
        return f"{FOLDER}/{self.data.name}"

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """The dimensions there are, by name."""
        every = {"area": self.area, "period": self.period, "sex": self.sex, "age": self.age, "category": self.category}
        return {name: d for name, d in every.items() if d is not None}

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators of the file, as core knows them."""
        return tuple(self._indicator(measure) for measure in self.indicator)

    def _indicator(self, measure: Measure) -> Indicator:
        one = {n: d.value for n, d in self.dimensions.items() if n in ("sex", "age", "category") and d.value}
        headline = measure.headline or Headline(
            sex=one.get("sex", TOTAL), age=one.get("age", TOTAL), category=one.get("category", TOTAL),
            category_type=self.category.type if self.category is not None and "category" in one else TOTAL,
        )  # fmt: skip
        small = self.small_numbers
        words = (
            (f"Counts below {small.below} are withheld" + (", with such others as would give them away." if small.below else "."),)
            if small.raw
            else ()
        )
        rounded = (f"Counts are rounded to the nearest {small.round_to}.",) if small.round_to else ()
        return Indicator(
            measure.id, measure.name, unit=measure.unit, definition=measure.definition, value_type=measure.kind, theme=measure.theme,
            polarity=measure.polarity, polarity_source=measure.polarity_source, headline=headline, numerator=measure.numerator,
            denominator=measure.denominator_words, frequency=measure.frequency, licence=self.licence, publisher=self.owner or self.source,
            homepage=measure.homepage or self.homepage, caveats=(*((self.caveat,) if self.caveat else ()), *measure.caveats, *words, *rounded),
            question=measure.question, use=measure.use, area_types=tuple(sorted(self.area_types)), keywords=measure.keywords, decimals=measure.decimals,
        )  # fmt: skip

    @property
    def area_types(self) -> frozenset[str]:
        """The types of area that the file says it is for."""
        stated = {text.partition(":")[0] for text in (*self.area.means.values(), self.area.value) if ":" in text}
        return frozenset({self.area.type, *stated} - {""})


def described(path: Path, document: Mapping[str, Any] | None = None) -> Described:
    """What one TOML says (or, with `document`, would say). Raises `SettingsError` naming the file and the key for whatever is missing, unknown or contradicts itself."""
    where = f"{FOLDER}/{path.name}"
    document = load_toml(path) if document is None else document
    known = [a.name for a in attrs.fields(Described) if a.name not in ("path", "data")] + ["file"]
    for key in document:
        if key not in known:
            close = nearest(key, known, 1)
            raise SettingsError(
                f"{where}: unknown key {key!r}",
                hint=f"did you mean {close[0]!r}?" if close else f"its keys are {', '.join(known)}",
                file=where,
                key=key,
            )
    for key in ("table", "area", "period", "small_numbers", "indicator"):
        if key not in document:
            raise SettingsError(f"{where}: [{key}] is missing", hint="`jsnakit local draft FILE` writes what can be recognised", file=where, key=key)
    values: dict[str, Any] = {"path": path, "data": _data(path, document, where)}
    for key, kind in (
        ("table", Table),
        ("area", Dimension),
        ("period", Dimension),
        ("sex", Dimension),
        ("age", Dimension),
        ("category", Dimension),
        ("small_numbers", SmallNumbers),
    ):
        if key in document:
            values[key] = structure(_a_table(document[key], f"{where}, [{key}]"), kind, where=f"{where}, [{key}]", file=where)
    if not isinstance(document["indicator"], list) or not document["indicator"]:
        raise SettingsError(
            f"{where}: there is no indicator", hint="write [[indicator]] with key, name, unit and its columns", file=where, key="indicator"
        )
    values["indicator"] = tuple(
        structure(_a_table(row, f"{where}, [[indicator]] {i}"), Measure, where=f"{where}, [[indicator]] {i}", file=where)
        for i, row in enumerate(document["indicator"], 1)
    )
    values["marks"] = {text: _mark(text, said, where) for text, said in _a_table(document.get("marks", {}), f"{where}, [marks]").items()}
    for key in ("sheet", "title", "source", "owner", "licence", "release", "homepage", "caveat"):
        if key in document:
            if not isinstance(document[key], str):
                raise SettingsError(f"{where}: {key} is not text", hint=f'write {key} = "..."', file=where, key=key)
            values[key] = document[key]
    found = Described(**values)
    _check(found, where)
    return found


def descriptions(folder: Path) -> tuple[Described, ...]:
    """Every file that the folder describes, by name. Raises `SettingsError`, also where two describe one indicator."""
    found = tuple(described(path) for path in sorted(folder.glob("*.toml")) if path.name != AREAS_FILE)
    owner: dict[str, str] = {}
    for one in found:
        for measure in one.indicator:
            if measure.key in owner:
                raise SettingsError(
                    f"{FOLDER}/{one.path.name}: {measure.id!r} is also described in {owner[measure.key]}",
                    hint="give one of them another key",
                    file=str(one.path),
                    key="key",
                )
            owner[measure.key] = f"{FOLDER}/{one.path.name}"
    names = [one.data.name.casefold() for one in found]
    for one in found:
        if names.count(one.data.name.casefold()) > 1 and one.sheet is None:
            raise SettingsError(
                f"{one.name} is described twice", hint="describe a file once, or each sheet of it (`sheet`)", file=str(one.path), key="file"
            )
    return found


def _a_table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{where} must be a table", hint="see docs: local figures")
    return value


def _data(path: Path, document: Mapping[str, Any], where: str) -> Path:
    name = document.get("file", "")
    if name:
        if not isinstance(name, str) or Path(name).name != name or "\\" in name:
            raise SettingsError(
                f"{where}: file is no plain file name", hint='write the name of a file in the same folder: file = "falls.csv"', file=where, key="file"
            )
        return path.parent / name
    beside = [path.with_suffix(suffix) for suffix in DATA_SUFFIXES if path.with_suffix(suffix).exists()]
    if len(beside) > 1:
        raise SettingsError(
            f"{where}: there are {' and '.join(p.name for p in beside)}", hint=f'say which: file = "{beside[0].name}"', file=where, key="file"
        )
    return beside[0] if beside else path.with_suffix(".csv")


def _mark(text: str, said: Any, where: str) -> Mark:
    if isinstance(said, dict):
        mark = structure(said, Mark, where=f"{where}, [marks] {text!r}", file=where)
    elif said in STATUSES:
        mark = Mark(status=str(said))
    elif said in FLAGS:
        mark = Mark(flag=str(said))
    else:
        known = [*STATUSES, *FLAGS]
        close = nearest(str(said), known, 1)
        raise SettingsError(
            f"{where}, [marks]: {text!r} means {said!r}, which is neither a status nor a flag", file=where, key=text,
            hint=f"did you mean {close[0]!r}?" if close else f"statuses: {', '.join(STATUSES)}; flags: {', '.join(FLAGS)}",
        )  # fmt: skip
    if (mark.status and mark.status not in STATUSES) or (mark.flag and mark.flag not in FLAGS) or bool(mark.status) == bool(mark.flag):
        raise SettingsError(
            f"{where}, [marks]: {text!r} needs one known status or flag",
            hint=f"statuses: {', '.join(STATUSES)}; flags: {', '.join(FLAGS)}",
            file=where,
            key=text,
        )
    if mark.status in ("normal", "low_reliability", "inherited"):
        raise SettingsError(
            f"{where}, [marks]: {text!r} stands for no number, so its status cannot be {mark.status!r}",
            hint="say why there is none: suppressed, not_available ...",
            file=where,
            key=text,
        )
    return mark


def _check(one: Described, where: str) -> None:
    """What no single key can show."""

    def refuse(message: str, hint: str, key: str) -> None:
        raise SettingsError(f"{where}: {message}", hint=hint, file=where, key=key)

    if not one.table.header:
        refuse("[table] header names no word", 'write some words of the header row: header = ["Ward", "Number"]', "header")
    if one.table.header_rows < 1:
        refuse("header_rows must be 1 or more", "count the rows that the header takes", "header_rows")
    for name, d in one.dimensions.items():
        if sum(bool(x) for x in (d.column, d.value, d.across)) != 1:
            refuse(
                f"[{name}] needs one of column, value and across",
                f'write the column that holds it ([{name}] column = "..."), or the one value of the file',
                name,
            )
    if not one.area_types:
        refuse("[area] type is missing", 'say what the areas are: type = "ltla", or a type of areas.toml', "type")
    if one.category is not None and not one.category.type:
        refuse("[category] type is missing", 'say what the categories are: type = "ethnic group"', "type")
    if one.period.years not in ("", "financial", "calendar"):
        refuse(f"[period] years is {one.period.years!r}", 'write "financial" or "calendar"', "years")
    if one.period.of not in ("", "day", "month", "quarter", "year", "financial_year"):
        refuse(f"[period] of is {one.period.of!r}", "write day, month, quarter, year or financial_year", "of")
    small = one.small_numbers
    if small.raw and small.below < 2:
        refuse("raw figures need below = 2 or more", "write the least count that may be shown, for example below = 5", "below")
    if not small.raw and (small.below or small.round_to or small.complement or small.zero is not Zero.SHOWN):
        refuse(
            "published figures are left as they are",
            'write policy = "raw" to withhold small counts, or leave below, zero, round_to and complement out',
            "policy",
        )
    if small.round_to < 0 or small.round_to == 1 or (small.round_to and small.round_to > 2 * small.below):
        refuse(
            f"round_to = {small.round_to} cannot be",
            "a base such as 5, no more than twice `below`: else a count shown would round to nothing",
            "round_to",
        )
    keys = [m.key for m in one.indicator]
    for measure in one.indicator:
        _check_measure(one, measure, keys, refuse)


def _check_measure(one: Described, measure: Measure, keys: list[str], refuse: Any) -> None:
    across = {name for name, d in one.dimensions.items() if d.across}
    said = f"indicator {measure.key!r}"
    if not _KEY.fullmatch(measure.key):
        refuse(f"{said}: not a key", "lower-case letters and digits, joined by _ - or a dot, starting with a letter", "key")
    if keys.count(measure.key) > 1:
        refuse(f"{said} is described twice", "give one of them another key", "key")
    if not measure.value and not measure.count:
        refuse(f"{said} has no column", 'name one: value = "Rate" or count = "Number"', "value")
    if measure.per is not None and (measure.value or not measure.denominator):
        refuse(f"{said}: per works out a rate from count and denominator", "name both, and no value", "per")
    for name, template in measure.columns.items():
        used = set(_PLACEHOLDER.findall(template))
        if unknown := sorted(used - across):
            refuse(f"{said}, {name}: {{{unknown[0]}}} is not across", f"the header holds {', '.join(sorted(across)) or 'nothing'} across", name)
        if missing := sorted(across - used):
            refuse(
                f"{said}, {name}: {missing[0]} lies across, so the column needs {{{missing[0]}}}", f'for example {name} = "{{{missing[0]}}}"', name
            )
    for part in measure.total_of:
        if part not in keys or part == measure.key:
            refuse(f"{said}: total_of names {part!r}, which is no other indicator of this file", f"its keys are {', '.join(keys)}", "total_of")
    small = one.small_numbers
    known = measure.count or measure.kind == "count" or (measure.denominator and measure.kind in _AVERAGES)
    if small.raw and not known:
        refuse(
            f"{said}: a raw figure needs its count",
            f"name the count's column, since a rate and its denominator give the count away; for an average say value_type ({', '.join(sorted(_AVERAGES))}) and the denominator",
            "count",
        )
    if small.round_to and measure.value and measure.kind != "count":
        refuse(
            f"{said}: an exact value would undo the rounding",
            "leave value out and write per = ..., so that it is worked out from the rounded count",
            "value",
        )
