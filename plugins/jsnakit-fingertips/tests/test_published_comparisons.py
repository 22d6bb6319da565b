"""Our comparison with England beside the publisher's own, on every row of the stored files that carries one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jsnakit import judgement, observations, reading
from jsnakit._plugins import Plugins
from jsnakit.sources import Query
from jsnakit_fingertips.source import Fingertips

# Rows compared by the publisher, and how many of them we call the same. The two that differ have England's value, as printed, exactly on a limit: the publisher compared unrounded values.
FILES = [
    ("api_csv_90280_90638_social_isolation_utla.csv.gz", 3448, 3446),
    ("ui_csv_msoa_norfolk_smr_le.csv.gz", 1332, 1332),
    ("ui_csv_93106_reception_overweight_msoa.csv", 155, 155),
]


@pytest.mark.parametrize(("name", "compared", "same"), FILES)
def test_we_say_what_the_publisher_says(name: str, compared: int, same: int, real_data: Callable[[str], Path]) -> None:
    source = Fingertips()
    entry = Plugins.only(source).source("fingertips")
    frame = observations.to_pandas(reading.read_files(entry, [real_data(f"fingertips/{name}")], Query(breakdowns=("*",))).table)
    england = frame[(frame["area_type"] == "country") & (frame["category_type"] == "_T")]
    ours = judgement.compare(frame[frame["area_type"] != "country"], england, indicators=source.indicators(), name="England")
    theirs = ours[ours["published_compared_england"].isin(["Better", "Similar", "Worse"])]
    agreed = theirs[theirs["outcome"] == theirs["published_compared_england"].str.upper()]
    assert (len(theirs), len(agreed)) == (compared, same)
    odd = theirs.drop(agreed.index)
    assert ((odd["benchmark_value"] == odd["lower"]) | (odd["benchmark_value"] == odd["upper"])).all(), "only a tie as printed may differ"


def test_we_say_of_each_area_and_its_region_what_the_publisher_says(real_data: Callable[[str], Path]) -> None:
    source = Fingertips()
    entry = Plugins.only(source).source("fingertips")
    file = real_data("fingertips/api_csv_90280_90638_social_isolation_utla.csv.gz")
    frame = observations.to_pandas(reading.read_files(entry, [file], Query(breakdowns=("*",))).table)
    regions = frame[(frame["area_type"] == "region") & (frame["category_type"] == "_T")]
    areas = frame[frame["area_type"] == "utla"]
    parents = dict(zip(areas["area"], areas["published_parent"], strict=True))
    ours = judgement.compare(areas, regions, indicators=source.indicators(), parents=parents, name="its region")
    theirs = ours[ours["published_compared_parent"].isin(["Better", "Similar", "Worse"])]
    agreed = theirs[theirs["outcome"] == theirs["published_compared_parent"].str.upper()]
    assert (len(theirs), len(agreed)) == (3250, 3248)
    odd = theirs.drop(agreed.index)
    assert ((odd["benchmark_value"] == odd["lower"]) | (odd["benchmark_value"] == odd["upper"])).all(), "only a tie as printed may differ"
