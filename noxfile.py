"""What is done to this repository, and how: `nox -l` lists it, `nox -s tests` (the default) does one.

Python packages are pinned with their hashes in `requirements/` (`nox -s lock` renews them), so that a session gives the same answer next month.
Two sessions do without the pins on purpose: `lowest` (the lowest versions our own bounds allow) and `plugins` (the newest, as a user gets them).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests"]

ROOT = Path(__file__).resolve().parent
PLUGINS = tuple(sorted(f"plugins/{path.parent.name}" for path in (ROOT / "plugins").glob("*/pyproject.toml")))
PINS: dict[str, tuple[bool, tuple[str, ...], tuple[str, ...]]] = {
    # file in requirements/: whether our own dependencies are in it, which of our extras, which dependency groups
    # The demonstration shows PDFs too.
    "runtime": (True, ("pdf",), ("build",)),
    "tests": (True, ("testing", "progress", "pdf"), ("build", "tests")),
    "types": (True, ("testing", "progress"), ("types",)),
    # PHStatsMethods is what the benchmark of the methods is measured against: nothing else needs it.
    "bench": (True, ("testing", "progress", "pdf"), ("build", "tests", "bench")),
    "spark": (True, ("testing", "progress"), ("build", "tests", "spark")),
    "browser": (True, ("testing", "progress"), ("build", "tests", "browser")),
    "docs": (True, ("docs", "testing"), ("build",)),
    "lint": (False, (), ("lint",)),
    "layers": (False, (), ("layers",)),
    "build": (False, (), ("build",)),
}


def pinned(session: nox.Session, name: str, *distributions: str, editable: bool = False) -> None:
    """Install the pins of `requirements/<name>.txt` and then our own distributions, unless this environment holds just that already."""
    pins = ROOT / "requirements" / f"{name}.txt"
    inputs = [pins, *(ROOT / d / "pyproject.toml" for d in distributions)]
    if not editable:
        inputs += [path for d in distributions for path in _sources(ROOT / d)]
    wanted = f"{editable} {distributions} {_digest(inputs)}"
    stamp = Path(session.virtualenv.location) / "jsnakit-installed.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        session.log("unchanged since the last install")
        return
    session.install("--require-hashes", "-r", str(pins))
    if distributions:
        # One command for all, so that they are resolved together; the pins above hold the build tool as well.
        again = ["--reinstall-package=" + _name(d) for d in distributions] if session.venv_backend == "uv" else []
        flags = [part for d in distributions for part in (["-e", d] if editable else [str(ROOT / d)])]
        session.install("--no-deps", "--no-build-isolation", *again, *flags)
    stamp.write_text(wanted, encoding="utf-8")


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(str(path.relative_to(ROOT)).encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _project(distribution: str) -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((ROOT / distribution / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _name(distribution: str) -> str:
    return str(_project(distribution)["name"])


def _source_path() -> str:
    """Our packages straight from their folders, for tools that only read them."""
    return os.pathsep.join(str(ROOT / d / "src") for d in (".", *PLUGINS))


@nox.session
def demo(session: nox.Session) -> None:
    """Build a real JSNA for Blackpool into demo-site/ from figures that ship with the project, and say where to open it; `nox -s demo -- editions` publishes two editions of it too."""
    pinned(session, "runtime", ".", *PLUGINS)
    project, site = ROOT / "demo-jsna", ROOT / "demo-site"
    if not (project / "jsna.toml").exists():
        session.run("jsnakit", "new", str(project), "--area", "Blackpool")
        # A file of the council's own, and the chapter that shows it.
        shutil.copytree(ROOT / "docs" / "tutorials" / "own-figures", project, dirs_exist_ok=True)
    session.run("jsnakit", "build", str(project), "--out", str(site), "--pdf")
    index = site / "index.html"
    if not index.is_file():
        session.error(f"the build wrote no {index}")
    session.log(f"The site is ready. Open {index.as_uri()}")
    session.log(f"(the file {index}; its chapters are written in {project / 'chapters'})")
    if "editions" in session.posargs:
        _editions(session, project, site)


def _editions(session: nox.Session, project: Path, site: Path) -> None:
    """Two editions beside an assessment from before them (a chapter of the demonstration stands for it), with a figure, the finding drawn from it and a sentence changed between the two."""
    out = ROOT / "demo-editions"
    if not (project / "editions").exists():
        (project / "earlier").mkdir(exist_ok=True)
        shutil.copy(site / "place" / "place.pdf", project / "earlier" / "jsna-2019.pdf")
        with (project / "jsna.toml").open("a", encoding="utf-8") as settings:
            settings.write(
                '\n[[publications]]\ntitle = "An assessment from before this site"\nfile = "earlier/jsna-2019.pdf"\npublished = 2019-07-01\n'
            )
        session.run("jsnakit", "build", str(project), "--edition", "2026-10", "--on", "2026-10-07", "--out", str(out), "--pdf")
        for path, before, after in (
            (project / "local" / "staff-sickness.csv", "6.47", "5.97"),
            (project / "chapters" / "05-our-own-figures.md", "that no publisher has", "that nobody else has"),
        ):
            text = path.read_text(encoding="utf-8")
            if before not in text:
                session.error(f"{path} does not hold {before!r}")
            path.write_text(text.replace(before, after), encoding="utf-8")
    session.run("jsnakit", "refresh", str(project))
    session.run("jsnakit", "build", str(project), "--edition", "2026-11", "--on", "2026-11-04", "--out", str(out), "--pdf")
    session.run("jsnakit", "--project", str(project), "diff", "2026-10", "2026-11")
    session.log(f"The editions are ready. Open {(out / 'index.html').as_uri()}")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the quick whole: every test but those marked `faults`, and every example in a docstring. Arguments go to pytest."""
    pinned(session, "tests", ".", *PLUGINS, editable=True)
    session.run("pytest", "-m", "not faults and not spark", "-n", "2", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Run kills, races and mutations at their full counts, four at a time: most of their time is waiting."""
    pinned(session, "tests", ".", *PLUGINS, editable=True)
    session.run("pytest", "-m", "faults", "--hypothesis-profile", "faults", "-n", "4", *session.posargs)


@nox.session
def spark(session: nox.Session) -> None:
    """Hold the estimates to the same answers on PySpark as on every other engine, on two local cores; it needs Java."""
    pinned(session, "spark", ".", *PLUGINS, editable=True)
    # PySpark talks to its Java process over a local socket, and says of pandas 3 that it does not yet fully support it.
    quiet = ["-W", "ignore:PySpark does not yet fully support pandas:FutureWarning", "-W", "ignore::ResourceWarning"]
    session.run("pytest", "-m", "spark", "--force-enable-socket", *quiet, *(session.posargs or ["tests/methods/test_spark.py"]))


@nox.session
def browser(session: nox.Session) -> None:
    """Read the site as people do, in Chromium: axe, keyboard, narrow screens, frames, scripts off, and names that would be markup. Arguments go to pytest."""
    pinned(session, "browser", ".", *PLUGINS, editable=True)
    session.run("pytest", "-n", "2", "--dist", "worksteal", *(session.posargs or ["tests/browser"]))


@nox.session
def lowest(session: nox.Session) -> None:
    """Run the tests on the lowest direct dependencies that our bounds allow (not the docstring examples: they run in `tests`)."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    flags = [part for d in PLUGINS for part in ("-e", d)]
    wanted = ["--resolution", "lowest-direct", "-e", ".[testing,progress]", *flags, *groups["tests"], *groups["build"]]
    if session.venv_backend == "uv":
        session.install(*wanted)
    else:
        session.install("uv")
        session.run("uv", "pip", "install", "--python", str(Path(session.bin) / "python"), *wanted)
    session.run("pytest", "-m", "not faults and not spark", "-n", "2", *(session.posargs or ["tests", *(f"{d}/tests" for d in PLUGINS)]))


@nox.session
def types(session: nox.Session) -> None:
    """Check every type, strictly, in the sources and in what a user would write (typing_tests/)."""
    pinned(session, "types")
    session.run("mypy", "src", *(f"{d}/src" for d in PLUGINS), "typing_tests", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and spelling."""
    pinned(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell")


@nox.session
def layers(session: nox.Session) -> None:
    """Hold the rooms of the design: who may import whom."""
    pinned(session, "layers")
    session.run("lint-imports", env={"PYTHONPATH": _source_path()})


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning or a broken reference is an error."""
    pinned(session, "docs", ".", *PLUGINS, editable=True)
    shutil.rmtree(ROOT / "docs" / "_build", ignore_errors=True)
    session.run("sphinx-build", "-n", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html", *session.posargs)
    session.log(f"Open {(ROOT / 'docs' / '_build' / 'html' / 'index.html').as_uri()}")


@nox.session(reuse_venv=False)
def plugins(session: nox.Session) -> None:
    """Build every distribution, install the wheels as a user would (newest dependencies, nothing editable), and run each plugin's own tests on them."""
    pinned(session, "build")
    out = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(out, ignore_errors=True)
    for distribution in (".", *PLUGINS):
        with session.chdir(ROOT / distribution):
            session.run("python", "-m", "hatchling", "build", "-d", str(out))
    core = _wheel(out, ".")
    # What the plugins' own tests need besides: one writes workbooks.
    session.install(f"{core}[testing]", "openpyxl", "pytest-socket")
    # A new plugin, in an environment that holds nothing of ours but jsnakit and its tests.
    new = out.parent / "jsnakit-trial"
    shutil.rmtree(new, ignore_errors=True)
    session.run("jsnakit", "new-source", "trial", "--out", str(new))
    session.install("-e", f"{new}[testing]")
    session.run("pytest", str(new), "--rootdir", str(new), "-c", str(new / "pyproject.toml"), "--disable-socket")
    for distribution in PLUGINS:
        session.install(str(_wheel(out, distribution)))
        session.run("pytest", "-m", "not faults and not spark", f"{distribution}/tests", *session.posargs)
    session.run("python", "-c", "import jsnakit, pathlib; assert 'site-packages' in pathlib.Path(jsnakit.__file__).parts, jsnakit.__file__")
    session.run("jsnakit", "sources")


def _wheel(folder: Path, distribution: str) -> Path:
    (wheel,) = folder.glob(f"{_name(distribution).replace('-', '_')}-*.whl")
    return wheel


@nox.session
def bench(session: nox.Session) -> None:
    """Measure: `nox -s bench` runs every script of bench/, `nox -s bench -- rtt` the one named; what follows a name is for its script (`methods --json FILE`)."""
    pinned(session, "bench", ".", *PLUGINS, editable=True)
    known = {path.stem: path for path in sorted((ROOT / "bench").glob("[!_]*.py"))}
    first = next((i for i, word in enumerate(session.posargs) if word.startswith("-")), len(session.posargs))
    for name in session.posargs[:first] or known:
        if name not in known:
            session.error(f"no benchmark {name!r}; there are {', '.join(known)}")
        session.run("python", str(known[name]), *session.posargs[first:])


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Renew the pins in requirements/ from the bounds in the pyproject files (needs the package registry)."""
    session.install("uv")
    core = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ours = tuple(_name(d) for d in (".", *PLUGINS))
    runtime = [need for d in (".", *PLUGINS) for need in _project(d).get("dependencies", [])]  # type: ignore[attr-defined]  # a list of text
    for name, (with_runtime, extras, groups) in PINS.items():
        wanted = [*(runtime if with_runtime else []), *(need for e in extras for need in core["project"]["optional-dependencies"][e])]
        wanted += [need for g in groups for need in core["dependency-groups"][g]]
        source = Path(session.create_tmp()) / f"{name}.in"
        foreign = [need for need in wanted if not re.match(rf"({'|'.join(ours)})\b(?!-)", need)]
        source.write_text("\n".join(foreign), encoding="utf-8")
        quiet = ("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet")
        kind = ("--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade")
        session.run("uv", "pip", "compile", *quiet, *kind, str(source), "-o", f"requirements/{name}.txt")
