"""The pages that are made from the code itself, so that they cannot say what is not so.

One page a public module; the columns of the two tables; the commands; the register of targets; one page a source. `conf.py` writes them into
`reference/api/` and `reference/sources/` before each build.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from jsnakit._about import About
    from jsnakit.model import Target

COLUMN_MEANINGS: Mapping[str, str] = {
    "indicator": "What is measured: `source.key`, for example `rtt.waiting_list`.",
    "area_scheme": "Whose code the area has: `gss` (statistical geography), `ods` (NHS organisations) or a local scheme.",
    "area_type": "What kind of area it is: `utla`, `ltla`, `icb`, `trust`, `site` ... A unitary is both `utla` and `ltla`, so the type never follows from the code.",
    "area": "The code as published: `E06000009`, `RBD`.",
    "period_start": "The first day of the period (in pandas `datetime64`).",
    "period_duration": "Its length as an ISO 8601 duration: `P1M`, `P1Y`, `P3Y`; `P0D` is a snapshot on its day.",
    "period": "The label as printed: `2021/22`, `2018 - 20`. Shown, never compared.",
    "sex": "`_T` is the total.",
    "age": "As published, for example `18+ yrs`; `_T` is the total.",
    "category_type": "What else the figure is broken down by; `_T` if and only if `category` is.",
    "category": "Which of them, for example a treatment function; `_T` is the total.",
    "value": "The figure, in the indicator's unit. Missing is never 0, and 0 is never missing.",
    "lower": "The lower 95% limit.",
    "upper": "The upper 95% limit.",
    "limits_method": "Who made the limits, and how: `published`, `wilson`, `byars` ...",
    "value_min": "The least that a suppressed, rounded or open-ended figure can be; null where the value is exact.",
    "value_max": "The most that it can be; null where the value is exact, or where there is no upper end.",
    "count": "The numerator as published; null where it was not published.",
    "denominator": "The denominator as published; null where it was not published.",
    "status": "Why the value is here, or why it is not: see below.",
    "flags": "What else the publisher says, sorted, separated by a space: see below.",
    "note": "The publisher's caveat for this row.",
    "origin": "Where the row came from: the short key of a pinned file (`sha256:` and twelve digits), or the derivation and its inputs.",
}

RELATION_MEANINGS: Mapping[str, str] = {
    "from_scheme": "Scheme of the first area.",
    "from_type": "Type of the first area.",
    "from_area": "Code of the first area.",
    "to_scheme": "Scheme of the second.",
    "to_type": "Type of the second.",
    "to_area": "Code of the second.",
    "kind": "How the first stands to the second: `waits_at`, `succeeded_by` ...",
    "period_start": "The first day for which it holds; null where it is not bound to a period.",
    "period_duration": "The length of that period.",
    "weight": "The share of the first that the second has, 0 to 1.",
    "count": "The number behind the share.",
    "note": "What to keep in mind.",
    "origin": "As in observations.",
}

STATUS_MEANINGS: Mapping[str, str] = {
    "normal": "a figure",
    "low_reliability": "a figure that its publisher marks as unreliable",
    "inherited": "a figure taken over from another area or period",
    "suppressed": "withheld, as it could identify people (bounds may be given)",
    "not_submitted": "the organisation should have reported and did not",
    "not_collected": "nobody was asked",
    "not_available": "no row was published, and the publisher does not say why",
    "not_applicable": "there cannot be one",
}

FLAG_MEANINGS: Mapping[str, str] = {
    "provisional": "the publisher expects to change it",
    "revised": "changed since it was first published",
    "estimated": "not counted but estimated",
    "carried_forward": "last year's figure repeated, not measured again",
    "forecast": "of a time that had not come when it was made",
    "break": "not comparable with what came before",
    "rounded": "rounded by the publisher",
}


def write_all(folder: Path) -> list[Path]:
    """Every generated page, written into `folder`; a page that did not change is left alone, so that the build need not read it again."""
    pages = dict(pages_of_modules())
    pages["index.md"] = index_page([name.removesuffix(".md") for name in pages])
    pages["columns.part.md"] = columns_part()
    pages["relations.part.md"] = relations_part()
    pages["statuses.part.md"] = statuses_part()
    pages["commands.part.md"] = commands_part()
    pages["targets.part.md"] = targets_part()
    return _written(folder, pages)


def write_sources(folder: Path) -> list[Path]:
    """A page for each source that is installed, and their index, written into `folder` as `write_all` does. A plugin that cannot be used is an error."""
    from jsnakit._about import about
    from jsnakit._plugins import Plugins
    from jsnakit.errors import PluginError

    found = []
    for entry in Plugins().sources():
        if isinstance(entry, PluginError):
            raise entry
        found.append(about(entry))
    return _written(folder, {"index.md": sources_index(found), **{f"{one.info.id}.md": source_page(one) for one in found}})


def _written(folder: Path, pages: Mapping[str, str]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in sorted(pages)]


def public_modules() -> list[str]:
    """The modules a user or a plugin author may import: no underscore in the name, and an `__all__`."""
    package = importlib.import_module("jsnakit")
    found = [f"jsnakit.{m.name}" for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")]
    return [name for name in sorted(found) if hasattr(importlib.import_module(name), "__all__")]


def homes() -> dict[str, str]:
    """For each name of the root package, the public module that documents it, or the root itself for a name whose home is private."""
    root = importlib.import_module("jsnakit")
    modules = [importlib.import_module(name) for name in public_modules()]
    found = {}
    for name in root.__all__:
        value = getattr(root, name)
        owners = [m.__name__ for m in modules if name in m.__all__ and getattr(m, name) is value]
        found[name] = owners[0] if owners else "jsnakit"
    return found


def pages_of_modules() -> Iterator[tuple[str, str]]:
    """A page for the root package and one for each public module."""
    where = homes()
    lines = ["# jsnakit", "", "```{eval-rst}", ".. automodule:: jsnakit", "   :no-members:", "", "```", "", "| name | what it is |", "|---|---|"]
    root = importlib.import_module("jsnakit")
    for name, module in where.items():
        target = f"{module}.{name}"
        lines.append(f"| {{py:obj}}`{name} <{target}>` | {_cell(_first_line(getattr(root, name)))} |")
    own = [name for name, module in where.items() if module == "jsnakit"]
    lines += ["", "```{eval-rst}", ".. currentmodule:: jsnakit", "", *_entries("jsnakit", own), "```", ""]
    yield "jsnakit.md", "\n".join(lines)
    for name in public_modules():
        module = importlib.import_module(name)
        body = [f"# {name}", "", "```{eval-rst}", f".. automodule:: {name}", "   :no-members:", "", *_entries(name, module.__all__), "```", ""]
        yield f"{name}.md", "\n".join(body)


def _entries(module: str, names: list[str]) -> list[str]:
    """One autodoc entry a name. A name that another public module owns is linked, not described twice."""
    holder = importlib.import_module(module)
    lines = []
    for name in names:
        value = getattr(holder, name)
        owner = getattr(value, "__module__", module)
        elsewhere = [m for m in public_modules() if m != module and owner == m and name in importlib.import_module(m).__all__]
        if elsewhere:
            lines += [f"{name} is documented as :py:obj:`{elsewhere[0]}.{name}`.", ""]
        elif isinstance(value, type):
            lines += [f".. autoclass:: {module}.{name}", "   :members:", *["   :show-inheritance:"] * (value.__bases__ != (object,)), ""]
        elif inspect.isroutine(value):
            lines += [f".. autofunction:: {module}.{name}", ""]
        else:
            lines += [f".. autodata:: {module}.{name}", "   :no-value:", ""]
    return lines


def _first_line(value: object) -> str:
    kind = type(value)
    if kind.__module__.startswith("jsnakit") and not isinstance(value, type):
        return f"{value}"
    return (value.__doc__ or "").strip().split("\n")[0] if callable(value) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def to_markup(_app: object, what: str, name: str, obj: object, _options: object, lines: list[str]) -> None:
    """Turn a docstring, written as plain text with `code` and indented blocks, into reStructuredText (Sphinx's `autodoc-process-docstring`)."""
    text = "\n".join(lines).strip("\n")
    if what == "data" and text == inspect.getdoc(type(obj)):
        # What a plain value "says" is only what its type says.
        text = _said_where_defined(name)
    lines[:] = [*_markup(text.split("\n")), ""] if text else []


def _said_where_defined(name: str) -> str:
    """The string below a value where it is assigned: a package offers values of its private modules under its own name."""
    from sphinx.pycode import ModuleAnalyzer

    module, _, short = name.rpartition(".")
    for inner in sorted(m for m in sys.modules if m.startswith(f"{module}.")):
        docs = ModuleAnalyzer.for_module(inner).find_attr_docs()
        if ("", short) in docs:
            return "\n".join(docs["", short]).strip()
    return ""


_CODE = re.compile(r"``.+?``|(?<!`)`([^`]+)`(?!`)(\w?)|[*\\]")


def _as_literal(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0] if match[0].startswith("`") else f"\\{match[0]}"
    return f"``{match[1]}``" + (f"\\ {match[2]}" if match[2] else "")


def _markup(lines: list[str]) -> Iterator[str]:
    """Lines with `code` doubled, and indented runs and tables kept as they are."""
    literal = False
    before = ""
    for line in lines:
        indented = line.startswith("    ")
        if indented and not literal:
            yield from ["", "::", ""]
        elif literal and line.strip() and not indented:
            literal = False
            yield ""
        literal = literal or indented
        plain = literal or line.startswith((">>>", "...")) or (before.startswith((">>>", "...")) and bool(line.strip()))
        yield line if plain else _CODE.sub(_as_literal, line)
        before = ">>>" if plain and not literal else line


def index_page(pages: list[str]) -> str:
    """The table of contents of the reference of names."""
    return "\n".join(
        [
            "# Every public name",
            "",
            "Made from the code. A name that is not here is not public and may change without notice.",
            "",
            "```{toctree}",
            *pages,
            "```",
            "",
        ]
    )


def columns_part() -> str:
    """The columns of the observation table, from its one schema."""
    from jsnakit import observations

    return _schema_table(observations.OBSERVATION_SCHEMA, COLUMN_MEANINGS, observations.KEY)


def relations_part() -> str:
    """The columns of the relations table, from its one schema."""
    from jsnakit import observations

    return _schema_table(observations.RELATION_SCHEMA, RELATION_MEANINGS, observations.RELATION_KEY)


_TYPES = {"string": "text", "double": "number", "date32[day]": "date"}


def _schema_table(schema: pa.Schema, meanings: Mapping[str, str], key: tuple[str, ...]) -> str:
    _same(set(schema.names), set(meanings), "columns")
    lines = ["| column | type | key | never null | meaning |", "|---|---|---|---|---|"]
    for column in schema:
        marks = ["yes" if column.name in key else "", "" if column.nullable else "yes"]
        lines.append(f"| `{column.name}` | {_TYPES[str(column.type)]} | {' | '.join(marks)} | {meanings[column.name]} |")
    return "\n".join([*lines, ""])


def statuses_part() -> str:
    """The statuses and flags there are, with their SDMX codes."""
    from jsnakit import observations

    _same(set(observations.STATUSES), set(STATUS_MEANINGS), "statuses")
    _same(set(observations.FLAGS), set(FLAG_MEANINGS), "flags")
    lines = ["| status | has a value | SDMX | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {'yes, or bounds' if name in observations.PRESENT else 'no'} | {code} | {STATUS_MEANINGS[name]} |"
        for name, code in observations.STATUSES.items()
    ]
    lines += ["", "| flag | SDMX | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {code} | {FLAG_MEANINGS[name]} |" for name, code in observations.FLAGS.items()]
    return "\n".join([*lines, ""])


def _same(have: set[str], described: set[str], what: str) -> None:
    if have != described:
        raise ValueError(f"docs/generate_pages.py describes other {what} than there are: {sorted(have ^ described)}")


def commands_part() -> str:
    """Every command with its help, as `--help` prints it."""
    from jsnakit import cli

    return "\n".join(_command(cli.cli, "jsnakit"))


def _command(command: object, path: str) -> list[str]:
    import click

    if not isinstance(command, click.Command):
        raise TypeError(f"{path} is no click command")
    context = click.Context(command, info_name=path, terminal_width=100)
    depth = "##" if " " not in path else "###"
    lines = [f"{depth} `{path}`", "", "```text", command.get_help(context).strip(), "```", ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            lines += _command(found, f"{path} {name}")
    return lines


def targets_part() -> str:
    """The register of targets, with where each is written and whether that was checked."""
    from jsnakit import judgement

    lines = []
    for target in sorted(judgement.targets().values(), key=lambda t: t.id):
        lines += [f"## `{target.id}`", "", f"{target.name[:1].upper()}{target.name[1:]}.", "", *_facts(target), ""]
    return "\n".join(lines)


def _facts(target: Target) -> list[str]:
    rows = [
        ("Judges", ", ".join(f"`{i}`" for i in target.indicators)),
        (
            "Line",
            f"{str(target.comparator).replace('_', ' ')} {'' if target.threshold is None else f'{target.threshold:g}'}{'' if target.unit == '%' else ' '}{target.unit}",
        ),
        ("Binds", str(target.population)),
        ("Kind", str(target.kind).replace("_", " ")),
        ("In force", _in_force(target)),
        ("Source", f"[{target.source or target.url}]({target.url})" if target.url else target.source),
        ("Verified", "yes, against its source" if target.verified else "no; a verdict by it says so"),
        ("Note", target.note),
    ]
    return [f"- {label}: {text}" for label, text in rows if text]


def _in_force(target: Target) -> str:
    if target.only_month:
        return f"for {target.only_month:%B %Y} only"
    start, end = target.valid_from, target.valid_to
    return f"{start or 'from the beginning'} to {end or 'today'}"


def sources_index(found: list[About]) -> str:
    """The table of contents of the sources: who publishes, how often, and what their readers were tested on."""
    lines = ["# Sources", "", "Made from what each plugin says of itself; `jsnakit source ID` prints it for those that are installed.", ""]
    lines += ["| source | what | publisher | published | indicators | layouts, by what they were tested on |", "|---|---|---|---|---|---|"]
    for one in found:
        info = one.info
        tested = ", ".join(f"{n} {words}" for words, n in Counter(x.tested.words for x in one.support.layouts).items())
        cells = [f"{{doc}}`{info.id}`", *map(in_table, (info.title, info.publisher, info.cadence, f"{len(one.indicators):,}", tested))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", "", *(one.info.id for one in found), "```", ""])


def source_page(one: About) -> str:
    """What a source holds, how its files are laid out and tested, and its publisher's traps."""
    info = one.info
    lines = [f"# {in_text(info.title)}", "", f"The source `{info.id}`.", ""]
    lines += [f"- {label}: {f'<{text}>' if label == 'homepage' else in_text(text)}" for label, text in one.facts]
    lines += ["", "## Indicators", "", *_indicator_lines(one), "", "## Layouts", ""]
    if one.support.layouts:
        lines += ["| layout | files | periods | tested on | note |", "|---|---|---|---|---|"]
        lines += [f"| {' | '.join(map(in_table, (x.name, x.files, x.periods, x.tested.words, x.note)))} |" for x in one.support.layouts]
    else:
        lines.append("The plugin does not say which layouts it reads.")
    if one.support.traps:
        lines += ["", "## Traps", "", "| what could mislead | what is done about it |", "|---|---|"]
        lines += [f"| {in_table(trap.what)} | {in_table(trap.handled)} |" for trap in one.support.traps]
    lines += ["", "## Files that you have", "", "They need no network and no project; files of several periods are read together:", ""]
    lines += ["```text", f"jsnakit read {info.id} FILE...", f"jsnakit read {info.id} FILE... --names --format csv --out figures.csv", "```", ""]
    return "\n".join(lines)


# Units are as many as publishers' spellings of them; the rare ones say little.
_MOST = 20


def _indicator_lines(one: About) -> Iterator[str]:
    from jsnakit import _about

    if len(one.indicators) <= _about.MANY:
        yield from ("| id | name | unit | good direction | headline |", "|---|---|---|---|---|")
        for i in one.indicators:
            cells = (i.name, i.unit, i.polarity.value.replace("_", " "), _about.headline(i.headline))
            yield f"| `{i.id}` | {' | '.join(map(in_table, cells))} |"
        return
    yield f"There are {len(one.indicators):,}, too many to list here. `jsnakit indicators {one.info.id} WORDS` finds those whose id, name, theme or keywords hold all the words."
    kinds = (("theme", lambda i: i.theme.value.replace("_", " ") if i.theme else "none"), ("unit", lambda i: i.unit))
    for label, kind in kinds:
        yield from ("", f"| {label} | indicators |", "|---|---:|")
        found = list(_about.kinds_of(one.indicators, kind))
        yield from (f"| {in_table(name)} | {n:,} |" for name, n in found[:_MOST])
        if found[_MOST:]:
            yield f"| {len(found) - _MOST} others | {sum(n for _, n in found[_MOST:]):,} |"


_MARKS = re.compile(r"[\\`*_\[\]<>{}|~&$#!]")


def in_text(text: str, *, cell: bool = False) -> str:
    """Text of a plugin as Markdown that shows just that; what stands between `backticks` is code. In a `cell` of a table a pipe is no border, in code either."""
    from jsnakit._about import plain

    parts = re.split(r"`([^`]+)`", plain(text))
    code = (part.replace("|", "\\|") if cell else part for part in parts)
    return "".join(f"`{inner}`" if i % 2 else _MARKS.sub(r"\\\g<0>", part) for i, (part, inner) in enumerate(zip(parts, code, strict=True)))


def in_table(text: str) -> str:
    """Text of a plugin in a cell of a table."""
    return in_text(text, cell=True)
