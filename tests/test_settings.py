"""Hand-written files are read strictly: nothing is converted silently, and every mistake is named with the nearest right word."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from jsnakit.errors import SettingsError
from jsnakit.model import Headline, Indicator, Polarity
from jsnakit.settings import Assets, Coming, Earlier, Settings, load_toml, structure


def project(tmp_path: Path, text: str) -> Path:
    (tmp_path / "jsna.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_project_is_read(tmp_path: Path) -> None:
    settings = Settings.load(project(tmp_path, '[jsna]\narea = "E06000009"\npacks = ["sample"]\n[site]\nassets = "split"\n[store]\noffline = true\n'))
    assert settings.assets is Assets.SPLIT
    assert settings.area == "E06000009"
    assert settings.packs == ("sample",)
    assert settings.offline
    assert settings.folder == tmp_path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[jsna]\naera = "E06000009"\n', "did you mean 'area'"),
        ("[jsnq]\n", r"unknown table \[jsnq\]"),
        ("[jsna]\narea = 9\n", "is not text"),
        ('[jsna]\npacks = "sample"\n', "packs"),
        ("[jsna\n", "not valid TOML"),
        ("jsna = 1\n", "must be a table"),
        ('[store]\noffline = "yes"\n', "true or false"),
        ("[jsna]\noffline = true\n", "unknown key 'offline'"),
        ('[site]\nassets = "both"\n', "'both' is not one of inline, split"),
        ('[jsna]\nassets = "split"\n', "unknown key 'assets'"),
        ('[store]\nallow = ["127.0.0.1:80"]\n', "unknown key 'allow'"),
        ('leads = "Ann"\n', "must be a list of tables"),
        ('[leads]\nname = "Ann"\n', r"\[\[leads\]\]"),
        ('[[lead]]\nname = "Ann"\n', "did you mean leads"),
        ('[[leads]]\nrole = "Director"\n', "name"),
        ('[[coming]]\ntitle = "Ageing"\nexpected = "soon"\n', "expected"),
        ('[[publications]]\ntitle = "JSNA 2019"\nfile = "a.pdf"\n', "published"),
        ("[jsna]\nx = " + "[" * 5000 + "]" * 5000, "TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        Settings.load(project(tmp_path, text))
    assert "jsna.toml" in str(caught.value) or str(tmp_path) in str(caught.value)


def test_who_answers_what_is_coming_and_what_came_before_are_read(tmp_path: Path) -> None:
    settings = Settings.load(
        project(
            tmp_path,
            '[site]\nurl = "https://jsna.example/"\nfeedback = "jsna@council.example"\n'
            '[[leads]]\nname = "A. Lead"\nrole = "Director of Public Health"\n[[leads]]\nname = "B. Lead"\n'
            '[[coming]]\ntitle = "Growing old"\nexpected = 2027-03-01\n'
            '[[publications]]\ntitle = "JSNA 2019"\nfile = "earlier/jsna-2019.pdf"\npublished = 2019-07-01\n',
        )
    )
    assert (settings.url, settings.feedback) == ("https://jsna.example/", "jsna@council.example")
    assert [(lead.name, lead.role) for lead in settings.leads] == [("A. Lead", "Director of Public Health"), ("B. Lead", "")]
    assert settings.coming == (Coming(title="Growing old", expected=dt.date(2027, 3, 1)),)
    assert settings.publications == (Earlier(title="JSNA 2019", file="earlier/jsna-2019.pdf", published=dt.date(2019, 7, 1)),)


def test_no_project_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="jsnakit new"):
        Settings.load(tmp_path)


def test_a_file_that_is_not_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="larger"):
        load_toml(project(tmp_path, "#" * 1_000_001) / "jsna.toml")
    (tmp_path / "jsna.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load_toml(tmp_path / "jsna.toml")


def test_the_environment_overrides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSNAKIT_OFFLINE", "1")
    monkeypatch.setenv("JSNAKIT_CACHE", str(tmp_path))
    assert Settings.load().offline
    assert Settings.load().cache == tmp_path
    monkeypatch.setenv("JSNAKIT_OFFLINE", "maybe")
    with pytest.raises(SettingsError, match="JSNAKIT_OFFLINE"):
        Settings.load()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": 93088, "name": "x", "unit": "%"}, "93088"),
        ({"id": "a.b", "name": "x"}, "unit"),
        ({"id": "a.b", "name": "x", "unit": "%", "polarity": "good"}, "higher_is_better"),
        ({"id": "a.b", "name": "x", "unit": "%", "decimals": 1.5}, "whole number"),
        ({"id": "a.b", "name": "x", "unit": "%", "nmae": "y"}, "did you mean 'name'"),
        ({"id": "no dots", "name": "x", "unit": "%"}, "no dots"),
    ],
)
def test_a_record_is_structured_strictly(row: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        structure(row, Indicator, where="here")


def test_enums_tuples_and_nested_records() -> None:
    row = {"id": "a.b", "name": "x", "unit": "%", "polarity": "lower_is_better", "keywords": ["a", "b"], "headline": {"age": "65+"}}
    made = structure(row, Indicator, where="here")
    assert made.polarity is Polarity.LOWER_IS_BETTER
    assert made.keywords == ("a", "b")
    assert made.headline == Headline(age="65+")
