"""Forms that the stored files do not hold, met in other people's copies of public exports: each as a few rows of published figures (OGL v3.0)."""

from __future__ import annotations

from pathlib import Path

import pytest

from jsnakit import observations, reading
from jsnakit._plugins import Plugins
from jsnakit.errors import LayoutError
from jsnakit.sources import Query
from jsnakit_fingertips.areas import kind_named
from jsnakit_fingertips.source import Fingertips

WEBSITE = (
    '"Indicator ID","Indicator Name","Parent Code","Parent Name","Area Code","AreaName","Area Type","Sex","Age","Category Type","Category","Time period","Value","Lower CI 95.0 limit",'
    '"Upper CI 95.0 limit","Lower CI 99.8 limit","Upper CI 99.8 limit","Count","Denominator","Value note","Recent Trend","Compared to England value or percentiles",'
    '"Compared to parent value or percentiles","Time period Sortable","New data","Compared to goal","Time period range"\r\n'
)
HEART = '"90988","Hospital admissions due to coronary heart disease","E92000001","England","{code}","{name}","Upper tier local authorities (post 4/23)","Persons","All ages","","","2022/23",{figures},"{note}","No significant change","Worse","Worse","20220000","","","1y"\r\n'
TOOLTIP = '<span class=""tooltipValueNote"">* {}</span>'


def read(tmp_path: Path, text: str) -> list[dict[str, object]]:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8-sig", newline="")
    entry = Plugins.only(Fingertips()).source("fingertips")
    found = reading.read_files(entry, [path], Query(breakdowns=("*",))).table
    observations.check(found)
    rows: list[dict[str, object]] = found.to_pylist()
    return rows


def test_a_note_of_the_website_comes_in_its_tooltip(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        WEBSITE
        + HEART.format(
            code="E09000012", name="Hackney", figures='"536.5559","498.0848","577.0792","476.8338","601.0104","810","272338"',
            note=TOOLTIP.format("Value for Hackney and City of London combined"),
        )
        + HEART.format(
            code="E09000017", name="Hillingdon", figures='"577.5669","547.2096","609.1552","530.2677","627.7075","1,385","310681"',
            note=TOOLTIP.format("Should be treated with caution due to Frimley Health Foundation Trust not submitting any HES data for June 2022 to March 2023"),
        ),
    )  # fmt: skip
    hackney, hillingdon = rows
    assert (hackney["status"], hackney["note"]) == ("inherited", "Value for Hackney and City of London combined")
    assert hillingdon["status"] == "low_reliability"
    assert str(hillingdon["note"]).startswith("Should be treated with caution due to Frimley")
    assert (hillingdon["value"], hillingdon["count"]) == (577.5669, 1385.0)


def test_an_export_of_before_2018_calls_england_a_country_and_its_limits_plainly(tmp_path: Path) -> None:
    head = "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,Time period,Value,Lower CI limit,Upper CI limit,Count,Denominator,Value note\n"
    rows = read(
        tmp_path,
        head
        + "90280,Social Isolation,,,E92000001,England,Country,Persons,18+ yrs,,,2010/11,41.9,41.4,42.4,,59555,\n"
        + "90280,Social Isolation,,,E45000016,East Midlands PHE centre,PHE Centre from 2015,Persons,18+ yrs,,,2010/11,41.3,39.4,43.2,,3120,\n"
        + "90280,Social Isolation,,,E06000009,Blackpool,UA,Persons,18+ yrs,,,2010/11,46,41.2,50.8,,380,\n",
    )
    assert [(r["area_type"], r["area"], r["value"], r["lower"], r["upper"]) for r in rows] == [
        ("country", "E92000001", 41.9, 41.4, 42.4), ("phe_centre", "E45000016", 41.3, 39.4, 43.2), ("utla", "E06000009", 46.0, 41.2, 50.8),
    ]  # fmt: skip


def test_an_export_that_does_not_say_which_indicator_it_is_of_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="no column for indicator"):
        read(
            tmp_path,
            "Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,Time period,Value\nE92000001,England,Country,Persons,18+ yrs,,,2010/11,41.9\n",
        )


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("PHE Centre from 2013", "phe_centre"),
        ("Counties & UAs from Apr 2021", "utla"),
        ("District & UA pre Apr 2019", "ltla"),
        ("Primary Care Network (v. 26/04/24)", "pcn"),
        ("Combined authorities", "combined_authority"),
    ],
)
def test_an_edition_is_no_other_type(name: str, type: str) -> None:
    found = kind_named(name)
    assert found is not None
    assert found.type == type
