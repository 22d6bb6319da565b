"""`jsnakit new-source`: what it writes installs, passes its own tests, and is held to the habits of this repository, whatever it is called."""

from __future__ import annotations

import ast
import csv
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jsnakit
from jsnakit import scaffold
from jsnakit._plugins import FIRST_PARTY, Installed
from jsnakit.errors import CacheWriteError, InvalidValueError, PluginConflictError
from jsnakit.sources import read_indicators

ROOT = Path(__file__).parent.parent
# One run of pytest on several plugins: each has a file `test_contract.py`.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", ".", "-c", os.devnull]
ODD = ("a", "a1", "x-2_3", "source", "test", "class", "query", "jsna-kit", "q" * 40)

names = (
    st.from_regex(r"[a-z][a-z0-9]{0,9}([-_][a-z0-9]{1,9}){0,3}", fullmatch=True)
    .filter(lambda name: len(name) <= 40 and name not in FIRST_PARTY and not name.startswith(("jsnakit-", "jsnakit_")))
    .filter(lambda name: name not in ("local", "rtt", "sample"))
)


def distribution(name: str) -> str:
    return "jsnakit-" + name.replace("_", "-")


def run(*words: str | Path, cwd: Path, python_path: list[Path] | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV_"))} | {"PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, python_path or []))
    return subprocess.run([str(w) for w in words], cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)


# -- what is written ---------------------------------------------------------------------------------------------------------------------


@given(st.one_of(names, st.sampled_from(ODD)))
def test_every_file_holds_the_name_as_its_reader_has_it(name):
    with tempfile.TemporaryDirectory() as folder:
        made = scaffold.new_source(name, Path(folder) / "plugin")
        package = distribution(name).replace("-", "_")
        files = {p.relative_to(made).as_posix(): p.read_text(encoding="utf-8") for p in made.rglob("*") if p.is_file()}
        assert f"src/{package}/py.typed" in files
        assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "tests/test_contract.py", f"src/{package}/support.toml"} <= set(files)
        for path, text in files.items():
            assert "{{" not in text, path
            assert path.endswith("py.typed") or text.endswith("\n"), path
            if path.endswith(".py"):
                ast.parse(text, path)
            elif path.endswith(".toml"):
                tomllib.loads(text)
        project = tomllib.loads(files["pyproject.toml"])["project"]
        # As pip writes a name, so that nobody has to.
        assert project["name"] == re.sub(r"[-_.]+", "-", project["name"]).lower() == distribution(name)
        assert project["entry-points"] == {"jsnakit.v1": {name: package}}
        assert package.isidentifier()
        indicators = read_indicators(made / "src" / package / "indicators.toml", where="the plugin")
        assert {i.source for i in indicators} == {name}
        assert f'id="{name}"' in files[f"src/{package}/source.py"]


def test_it_asks_for_this_jsnakit_and_stays_below_the_next(tmp_path):
    needs = tomllib.loads((scaffold.new_source("meals", tmp_path / "x") / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    core = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    major, minor, _ = jsnakit.__version__.split(".")
    assert needs[0] == f"jsnakit>={major}.{minor},<{major}.{int(minor) + 1}"
    assert set(needs[1:]) <= set(core["dependencies"]), "what else it needs comes with jsnakit, under the same bound"


def test_every_template_is_used_and_ships():
    folder = Path(scaffold.__file__).parent / "template"
    assert sorted(p.name for p in folder.iterdir()) == sorted(scaffold._FILES.values())
    assert all(p.suffix == ".txt" for p in folder.iterdir()), "no tool takes a template for code of ours"


# -- it works at once --------------------------------------------------------------------------------------------------------------------


@settings(max_examples=2)  # each starts a pytest of its own
@given(st.lists(names, min_size=3, max_size=3, unique_by=distribution))
def test_whatever_it_is_called_it_passes_its_own_tests(chosen):
    with tempfile.TemporaryDirectory() as folder:
        made = [scaffold.new_source(name, Path(folder) / distribution(name)) for name in chosen]
        ran = run(*PYTEST, *(p / "tests" for p in made), cwd=Path(folder), python_path=[p / "src" for p in made])
        assert ran.returncode == 0, ran.stdout + ran.stderr
        (passed,) = re.findall(r"^(\d+) passed in", ran.stdout, re.MULTILINE)
        assert int(passed) % 3 == 0
        assert int(passed) >= 3 * 15


def test_odd_names_pass_too(tmp_path):
    made = [scaffold.new_source(name, tmp_path / distribution(name)) for name in ODD]
    ran = run(*PYTEST, *(p / "tests" for p in made), cwd=tmp_path, python_path=[p / "src" for p in made])
    assert ran.returncode == 0, ran.stdout + ran.stderr


MUTATIONS = {
    "withheld-is-normal": ('pc.if_else(pc.is_null(visits), "suppressed", "normal")', '"normal"'),
    "withheld-is-zero": ('visits = pc.cast(table["visits"], pa.float64())', 'visits = pc.fill_null(pc.cast(table["visits"], pa.float64()), 0.0)'),
    "per-hundred": ("1000.0", "100.0"),
    "all-areas": ("if wanted is not None:", "if wanted is None:"),
    "all-indicators": ("if not query.indicators or indicator in query.indicators:", "if True:"),
    "another-mark": ('missing=("*",)', 'missing=("x",)'),
    "any-link": ("resource.period is not None and", "False and"),
    "page-kept": (", volatile=True", ""),
    "other-columns": ('header=("Visits",)', 'header=("Visitors",)'),
    "other-id": ("{name}.visits_rate", "{name}.rate"),
    "no-host": ('homepage=PAGE,\n        attribution="', 'homepage="",\n        attribution="'),
}


def test_a_mistake_in_it_is_found_by_its_own_tests(tmp_path):
    """Eleven mistakes that an author could make, each in a plugin of its own."""
    made = {}
    for name, change in MUTATIONS.items():
        made[name] = scaffold.new_source(name, tmp_path / name)
        source = next(made[name].rglob("source.py"))
        text = source.read_text(encoding="utf-8")
        right, wrong = (words.replace("{name}", name) for words in change)
        assert right in text, name
        source.write_text(text.replace(right, wrong), encoding="utf-8")
    ran = run(*PYTEST, "--tb=no", "-rfE", *(p / "tests" for p in made.values()), cwd=tmp_path, python_path=[p / "src" for p in made.values()])
    failed = set(re.findall(r"^(?:FAILED|ERROR) ([\w-]+)/tests", ran.stdout, re.MULTILINE))
    assert failed == set(MUTATIONS), ran.stdout + ran.stderr


@pytest.mark.parametrize("name", ["m", "school-meals_2", "q" * 40])
def test_it_is_held_to_the_style_of_this_repository(name, tmp_path):
    """As a plugin among ours: under this `pyproject.toml`, with jsnakit beside it."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src").symlink_to(ROOT / "src", target_is_directory=True)
    scaffold.new_source(name, tmp_path / "plugins" / distribution(name))
    for words, said in ((("check",), "All checks passed!"), (("format", "--check", "--diff"), "")):
        ran = run(sys.executable, "-m", "ruff", *words, "--no-cache", "plugins", cwd=tmp_path)
        assert (ran.returncode, ran.stdout.strip()) == (0, said), ran.stdout + ran.stderr
        assert "No Python files" not in ran.stderr


def test_its_types_are_strict_and_are_looked_at(tmp_path):
    """By the settings in its own `pyproject.toml`, which are strict, and by what this repository asks for beyond."""
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert ours["strict"]
    asked = ["--warn-unreachable", *(part for code in ours["enable_error_code"] for part in ("--enable-error-code", code))]
    words = (sys.executable, "-m", "mypy", *asked, "--cache-dir", tmp_path / "cache", "src", "tests")
    made = scaffold.new_source("school-meals", tmp_path / "school-meals")
    ran = run(*words, cwd=made, python_path=[made / "src"])
    assert (ran.returncode, ran.stdout) == (0, "Success: no issues found in 3 source files\n"), ran.stdout + ran.stderr
    source = next(made.rglob("source.py"))
    source.write_text(source.read_text(encoding="utf-8").replace("-> Sequence[Indicator]", ""), encoding="utf-8")
    ran = run(*words, cwd=made, python_path=[made / "src"])
    assert ran.returncode == 1
    assert "no-untyped-def" in ran.stdout, "its settings are strict"


def test_it_installs_with_pip_and_is_there_for_the_command(tmp_path):
    """In an environment of its own, by pip, editable, with no network: what it rests on is seen from there through a path, not copied."""
    try:
        import ensurepip  # noqa: F401  # some systems ship Python without it
    except ImportError:
        pytest.skip("this Python has no ensurepip, so no environment with pip can be made")
    home = tmp_path / "env"
    made_env = run(sys.executable, "-m", "venv", home, cwd=tmp_path)
    assert made_env.returncode == 0, made_env.stdout + made_env.stderr
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    (library,) = home.rglob("site-packages")
    # As an editable install of the checkout, and of what it rests on.
    (library / "what_it_rests_on.pth").write_text(
        f"{ROOT / 'src'}\n{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n", encoding="utf-8"
    )
    jsnakit_here = ("-c", "from jsnakit.cli import main; main()")

    made = run(python, *jsnakit_here, "new-source", "school-meals", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "jsnakit-school-meals"
    pip = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "-e", ".")
    installed = run(python, *pip, cwd=folder)
    assert installed.returncode == 0, installed.stdout + installed.stderr

    tested = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert re.search(r"^\d\d passed in", tested.stdout, re.MULTILINE)

    listed = run(python, *jsnakit_here, "sources", "--format", "csv", cwd=tmp_path)
    assert [*csv.reader(listed.stdout.splitlines())][-1] == [
        "school-meals", "source", "Library visits", "Example Library Service", "OGL-UK-3.0", "jsnakit-school-meals 0.1.0",
    ]  # fmt: skip
    read = run(python, *jsnakit_here, "read", "school-meals", folder / "tests" / "specimens" / "2024-25.csv", "--names", cwd=tmp_path)
    assert (read.returncode, read.stderr) == (0, "")
    assert re.search(r"Library visits per 1,000 residents +ltla +E06000009 +Blackpool +2024-04-01 +2024/25 +2,000 ", read.stdout)

    again = run(python, *jsnakit_here, "new-source", "school_meals", "--out", "another", cwd=tmp_path)
    assert again.returncode == 1
    assert "jsnakit-school-meals 0.1.0" in again.stderr
    assert not (tmp_path / "another").exists()


# -- what is refused ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("School Meals", "school-meals"),
        ("schoolMeals!", "schoolmeals"),
        ("meals-", "meals"),
        ("_meals", "meals"),
        ("school--meals", "school-meals"),
        ("school.meals", "school-meals"),
        ("jsnakit-meals", "meals"),
        ("jsnakit_meals", "meals"),
        ("meals\n", "meals"),
        ("m" * 41, "m" * 40),
        ("../meals", "meals"),
        ("écoles", "coles"),
    ],
)
def test_what_is_no_name_is_refused_with_the_nearest_that_is(name, near, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidValueError) as caught:
        scaffold.new_source(name)
    assert caught.value.hint == f"did you mean {near!r}?"
    assert caught.value.value == name
    assert not list(tmp_path.iterdir())
    assert scaffold.new_source(near).name == f"jsnakit-{near}"


@pytest.mark.parametrize("name", ["", "2024", "-", "___", "１", "ß"])
def test_where_no_name_is_near_one_is_shown(name, tmp_path):
    with pytest.raises(InvalidValueError, match="is not a name for a source") as caught:
        scaffold.new_source(name, tmp_path / "x")
    assert caught.value.hint == "for example school-meals"


@given(st.text(max_size=45))
def test_a_name_is_taken_or_refused_and_never_half_taken(name):
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "plugin"
        try:
            scaffold.new_source(name, target)
        except (InvalidValueError, PluginConflictError):
            assert not target.exists()
        else:
            assert re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", name)
            assert (target / "pyproject.toml").exists()


@pytest.mark.parametrize("name", sorted(FIRST_PARTY))
def test_a_name_of_our_own_is_refused_installed_or_not(name, tmp_path, monkeypatch):
    for installed in ((), None):
        if installed is not None:
            monkeypatch.setattr("jsnakit._plugins.installed_plugins", lambda group="jsnakit.v1": ())
        with pytest.raises(PluginConflictError) as caught:
            scaffold.new_source(name, tmp_path / "x")
        assert FIRST_PARTY[name] in caught.value.claimants
        assert "choose another name" in caught.value.hint
    assert not (tmp_path / "x").exists()


def test_the_name_of_the_councils_own_figures_is_refused(tmp_path):
    with pytest.raises(PluginConflictError, match="a council's own figures") as caught:
        scaffold.new_source("local", tmp_path / "x")
    assert caught.value.claimants == ("jsnakit", "jsnakit-local")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("name", "point", "who"),
    [
        ("school-meals", "school_meals", "somebodys-meals"),
        ("school_meals", "school-meals", "somebodys-meals"),
        ("school-meals", "meals", "jsnakit_school_meals"),
        ("school_meals", "meals", "Jsnakit-School-Meals"),
        ("school-meals", "school.meals", "somebodys-meals"),
    ],
)
def test_a_name_that_an_installed_plugin_has_is_refused(name, point, who, tmp_path, monkeypatch):
    other = Installed(name=point, module="x", distribution=who, version="1.2", load=lambda: None)
    monkeypatch.setattr("jsnakit._plugins.installed_plugins", lambda group="jsnakit.v1": (other,))
    with pytest.raises(PluginConflictError, match=rf"{re.escape(who)} 1\.2"):
        scaffold.new_source(name, tmp_path / "x")
    assert not (tmp_path / "x").exists()
    assert scaffold.new_source("school-dinners", tmp_path / "x").exists()


def test_nothing_is_ever_written_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jsnakit-empty").mkdir()
    (tmp_path / "jsnakit-file").write_text("mine", encoding="utf-8")
    (tmp_path / "jsnakit-nowhere").symlink_to(tmp_path / "gone")
    for name in ("empty", "file", "nowhere"):
        with pytest.raises(CacheWriteError, match="exists already; nothing was written"):
            scaffold.new_source(name)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["jsnakit-empty", "jsnakit-file", "jsnakit-nowhere"]
    assert (tmp_path / "jsnakit-file").read_text(encoding="utf-8") == "mine"
    with pytest.raises(CacheWriteError, match="cannot be made"):
        scaffold.new_source("meals", tmp_path / "jsnakit-file" / "x")


def test_a_disk_that_fills_up_leaves_no_half_a_plugin(tmp_path, monkeypatch):
    real = scaffold._filled

    def full(text, words):
        if "[[trap]]" in text:
            raise OSError(28, "No space left on device")
        return real(text, words)

    monkeypatch.setattr(scaffold, "_filled", full)
    with pytest.raises(CacheWriteError, match="No space left on device"):
        scaffold.new_source("meals", tmp_path / "a" / "meals")
    assert not (tmp_path / "a" / "meals").exists()
