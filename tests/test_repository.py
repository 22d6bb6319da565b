"""Habits that a new plugin, session or requirement could quietly fall out of."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLUGINS = sorted((ROOT / "plugins").glob("*/pyproject.toml"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.parent.name)
def test_a_plugin_is_held_to_every_habit(path):
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    package = project["name"].replace("-", "_")
    tools = PYPROJECT["tool"]
    assert package in tools["importlinter"]["root_packages"]
    assert all(package in c["source_modules"] for c in tools["importlinter"]["contracts"] if c["id"] == "plugins")
    assert f"plugins/{path.parent.name}/src" in tools["mypy"]["mypy_path"]
    assert package in tools["coverage"]["run"]["source_pkgs"]
    (bound,) = [need for need in project["dependencies"] if re.match(r"jsnakit\b(?!-)", need)]
    assert ">=" in bound, "a plugin says which jsnakit it needs at least"
    assert "<" in bound, "and below which later one it stays"
    assert "jsnakit.v1" in project["entry-points"]
    for name in ("CHANGELOG.md", "LICENSE", f"src/{package}/py.typed", "tests"):
        assert (path.parent / name).exists(), f"{path.parent.name} lacks {name}"


def test_ci_runs_every_session_but_bench_and_lock():
    source = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    sessions = {f.name for f in source.body if isinstance(f, ast.FunctionDef) and any("session" in ast.unparse(d) for d in f.decorator_list)}
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    listed = " ".join(re.findall(r'^(?:light="|for session in )([a-z ]+)(?:"$|; do$)', script, re.MULTILINE)).split()
    assert sorted([*listed, "tests"]) == sorted(sessions - {"bench", "lock"}), "each once"


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="the script is for bash")
@pytest.mark.parametrize(("broken", "code"), [("", 0), ("types", 1), ("faults", 1), ("tests", 1)])
def test_ci_fails_where_any_session_fails_and_ends_with_the_summary_of_the_tests(broken, code, tmp_path):
    """The script itself, with doubles of what it installs and of nox."""
    (tmp_path / ".ci").mkdir()
    script = tmp_path / ".ci" / "run"
    script.write_text((ROOT / ".ci" / "run").read_text(encoding="utf-8"), encoding="utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    double = f"""#!/bin/bash
case "$*" in
  "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python3" ;;
  "-m nox -s tests") echo "======= 12 passed in 3.4s ======="; echo "nox > Session tests was done" ;;
esac
[ "$*" != "-m nox -s {broken}" ]
"""
    for name, text in (("python3", double), ("chromium", "#!/bin/bash\n"), ("chromedriver", "#!/bin/bash\n")):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    ran = subprocess.run(
        ["/bin/bash", str(script)],
        env=os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    *_, sessions, last = ran.stdout.splitlines()
    assert last == "======= 12 passed in 3.4s ======="
    assert sessions == (f"sessions: 10 passed, 1 failed: {broken}" if broken else "sessions: 11 passed, 0 failed")


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.stem)
def test_requirements_are_pinned_and_name_no_place(path):
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert lines
    assert all(re.match(r"[\w.-]+(\[[\w,]+\])?==", line) for line in lines), "every requirement is one version"
    assert text.count("--hash=sha256:") >= len(lines)


def test_what_is_imported_is_declared():
    """Each package that the core imports is among its dependencies, or is one of its extras."""
    declared = [*PYPROJECT["project"]["dependencies"], *(n for e in PYPROJECT["project"]["optional-dependencies"].values() for n in e)]
    names = {re.match(r"[\w.-]+", need)[0].replace("-", "_").lower() for need in declared} | {"jsnakit"}
    # Its import name differs from the distribution's.
    names |= {"markdown_it"} if "markdown_it_py" in names else set()
    foreign = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = (
                [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            )
            foreign |= {(path.name, m.partition(".")[0]) for m in modules}
    from sys import stdlib_module_names

    undeclared = {(file, name) for file, name in foreign if name not in names and name not in stdlib_module_names and name != "_typeshed"}
    assert not undeclared


def test_no_module_is_too_long_to_be_read():
    modules = [p for folder in ("src", "plugins", "docs", "tools", "bench") for p in (ROOT / folder).rglob("*.py") if "_build" not in p.parts]
    assert len(modules) > 80
    assert {str(p.relative_to(ROOT)): n for p in modules if (n := len(p.read_text(encoding="utf-8").splitlines())) > 900} == {}
