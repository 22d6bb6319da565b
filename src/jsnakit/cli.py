"""The command line: the same workspace, in words.

Exit codes: 0 done, whatever the verdict; 1 a typed error; 2 wrong usage; 3 only with `--strict`: done, and the answer is no
(and of `local draft`: drafted, and something is still missing).
"""

from __future__ import annotations

import datetime as dt
import errno
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from jsnakit.errors import JsnakitError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from jsnakit.workspace import Workspace

__all__ = ["cli", "main"]

EXIT_DONE: Final = 0
EXIT_ERROR: Final = 1
EXIT_NO: Final = 3
_HIDDEN = ("origin", "area_scheme", "period_duration", "limits_method")
_F = TypeVar("_F", bound=Callable[..., Any])


class _Context:
    """What every command shares: the project folder and the global options; the workspace is opened when first needed."""

    def __init__(self, project: Path | None, packs: tuple[str, ...], offline: bool | None, debug: bool) -> None:
        self.project, self.packs, self.offline, self.debug = project, packs, offline, debug
        self._workspace: Workspace | None = None

    @property
    def ws(self) -> Workspace:
        if self._workspace is None:
            from jsnakit.workspace import Workspace

            self._workspace = Workspace(self.project, offline=self.offline, packs=self.packs or None, progress=sys.stderr.isatty())
        return self._workspace


def _find_project(given: Path | None) -> Path | None:
    if given is not None:
        return given
    here = Path.cwd()
    return here if (here / "jsna.toml").exists() else None


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--project", type=click.Path(path_type=Path, file_okay=False), help="The project folder; by default this folder, where it has a jsna.toml."
)
@click.option(
    "--pack", "packs", multiple=True, metavar="NAME", help="Answer from this pack (for example sample) instead of those that jsna.toml lists."
)
@click.option("--offline", is_flag=True, default=None, help="Open no connection: answer from the cache or not at all.")
@click.option("--debug", is_flag=True, help="Show a traceback with an error, and log to standard error.")
@click.version_option(package_name="jsnakit")
@click.pass_context
def cli(ctx: click.Context, project: Path | None, packs: tuple[str, ...], offline: bool | None, debug: bool) -> None:
    """Public health statistics into a Joint Strategic Needs Assessment."""
    ctx.obj = _Context(_find_project(project), packs, offline, debug)
    if debug:
        import logging

        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s %(message)s")


def _in_a_folder(_: click.Context, __: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a file that could not be written in the end before anything is downloaded for it."""
    if value is not None and not value.parent.is_dir():
        from jsnakit.errors import CacheWriteError

        raise CacheWriteError(
            f"{value} cannot be written: {value.parent} is no folder", hint=f"make the folder {value.parent} first", folder=str(value.parent)
        )
    return value


def _output(command: _F) -> _F:
    """The options of every command that prints a table."""
    path = click.Path(path_type=Path, dir_okay=False)
    command = click.option("--out", type=path, callback=_in_a_folder, help="Write to this file instead of the screen.")(command)
    return click.option("--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table", show_default=True)(command)


def _named(command: _F) -> _F:
    """The option of commands whose rows are observations."""
    return click.option("--names", is_flag=True, help="Add the names of indicators and areas beside their ids.")(command)


def _names_shown(command: _F) -> _F:
    """The same option on commands whose rows carry names anyway, so that it may always be written."""
    return click.option("--names", is_flag=True, expose_value=False, help="Accepted for likeness: names are always shown here.")(command)


def _question(command: _F) -> _F:
    """The options that narrow a question."""
    options = [
        click.option("--area", "areas", multiple=True, metavar="NAME", help="An area by name or code; may be repeated."),
        click.option("--type", "area_type", metavar="TYPE", help="An area type: ltla, utla, region, icb, trust ..."),
        click.option("--at", metavar="DATE", help="The date at which the area names are meant."),
        click.option("--since", metavar="PERIOD", help="From this year, month or day."),
        click.option("--until", metavar="PERIOD", help="To this year, month or day."),
        click.option("--breakdown", "breakdowns", multiple=True, metavar="NAME", help="Rows of this breakdown too: sex, age, a category type, or *."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _show(frame: pa.Table | pd.DataFrame, form: str, out: Path | None, hidden: Iterable[str] = _HIDDEN) -> None:
    from jsnakit.printing import print_table

    if form == "parquet" and out is None and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for the screen: add --out FILE, or send it on with a pipe.")
    print_table(_plain(frame), form, out, hidden=tuple(hidden))


def _plain(frame: pa.Table | pd.DataFrame) -> pa.Table:
    """The rows in the plain types of the observation table, whatever they went through; only its version is kept of what a schema may carry."""
    import pyarrow as pa

    from jsnakit.observations import COLUMNS, OBSERVATION_SCHEMA, SCHEMA_METADATA

    table = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
    fields = []
    for found in table.schema:
        kind = OBSERVATION_SCHEMA.field(found.name).type if found.name in COLUMNS else found.type
        if pa.types.is_large_string(kind) or pa.types.is_null(kind):
            kind = pa.string()
        elif pa.types.is_timestamp(kind):
            kind = pa.date32()
        fields.append(pa.field(found.name, kind))
    return table.cast(pa.schema(fields)).replace_schema_metadata(SCHEMA_METADATA if set(COLUMNS) <= set(table.column_names) else None)


def _records(columns: tuple[str, ...], rows: list[tuple[Any, ...]], form: str, out: Path | None) -> None:
    import pyarrow as pa

    kinds = {"valid_from": pa.date32(), "valid_to": pa.date32(), "only_month": pa.date32(), "threshold": pa.float64(), "bytes": pa.int64()}
    kinds |= {"verified": pa.bool_(), "present": pa.bool_(), "rows": pa.int64(), "withheld": pa.int64()}
    # Types that do not depend on the rows: a column of nothing but gaps is still text, or dates.
    _show(pa.table({name: pa.array([row[i] for row in rows], kinds.get(name, pa.string())) for i, name in enumerate(columns)}), form, out, hidden=())


def _said(lines: Iterable[object]) -> None:
    for line in lines:
        click.echo(str(line), err=True)


def _observed(
    ctx: _Context, indicators: tuple[str, ...], *, areas: tuple[str, ...], area_type: str | None, at: str | None, **query: Any
) -> pa.Table:  # fmt: skip
    found = [ctx.ws.area(name, type=area_type, at=at) if area_type or at else name for name in areas] or None
    if ctx.ws.settings.packs:
        ctx.ws.check_packs()
    table = ctx.ws.observe_arrow(*indicators, areas=found, area_type=area_type if not areas else None, **query)
    _said(ctx.ws.coverage(name) for name in dict.fromkeys(indicators))
    _said(ctx.ws.notes)
    if ctx.project is not None:
        ctx.ws.save_lock()
    return table


@cli.command()
@_names_shown
@_output
@click.pass_obj
def sources(ctx: _Context, form: str, out: Path | None) -> None:
    """List the sources and packs that are installed, with publisher and licence; `jsnakit source ID` describes one."""
    from jsnakit.errors import PluginError

    rows: list[tuple[Any, ...]] = []
    for entry in ctx.ws.plugins.sources():
        if isinstance(entry, PluginError):
            rows.append(
                (entry.plugin, "source", "cannot be used: " + entry.message.splitlines()[0], None, None, f"{entry.distribution} {entry.version}")
            )
        else:
            info = entry.source.info
            rows.append((info.id, "source", info.title, info.publisher, info.licence, f"{entry.installed.distribution} {entry.installed.version}"))
    for pack in ctx.ws.packs:
        rows.append(
            (pack.pack.id, "pack (active)", pack.pack.title, None, pack.pack.licence, f"{pack.installed.distribution} {pack.installed.version}")
        )
    _records(("id", "kind", "title", "publisher", "licence", "distribution"), sorted(rows, key=lambda row: row[:3]), form, out)


@cli.command()
@click.argument("source_id", metavar="ID")
@click.pass_obj
def source(ctx: _Context, source_id: str) -> None:
    """Describe the source called ID: publisher, licence, the layouts it reads with what each was tested on, and the publisher's traps."""
    from jsnakit._about import about

    click.echo(str(about(ctx.ws.plugins.source(source_id))))


@cli.command()
@click.argument("words", nargs=-1)
@_names_shown
@_output
@click.pass_obj
def indicators(ctx: _Context, words: tuple[str, ...], form: str, out: Path | None) -> None:
    """List indicators; with WORDS, those whose id, name, theme or keywords hold them all."""
    from jsnakit.errors import NoDataError, PluginError

    found = ctx.ws.indicators(" ".join(words))
    _said(f"left out, as it cannot be used: {entry.message}" for entry in ctx.ws.plugins.sources() if isinstance(entry, PluginError))
    if not found:
        known = [i.id for i in ctx.ws.indicators()]
        raise NoDataError(
            f"no indicator matches {' '.join(words)!r}" if words else "no indicator: no source is installed and no pack is listed",
            hint=f"there are {len(known)}; try fewer words" if known else "pip install jsnakit-rtt, or use --pack sample", available=tuple(known),
        )  # fmt: skip
    _records(("id", "name", "unit", "polarity", "theme", "area_types"), [(i.id, i.name, i.unit, i.polarity.value, i.theme.value if i.theme else None, " ".join(i.area_types)) for i in found], form, out)  # fmt: skip


@cli.command()
@click.argument("words", nargs=-1)
@click.option("--type", "area_type", metavar="TYPE", help="Only areas of this type.")
@click.option("--at", metavar="DATE", help="Only areas valid at this date.")
@_names_shown
@_output
@click.pass_obj
def areas(ctx: _Context, *, words: tuple[str, ...], area_type: str | None, at: str | None, form: str, out: Path | None) -> None:
    """List areas; with WORDS, those whose name or code fits, best first."""
    from jsnakit.errors import NoDataError
    from jsnakit.model import Period

    if words:
        found = ctx.ws.own_areas.search(" ".join(words), type=area_type)
        if at is not None:
            when = Period.parse(at)
            found = tuple(a for a in found if (a.valid_from or when.end) <= when.end and (a.valid_to or when.start) >= when.start)
    else:
        found = ctx.ws.areas(area_type, at=at)
    if not found:
        from jsnakit.model import AREA_TYPES

        raise NoDataError("no area fits", hint=f"types are {', '.join(AREA_TYPES)}; names may be old ones", available=tuple(AREA_TYPES))
    _records(
        ("scheme", "type", "code", "name", "valid_from", "valid_to"),
        [(a.scheme, a.type, a.code, a.name, a.valid_from, a.valid_to) for a in found],
        form,
        out,
    )


@cli.command()
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--indicator", "wanted", multiple=True, metavar="ID", help="Only this indicator; may be repeated. By default all of the source.")
@click.option("--relations", is_flag=True, help="Print the relations in the files instead of the observations.")
@_question
@_named
@_output
@click.pass_obj
def read(
    ctx: _Context, /, *, source: str, files: tuple[Path, ...], wanted: tuple[str, ...], relations: bool, form: str, names: bool, out: Path | None, **asked: Any
) -> None:  # fmt: skip
    """Read files you already have with a SOURCE's own reader, with no network. Files of several months are read together."""
    from jsnakit import reading
    from jsnakit.sources import ALL_BREAKDOWNS, Query

    entry = ctx.ws.plugins.source(source)
    areas, area_type = asked["areas"], asked["area_type"]
    chosen = ctx.ws.equivalents([ctx.ws.area(name, type=area_type, at=asked["at"]) for name in areas]) if areas else None
    query = Query(
        indicators=wanted, areas=chosen, area_type=None if areas else area_type, since=asked["since"], until=asked["until"],
        breakdowns=asked["breakdowns"] or (ALL_BREAKDOWNS,),
    )  # fmt: skip
    if relations:
        _show(reading.read_relations(entry, query, paths=files), form, out, hidden=("origin",))
        return
    answer = reading.read_files(entry, files, query, progress=sys.stderr.isatty())
    _said(record for record in answer.coverage if record.left_out or record.rows == 0)
    _show(ctx.ws.named_arrow(answer.table) if names else answer.table, form, out)


@cli.command()
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--published", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Another file of the publisher's to hold FILES against."
)
@click.option("--strict", is_flag=True, help="Exit with 3 where any row disagrees.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), callback=_in_a_folder, help="Write to this file instead of the screen.")
@click.pass_obj
def audit(ctx: _Context, *, source: str, files: tuple[Path, ...], published: Path | None, strict: bool, form: str, out: Path | None) -> None:
    """Compute again what a SOURCE's publisher printed in FILES (or every file of a folder): limits, comparisons, trends, totals.

    Each rule says how many rows agree, how many do not, and how many cannot be checked and why; then come the rows that disagree.
    """
    from jsnakit import reading
    from jsnakit.printing import print_audit

    found, notes = reading.audit_files(ctx.ws.plugins.source(source), files, published)
    _said(notes)
    print_audit(found, form, out)
    if strict and any(rule.disagree for rule in found.rules):
        sys.exit(EXIT_NO)


@cli.command()
@click.argument("indicators", nargs=-1, required=True)
@_question
@_named
@_output
@click.pass_obj
def observe(ctx: _Context, /, *, indicators: tuple[str, ...], form: str, names: bool, out: Path | None, **asked: Any) -> None:
    """Print the observations of INDICATORS. What was left out is said on standard error."""
    table = _observed(ctx, indicators, **asked)
    _show(ctx.ws.named_arrow(table) if names else table, form, out)


@cli.command()
@click.argument("indicators", nargs=-1, required=True)
@_question
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder the files go to.")
@click.option("--title", default="Observations", show_default=True, help="What the files are called inside.")
@click.pass_obj
def export(ctx: _Context, /, *, indicators: tuple[str, ...], out: Path, title: str, **asked: Any) -> None:
    """Write the observations of INDICATORS for others to use: tidy CSV with CSVW and Data Package, a workbook, and a CSV for spreadsheets."""
    from jsnakit import observations

    for path in ctx.ws.export(observations.to_pandas(_observed(ctx, indicators, **asked)), out, title=title):
        click.echo(path)


@cli.command()
@click.argument("words", nargs=-1)
@_names_shown
@_output
@click.pass_obj
def groups(ctx: _Context, words: tuple[str, ...], form: str, out: Path | None) -> None:
    """List the named groups of indicators (profiles and their domains); with WORDS, those whose id or name holds them all."""
    from jsnakit.errors import NoDataError

    found = ctx.ws.groups(" ".join(words))
    if not found:
        known = tuple(g.id for g in ctx.ws.groups())
        raise NoDataError(
            "no group fits", hint=f"there are {len(known)}" if known else "use --pack sample, or pip install jsnakit-fingertips", available=known
        )
    _records(("id", "name", "indicators", "part_of"), [(g.id, g.name, str(len(g.indicators)), g.parent or None) for g in found], form, out)


@cli.command()
@click.argument("area")
@click.option("--group", metavar="ID", help="The group of indicators; `jsnakit groups` lists them. By default the largest at hand.")
@click.option("--type", "area_type", metavar="TYPE", help="The type of the area, where its name fits several.")
@_names_shown
@_output
@click.pass_obj
def profile(ctx: _Context, area: str, group: str | None, area_type: str | None, form: str, out: Path | None) -> None:
    """Print the health profile of AREA: each indicator of a group beside the region, England and the nearest neighbours."""
    if ctx.ws.settings.packs:
        ctx.ws.check_packs()
    found = ctx.ws.profile(ctx.ws.area(area, type=area_type) if area_type else area, group)
    _show(found.readable() if form == "table" else found.frame, form, out, hidden=())
    _said([found, *found.notes])
    if found.left_out:
        _said([f"left out, {len(found.left_out)}: " + "; ".join(f"{name} ({why})" for name, why in found.left_out)])
    if ctx.project is not None:
        ctx.ws.save_lock()


@cli.command()
@click.argument("target")
@click.argument("indicators", nargs=-1)
@_question
@click.option("--strict", is_flag=True, help="Exit with 3 where any figure misses the target.")
@_named
@_output
@click.pass_obj
def judge(
    ctx: _Context, /, *, target: str, indicators: tuple[str, ...], strict: bool, form: str, names: bool, out: Path | None, **asked: Any
) -> None:  # fmt: skip
    """Judge observations against a TARGET (by default those of the indicators the target speaks of)."""
    from jsnakit.errors import InvalidValueError
    from jsnakit.observations import to_pandas

    chosen = ctx.ws.target(target)
    if not indicators and not chosen.indicators:
        raise InvalidValueError(
            f"no indicator here measures what {target!r} is set for", hint=f"name the indicators to hold against it: jsnakit judge {target} INDICATOR"
        )
    verdicts = ctx.ws.judge(to_pandas(_observed(ctx, indicators or chosen.indicators, **asked)), chosen)
    _show(ctx.ws.named(verdicts) if names else verdicts, form, out)
    if strict and (verdicts["outcome"] == "NOT_MET").any():
        sys.exit(EXIT_NO)


@cli.command()
@_names_shown
@_output
@click.pass_obj
def targets(ctx: _Context, form: str, out: Path | None) -> None:
    """List the targets: what they bind, from when to when, and whether they are verified against their source."""
    rows = [
        (t.id, t.name, " ".join(t.indicators), t.comparator.value, t.threshold, t.unit, t.population.value, t.valid_from, t.valid_to, t.only_month, t.kind.value, t.verified, t.url)
        for t in ctx.ws.targets.values()
    ]  # fmt: skip
    columns = (
        "id",
        "name",
        "indicators",
        "comparator",
        "threshold",
        "unit",
        "population",
        "valid_from",
        "valid_to",
        "only_month",
        "kind",
        "verified",
        "url",
    )
    _records(columns, sorted(rows), form, out)


@cli.command()
@click.argument("sources", nargs=-1)
@click.option("--update", is_flag=True, help="Look again at the publishers, show what changed in the data, and write the lock.")
@click.option("--dry-run", is_flag=True, help="With --update: show what changed, write nothing.")
@click.option("--strict", is_flag=True, help="With --update: exit with 3 where anything changed.")
@_names_shown
@_output
@click.pass_obj
def lock(ctx: _Context, *, sources: tuple[str, ...], update: bool, dry_run: bool, strict: bool, form: str, out: Path | None) -> None:
    """Show what jsna.lock pins; with --update, move it to what the publishers (or SOURCES alone) offer now."""
    from jsnakit.errors import LockError

    if (dry_run or strict) and not update:
        raise click.UsageError("--dry-run and --strict belong to --update.")
    if ctx.project is None:
        raise LockError("there is no project here, so there is no lock", hint="go to a folder with jsna.toml, or give --project FOLDER")
    if update:
        _updated(ctx, sources, dry_run=dry_run, strict=strict, form=form, out=out)
        return
    # A listed pack that the lock does not know yet is pinned now; one that is another than the lock's is an error.
    ctx.ws.save_lock()
    held = ctx.ws.store.lock
    rows: list[tuple[Any, ...]] = [
        ("pack", pack_id, pin.version, pin.sha256, None, None) for pack_id, pin in held.packs.items() if not sources or pack_id in sources
    ]
    rows += [("file", p.url, p.release, p.sha256, p.bytes, p.retrieved) for p in held.pins.values() if not sources or p.source in sources]
    known = {*held.packs, *held.listings}
    if unknown := [name for name in sources if name not in known]:
        raise LockError(
            f"the lock holds nothing of {unknown[0]!r}",
            hint=f"it holds {', '.join(sorted(known))}" if known else "it is empty: observe something first",
            key=unknown[0],
        )
    _records(("kind", "what", "release", "sha256", "bytes", "retrieved"), sorted(rows, key=lambda row: row[:2]), form, out)


def _updated(ctx: _Context, sources: tuple[str, ...], *, dry_run: bool, strict: bool, form: str, out: Path | None) -> None:
    import pandas as pd

    from jsnakit.observations import empty
    from jsnakit.revisions import compare

    before = ctx.ws.store.lock.packs
    changes = ctx.ws.update(*sources)
    after = ctx.ws.store.lock.packs
    moved = [name for name in sorted(after) if name in before and before[name] != after[name]]
    _said(
        f"{name}: pack {before[name].version} ({before[name].sha256[:12]}) is now {after[name].version} ({after[name].sha256[:12]})" for name in moved
    )
    _said(f"{name}: {change}" for name, change in changes.items())
    frames = [change.frame for change in changes.values() if change]
    _show(pd.concat(frames, ignore_index=True) if frames else compare(empty(), empty()).frame, form, out, hidden=())
    if dry_run:
        _said(["nothing was written (--dry-run)"])
    else:
        ctx.ws.save_lock()
    if strict and (moved or any(changes.values())):
        sys.exit(EXIT_NO)


@cli.command()
@click.argument("before")
@click.argument("after")
@click.option("--strict", is_flag=True, help="Exit with 3 where the two differ.")
@_names_shown
@_output
@click.pass_obj
def diff(ctx: _Context, *, before: str, after: str, strict: bool, form: str, out: Path | None) -> None:
    """Show which figures are new, revised or gone between two tables (CSV, JSON or Parquet that jsnakit wrote), or between two editions (2025-11 2026-11)."""
    from jsnakit.revisions import compare, read_table

    if ctx.project is not None and not Path(before).exists() and not Path(after).exists():
        found = ctx.ws.changes(before, after)
        _said([found])
        _said(
            f"judged otherwise: {s.name}: {s.before} ({s.value_before}, {s.period_before}), now {s.after} ({s.value}, {s.period})"
            for s in found.standings
        )
        _said(f"defined otherwise: {d.name}: {d.what}" for d in found.definitions)
        _said(f"edited: {t.chapter}: {t.page}" for t in found.texts)
        _show(found.frame, form, out, hidden=())
        differ = bool(found)
    else:
        for path in (before, after):
            if not Path(path).is_file():
                raise click.UsageError(f"{path} is no file; editions are compared inside a project (--project FOLDER).")
        changes = compare(read_table(before), read_table(after))
        _said([changes])
        _show(changes.frame, form, out, hidden=())
        differ = bool(changes)
    if strict and differ:
        sys.exit(EXIT_NO)


@cli.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--source", "sources", multiple=True, metavar="ID", help="Look again at this source alone; may be repeated.")
@click.option("--strict", is_flag=True, help="Exit with 3 where there is something an author must look at.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), callback=_in_a_folder, help="Write to this file instead of the screen.")
@click.pass_obj
def refresh(ctx: _Context, *, folder: Path | None, sources: tuple[str, ...], strict: bool, form: str, out: Path | None) -> None:
    """Move the lock to what the publishers offer now, and say in one page what an author must look at. Nothing is published."""
    from jsnakit.printing import print_refreshed

    _project(ctx, folder, "refresh")
    found = ctx.ws.refresh(*sources)
    _said(ctx.ws.notes)
    print_refreshed(found, form, out)
    if strict and not found.clean:
        sys.exit(EXIT_NO)


@cli.group()
def editions() -> None:
    """The editions that the project has published."""


@editions.command("list")
@_names_shown
@_output
@click.pass_obj
def editions_list(ctx: _Context, form: str, out: Path | None) -> None:
    """List the editions, oldest first: when they were published, what they hold, and what changed."""
    rows = [
        (e.name, e.published.isoformat(), str(len(e.chapters)), str(len(e.files)), (e.withdrawn and f"withdrawn: {e.withdrawn}") or e.summary or "the first edition")
        for e in ctx.ws.shelf.editions()
    ]  # fmt: skip
    _records(("edition", "published", "chapters", "files", "changed"), rows, form, out)


@editions.command("verify")
@click.option("--strict", is_flag=True, help="Exit with 3 where anything is damaged.")
@click.pass_obj
def editions_verify(ctx: _Context, strict: bool) -> None:
    """Check every file of every edition against its sha256."""
    damaged = ctx.ws.shelf.damaged()
    for sha, names in damaged.items():
        click.echo(f"damaged: {sha} of {', '.join(names)}")
    click.echo(f"{len(damaged)} files damaged; editions looked at: {', '.join(ctx.ws.shelf.names()) or 'none'}")
    if strict and damaged:
        sys.exit(EXIT_NO)


@editions.command("site")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where the site goes; by default the project's published/.")
@click.pass_obj
def editions_site(ctx: _Context, out: Path | None) -> None:
    """Make the site of all editions again from what is kept."""
    project = _project(ctx, None, "editions site")
    laid = ctx.ws.lay_out(out or project / "published")
    click.echo(f"{laid} edition{'' if laid == 1 else 's'} in {out or project / 'published'}")


@editions.command("withdraw")
@click.argument("name")
@click.option("--reason", required=True, help="What readers are told.")
@click.pass_obj
def editions_withdraw(ctx: _Context, name: str, reason: str) -> None:
    """Take an edition away for good, and keep its place in the list with the reason; `editions site` then makes the site without it."""
    ctx.ws.shelf.withdraw(name, reason)
    click.echo(f"{name} is withdrawn; next: jsnakit editions site")


@cli.group("local")
def own() -> None:
    """The council's own figures: describe a file, and check what the project's folder local/ holds."""


@own.command("draft")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook; by default the one with the largest table.")
@click.option("--write", is_flag=True, help="Write it beside the file; one that is there already is never overwritten.")
def local_draft(file: Path, *, sheet: str | None, write: bool) -> None:
    """Look at FILE (CSV, XLSX, XLS or ODS) and print the TOML that describes it: what was recognised, and as comments what was not.

    Exits with 3 where something required is still missing; a draft that exits with 0 has been tried, and the file reads by it.
    """
    from jsnakit import local

    made = local.draft(file, sheet=sheet)
    click.echo(made.text, nl=False)
    if write:
        _said([f"written to {made.write()}"])
    _said(f"missing: {said}" for said in made.missing)
    if made.missing:
        sys.exit(EXIT_NO)


@own.command("check")
@click.option("--strict", is_flag=True, help="Exit with 3 where a file has a fault.")
@_names_shown
@_output
@click.pass_obj
def local_check(ctx: _Context, *, strict: bool, form: str, out: Path | None) -> None:
    """Read every file of the project's folder local/, and show what each gives: indicators, rows, how many are withheld, and its faults."""
    from jsnakit import local

    if ctx.ws.local is None:
        from jsnakit.errors import NoDataError

        raise NoDataError(
            "there are no local figures: the project has no folder local/" if ctx.project is not None else "there is no project here",
            hint="make the folder beside jsna.toml, put a file into it, and run `jsnakit local draft local/FILE --write`", available=(),
        )  # fmt: skip
    found = local.check_folder(ctx.ws.local)
    columns = ("file", "indicator", "area_types", "periods", "rows", "withheld", "small_numbers", "fault")
    _records(columns, [(f.file, f.indicator, f.area_types, f.periods, f.rows, f.withheld, f.small_numbers, f.fault) for f in found], form, out)
    if strict and any(f.fault for f in found):
        sys.exit(EXIT_NO)


@cli.group()
def cache() -> None:
    """Look after the cache of downloaded files."""


@cache.command("list")
@_names_shown
@_output
@click.pass_obj
def cache_list(ctx: _Context, form: str, out: Path | None) -> None:
    """List what was downloaded, from where, when."""
    import attrs

    entries = ctx.ws.store.entries()
    columns = ("url", "sha256", "bytes", "retrieved", "source", "present")
    rows = [tuple(attrs.asdict(e)[c] for c in columns) for e in entries]
    _records(columns, rows, form, out)


@cache.command("clear")
@click.pass_obj
def cache_clear(ctx: _Context) -> None:
    """Delete everything in the cache (projects keep their locks, and will download again)."""
    click.echo(f"{ctx.ws.store.clear():,} files deleted")


@cache.command("verify")
@click.option("--strict", is_flag=True, help="Exit with 3 where anything is damaged.")
@click.pass_obj
def cache_verify(ctx: _Context, strict: bool) -> None:
    """Check every file against its sha256; a damaged one is downloaded again when it is next asked for."""
    damaged = ctx.ws.store.verify()
    for name in damaged:
        click.echo(f"damaged: {name}")
    click.echo(f"{len(damaged)} damaged")
    if strict and damaged:
        sys.exit(EXIT_NO)


@cache.command("export")
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def cache_export(ctx: _Context, archive: Path) -> None:
    """Write the files that the project's lock pins (without a project: all) to one ZIP, to carry to another machine."""
    lock = ctx.ws.store.lock if ctx.project is not None else None
    click.echo(f"{ctx.ws.store.export(archive, lock):,} files written to {archive}")


@cache.command("import")
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def cache_import(ctx: _Context, archive: Path) -> None:
    """Take in a ZIP that `cache export` wrote; every file is checked by its sha256."""
    click.echo(f"{ctx.ws.store.import_(archive):,} files taken in")


@cli.command()
@click.option("--strict", is_flag=True, help="Exit with 3 where there is a problem.")
@click.pass_obj
def doctor(ctx: _Context, strict: bool) -> None:
    """Say which plugins are installed and which are active, and the line to add for each that is not."""
    from jsnakit import diagnosis

    report = diagnosis.examine(ctx.ws)
    click.echo(str(report))
    if strict and report.problems:
        sys.exit(EXIT_NO)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--area", "area_name", required=True, metavar="NAME", help="The authority that the assessment is about, by name or code.")
@click.option("--type", "area_type", metavar="TYPE", help="Its type, where the name alone is not clear: ltla or utla.")
@click.option("--edition", metavar="MONTH", help="The edition, a month such as 2026-11; by default this month.")
def new(folder: Path, area_name: str, area_type: str | None, edition: str | None) -> None:
    """Make a project in FOLDER: settings, a lock to come, and four chapters that build at once from the sample figures."""
    from jsnakit.chapters import new_project
    from jsnakit.workspace import authority

    this_month = dt.datetime.now(tz=dt.UTC).strftime("%Y-%m")
    new_project(folder, authority(area_name, area_type), edition=edition or this_month)
    click.echo(f"made {folder}\nnext: cd {folder} && jsnakit build")


@cli.command("new-source")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to make; by default jsnakit-NAME, here.")
def new_source(name: str, out: Path | None) -> None:
    """Make a plugin for a source called NAME: a small one that installs and passes its own tests, to be changed into yours."""
    from jsnakit import scaffold

    folder = scaffold.new_source(name, out)
    click.echo(
        f'made {folder}\nnext: cd {folder} && python -m pip install -e ".[testing]" && python -m pytest\nthen make it yours: see its README.md'
    )


@cli.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where the site goes; by default FOLDER/site.")
@click.option("--drafts", is_flag=True, help="Publish chapters in draft as well, watermarked.")
@click.option(
    "--assets",
    type=click.Choice(["inline", "split"]),
    help="Style sheet and script in every page, or in two files beside them (default: as jsna.toml says).",
)
@click.option(
    "--edition", metavar="MONTH", help="Publish it as this edition (2026-11), kept for good; the site of all editions goes to FOLDER/published."
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="With --edition: the day of publication; by default today.")
@click.option("--pdf/--no-pdf", default=None, help="Make every chapter and the whole a PDF too (default: as jsna.toml says).")
@click.option("--strict", is_flag=True, help="Exit with 3 where a chapter that is no draft claims what the figures do not say.")
@click.pass_obj
def build(
    ctx: _Context, *, folder: Path | None, out: Path | None, drafts: bool, assets: str | None, edition: str | None, on: dt.datetime | None, strict: bool,
    pdf: bool | None,
) -> None:  # fmt: skip
    """Make the project's chapters a static site; one that has not changed is left as it is. With --edition it is published for good, beside the editions before."""
    from jsnakit.settings import Assets

    project = _project(ctx, folder, "build")
    chosen = Assets(assets) if assets else None
    if edition is not None:
        if drafts:
            raise click.UsageError("An edition holds no drafts: leave --drafts out.")
        if strict and (found := ctx.ws.check()).false_claims:
            _said(f"no longer true: {untrue}" for untrue in found.false_claims)
            _said(["nothing was published (--strict)"])
            sys.exit(EXIT_NO)
        made = ctx.ws.publish(edition, out or project / "published", on=on.date() if on else None, assets=chosen, pdf=pdf)
        _said(ctx.ws.notes)
        _said(f"no longer true: {untrue}" for untrue in made.site.untrue)
        click.echo(f"{made}\nopen {made.index.resolve()}")
        return
    if on is not None:
        raise click.UsageError("--on belongs to --edition.")
    report = ctx.ws.build(out or project / "site", drafts=drafts, assets=chosen, pdf=pdf)
    _said(ctx.ws.notes)
    _said(f"no longer true: {untrue}" for untrue in report.untrue)
    click.echo(f"{report}\nopen {report.index.resolve()}")
    if strict and report.false_claims:
        sys.exit(EXIT_NO)


@cli.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--strict", is_flag=True, help="Exit with 3 where anything is found.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), callback=_in_a_folder, help="Write to this file instead of the screen.")
@click.pass_obj
def check(ctx: _Context, *, folder: Path | None, strict: bool, form: str, out: Path | None) -> None:
    """Hold the project's chapters, drafts too, against the figures as they are now, and publish nothing.

    Lists every sentence that claims what the figures do not say, every name in prose that has no value, and every figure that cannot be drawn, each with its file and line.
    """
    from jsnakit.printing import print_checked

    _project(ctx, folder, "check")
    found = ctx.ws.check()
    _said(ctx.ws.notes)
    print_checked(found, form, out)
    if strict and not found.clean:
        sys.exit(EXIT_NO)


@cli.command()
@click.option("--area", required=True, help="The place: a name or a code.")
@click.option(
    "--indicators",
    "names",
    multiple=True,
    required=True,
    help="Measures: ids between commas, `source.*`, `!id` to take one away; may be given again.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("report"), show_default=True, help="The folder to write.")
@click.pass_obj
def report(ctx: _Context, *, area: str, names: tuple[str, ...], out: Path) -> None:
    """Make a report on one place and the measures you choose: a page to read and to print, with its data."""
    made = ctx.ws.report(area, [n.strip() for given in names for n in given.split(",") if n.strip()], out)
    _said(ctx.ws.notes)
    click.echo(f"{made}\nopen {(made.folder / 'report' / 'index.html').resolve()}")


def _project(ctx: _Context, folder: Path | None, command: str) -> Path:
    """The project that a command is about: the folder given, else the one we are in."""
    from jsnakit.errors import SettingsError

    project = folder or ctx.project
    if project is None:
        raise SettingsError("there is no project here", hint=f"`jsnakit new FOLDER --area NAME` makes one; then `jsnakit {command} FOLDER`")
    ctx.project = project
    return project


def main() -> None:
    """The entry point: errors print what, where and what to do, and a traceback only with `--debug`."""
    for stream in (sys.stdout, sys.stderr):
        # A console that is not UTF-8 must not end a table in a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(_run())


def _run() -> int:
    """Run the command that was typed; its exit code."""
    try:
        # Without its own error handling click gives the exit code back; commands that exit with 3 raise SystemExit.
        code = cli.main(prog_name="jsnakit", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return 130
    except SystemExit as error:
        if isinstance(error.__context__, OSError) and error.__context__.errno == errno.EPIPE:
            return EXIT_DONE  # the reader of a pipe (head) has had enough; click has closed our end
        return error.code if isinstance(error.code, int) else EXIT_ERROR
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        click.echo(f"error: {_words(error)}", err=True)
        return EXIT_ERROR
    return code if isinstance(code, int) else EXIT_DONE


def _words(error: Exception) -> str:
    if isinstance(error, JsnakitError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror or error}\nhint: --debug shows where"
    return f"{type(error).__name__}: {error}\nhint: this is a fault in jsnakit or a plugin; run it again with --debug, and report what it prints"
