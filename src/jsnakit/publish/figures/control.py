"""Statistical process control: the figures of one area or organisation month by month, and what chance does not explain in them."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from typing import Any

import pandas as pd

from jsnakit import geography, methods
from jsnakit.chapters import options as asked
from jsnakit.model import ENGLAND, Area, Indicator, Polarity
from jsnakit.publish import findings
from jsnakit.publish._words import count, month_of
from jsnakit.publish.figures.context import Absent, Built, Context
from jsnakit.publish.figures.standing import as_figure, period_of
from jsnakit.publish.figures.waiting import described, largest_provider, short_name, standard_line
from jsnakit.publish.panels import ControlChart, Reference, figure, number_text

__all__ = ["spc"]

_LEAST = 12


def spc(context: Context) -> Built:
    """An XmR chart of one area or organisation, with every month between the first and the last: a month without a figure is a gap."""
    o = context.options
    assert isinstance(o, asked.Spc)
    indicator = context.indicator(o.indicator)
    target = context.check_target(o.target) if o.target else None
    area, name = _of(context, o.area)
    rows = context.observe((o.indicator,), areas=(area,))
    rows = rows[rows["category"] == "_T"].sort_values("period_start")
    month = rows["period_start"].dt.year * 12 + rows["period_start"].dt.month
    if len(rows):
        rows, month = rows[month > month.max() - o.months], month[month > month.max() - o.months]
    if int(rows["value"].notna().sum()) < _LEAST:
        raise Absent(f"{name} has fewer than {_LEAST} figures of {indicator.name} in {o.months} months, too few for the limits of a control chart.")
    held = {int(m): r for m, (_, r) in zip(month, rows.iterrows(), strict=True)}
    months = range(min(held), max(held) + 1)
    points = tuple(as_figure(held[m], indicator) if m in held else figure(None) for m in months)
    line = standard_line(target) if target is not None else None
    # A standard of "at least" says which direction is better where the indicator does not.
    polarity = Polarity.HIGHER_IS_BETTER if line is not None else _polarity(indicator)
    fixed = o.baseline if o.baseline >= _LEAST and sum(not f.missing for f in points) > o.baseline else None
    chart = methods.xmr(
        pd.DataFrame({"date": list(months), "value": [float("nan") if f.value is None else f.value for f in points]}),
        polarity=polarity, target=line, fix_after=fixed,
    )  # fmt: skip
    last = next(f for f in reversed(points) if f.value is not None)
    variation, assurance = str(chart["variation_icon"].iloc[-1]), chart["assurance_icon"].iloc[-1]
    cut = _after(points, fixed)
    panel = ControlChart(
        f"{indicator.name}, {name}", indicator.unit, name, tuple(f"{calendar.month_abbr[(m - 1) % 12 + 1]} {(m - 1) // 12}" for m in months), points,
        _numbers(chart["mean"]), _numbers(chart["lower_limit"]), _numbers(chart["upper_limit"]),
        tuple("common_cause" if v != v or v is None else str(v) for v in chart["variation"]), variation, str(assurance) if isinstance(assurance, str) else "",
        why=_why(chart), target=Reference("Standard", line, number_text(line, indicator.unit, 0)) if line is not None else None,
        baseline=cut, baseline_words=f"limits set on the first {fixed} months" if fixed else "", decimals=indicator.decimals,
    )  # fmt: skip
    present = rows[rows["value"].notna()]
    first_period, last_period = period_of(present.iloc[0]), period_of(present.iloc[-1])
    gaps = sum(f.missing for f in points)
    care = ["Monthly figures of one place depend on one another, so the limits are a guide."]
    care += [f"The scale starts at {number_text(panel.span()[0], indicator.unit, 0)}, as lines may and bars may not."] if panel.span()[0] > 0 else []
    care += [f"{count(gaps, first=True)} of the {len(points)} months {'has' if gaps == 1 else 'have'} no figure here."] if gaps else []
    return Built(
        kind="spc", finding=findings.on_control(name, variation, last.value or 0.0, line, indicator.unit),
        subtitle=f"{described(indicator)}, {name}, each month from {month_of(first_period)} to {month_of(last_period)}. Statistical process control chart (XmR).",
        panel=panel,
        notes=context.notes(
            [indicator], present, take_care=care,
            how_to_read="Grey dots are ordinary variation. " + _reading(polarity) + " Dotted lines are the limits: nearly all figures lie between them while nothing changes.",
        ),
        rows=rows, period=(first_period, last_period),
    )  # fmt: skip


def _of(context: Context, area: str) -> tuple[Area, str]:
    """The area or organisation that is charted, and its name in a sentence."""
    if area == "trust":
        found = largest_provider(context)
        if found is None:
            raise Absent(f"No NHS trust of {context.name} is known here.")
        return Area("ods", "provider", found.code, found.name), short_name(context, found.name)
    known = ENGLAND if area == ENGLAND.code else geography.get(area)
    return known, known.name


def _polarity(indicator: Indicator) -> Polarity:
    known = indicator.polarity in (Polarity.HIGHER_IS_BETTER, Polarity.LOWER_IS_BETTER)
    return indicator.polarity if known else Polarity.NONE


def _reading(polarity: Polarity) -> str:
    if polarity is Polarity.NONE:
        return "Black diamonds are changes that chance does not explain."
    return "Blue circles are improvement and orange squares deterioration that chance does not explain."


def _numbers(column: pd.Series[Any]) -> tuple[float | None, ...]:
    return tuple(None if v != v else float(v) for v in column)


def _after(points: Sequence[Any], fixed: int | None) -> int | None:
    """The position after the `fixed`th figure."""
    if fixed is None:
        return None
    held = [i for i, f in enumerate(points) if not f.missing]
    return held[fixed - 1] + 1


def _why(chart: pd.DataFrame) -> str:
    """The rule that the last figure meets, in words, with how long it has held."""
    there = chart[chart["value"].notna()]
    last = there.iloc[-1]
    rule = str(last["rule"])
    high = rule.endswith("high") or rule in ("above_upper_limit", "increasing_trend")

    def run(holds: pd.Series[Any]) -> int:
        return int(holds[::-1].cummin().sum())

    if rule in ("above_upper_limit", "below_lower_limit"):
        edge = there["upper_limit"] if high else there["lower_limit"]
        n = run(there["value"] > edge if high else there["value"] < edge)
        return f"The last {'month is' if n == 1 else f'{n} months are'} {'above the upper' if high else 'below the lower'} limit, more than chance explains."
    if rule.startswith("shift"):
        n = run(there["value"] > there["mean"] if high else there["value"] < there["mean"])
        return f"The last {n} months lie {'above' if high else 'below'} the mean, more than chance explains."
    if rule.endswith("trend"):
        steps = there["value"].diff()
        n = run(steps > 0 if high else steps < 0)
        return f"Each of the last {n} months is {'higher' if high else 'lower'} than the one before, more than chance explains."
    if rule.startswith("two_in_three"):
        return f"Two of the last three months lie close to the {'upper' if high else 'lower'} limit, more than chance explains."
    return ""
