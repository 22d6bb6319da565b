"""Our recent trends beside those that the publisher prints, on every series of the stored files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from jsnakit import judgement, observations, reading
from jsnakit._plugins import Plugins
from jsnakit.sources import Query
from jsnakit_fingertips.source import Fingertips

WORDS = {
    "No significant change": "NO_CHANGE",
    "Cannot be calculated": "CANNOT",
    "Increasing": "INCREASING",
    "Decreasing": "DECREASING",
    "Increasing and getting better": "INCREASING_BETTER",
    "Increasing and getting worse": "INCREASING_WORSE",
    "Decreasing and getting better": "DECREASING_BETTER",
    "Decreasing and getting worse": "DECREASING_WORSE",
}


def beside(path: Path, rule: str) -> pd.DataFrame:
    """The rows for which the publisher prints a trend, with ours."""
    source = Fingertips()
    entry = Plugins.only(source).source("fingertips")
    frame = observations.to_pandas(reading.read_files(entry, [path], Query(breakdowns=("*",))).table)
    found = judgement.recent_trend(frame, rule=rule, indicators=source.indicators())
    found = found[found["trend"].notna() & found["published_trend"].isin(WORDS)]
    return found.assign(theirs=found["published_trend"].map(WORDS))


def test_the_rule_of_2025_on_the_extract_of_february_2025(real_data: Callable[[str], Path]) -> None:
    found = beside(real_data("fingertips/next_healthdata_20250213.csv.gz"), "fingertips-2025")
    odd = found[found["trend"] != found["theirs"]]
    # Years before 2018 were cut from this file, so that a trend which the publisher could tell is out of reach here.
    cut = odd["trend_because"].str.match(r"There are \d years")
    assert (len(found), len(odd), int(cut.sum())) == (12390, 217, 210)
    # What is left: hepatitis B vaccination of one authority (in both tiers), carers in two boards without limits, smoking at delivery in two sub-ICB locations, low income in England.
    assert len(odd[~cut]) == 7


@pytest.mark.parametrize("rule", ["fingertips-2022", "fingertips-2025"])
def test_social_isolation_under_either_rule(rule: str, real_data: Callable[[str], Path]) -> None:
    found = beside(real_data("fingertips/api_csv_90280_90638_social_isolation_utla.csv.gz"), rule)
    assert len(found) == 791
    assert (found["trend"] == found["theirs"]).all()


def test_an_unbroken_run_is_the_rule_of_2022(real_data: Callable[[str], Path]) -> None:
    path = real_data("fingertips/r_wyre_phof_all_periods_202211.csv.gz")
    found = beside(path, "fingertips-2022")
    odd = found[found["trend"] != found["theirs"]]
    assert (len(found), len(odd)) == (165, 3)
    assert odd["trend_because"].str.contains("this is not stated").all(), "91414 is not in the publisher's metadata"
    later = beside(path, "fingertips-2025")
    assert (later["trend"] != later["theirs"]).sum() == 7
