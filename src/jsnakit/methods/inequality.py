"""The slope and the relative index of inequality, with intervals in closed form, on any frame.

Others simulate the interval (PHEindicatormethods: 100,000 draws a group). The slope is a weighted sum of the quantiles' values, so where these are normal its interval is exact; where they are log-normal
or logit-normal the sum's first four cumulants are exact and its quantiles follow by Cornish and Fisher's expansion (1938). The relative index is a ratio of two such sums: its limits are those r at which
the sum of numerator minus r times denominator has its quantile at 0 (Fieller 1954). Same answers, no noise, and no seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeAlias

import narwhals.stable.v2 as nw
import numpy as np
from attrs import frozen
from narwhals.stable.v2.typing import IntoFrameT
from numpy.typing import NDArray

from jsnakit.errors import InvalidValueError
from jsnakit.methods import _door as door
from jsnakit.methods import _limits as limits
from jsnakit.methods._checks import Rule, keys_there, numbers_sound, one_row_a_key, refuse
from jsnakit.methods._columns import Columns, opened
from jsnakit.methods._door import Confidence, Level
from jsnakit.methods.standardised import By

__all__ = ["LEAST_QUANTILES", "Kind", "slope_index"]

Kind: TypeAlias = Literal["normal", "rate", "proportion"]
Floats: TypeAlias = NDArray[np.float64]

LEAST_QUANTILES: Final = 5
"""Fewer quantiles than these make no index (PHE)."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_TO: Final[dict[str, Callable[[Floats], Floats]]] = {"normal": lambda y: y, "rate": np.log, "proportion": lambda y: np.log(y / (1 - y))}
_BACK: Final[dict[str, Callable[[Floats], Floats]]] = {"normal": lambda y: y, "rate": np.exp, "proportion": lambda y: 1 / (1 + np.exp(-y))}
_STEPS = 90


def slope_index(
    frame: IntoFrameT, *, quantile: str = "quantile", population: str = "population", value: str = "value", error: str | None = None,
    lower: str = "lower", upper: str = "upper", limits_confidence: float = 0.95, kind: Kind = "normal", transform: bool = False, by: By = None,
    confidence: Confidence = 0.95, per: float = 1, check: bool = True,
) -> IntoFrameT:  # fmt: skip
    """The slope index of inequality (SII) and the relative one (RII) of values by deprivation quantile, quantile 1 the most deprived.

    Each quantile stands at the middle of its share of the population; SII is the slope of the least squares line through the values, weighted by population, from the most to the least deprived; RII the line's
    end over its beginning (Low and Low 2004; PHE, "Slope index of inequality", 2018). Errors come from the column `error` (kind `normal` alone) or from the limits in `lower` and `upper` at `limits_confidence`:
    symmetric on the log scale for a `rate`, on the logit scale for a `proportion`, as they are for `normal` (life expectancy). `transform` fits the line on that scale too; its limits turn the line about its
    middle. `per` multiplies the SII; a negative one turns both indices, so that a gap to the disadvantage of the most deprived is positive and the RII above 1.

    Columns written, one row a group: the keys, `sii`, `sii_lower`, `sii_upper`, `rii`, `rii_lower`, `rii_upper` (with a list of levels `sii_lower_95` ...), `intercept`, `confidence`, `method`, `reason`.
    `reason`: `missing` (a value or limit, or a quantile that other groups have), `too_few_quantiles` (under 5). Limits of the RII alone are missing where the line may begin at 0.
    On a lazy frame the rows are collected: there are few. Raises `TableError` for columns that are missing, people that are none, limits apart from their value, quantiles that stand twice.

    >>> import polars as pl
    >>> fifths = pl.DataFrame({"quantile": [1, 2, 3, 4, 5], "population": [100] * 5, "value": [75.0, 76, 78, 79, 81], "error": [0.5] * 5})
    >>> slope_index(fifths, error="error").select(pl.col("sii", "sii_lower", "sii_upper", "rii").round(3)).rows()
    [(7.5, 5.951, 9.049, 1.101)]
    """
    if kind not in _TO:
        raise InvalidValueError(f"kind is {kind!r}", hint="normal (life expectancy, means), rate or proportion", value=kind, allowed=tuple(_TO))
    if error is not None and (transform or kind != "normal"):
        raise InvalidValueError(
            "error is for values of kind normal", hint="give the columns of limits for rates, proportions and transformed values", value=error
        )
    if transform and kind == "normal":
        raise InvalidValueError("transform has no scale for kind normal", hint="choose kind rate (log) or proportion (logit)", value=kind)
    if isinstance(per, bool) or not np.isfinite(per) or per == 0:
        raise InvalidValueError(f"per is {per!r}", hint="give a number other than 0", value=per)
    made, entered, groups = door.levels(confidence), door.enter(frame), door.keys(by)
    numbers = (population, value, *((error,) if error else (lower, upper)))
    door.require(entered, numbers=(quantile, *numbers), keys=groups, adds=[n for n in _written(made) if n in groups])
    if check:
        _refuse(entered, quantile, population, value, error, lower, upper, kind, groups)
    rows = door.collected(entered.select(*groups, quantile, *numbers)).sort(*groups, quantile)
    data = {name: rows[name].cast(nw.Float64).to_numpy().astype(float) for name in numbers}
    if error is None:
        width = limits.z(door.levels(limits_confidence)[0])
        to = _TO[kind]
        with np.errstate(divide="ignore", invalid="ignore"):
            errors = (to(data[upper]) - to(data[lower])) / (2 * width)
    else:
        errors = data[error]
    starts = _starts(rows, groups)
    made_columns = _indices(starts, data[population], data[value], errors, kind, made, per, transform=transform)
    keys = {name: rows[name].to_numpy()[starts] for name in groups}
    backend = rows.implementation
    table: nw.DataFrame[Any] = nw.from_dict({**keys, **made_columns}, backend=backend)
    floats = [nw.when(~nw.col(n).is_nan()).then(nw.col(n)).alias(n) for n in _written(made)[:-2]]
    table = table.with_columns(nw.col("method", "reason").cast(nw.String), *floats)
    return door.leave(door.as_lazy_as(table, entered), frame)


def _written(made: Sequence[Level]) -> list[str]:
    sides = [name for level in made for name in (level.lower, level.upper)]
    return ["sii", *(f"sii_{s}" for s in sides), "rii", *(f"rii_{s}" for s in sides), "intercept", "confidence", "method", "reason"]


def _refuse(
    frame: door.Frame, quantile: str, population: str, value: str, error: str | None, lower: str, upper: str, kind: str, groups: tuple[str, ...]
) -> None:  # fmt: skip
    rules = [*keys_there(*groups, quantile), *numbers_sound(population), *numbers_sound(value, least=None)]
    rules.append(Rule("no-population", population, lambda rows: rows.gone(population) | rows.holds(rows.number(population) == 0), "is 0 or missing"))
    if error is not None:
        rules += numbers_sound(error)
    else:
        rules += [
            *numbers_sound(lower, upper, least=None),
            Rule("value-outside-limits", value, _apart(value, lower, upper), f"is not between {lower} and {upper}"),
        ]
    if kind != "normal":
        columns = (value,) if error else (value, lower, upper)
        rules += [Rule("not-positive", n, _at_most_nought(n), "is 0 or less, which has no logarithm") for n in columns]
    if kind == "proportion":
        rules += [Rule("above-one", n, _one_or_more(n), "is 1 or more: give shares, not per cents") for n in (value, lower, upper)]
    rows = opened(frame)
    refuse(rows, rules, show=(*groups, quantile))
    one_row_a_key(rows, (*groups, quantile))


def _apart(value: str, lower: str, upper: str) -> Callable[[Columns], Any]:
    return lambda rows: rows.holds(rows.number(lower) > rows.number(value)) | rows.holds(rows.number(upper) < rows.number(value))


def _at_most_nought(name: str) -> Callable[[Columns], Any]:
    return lambda rows: rows.holds(rows.number(name) <= 0)


def _one_or_more(name: str) -> Callable[[Columns], Any]:
    return lambda rows: rows.holds(rows.number(name) >= 1)


def _starts(rows: nw.DataFrame[Any], groups: tuple[str, ...]) -> NDArray[np.int64]:
    """Where each group begins in rows that are sorted by group."""
    n = len(rows)
    if not n:
        return np.zeros(0, np.int64)
    new = np.zeros(n, bool)
    new[0] = True
    for name in groups:
        keys = rows[name].to_numpy()
        new[1:] |= keys[1:] != keys[:-1]
    return np.flatnonzero(new)


@frozen
class _Sums:
    """Weighted sums over the rows of each group, and their first four cumulants."""

    starts: NDArray[np.int64]
    of: NDArray[np.int64]
    cumulants: tuple[Floats, Floats, Floats, Floats]

    def total(self, values: Floats) -> Floats:
        return np.add.reduceat(values, self.starts)

    def quantile(self, weights: Floats, q: float) -> Floats:
        """The quantile of each group's weighted sum at the normal deviate `q`."""
        k1, k2, k3, k4 = (self.total(weights**power * k) for power, k in enumerate(self.cumulants, 1))
        spread = np.sqrt(k2)
        with np.errstate(divide="ignore", invalid="ignore"):
            skew, tails = np.where(k2 > 0, k3 / spread**3, 0), np.where(k2 > 0, k4 / k2**2, 0)
        bent = q + (q**2 - 1) * skew / 6 + (q**3 - 3 * q) * tails / 24 - (2 * q**3 - 5 * q) * skew**2 / 36
        return k1 + spread * bent


def _cumulants(values: Floats, errors: Floats, kind: str, *, transform: bool) -> tuple[Floats, Floats, Floats, Floats]:
    """Of each value: normal as it stands or on its own scale, else brought back from it."""
    if kind == "normal" or transform:
        return _TO[kind](values), errors**2, np.zeros_like(values), np.zeros_like(values)
    drawn = _BACK[kind](_TO[kind](values)[:, None] + errors[:, None] * _NODES[None, :])
    mean = drawn @ _WEIGHTS
    apart = drawn - mean[:, None]
    second, third, fourth = (apart**power @ _WEIGHTS for power in (2, 3, 4))
    return mean, second, third, fourth - 3 * second**2


def _indices(
    starts: NDArray[np.int64], population: Floats, values: Floats, errors: Floats, kind: str, made: Sequence[Level], per: float, *, transform: bool
) -> dict[str, Any]:  # fmt: skip
    n, groups = len(values), len(starts)
    if not groups:
        return {name: np.zeros(0) if name not in {"method", "reason"} else [] for name in _written(made)}
    ends = np.append(starts[1:], n)
    counts = ends - starts
    of = np.repeat(np.arange(groups), counts)
    share = population / np.add.reduceat(population, starts)[of]
    running = np.cumsum(share)
    place = running - share / 2 - np.concatenate([[0.0], running[ends[:-1] - 1]])[of]
    centre = np.add.reduceat(share * place, starts)
    slope = share * (place - centre[of])
    with np.errstate(divide="ignore", invalid="ignore"):
        slope /= np.add.reduceat(share * (place - centre[of]) ** 2, starts)[of]
        at_start, at_end = share - slope * centre[of], share + slope * (1 - centre[of])
        sums = _Sums(starts, of, _cumulants(values, errors, kind, transform=transform))
        line = _TO[kind](values) if transform else values
        s, i, e = sums.total(slope * line), sums.total(at_start * line), sums.total(at_end * line)
        back = _BACK[kind] if transform else _TO["normal"]
        sii, rii = back(e) - back(i), back(e) / back(i)
        columns: dict[str, Floats] = {"sii": sii * per}
        relative: dict[str, Floats] = {"rii": rii if per > 0 else 1 / rii}
        for level in made:
            q = limits.z(level)
            pairs: list[tuple[Floats, Floats]] = []
            for deviate in (-q, q):
                turned = sums.quantile(slope, deviate)
                if transform:
                    middle = i + s * centre
                    low, high = back(middle - turned * centre), back(middle + turned * (1 - centre))
                    pairs.append((high - low, high / low))
                else:
                    pairs.append((turned, _ratio(sums, at_end, at_start, deviate, rii)))
            for target, which, factor in ((columns, 0, per), (relative, 1, None)):
                one, other = pairs[0][which], pairs[1][which]
                one, other = (one * factor, other * factor) if factor is not None else (one, other) if per > 0 else (1 / one, 1 / other)
                name = "sii" if which == 0 else "rii"
                target[f"{name}_{level.lower}"], target[f"{name}_{level.upper}"] = np.minimum(one, other), np.maximum(one, other)
    missing = np.add.reduceat((~np.isfinite(values) | ~np.isfinite(errors)).astype(int), starts) > 0
    missing |= counts < counts.max()
    few = ~missing & (counts < LEAST_QUANTILES)
    found = {**columns, **relative, "intercept": back(i) * abs(per)}
    found = {name: np.where(missing | few, np.nan, column) for name, column in found.items()}
    method = "closed_form_log" if transform and kind == "rate" else "closed_form_logit" if transform else "closed_form"
    said = ["missing" if m else "too_few_quantiles" if f else None for m, f in zip(missing, few, strict=True)]
    alone = made[0].confidence if len(made) == 1 else np.nan
    return {**found, "confidence": np.full(groups, alone), "method": [None if why else method for why in said], "reason": said}


def _ratio(sums: _Sums, above: Floats, below: Floats, deviate: float, start: Floats) -> Floats:
    """The quantile of the ratio of two sums: where `above - r below` has its own at 0; missing where there is no such r, or the lower sum may be 0."""
    # A ratio at most r is a difference at most 0, and so are their quantiles at one deviate.
    low, high, step = start.copy(), start.copy(), np.maximum(np.abs(start), 1e-9) * 0.05

    def at(r: Floats) -> Floats:
        return sums.quantile(above - r[sums.of] * below, deviate)

    for _ in range(40):
        rising, falling = at(low) < 0, at(high) > 0
        if not (rising.any() or falling.any()):
            break
        low, high, step = np.where(rising, low - step, low), np.where(falling, high + step, high), step * 2
    bounded = (at(low) >= 0) & (at(high) <= 0) & (sums.quantile(below, -abs(deviate)) > 0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        over = at(middle) > 0
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.where(bounded, (low + high) / 2, np.nan)
