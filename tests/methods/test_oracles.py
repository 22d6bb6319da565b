"""The estimates against what others computed: APHO's tool, PHEindicatormethods (its test data, and its answers to random inputs), PHStatsMethods.

Known faults of the oracles, left out by name and not hidden: the 99.8 % limits of the rows `testdata_1976` of dsr_results.csv are ten times too large in the source; APHO's exact
rate is of a tool that was exact below 389, ours is exact below 10; PHEindicatormethods counts a missing count as 0 in a DSR, ours is missing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from jsnakit import methods

CLOSED = 1e-9
LIMITS = ["lower_95", "upper_95", "lower_99_8", "upper_99_8"]
THEIRS = ["lower95_0cl", "upper95_0cl", "lower99_8cl", "upper99_8cl"]
BOTH = [0.95, 0.998]


@pytest.fixture
def oracle(real_data):
    def read(name):
        return pd.read_csv(real_data(f"methods/{name}")).replace("55-69", "55-59")

    return read


def same(ours, theirs, tolerance=CLOSED):
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
    np.testing.assert_allclose(a[~np.isnan(a)], b[~np.isnan(b)], rtol=tolerance, atol=1e-12)


def test_proportions_and_rates_of_random_counts(oracle) -> None:
    given = oracle("r_outputs/rate_prop_input.csv")
    names = {"count": "x", "denominator": "n"}
    for function, name in ((methods.rate, "rate"), (methods.proportion, "proportion")):
        theirs = oracle(f"r_outputs/{name}_output.csv")
        ours = function(given, **names, confidence=BOTH, per=100_000 if name == "rate" else 100)
        same(ours[["value", *LIMITS]], theirs[["value", *THEIRS]])
        assert ours["method"].str.lower().tolist() == theirs["method"].str.lower().tolist()


def test_means_of_random_values(oracle) -> None:
    ours = methods.mean(oracle("r_outputs/mean_input.csv"), value="v", by="area", confidence=BOTH)
    same(ours[["sum", "count", "sd", "value", *LIMITS]], oracle("r_outputs/mean_output.csv")[["value_sum", "value_count", "stdev", "value", *THEIRS]])


def test_rates_of_phe_with_several_multipliers(oracle) -> None:
    theirs = oracle("phe/rate.csv")
    for per, rows in theirs.groupby("multiplier"):
        ours = methods.rate(rows, count="Numerator", denominator="Denominator", confidence=BOTH, per=float(per), check=False) if "value" not in rows else methods.rate(
            rows[["Numerator", "Denominator"]], count="Numerator", denominator="Denominator", confidence=BOTH, per=float(per)
        )  # fmt: skip
        same(ours[["value", *LIMITS]], rows[["value", *THEIRS]])


def test_the_limits_of_wilson_and_byar_at_several_levels(oracle) -> None:
    theirs = oracle("phe/byars_wilson.csv")
    for _, row in theirs.iterrows():
        level = float(str(row["confidence"]).rstrip("%")) / 100
        if row["method"] == "Byars" and row["x"] >= 10:
            ours = methods.rate(pd.DataFrame({"count": [row["x"]], "denominator": [1.0]}), confidence=level, per=1)
        elif row["method"] == "Wilson":
            ours = methods.proportion(pd.DataFrame({"count": [row["x"]], "denominator": [row["n"]]}), confidence=level)
        else:
            continue
        same(ours[["lower", "upper"]].iloc[0], row[["lowercl", "uppercl"]].astype(float))


def test_the_worked_examples_of_apho(oracle) -> None:
    answers = oracle("apho/worked_examples.csv").set_index(["statistic", "method"])
    one = pd.DataFrame({"count": [65], "denominator": [100]})
    want = ["value", "lower", "upper"]
    same(methods.proportion(one)[want].iloc[0], answers.loc[("proportion", "wilson"), want])
    same(methods.rate(one, per=1)[want].iloc[0], answers.loc[("rate", "byars"), want])
    same(methods.mean(oracle("apho/means.csv"), value="x")[want].iloc[0], answers.loc[("mean", "t"), want])
    direct = oracle("apho/direct.csv")
    ours = methods.directly_standardised_rate(direct, count="observed", denominator="population", per=1)
    same(ours[want].iloc[0], answers.loc[("dsr", "byars+dobson"), want])
    weighted = methods.directly_standardised_rate(direct, count="observed", denominator="population", weight="standard_population", per=1)
    same(weighted[want], ours[want])
    indirect = oracle("apho/indirect.csv")
    shuffled = indirect[["age", "ref_events", "ref_population"]].sample(frac=1, random_state=1)
    ours = methods.indirectly_standardised_ratio(
        indirect, count="observed", denominator="population", reference=shuffled, reference_count="ref_events", reference_denominator="ref_population", per=1
    )  # fmt: skip
    same(ours[want].iloc[0], answers.loc[("isr", "byars"), want])


def test_directly_standardised_rates_of_random_counts(oracle) -> None:
    given = oracle("r_outputs/std_input.csv")
    ours = methods.directly_standardised_rate(given, denominator="pop", age="ageband", weight="esp2013", by="area", confidence=BOTH)
    same(ours[["count", "denominator", "value", *LIMITS]], oracle("r_outputs/dsr_output.csv")[["total_count", "total_pop", "value", *THEIRS]])


def test_directly_standardised_rates_of_events_that_are_not_independent(oracle) -> None:
    given = oracle("r_outputs/dsr_nonind_input.csv")
    ours = methods.directly_standardised_rate(
        given, denominator="pop", age="ageband", weight="esp2013", frequency="eventfreq", by="area", confidence=BOTH
    )
    same(ours[["count", "denominator", "value", *LIMITS]], oracle("r_outputs/dsr_nonind_output.csv")[["total_count", "total_pop", "value", *THEIRS]])


@pytest.mark.parametrize("per", [10_000, 100_000])
def test_the_standardised_rates_of_phe(oracle, per) -> None:
    theirs = oracle("phe/dsr_results.csv")
    theirs = theirs[(theirs["statistic"].str.endswith(f"per {per}")) | (theirs["area"] == "testdata_tiny")].drop_duplicates("area").set_index("area")
    given = oracle("phe/dsr_multiarea.csv").fillna({"count": 0})
    given = given[given["area"].isin(theirs.index)]
    ours = methods.directly_standardised_rate(given, denominator="pop", age="ageband", by="area", confidence=BOTH, per=per).set_index("area")
    there = [a for a in ours.index if a in theirs.index]
    assert len(there) >= 3
    same(ours.loc[there, ["count", "denominator", "value", *LIMITS]], theirs.loc[there, ["total_count", "total_pop", "value", *THEIRS]])
    old = oracle("phe/dsr_esp1976.csv")
    ours = methods.directly_standardised_rate(
        old, denominator="pop", age="Age Band", standard=dict(zip(old["Age Band"], old["esp1976"], strict=True)), per=per
    )
    # The 99.8 % limits of this row are ten times too large in the source.
    same(ours[["value", "lower", "upper"]].iloc[0], theirs.loc["testdata_1976", ["value", *THEIRS[:2]]].astype(float))


def test_indirectly_standardised_ratios_and_rates_of_random_counts(oracle) -> None:
    given = oracle("r_outputs/std_input.csv")
    first = given[given["area"] == given["area"].iloc[0]]
    reference = first[["ageband", "refpop", "refcount"]].iloc[::-1]
    how = {
        "reference": reference,
        "on": "ageband",
        "denominator": "pop",
        "reference_count": "refcount",
        "reference_denominator": "refpop",
        "by": "area",
        "confidence": BOTH,
    }
    ratio = methods.indirectly_standardised_ratio(given, **how)
    same(ratio[["observed", "expected", "value", *LIMITS]], oracle("r_outputs/isratio_output.csv")[["observed", "expected", "value", *THEIRS]])
    rate = methods.indirectly_standardised_rate(given, **how)
    theirs = oracle("r_outputs/israte_output.csv")
    same(rate[["observed", "expected", "reference_rate", "value", *LIMITS]], theirs[["observed", "expected", "ref_rate", "value", *THEIRS]])


def test_ratios_with_observed_events_given_apart(oracle) -> None:
    given, keys = oracle("phstats/isr_input.csv"), ["indicatorid", "year", "sex"]
    ours = methods.indirectly_standardised_ratio(
        given.drop(columns="obs"), reference=given[[*keys, "ageband", "refcount", "refpop"]], on=[*keys, "ageband"], by=keys, denominator="pop",
        reference_count="refcount", reference_denominator="refpop", observed=oracle("phstats/isr_observed_totals.csv").rename(columns={"observed": "count"}), per=1,
    )  # fmt: skip
    same(
        ours[["observed", "expected", "value", "lower", "upper"]],
        oracle("phstats/isr_results.csv").sort_values(keys)[["observed", "expected", "Value", "lower_95_ci", "upper_95_ci"]],
    )


def test_the_standard_population_of_2013(oracle) -> None:
    theirs = oracle("phe/esp2013.csv")
    assert methods.european_standard_population(theirs["ageband"]) == dict(zip(theirs["ageband"], theirs["esp2013"], strict=True))
    assert sum(methods.ESP2013.values()) == 100_000


def test_life_expectancy_of_forty_areas(oracle) -> None:
    given, theirs = oracle("r_outputs/le_input.csv"), oracle("r_outputs/le_output.csv")
    ours = methods.life_expectancy(given, count="deaths", denominator="pops", age="startage", by="area", confidence=BOTH)
    both = ours.merge(theirs.rename(columns={"value": "their_value"}), left_on=["area", "startage"], right_on=["area", "startage"])
    assert len(both) == len(theirs) == 800
    shown = both["their_value"].notna()
    assert (both["value"].notna() == shown).all()
    same(
        both.loc[shown, ["value", *LIMITS, "people_from_age", "deaths_from_age"]], both.loc[shown, ["their_value", *THEIRS, "pops_used", "dths_used"]]
    )


def test_life_expectancy_of_the_documented_example(oracle) -> None:
    theirs = oracle("phe/life_expectancy_doc_example.csv")
    ours = methods.life_expectancy(theirs[["startage", "pops", "deaths"]], count="deaths", denominator="pops", age="startage")
    same(ours[["value", "lower", "upper"]], theirs[["value", "lower95", "upper95"]], 1e-11)


def test_quantiles_of_random_values(oracle) -> None:
    theirs = oracle("r_outputs/quantiles.csv")
    same(methods.quantile(theirs, by="grp")["quantile"], theirs["decile_inverted"])
    same(methods.quantile(theirs, by="grp", number=5, highest_first=False)["quantile"], theirs["quintile"])


def test_the_quantiles_of_phe(oracle) -> None:
    theirs = oracle("phe/quantiles.csv")
    seen = 0
    for (group, kind), rows in theirs[theirs["Test"] == "Gooddata"].groupby(["GroupSet", "QuantileNm"]):
        keys = {"IndSexReg": ["IndSexRef", "ParentCode"], "IndSex": ["IndSexRef"]}.get(group)
        assert keys is not None, (group, kind)
        number = {"Decile": 10, "Septile": 7}[kind]
        first = methods.quantile(
            rows.assign(low=rows["Polarity"].eq("RAG - Low is good")), value="Value", by=keys, number=number, highest_first="low"
        )
        same(first["quantile"], rows["QuantileInGrp"])
        seen += len(rows)
    assert seen > 100
