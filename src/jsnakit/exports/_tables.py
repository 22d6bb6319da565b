"""The observation table as others read it: tidy, in the order of the ONS application profile, with names beside codes and the source in every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd
from attrs import field, frozen, validators

from jsnakit.errors import TableError
from jsnakit.model import Indicator
from jsnakit.observations import COLUMNS, FLAGS, KEY, STATUSES, Failure

__all__ = ["TIDY_COLUMNS", "TIDY_KEY", "Origin", "Table", "tidy", "tidy_table"]

TIDY_KEY: Final = ("time_period", "area_code", "area_type", "area_scheme", "indicator_id", "sex", "age", "category_type", "category")
"""What addresses one figure: no two rows agree in all of these."""

TIDY_COLUMNS: Final[Mapping[str, str]] = {
    "time_period": "The time that the figure speaks of, as first day and duration (ISO 8601). SDMX: TIME_PERIOD.",
    "period": "The period as the publisher prints it.",
    "area_code": "The code of the area or organisation. SDMX: REF_AREA.",
    "area_name": "Its name.",
    "area_type": "What kind of area or organisation it is.",
    "area_scheme": "Whose code it is: gss (Office for National Statistics), ods (NHS), or the council's own.",
    "indicator_id": "The measure, as source and key.",
    "sex": "F, M, or _T for all. SDMX: SEX.",
    "age": "The ages, or _T for all. SDMX: AGE.",
    "category_type": "What the figure is broken down by, or _T.",
    "category": "The part of that breakdown, or _T for all.",
    "obs_value": "The figure: a number, or nothing; obs_status says why. SDMX: OBS_VALUE.",
    "indicator": "The name of the measure.",
    "unit_measure": "What the figure counts. SDMX: UNIT_MEASURE.",
    "lower": "The lower limit of its interval.",
    "upper": "The upper limit of its interval.",
    "limits_method": "How the limits were made; published: by the publisher.",
    "value_min": "The least that the figure can be, where it is not known exactly.",
    "value_max": "The most that it can be.",
    "count": "The numerator.",
    "denominator": "The denominator.",
    "obs_status": "Why the figure is there or not, as a code. SDMX: OBS_STATUS.",
    "status": "The same in words.",
    "flags": "What else the publisher says of it.",
    "note": "The publisher's note.",
    "source": "Who published it, and where.",
    "licence": "The licence.",
    "retrieved": "The day on which the file was retrieved.",
    "origin": "The file behind the figure, by its sha256.",
}
"""The columns in their order, and what each is: time, geography, other dimensions, observation, measure, unit, attributes, status (ONS application profile, draft, 2024)."""

_FIGURES: Final = ("obs_value", "lower", "upper", "value_min", "value_max", "count", "denominator")
_RENAMED: Final = {"area": "area_code", "indicator": "indicator_id", "value": "obs_value"}


@frozen
class Origin:
    """What is said of a publisher's file in each row that came from it."""

    source: str
    licence: str = ""
    retrieved: str = ""


@frozen(eq=False)
class Table:
    """A table to be given away: a name for its file, a title, its rows, and the columns that address one row (none where no set of them does)."""

    name: str = field(validator=validators.matches_re(r"[a-z0-9][a-z0-9._-]*"))
    title: str
    frame: pd.DataFrame
    key: tuple[str, ...] = ()


def tidy(
    frame: pd.DataFrame, *, indicator: Callable[[str], Indicator | None], area_name: Callable[[str, str], str], origins: Mapping[str, Origin] | None = None
) -> pd.DataFrame:  # fmt: skip
    """Observations as a tidy frame: `TIDY_COLUMNS` in their order, then what else the rows carry, in the order of the key.

    `indicator` gives a measure by its id, `area_name` a name by code and type, `origins` what is said of each file by its key in the column `origin`. A row whose value is suppressed keeps none of its
    numbers. Raises `TableError` for a column that is not there, and for rows of one key, which it names.
    """
    if gone := [c for c in (*KEY, "value", "status", "origin") if c not in frame.columns]:
        raise TableError(
            f"no table of observations: {', '.join(gone)} {'is' if len(gone) == 1 else 'are'} not there",
            failures=tuple(Failure("missing-column", c, 0) for c in gone),
            total=0,
        )
    rows = frame.reset_index(drop=True)
    names = {str(i): indicator(str(i)) for i in rows["indicator"].unique()}
    areas = {pair: area_name(*pair) for pair in dict.fromkeys(zip(rows["area"].astype(str), rows["area_type"].astype(str), strict=True))}
    said = origins or {}
    known = [said.get(str(o), Origin("")) for o in rows["origin"]]
    starts = pd.to_datetime(rows["period_start"]).dt.strftime("%Y-%m-%d")
    made: dict[str, Any] = {
        "time_period": starts + "/" + rows["period_duration"].astype(str),
        "area_name": [areas[pair] for pair in zip(rows["area"].astype(str), rows["area_type"].astype(str), strict=True)],
        "indicator": [found.name if (found := names[str(i)]) else "" for i in rows["indicator"]],
        "unit_measure": [found.unit if (found := names[str(i)]) else "" for i in rows["indicator"]],
        "obs_status": _codes(rows),
        "source": [o.source for o in known],
        "licence": [o.licence for o in known],
        "retrieved": [o.retrieved for o in known],
    }
    renamed = rows.rename(columns=_RENAMED)
    more = [c for c in rows.columns if c not in COLUMNS]
    out = pd.DataFrame({c: made.get(c, renamed[c] if c in renamed.columns else None) for c in TIDY_COLUMNS} | {c: rows[c] for c in more})
    hidden = out["status"] == "suppressed"
    for column in (*_FIGURES, *(c for c in more if pd.api.types.is_numeric_dtype(out[c]))):
        out[column] = pd.to_numeric(out[column]).where(~hidden)
    out = out.sort_values(list(TIDY_KEY), kind="stable", ignore_index=True)
    _addressed(out)
    return out


def tidy_table(name: str, title: str, frame: pd.DataFrame) -> Table:
    """A tidy frame as a table to be given away, addressed by the key."""
    return Table(name, title, frame, TIDY_KEY)


def _codes(rows: pd.DataFrame) -> list[str]:
    """The status as SDMX has it: what the first flag says of a figure that is there, else what the status says."""
    flags = rows["flags"] if "flags" in rows.columns else pd.Series([None] * len(rows))
    found = []
    for status, flag in zip(rows["status"], flags, strict=True):
        code = STATUSES[str(status)]
        first = flag.split(" ")[0] if isinstance(flag, str) else ""
        found.append(FLAGS.get(first, code) if code == "A" else code)
    return found


def _addressed(out: pd.DataFrame) -> None:
    twice = out.duplicated(list(TIDY_KEY), keep=False)
    if twice.any():
        first = out.loc[twice, list(TIDY_KEY)].iloc[0]
        n = int(twice.sum())
        raise TableError(
            f"{n} rows are not alone under their key, the first {', '.join(f'{k} {v}' for k, v in first.items() if v != '_T')}",
            hint="give one figure for each area, period, measure and breakdown", failures=(Failure("duplicate-key", "indicator_id", n, int(twice.to_numpy().argmax())),), total=n,
        )  # fmt: skip
