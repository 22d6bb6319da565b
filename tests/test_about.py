"""`jsnakit source ID`: what a source is, from what its plugin says of itself, and whose fault it is where it cannot say it."""

from __future__ import annotations

import sys
import types

import pytest

from jsnakit import Plugins, cli, hookimpl
from jsnakit._about import MANY, about, headline, plain
from jsnakit._plugins import Installed
from jsnakit.errors import PluginError, SettingsError
from jsnakit.model import Group, Headline, Indicator, Theme
from jsnakit.sources import Evidence, Layout, Support, Trap


@pytest.fixture
def run(capsys, monkeypatch):
    """`jsnakit source` as it is typed: its code, what it prints, and what it says of an error."""

    def typed(*words):
        monkeypatch.setattr(sys, "argv", ["jsnakit", "source", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return left.value.code, said.out, said.err

    return typed


@pytest.fixture
def told(falls, monkeypatch):
    """The source `falls`, installed, saying what the test has it say."""

    def say(support):
        module = types.ModuleType("falls_plugin")
        module.jsnakit_sources = hookimpl(lambda: iter([falls]))
        monkeypatch.setattr(type(falls), "support", lambda self: support() if callable(support) else support)
        installed = Installed(name="falls", module="falls", distribution="jsnakit-falls", version="1.0", load=lambda: module)
        monkeypatch.setattr("jsnakit._plugins.installed_plugins", lambda group="jsnakit.v1": (installed,))
        return falls

    return say


def layout(tested, **said):
    return Layout(**({"name": "wide", "files": "the yearly CSV", "periods": "since 2019"} | said), tested=tested)


def test_it_says_who_publishes_what_is_read_and_what_could_mislead(run, told):
    traps = (Trap(what="A count below 5 is `*`", handled="suppressed, never 0"),)
    told(Support(layouts=(layout(Evidence.REAL_FILES), layout(Evidence.DESCRIBED_SCHEMA, files="the older CSV", periods="to 2018")), traps=traps))
    code, out, err = run("falls")
    assert (code, err) == (0, "")
    assert (
        out
        == """\
falls: Falls

publisher     A council
licence       OGL-UK-3.0
area types    ltla
fetched from  falls.example
homepage      https://falls.example/
plugin        jsnakit-falls 1.0
indicators    2

jsnakit indicators falls lists what it answers for; jsnakit read falls FILE reads a file that you have

layouts
  files           periods     tested on
  the yearly CSV  since 2019  real files
  the older CSV   to 2018     untested on a real file

traps
- A count below 5 is `*`
  Here: suppressed, never 0
"""
    )


def test_a_source_that_says_nothing_of_its_layouts_is_shown_to_say_nothing(run, told):
    told(Support())
    code, out, _ = run("falls")
    assert code == 0
    assert out.endswith("layouts\n  the plugin does not say\n")


def test_the_table_of_layouts_fits_a_terminal(told):
    falls = told(Support(layouts=(layout(Evidence.DESCRIBED_SCHEMA, files="word " * 40, periods="x" * 90),)))
    lines = str(about(Plugins.only(falls).source("falls"))).splitlines()
    (row,) = [line for line in lines if line.startswith("  word")]
    assert len(row) <= 112
    assert "word ..." in row
    assert row.endswith("untested on a real file")


def test_many_indicators_are_counted_by_theme(told, monkeypatch):
    falls = told(Support())
    themes = [Theme.AGE, Theme.HEALTH, Theme.HEALTH, None]
    many = [Indicator(f"falls.n{n}", "Falls", "falls", theme=themes[n % 4]) for n in range(MANY + 4)]
    monkeypatch.setattr(type(falls), "indicators", lambda self: many)
    said = str(about(Plugins.only(falls).source("falls")))
    assert "indicators    64\n" in said
    assert "theme   indicators\nhealth          32\nage             16\nnone            16\n" in said
    monkeypatch.setattr(type(falls), "indicators", lambda self: many[:MANY])
    assert "theme" not in str(about(Plugins.only(falls).source("falls")))


def test_groups_are_counted_where_there_are_any(told, monkeypatch):
    falls = told(Support())
    assert "groups" not in str(about(Plugins.only(falls).source("falls")))
    monkeypatch.setattr(type(falls), "groups", lambda self: (Group("falls.all", "All"),))
    assert "groups        1 of them: jsnakit groups falls\n" in str(about(Plugins.only(falls).source("falls")))


def test_no_text_of_a_plugin_reaches_the_terminal_as_more_than_text(told):
    nasty = "one\x1b[2Jtwo\nthree\u202efour"
    falls = told(Support(layouts=(layout(Evidence.REFUSED, files=nasty),), traps=(Trap(what=nasty, handled=nasty),)))
    said = str(about(Plugins.only(falls).source("falls")))
    assert all(c.isprintable() for c in said.replace("\n", ""))
    assert said.count("one [2Jtwo three four") == 3
    assert plain(nasty) == "one [2Jtwo three four"


def raises(error):
    def say():
        raise error

    return say


@pytest.mark.parametrize(
    ("support", "said"),
    [
        (raises(SettingsError("jsnakit_falls/support.toml: unknown table 'traps'", hint="use [[layout]] and [[trap]]")), "unknown table 'traps'"),
        (raises(ZeroDivisionError("by zero")), "ZeroDivisionError: by zero"),
        (raises(SystemExit(3)), "SystemExit: 3"),
        (lambda: None, "support() gave NoneType, not Support"),
    ],
)
def test_a_fault_of_the_plugin_is_named_as_its_own(run, told, support, said):
    told(support)
    code, out, err = run("falls")
    assert (code, out) == (1, "")
    assert err.startswith("error: plugin 'falls' (jsnakit-falls 1.0): ")
    assert said in err


def test_an_id_that_is_not_there_is_answered_with_the_nearest(run, told):
    told(Support())
    code, _, err = run("fals")
    assert code == 1
    assert "did you mean 'falls'?" in err


def test_every_source_that_is_installed_can_say_what_it_is():
    for entry in Plugins().sources():
        assert not isinstance(entry, PluginError)
        assert str(about(entry)).startswith(f"{entry.id}: ")


def test_the_headline_in_words():
    assert headline(Headline(sex="F", age="65+")) == "sex F, age 65+"
    assert headline(Headline(category_type="decile", category="1")) == "decile 1"
