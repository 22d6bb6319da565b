"""Where residents wait: shares that add up, a count only where it was counted of this place, and what a reader must know beside it."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from jsnakit import geography, observations
from jsnakit.errors import NoDataError
from jsnakit.model import ENGLAND, Area
from jsnakit.providers import WAITS_AT, providers_of

FEBRUARY, JANUARY = dt.date(2026, 2, 28), dt.date(2026, 1, 31)


def relation(home: str, provider: str, weight: float, count: float, day: dt.date = FEBRUARY, home_type: str = "commissioner") -> dict[str, object]:
    return {
        "from_scheme": "ods", "from_type": home_type, "from_area": home, "to_scheme": "ods", "to_type": "provider", "to_area": provider, "kind": WAITS_AT,
        "period_start": day, "period_duration": "P0D", "weight": weight, "count": count, "note": None, "origin": "sha256:0123456789ab",
    }  # fmt: skip


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=observations.RELATION_SCHEMA)


BLACKPOOL = geography.get("E06000009", "utla")
LANCASHIRE = geography.get("E10000017")
KENT = geography.get("E10000016")


def test_an_authority_that_is_alone_in_its_sub_icb_location_has_counts() -> None:
    waits = table(relation("00R", "RXL", 0.75, 300.0), relation("00R", "RXN", 0.25, 100.0), relation("02M", "RXL", 1.0, 9.0))
    found = providers_of(BLACKPOOL, waits)
    assert [a.key for a in found] == [("ods", "provider", "RXL"), ("ods", "provider", "RXN")]
    assert found.frame["share"].tolist() == [0.75, 0.25]
    assert found.frame["count"].tolist() == [300.0, 100.0]
    assert found.frame["name"][0] == "Blackpool Teaching Hospitals NHS Foundation Trust"
    assert str(found.month) == "February 2026"
    assert "A sub-ICB location is not a council" in found.caveat
    assert "00R (100% of residents)" in found.caveat
    assert "other authorities" not in found.caveat
    assert found[0].code == "RXL"
    assert len(found) == 2


def test_an_authority_in_several_is_weighted_by_residents_and_has_no_counts() -> None:
    homes = {geography.translate(link.to_area, "ods").code: link.weight for link in geography.links(LANCASHIRE, "residents_in")}
    rows = [relation(code, "RXN" if i % 2 else "RXR", 1.0, 100.0) for i, code in enumerate(sorted(homes))]
    found = providers_of(LANCASHIRE, table(*rows))
    assert found.frame["share"].sum() == pytest.approx(1.0)
    assert found.frame["count"].isna().all()
    assert "(32% of residents)" in found.caveat


def test_counts_that_are_others_patients_too_are_not_given() -> None:
    found = providers_of(KENT, table(relation("91Q", "RVV", 1.0, 500.0)))
    assert found.frame["count"].isna().all()
    assert "Residents of other authorities are among them (Medway)" in found.caveat


def test_a_board_under_either_code_is_itself() -> None:
    waits = table(relation("QSL", "RH5", 0.8, 80.0, home_type="icb"), relation("QSL", "RD1", 0.2, 20.0, home_type="icb"))
    for board in (geography.get("QSL"), geography.translate("QSL", "gss", at="2026-02-28")):
        found = providers_of(board, waits)
        assert found.frame["count"].tolist() == [80.0, 20.0]
        assert "registered with the practices of this NHS area" in found.caveat


def test_the_latest_month_or_the_one_asked_for() -> None:
    waits = table(relation("00R", "RXL", 1.0, 300.0), relation("00R", "RXN", 1.0, 200.0, JANUARY))
    assert [a.code for a in providers_of(BLACKPOOL, waits)] == ["RXL"]
    for month in ("2026-01", "Jan 2026", JANUARY, dt.date(2026, 1, 1)):
        assert [a.code for a in providers_of(BLACKPOOL, waits, month)] == ["RXN"]
    with pytest.raises(NoDataError, match="there is January 2026, February 2026"):
        providers_of(BLACKPOOL, waits, "2025-12")


@pytest.mark.parametrize("area", [ENGLAND, Area("gss", "region", "E12000002"), geography.get("E10000027")])
def test_where_it_is_not_known_it_is_said(area: Area) -> None:
    with pytest.raises(NoDataError, match="no source says where the patients of"):
        providers_of(area, table(relation("00R", "RXL", 1.0, 300.0)))


def test_another_kind_of_relation_is_another_matter() -> None:
    succession = relation("00R", "RXL", 1.0, 300.0) | {"kind": "succeeded_by"}
    with pytest.raises(NoDataError):
        providers_of(BLACKPOOL, table(succession))
