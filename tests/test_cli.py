"""The command line: what each command prints in each format, which code it exits with, and what it says when it cannot."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from jsnakit import cli as command_line
from jsnakit import hookimpl, observations, reading
from jsnakit._plugins import Installed, Plugins
from jsnakit.errors import InvalidValueError
from jsnakit.printing import print_table
from jsnakit.revisions import REVISION_COLUMNS, read_table
from jsnakit.sources import Query
from jsnakit.store import Store

LIFE = "healthindex.life_expectancy"
TABLES = {
    "groups",
    "profile",
    "sources",
    "indicators",
    "areas",
    "read",
    "observe",
    "judge",
    "targets",
    "lock",
    "diff",
    "cache list",
    "editions list",
    "local check",
}


Run = Callable[..., Any]


def plugin(name: str, load: Callable[[], Any], distribution: str = "") -> Installed:
    return Installed(name=name, module=name, distribution=distribution or f"jsnakit-{name}", version="1.0", load=load)


@pytest.fixture
def with_falls(falls: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The source `falls` is the one plugin that is installed."""
    module = types.ModuleType("falls_plugin")
    module.jsnakit_sources = hookimpl(lambda: iter([falls]))  # type: ignore[attr-defined]  # a module takes any attribute
    monkeypatch.setattr("jsnakit._plugins.installed_plugins", lambda group="jsnakit.v1": (plugin("falls", lambda: module),))
    return falls


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on the sample pack, which is the folder we stand in."""
    folder = tmp_path / "jsna"
    folder.mkdir()
    (folder / "jsna.toml").write_text('[jsna]\narea = "E06000009"\narea_type = "ltla"\npacks = ["sample"]\n')
    monkeypatch.chdir(folder)
    return folder


def every_command(group: click.Group = command_line.cli, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path}{name} ")
        else:
            yield path + name, command


# -- what there is -----------------------------------------------------------------------------------------------------------------------


def test_every_command_of_the_issue_is_there() -> None:
    wanted = {"sources", "indicators", "areas", "read", "observe", "judge", "lock", "doctor", "new", "build", "diff"}
    assert wanted | {f"cache {w}" for w in ("list", "clear", "verify", "export", "import")} <= {name for name, _ in every_command()}


def test_every_command_that_prints_a_table_takes_format_names_and_out() -> None:
    for name, command in every_command():
        options = {o for p in command.params for o in p.opts}
        assert ({"--format", "--names", "--out"} <= options) is (name in TABLES), name
        if name in TABLES:
            form = next(p for p in command.params if p.name == "form")
            assert tuple(form.type.choices) == ("table", "csv", "json", "parquet")  # type: ignore[attr-defined]  # a click.Choice


def test_every_command_has_help() -> None:
    for name, _ in [("", None), *every_command()]:
        said = CliRunner().invoke(command_line.cli, [*name.split(), "--help"])
        assert said.exit_code == 0
        assert len(said.output.splitlines()) > 3


@pytest.mark.parametrize("words", [("no-such-command",), ("observe",), ("observe", "x.y", "--form", "csv"), ("areas", "--format", "xml")])
def test_wrong_usage_is_2(run: Run, words: tuple[str, ...]) -> None:
    said = run(*words)
    assert said.code == 2
    assert "Usage: jsnakit" in said.err


# -- formats -----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def expected(falls: Any, falls_files: list[Path]) -> pa.Table:
    return reading.read_files(Plugins.only(falls).source("falls"), falls_files, Query(breakdowns=("*",))).table


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_each_format_read_back_is_the_same_table(
    run: Run, with_falls: Any, falls_files: list[Path], expected: pa.Table, form: str, tmp_path: Path
) -> None:
    out = tmp_path / f"falls.{form}"
    said = run("read", "falls", *falls_files, "--format", form, "--out", out)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert read_table(str(out)).equals(expected)
    named = tmp_path / f"named.{form}"
    assert run("read", "falls", *falls_files, "--format", form, "--out", named, "--names").code == 0
    assert read_table(str(named)).equals(expected)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")], "nothing half-written stays"


def test_csv_and_json_carry_exactly_the_columns_of_the_table(run: Run, with_falls: Any, falls_files: list[Path], expected: pa.Table) -> None:
    rows = list(csv.DictReader(io.StringIO(run("read", "falls", *falls_files, "--format", "csv").out)))
    assert [*rows[0]] == list(observations.COLUMNS)
    assert [r["value"] for r in rows] == ["30", "2100.5", "4000", "2200", "", "1900"]
    records = json.loads(run("read", "falls", *falls_files, "--format", "json").out)
    assert [*records[0]] == list(observations.COLUMNS)
    assert [r["value"] for r in records] == expected["value"].to_pylist()
    named = json.loads(run("read", "falls", *falls_files, "--format", "json", "--names").out)
    assert [c for c in named[0] if c not in observations.COLUMNS] == ["indicator_name", "area_name"]
    assert {r["area_name"] for r in named} == {"Blackpool", "Wyre"}


def test_parquet_carries_the_version_of_the_table(run: Run, with_falls: Any, falls_files: list[Path], tmp_path: Path) -> None:
    run("read", "falls", *falls_files, "--format", "parquet", "--out", tmp_path / "x.parquet")
    assert pq.read_schema(tmp_path / "x.parquet").metadata == {b"jsnakit.schema_version": b"1"}


@pytest.mark.parametrize("command", ["sources", "indicators", "areas --type icb", "targets", "cache list"])
@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_lists_are_tables_too(run: Run, with_falls: Any, command: str, form: str, tmp_path: Path) -> None:
    out = tmp_path / "list"
    assert run(*command.split(), "--format", form, "--out", out, "--names").code == 0
    data = out.read_bytes()
    if form == "csv":
        assert data.startswith(b'"')
    elif form == "json":
        assert isinstance(json.loads(data), list)
    else:
        assert not any(pa.types.is_null(f.type) for f in pq.read_schema(out)), "types do not depend on the rows"


def test_what_is_for_reading_hides_what_says_nothing(run: Run, with_falls: Any, falls_files: list[Path]) -> None:
    said = run("read", "falls", *falls_files, "--indicator", "falls.rate", "--area", "Wyre", "--type", "ltla")
    assert said.out.split()[:5] == ["indicator", "area_type", "area", "period_start", "period"]
    assert "origin" not in said.out
    assert "1,900" in said.out


def test_a_long_table_says_how_much_it_does_not_show(run: Run) -> None:
    said = run("areas", "--type", "ltla")
    assert len(said.out.splitlines()) == 202
    assert "more rows: --format csv --out FILE writes them all" in said.out


def test_a_figure_that_is_not_zero_never_looks_like_zero_and_a_note_breaks_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pa.table({"value": [0.00001234, 0.0, 12345.5], "note": ["one\ntwo", "\x1b[31mred", None]}), "table")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert [line.split()[0] for line in lines[1:]] == ["1.23e-05", "0", "12,345.5"]
    assert "\x1b" not in "".join(lines)


# -- areas and indicators ----------------------------------------------------------------------------------------------------------------


def test_areas_at_a_date_and_by_words(run: Run) -> None:
    found = json.loads(run("areas", "Somerset", "--type", "utla", "--at", "2022-06-01", "--format", "json").out)
    assert found[0]["code"] == "E10000027"
    assert "E06000066" not in {a["code"] for a in found}
    codes = {a["code"] for a in json.loads(run("areas", "Somerset", "--type", "utla", "--format", "json").out)}
    assert {"E10000027", "E06000066"} <= codes
    assert [a["scheme"] for a in json.loads(run("areas", "QE1", "--at", "2025", "--format", "json").out)] == ["ods"]
    assert len(json.loads(run("areas", "hospitals", "--type", "trust", "--format", "json").out)) > 20, "a list for programs is not cut"


def test_indicators_by_words_and_one_broken_plugin_is_said(run: Run, with_falls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "falls.rate" in run("indicators", "after", "a", "fall").out
    none = run("indicators", "unheard", "of")
    assert none.code == 1
    assert "no indicator matches 'unheard of'" in none.err
    module = types.ModuleType("falls_plugin")
    module.jsnakit_sources = hookimpl(lambda: iter([with_falls]))  # type: ignore[attr-defined]  # a module takes any attribute

    def broken() -> Any:
        raise ImportError("no module named 'gone'")

    monkeypatch.setattr("jsnakit._plugins.installed_plugins", lambda group="": (plugin("broken", broken), plugin("falls", lambda: module)))
    said = run("indicators")
    assert said.code == 0
    assert "falls.rate" in said.out
    assert "plugin 'broken' (jsnakit-broken 1.0): cannot be imported" in said.err
    assert "cannot be used" in run("sources").out


# -- errors say what, where, and what to do ----------------------------------------------------------------------------------------------


def test_a_source_of_ours_that_is_not_installed_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jsnakit._plugins.installed_plugins", lambda group="": ())
    said = run("observe", "fingertips.90362")
    assert (said.code, said.out) == (1, "")
    assert "pip install jsnakit-fingertips" in said.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("observe", LIFE, "--area", "Blackpol"), 1, "did you mean Blackpool?"),
        (("observe", LIFE, "--area", "Somerset", "--type", "utla"), 1, "give at="),
        (("observe", LIFE, "--since", "the other day"), 1, "is not a period"),
        (("observe", LIFE, "--area", "Blackpool", "--type", "ltla", "--at", "2022-13-45"), 1, "is not a period"),
        (("observe", LIFE, "--since", "2199"), 1, "2015 to 2021"),
        (("observe", LIFE, "--type", "icb"), 1, "not for area type 'icb'"),
        (("observe", LIFE, "--breakdown", "sex"), 1, "a breakdown by 'sex'"),
        (("observe", "healthindex.life_expectansy"), 1, f"did you mean '{LIFE}'?"),
        (("judge", "nhs-constitution.rtt-18-week"), 1, "did you mean 'nhs-constitution.rtt-18-weeks'"),
        (("judge", "planning-2025-26.first-appointment-18-weeks"), 1, "name the indicators to hold against it"),
        (("lock",), 1, "there is no project here"),
        (("lock", "--strict"), 2, "belong to --update"),
        (("--project", "nowhere", "sources"), 1, "does not exist"),
        (("read", "falls", "."), 2, "is a directory"),
        (("read", "falls", "gone.csv"), 2, "does not exist"),
        (("areas", "Blackpool", "--out", "gone/areas.csv"), 1, "make the folder gone first"),
        (("areas", "Blackpool", "--out", "."), 2, "is a directory"),
        (("areas", "xyzzy plugh"), 1, "no area fits"),
        (("areas", "--type", "utal"), 1, "did you mean 'utla'?"),
        (("diff", "gone.csv", "gone.csv"), 2, "is no file; editions are compared inside a project"),
        (("cache", "import", "gone.zip"), 2, "does not exist"),
        (("cache", "export", "gone/cache.zip"), 1, "gone"),
    ],
)
def test_an_error_says_what_to_do(run: Run, words: tuple[str, ...], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("--pack", "sample", *words)
    assert (found.code, found.out) == (code, "")
    assert said in found.err
    if code == 1:
        assert found.err.startswith("error: ")
        assert "\nhint: " in found.err


def test_files_that_are_none(run: Run, with_falls: Any, tmp_path: Path) -> None:
    page = tmp_path / "2020.csv"
    page.write_text("<html>")
    said = run("read", "falls", page)
    assert said.code == 1
    assert "2020.csv is not a falls file" in said.err
    (tmp_path / "x.zip").write_bytes(b"PK no")
    assert run("cache", "import", tmp_path / "x.zip").code == 1
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    (tmp_path / "x.json").write_text("{}")
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    for name in ("x.csv", "x.json", "x.parquet"):
        said = run("diff", tmp_path / name, tmp_path / name)
        assert said.code == 1, name
        assert "error: " in said.err


def test_a_fault_of_our_own_is_said_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jsnakit.geography.search", lambda *_, **__: 1 / 0)
    said = run("areas", "Blackpool")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: ZeroDivisionError: division by zero\nhint: this is a fault in jsnakit or a plugin")


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["jsnakit", "--debug", "areas", "--type", "utal"])
    with pytest.raises(InvalidValueError):
        command_line.main()


def test_a_disk_that_fails_leaves_no_half_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.write_table", full)
    said = run("targets", "--format", "parquet", "--out", tmp_path / "t.parquet")
    assert said.code == 1
    assert "t.parquet cannot be written: No space left on device" in said.err
    assert list(tmp_path.iterdir()) == []


def test_parquet_is_not_for_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    said = run("targets", "--format", "parquet")
    assert said.code == 2
    assert "add --out FILE" in said.err


# -- judge, lock, diff: 3 only when asked, and only for no ---------------------------------------------------------------------------------


@pytest.fixture
def council(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plugin that brings targets of its own, listed by the project beside the sample pack."""
    register = tmp_path / "council.toml"
    rows = [
        ("high", "at_least", 90.0, "valid_from = 2010-01-01"),
        ("low", "at_least", 10.0, "valid_from = 2010-01-01"),
        ("later", "at_least", 90.0, "only_month = 2031-03-01"),
    ]
    register.write_text(
        "\n".join(
            f'[[target]]\nid = "council.{i}"\nname = "{i}"\nindicators = ["{LIFE}"]\ncomparator = "{c}"\nthreshold = {t}\nunit = "years"\n'
            f'kind = "planning_ambition"\n{force}\nsource = "the council"\nverified = true\n'
            for i, c, t, force in rows
        )
    )
    module = types.ModuleType("council_plugin")
    module.jsnakit_targets = hookimpl(lambda: iter([register]))  # type: ignore[attr-defined]  # a module takes any attribute
    import jsnakit._plugins as plugins

    (sample,) = (p for p in plugins.installed_plugins() if p.name == "sample")
    monkeypatch.setattr("jsnakit._plugins.installed_plugins", lambda group="": (plugin("council", lambda: module), sample))
    (project / "jsna.toml").write_text('[jsna]\narea = "E06000009"\narea_type = "ltla"\npacks = ["sample"]\nplugins = ["council"]\n')
    return register


@pytest.mark.parametrize(("target", "strict"), [("council.high", 3), ("council.low", 0), ("council.later", 0)])
def test_a_verdict_is_done_and_a_miss_is_no_only_when_strict(run: Run, council: Path, target: str, strict: int) -> None:
    words = ("judge", target, "--area", "Blackpool", "--since", "2021", "--format", "csv")
    said = run(*words)
    assert said.code == 0
    (row,) = csv.DictReader(io.StringIO(said.out))
    assert row["outcome"] == {"high": "NOT_MET", "low": "MET", "later": "NOT_COMPARABLE"}[target.rpartition(".")[2]]
    assert [c for c in row if c not in observations.COLUMNS] == ["outcome", "rule", "because", "target"]
    assert row["period_start"] == "2021-01-01"
    assert run(*words, "--strict").code == strict


def test_the_first_question_writes_the_lock_and_a_changed_pack_is_an_error_until_it_is_updated(run: Run, project: Path) -> None:
    assert run("observe", LIFE, "--area", "Blackpool").code == 0
    lock = project / "jsna.lock"
    good = lock.read_bytes()
    (row,) = json.loads(run("lock", "--format", "json").out)
    assert (row["kind"], row["what"]) == ("pack", "sample")
    assert row["sha256"] in good.decode()
    other = good.decode().replace(row["sha256"], "0" * 64)
    lock.write_text(other)
    for words in (("observe", LIFE), ("lock",)):
        assert run(*words).code == 1
    tried = run("lock", "--update", "--dry-run", "--format", "csv")
    assert tried.code == 0
    assert "sample: pack" in tried.err
    assert next(csv.reader(io.StringIO(tried.out))) == list(REVISION_COLUMNS)
    assert lock.read_text() == other
    assert run("lock", "--update", "--strict").code == 3
    assert lock.read_bytes() == good
    assert run("lock", "--update", "--strict").code == 0
    unknown = run("lock", "falls")
    assert unknown.code == 1
    assert "it holds sample" in unknown.err


def test_diff_says_what_is_new_revised_and_gone(run: Run, with_falls: Any, falls_files: list[Path], tmp_path: Path) -> None:
    before, after = tmp_path / "before.csv", tmp_path / "after.parquet"
    run("read", "falls", falls_files[0], "--format", "csv", "--out", before)
    same = run("diff", before, before, "--strict")
    assert (same.code, same.err) == (0, "0 added, 0 revised, 0 gone\n")
    falls_files[0].write_text(falls_files[0].read_text().replace("2100.5", "2101").replace("falls.beds,E06000009,2020,_T,30\n", ""))
    run("read", "falls", falls_files[0], "--format", "parquet", "--out", after)
    changed = run("diff", before, after, "--format", "json")
    assert (changed.code, changed.err) == (0, "0 added, 1 revised, 1 gone\n")
    assert [(r["change"], r["value"], r["value_before"]) for r in json.loads(changed.out)] == [("gone", None, 30.0), ("revised", 2101.0, 2100.5)]
    assert run("diff", before, after, "--strict").code == 3


# -- a live publisher, the cache ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def publisher(with_falls: Any, falls_files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A web server of the two files, which the store admits, and a project that knows nothing of it yet."""
    folder = tmp_path / "www"
    folder.mkdir()
    for path in falls_files:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "index.html").write_text("2020.csv\n2021.csv\n")

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"127.0.0.1:{server.server_port}"
    monkeypatch.setattr(type(with_falls), "base", f"http://{address}")
    monkeypatch.setattr("jsnakit.workspace.Store", lambda *a, **k: Store(*a, **k, allow={address}, interval=0))
    project = tmp_path / "live"
    project.mkdir()
    (project / "jsna.toml").write_text('[jsna]\narea = "E06000009"\n')
    monkeypatch.chdir(project)
    yield folder
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.enable_socket
def test_from_a_question_to_another_machine(run: Run, publisher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run("observe", "falls.rate", "--area", "Blackpool", "--format", "csv")
    assert first.code == 0
    assert first.err == "falls.rate: 2 rows from falls; left out, broken down by age (2 rows)\n"
    pinned = json.loads(run("lock", "falls", "--format", "json").out)
    assert [p["what"].rpartition("/")[2] for p in pinned] == ["2020.csv", "2021.csv"]
    assert {p["url"].rpartition("/")[2] for p in json.loads(run("cache", "list", "--format", "json").out)} >= {"2020.csv", "2021.csv"}
    assert run("cache", "export", tmp_path / "cache.zip").out.startswith("2 files written")
    monkeypatch.setenv("JSNAKIT_CACHE", str(tmp_path / "elsewhere"))
    closed = run("--offline", "observe", "falls.rate")
    assert closed.code == 1
    assert "hint: " in closed.err
    assert run("cache", "import", tmp_path / "cache.zip").out == "2 files taken in\n"
    assert run("--offline", "observe", "falls.rate", "--area", "Blackpool", "--format", "csv").out == first.out
    assert run("cache", "verify", "--strict").code == 0
    victim = max((p for p in (tmp_path / "elsewhere").rglob("*") if p.is_file() and len(p.name) >= 60), key=lambda p: p.stat().st_size)
    victim.chmod(0o644)
    victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    assert run("cache", "verify").code == 0
    assert run("cache", "verify", "--strict").code == 3
    assert "files deleted" in run("cache", "clear").out
    assert json.loads(run("cache", "list", "--format", "json").out) == []


@pytest.mark.enable_socket
def test_an_update_shows_the_data_that_changed(run: Run, publisher: Path) -> None:
    assert run("observe", "falls.rate").code == 0
    page = publisher / "2021.csv"
    page.write_text(page.read_text().replace("2200", "2250"))
    os.utime(page, (4_000_000_000, 4_000_000_000))
    assert "2,200" in run("observe", "falls.rate").out, "the lock holds"
    said = run("lock", "--update", "--strict", "--format", "json")
    assert said.code == 3
    assert "falls: 0 added, 1 revised, 0 gone" in said.err
    assert [(r["value_before"], r["value"]) for r in json.loads(said.out)] == [(2200.0, 2250.0)]
    assert "2,250" in run("--offline", "observe", "falls.rate").out


# -- doctor ------------------------------------------------------------------------------------------------------------------------------


def distribution(folder: Path, name: str, *points: str, code: str | None = None, module: str = "", group: str = "jsnakit.v1") -> None:
    """What a package's installation leaves on the path: its metadata, and a module."""
    info = folder / f"{name.replace('-', '_')}-2.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.1\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n" + "".join(f"{point}\n" for point in points))
    if code is not None:
        (folder / f"{module}.py").write_text(code)


HOOK = "from jsnakit import hookimpl\n\n\n@hookimpl\ndef {hook}():\n    return []\n"


def test_doctor_names_the_culprit_and_the_line_to_add(run: Run, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "site"
    distribution(path, "jsnakit-broken", "broken = doctor_broken", code="raise RuntimeError('half a plugin')\n", module="doctor_broken")
    distribution(path, "jsnakit-quits", "quits = doctor_quits", code="raise SystemExit(0)\n", module="doctor_quits")
    distribution(path, "jsnakit-misspelt", "misspelt = doctor_misspelt", code=HOOK.format(hook="jsnakit_surces"), module="doctor_misspelt")
    distribution(path, "jsnakit-later", "later = doctor_later", group="jsnakit.v2")
    distribution(path, "jsnakit-twin-one", "twin = doctor_twin", code=HOOK.format(hook="jsnakit_sources"), module="doctor_twin")
    distribution(path, "jsnakit-twin-two", "twin = doctor_twin")
    distribution(path, "jsnakit-council", "council = doctor_council", code=HOOK.format(hook="jsnakit_targets"), module="doctor_council")
    (path / "jsnakit_half_gone-1.0.dist-info").mkdir()
    (path / "jsnakit_half_gone-1.0.dist-info" / "entry_points.txt").write_text("[jsnakit.v1]\nhalf = doctor_half\n")
    monkeypatch.syspath_prepend(path)
    said = run("doctor")
    assert said.code == 0
    assert run("doctor", "--strict").code == 3
    plugins, _, problems = said.out.partition("problems:")
    assert "broken  jsnakit-broken 2.1  cannot be used" in plugins
    assert 'council  jsnakit-council 2.1  targets, not active: write plugins = ["council"] under [jsna] in jsna.toml' in plugins
    assert "pack, active" in plugins
    assert "pack: sample" in plugins
    assert "plugin 'broken' (jsnakit-broken 2.1): cannot be imported: RuntimeError: half a plugin" in problems
    assert "plugin 'quits' (jsnakit-quits 2.1): cannot be imported: SystemExit" in problems
    assert "jsnakit_surces" in problems
    assert problems.count("two distributions offer 'twin': jsnakit-twin-one and jsnakit-twin-two") == 1
    assert "later (jsnakit-later 2.1) needs a later jsnakit (contract 2): pip install --upgrade jsnakit" in problems
    assert "plugin 'half' (unknown 0)" in problems
    for name in [m for m in sys.modules if m.startswith("doctor_")]:
        monkeypatch.delitem(sys.modules, name)


def test_doctor_on_a_sound_installation(run: Run, project: Path, with_falls: Any) -> None:
    (project / "jsna.toml").write_text('[jsna]\narea = "E06000009"\n')
    said = run("doctor", "--strict")
    assert said.code == 0
    assert "falls  jsnakit-falls 1.0  source, active when asked for" in said.out
    assert "no problem found" in said.out
    (project / "jsna.toml").write_text('[jsna]\nplugins = ["fals"]\npacks = ["simple"]\n')
    said = run("doctor")
    assert "no installed plugin is called 'simple'" in said.out
    assert "no installed plugin is called 'fals' - did you mean 'falls'?" in said.out.replace(" - hint: ", " - ")


def test_doctor_writes_a_second_pack_into_the_line_that_is_there(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("pack_plugin")
    module.jsnakit_packs = hookimpl(lambda: iter([]))  # type: ignore[attr-defined]  # a module takes any attribute
    import jsnakit._plugins as plugins

    (sample,) = (p for p in plugins.installed_plugins() if p.name == "sample")
    monkeypatch.setattr("jsnakit._plugins.installed_plugins", lambda group="": (plugin("more", lambda: module), sample))
    assert 'write packs = ["sample", "more"] under [jsna]' in run("doctor").out


# -- as a process ------------------------------------------------------------------------------------------------------------------------

PROGRAM = [sys.executable, "-c", "from jsnakit.cli import main; main()"]


def test_a_reader_who_has_had_enough_is_no_error() -> None:
    with subprocess.Popen([*PROGRAM, "areas", "--format", "csv"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b'"scheme"')
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_console_of_another_age_loses_letters_and_files_do_not(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    path = tmp_path / "mine"
    distribution(path, "jsnakit-accents", "accents = cli_accents", code=HOOK.format(hook="jsnakit_sources"), module="cli_accents")
    shown = subprocess.run([*PROGRAM, "judge", "x–é"], capture_output=True, env=environment, check=False)
    assert shown.returncode == 1
    assert b"there is no target 'x" in shown.stderr
    printed = "import pyarrow as pa, sys; sys.stdout.reconfigure(errors='replace'); from jsnakit.printing import print_table; print_table(pa.table({'name': ['Ynys Môn']}), sys.argv[1])"
    table, data = (
        subprocess.run([sys.executable, "-c", printed, form], capture_output=True, env=environment, check=True).stdout for form in ("table", "csv")
    )
    assert table.split(b"\n")[1] == b"Ynys M?n"
    assert data.decode() == '"name"\n"Ynys Môn"\n'


@pytest.mark.skipif(sys.platform == "win32", reason="a process on Windows cannot be sent Ctrl-C alone")
def test_ctrl_c_stops_without_a_traceback(tmp_path: Path) -> None:
    code = "import sys, time\nprint('here', flush=True)\ntime.sleep(60)\n"
    distribution(tmp_path, "jsnakit-slow", "slow = cli_slow", code=code, module="cli_slow")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    with subprocess.Popen([*PROGRAM, "indicators"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.strip() == b"stopped"


def test_debug_shows_a_traceback_in_a_process() -> None:
    shown = subprocess.run([*PROGRAM, "--debug", "areas", "--type", "utal"], capture_output=True, text=True, check=False)
    assert shown.returncode == 1
    assert "Traceback" in shown.stderr
    assert "InvalidValueError" in shown.stderr
