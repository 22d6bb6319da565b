"""Reports: a chapter made of a place and measures, for any place, from Python and from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jsnakit.chapters import report_on
from jsnakit.cli import cli
from jsnakit.errors import NoDataError, UnknownIndicatorError
from jsnakit.model import Indicator

MEASURES = "healthindex.life_expectancy,healthindex.air_pollution"


def test_measures_are_grouped_by_theme_in_the_order_given() -> None:
    made = [Indicator(f"t.{n}", n, "%", definition=n, theme=theme) for n, theme in (("a", "homes"), ("b", None), ("c", "homes"))]
    spine = next(f for f in report_on("Here", made).figures if f.panel == "spine")
    assert [(g.name, g.indicators) for g in spine.options.group] == [("Homes", ("t.a", "t.c")), ("Measures", ("t.b",))]
    with pytest.raises(NoDataError):
        report_on("Here", [])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new project about Blackpool."""
    made = CliRunner().invoke(cli, ["new", str(tmp_path / "jsna"), "--area", "Blackpool"])
    assert made.exit_code == 0, made.output
    return tmp_path / "jsna"


def test_a_report_may_be_on_another_place_than_the_project(project: Path, tmp_path: Path) -> None:
    asked = ["--project", str(project), "report", "--area", "Preston", "--indicators", MEASURES, "--out", str(tmp_path / "report")]
    made = CliRunner().invoke(cli, asked, catch_exceptions=False)
    assert made.exit_code == 0, made.output
    page = (tmp_path / "report/report/index.html").read_text(encoding="utf-8")
    assert "<h1" in page
    assert "On life expectancy, Preston is" in page
    assert "Air pollution" in page
    assert (tmp_path / "report/report/data.zip").is_file()


def test_a_measure_that_is_not_there_is_named_with_the_nearest(project: Path, tmp_path: Path) -> None:
    asked: list[Any] = [
        "--project",
        str(project),
        "report",
        "--area",
        "Preston",
        "--indicators",
        "healthindex.life_expectanc",
        "--out",
        str(tmp_path / "r"),
    ]
    with pytest.raises(UnknownIndicatorError, match=r"healthindex\.life_expectanc"):
        CliRunner().invoke(cli, asked, catch_exceptions=False, standalone_mode=False)
    assert not (tmp_path / "r").exists()
