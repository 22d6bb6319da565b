"""What a source says it supports: read strictly from its TOML file, every mistake named."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jsnakit.errors import SettingsError
from jsnakit.sources import Evidence, Layout, Source, Support, Trap, indicators_from, support_from

LAYOUT = '[[layout]]\nname = "wide"\nfiles = "the yearly CSV"\nperiods = "since 2019"\ntested = "real files"\n'


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Support]:
    """A package `trial_support` whose `support.toml` holds the text given, read."""
    package = tmp_path / "trial_support"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "trial_support", raising=False)

    def read(text: str) -> Support:
        (package / "support.toml").write_text(text, encoding="utf-8")
        return support_from("trial_support", "support.toml")

    return read


def test_layouts_and_traps_are_read_as_written(written):
    said = written(LAYOUT + 'note = "2019 was read"\n[[trap]]\nwhat = "`*`"\nhandled = "suppressed"\n')
    layout = Layout(name="wide", files="the yearly CSV", periods="since 2019", tested=Evidence.REAL_FILES, note="2019 was read")
    assert said == Support(layouts=(layout,), traps=(Trap(what="`*`", handled="suppressed"),))
    assert written("") == Support()


def test_a_described_schema_is_shown_as_untested():
    assert {e.value: e.words for e in Evidence} == {
        "real files": "real files",
        "transcribed figures": "transcribed figures",
        "described schema": "untested on a real file",
        "refused": "refused",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAYOUT + 'rows = "5"\n', "layout 1: unknown key 'rows'"),
        (LAYOUT + LAYOUT.replace("tested", "tesetd"), "layout 2: unknown key 'tesetd'"),
        (LAYOUT.replace("real files", "a real file"), "'a real file' is not one of real files, transcribed figures, described schema, refused"),
        (LAYOUT.replace('tested = "real files"\n', ""), "the key 'tested' is missing"),
        (LAYOUT.replace('"since 2019"', "2019"), "2019 is not text"),
        ('[[trap]]\nwhat = "x"\n', "trap 1: the key 'handled' is missing"),
        ("[[traps]]\n", "unknown table 'traps'"),
        ('layout = "wide"\n', "'layout' is no table"),
        ("trap = [1]\n", "'trap' is no table"),
        ("[layout\n", "cannot be read"),
        ("layout = " + "[" * 5000, "cannot be read"),
    ],
)
def test_a_mistake_is_named_with_its_file(written, text, said):
    with pytest.raises(SettingsError, match=r"trial_support/support\.toml") as caught:
        written(text)
    assert said in caught.value.message
    assert caught.value.file == "trial_support/support.toml"
    assert caught.value.hint


def test_a_file_that_is_not_there_is_an_error_and_not_a_source_without_traps():
    with pytest.raises(SettingsError, match=r"jsnakit/no\.toml cannot be read"):
        support_from("jsnakit", "no.toml")


def test_indicators_are_held_to_the_same_shape(tmp_path, monkeypatch):
    package = tmp_path / "trial_indicators"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for text in ("defaults = 3\n", "[indicator]\n", "indicator = [3]\n"):
        (package / "indicators.toml").write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match="is no table"):
            indicators_from("trial_indicators", "indicators.toml")


def test_a_source_need_not_say_anything(falls):
    assert Source.support(falls) == falls.support() == Support()
