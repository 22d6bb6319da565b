"""The audit: what NHS England printed in a workbook, beside what its extract of the month, or the bands of the workbook itself, give.

Every printed figure is one row of a rule. England's are `england`; those of an area and treatment function are `medians`, `percentiles`, and for the bands, totals and shares
`provider_function`. A workbook held against itself has its totals, shares and averages recomputed from its own bands, and the bands of its totals from those of their parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from jsnakit.auditing import AuditedRule, Disagreement
from jsnakit.errors import InvalidValueError
from jsnakit.files import SourceFile
from jsnakit.model import ENGLAND
from jsnakit.sources import Resource
from jsnakit_rtt.audit_series import audit_series, is_series
from jsnakit_rtt.measures import Groups, Month
from jsnakit_rtt.parse import Extract, parse_extract
from jsnakit_rtt.printed import Heading, Printed, is_printed, numbers_of, read_printed, total_of
from jsnakit_rtt.rules import RULES, Rules, rules_for
from jsnakit_rtt.verdicts import ADJUSTED, NO_RULE, Computed, Counted, Tally, close, computed, shown, verdicts

__all__ = ["audit_files", "is_workbook"]

_NO_ROW: Final = "no row in the extract"
_LEVEL: Final = "areas that the extract does not hold"
_MONTH: Final = "another month"
_OWN: Final = "the publisher's own error: its own bands give what is computed"
_ALONE: Final = "the publisher's own error: its own bands give another figure"
_SUM: Final = "the publisher's own error: the bands do not add up to the total beside them"

Bools = NDArray[np.bool_]
Explain = Callable[[Heading, int, Computed, Computed | None], str]


def is_workbook(data: SourceFile) -> bool:
    """Whether a file is a spreadsheet: a new one is a ZIP of parts, an old one an OLE file."""
    with data.open() as stream:
        head = stream.read(8)
    return head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" or (data.is_zip() and any(n.startswith("xl/") for n in data.members()))


def _workbooks(data: SourceFile) -> list[str | None]:
    """The workbooks in a file: itself, or those in a ZIP of several; none in an extract."""
    if is_workbook(data):
        return [None]
    return [m for m in data.members() if is_printed(m)] if data.is_zip() else []


def audit_files(data: SourceFile, published: SourceFile | None, rules: Rules | None = None) -> tuple[AuditedRule, ...]:
    """Hold a workbook against the extract of its month, whichever of the two is given first, or against its own bands.

    Raises `InvalidValueError` where an extract comes without a workbook, a time series without an extract, or two different workbooks.
    """
    printed, against = _workbooks(data), _workbooks(published) if published is not None else []
    tally = Tally()
    if not printed:
        if published is None or not against:
            raise InvalidValueError(
                f"{data.name} is an extract, which prints no totals or averages to be audited",
                hint="give the publisher's workbook too: `--published` with the England time series (RTT Overview Timeseries), "
                "or the provider or commissioner workbook of the same month",
                value=data.name,
            )  # fmt: skip
        _with_extract(published, against, data, tally, rules)
    elif published is None or published.sha256 == data.sha256:
        for member in printed:
            if member is None and is_series(data):
                raise InvalidValueError(
                    f"{data.name} is the England time series, which prints no bands to compute it from",
                    hint="give the full extract of a month too: jsnakit audit rtt EXTRACT --published SERIES",
                    value=data.name,
                )
            _alone(read_printed(data, member), tally, rules)
    elif against:
        raise InvalidValueError(
            f"{data.name} and {published.name} are both workbooks",
            hint="give a workbook alone, or the full extract of its month with it",
            value=published.name,
        )
    else:
        _with_extract(data, printed, published, tally, rules)
    return tally.rules()


def _with_extract(workbooks: SourceFile, members: Sequence[str | None], extract: SourceFile, tally: Tally, rules: Rules | None) -> None:
    month = Month.of(Extract.of(parse_extract(Resource(url=extract.name, title=extract.name), extract)), "")
    chosen = rules or rules_for(month.extract.month)
    for member in members:
        if member is None and is_series(workbooks):
            audit_series(workbooks, month, chosen, tally)
            continue
        for printed in read_printed(workbooks, member):
            _held(printed, month, chosen, tally)


def _rule_of(printed: Printed, heading: Heading) -> str:
    if printed.england:
        return "england"
    return {"median": "medians", "percentile": "percentiles"}.get(heading.kind, "provider_function")


def _own(printed: Printed) -> Counted:
    """The counts that a workbook prints itself."""
    numbers = numbers_of(printed.cells[:, printed.bands()])
    bands = np.nan_to_num(numbers).astype(np.int64).T.copy()
    everyone = bands.sum(axis=0)
    for i, heading in enumerate(printed.headings):
        if heading.kind == "unknown":
            everyone = everyone + np.nan_to_num(numbers_of(printed.cells[:, i])).astype(np.int64)
    return Counted(bands, everyone, np.ones(len(printed.rows), dtype=bool))


def _level(printed: Printed, month: Month) -> str | None:
    """Which areas of the extract those of a sheet are, by their codes."""
    if printed.england:
        return "country"
    codes = set(printed.areas)
    shares = {level: len(codes & set(month.groups(printed.part, level).areas)) for level in ("provider", "commissioner", "icb")}
    best = max(shares, key=lambda level: (shares[level], level))
    return best if 2 * shares[best] > len(codes) or best == printed.area_heading.split()[0] else None


def _from_extract(printed: Printed, groups: Groups) -> Counted:
    """The counts of a sheet's rows in the extract: an area with rows has 0 where it has no row of a function, one without any has nothing."""
    places = {(groups.areas[a], groups.functions[f]): i for i, (a, f) in enumerate(zip(groups.area.tolist(), groups.function.tolist(), strict=True))}
    present = {groups.areas[a] for a in groups.area.tolist()}
    areas = [ENGLAND.code] * len(printed.rows) if printed.england else printed.areas
    at = np.array([places.get((a, f), -1) for a, f in zip(areas, printed.functions, strict=True)], dtype=np.int64)
    found = np.maximum(at, 0)
    bands = np.where(at >= 0, groups.bands[:, found], 0)
    return Counted(bands, np.where(at >= 0, groups.everyone[found], 0), np.array([a in present for a in areas], dtype=bool))


def _held(printed: Printed, month: Month, rules: Rules, tally: Tally) -> None:
    """A sheet against the extract."""
    size = len(printed.rows)
    why = None
    if printed.month != month.extract.month:
        why = _MONTH
    elif not printed.part:
        why = ADJUSTED
    level = None if why else _level(printed, month)
    if why is None and level is None:
        why = _LEVEL
    groups = month.groups(printed.part, level) if level else None
    if groups is not None and len(groups.bands) != len(printed.bands()):
        why = "bands of another layout"
    if why or groups is None or not len(groups):
        for heading in printed.headings:
            tally.add(_rule_of(printed, heading), size, reasons=[(why or _NO_ROW, size)])
        return
    own = _own(printed)
    edition = _edition(printed, month)
    sums = next((numbers_of(printed.cells[:, i]) for i, h in enumerate(printed.headings) if h.kind in ("known", "all")), None)
    adds = np.ones(size, dtype=bool) if sums is None else close(sums, own.bands.sum(axis=0).astype(np.float64))
    counted = _from_extract(printed, groups)

    def explain(heading: Heading, row: int, made: Computed, of_own: Computed | None) -> str:
        if heading.kind == "band":
            return edition if adds[row] else _SUM
        same = of_own is not None and close(of_own.value[row : row + 1], made.value[row : row + 1])[0]
        return _OWN if same else edition

    _compare(printed, counted, own, rules, tally, explain, skip=())


def _edition(printed: Printed, month: Month) -> str:
    """What may tell a workbook from the extract where its own figures fit together."""
    revised = month.extract.release.startswith("revised")
    if revised and not printed.revised:
        return "first edition; the extract is revised"
    return "revised edition; the extract is the first" if printed.revised and not revised else ""


def _compare(printed: Printed, counted: Counted, own: Counted, rules: Rules, tally: Tally, explain: Explain, skip: Sequence[int]) -> None:
    """Every column of a sheet but those in `skip`."""
    for i, heading in enumerate(printed.headings):
        if i in skip:
            continue
        # The open band is the last one, whatever week it begins with.
        named = evolve(heading, number=printed.bands().index(i)) if heading.kind == "band" else heading
        made = computed(named, counted, rules)
        rule = _rule_of(printed, heading)
        if made is None:
            tally.add(rule, len(printed.rows), reasons=[(NO_RULE, len(printed.rows))])
            continue
        cells = printed.cells[:, i]
        agree, reasons = verdicts(heading, cells, made, printed.open_from)
        if not counted.there.all():
            nothing = ~counted.there & (np.nan_to_num(numbers_of(cells)) == 0)
            agree = agree & counted.there
            reasons = {reason: where & counted.there for reason, where in reasons.items()} | {_NO_ROW: nothing}
        told = agree.copy()
        for where in reasons.values():
            told |= where
        from_own = computed(named, own, rules)
        wrong = np.flatnonzero(~told)
        tally.add(
            rule, len(cells), int((agree & ~_any(reasons, len(cells))).sum()),
            [_disagreement(printed, i, int(r), made, from_own, explain, there=bool(counted.there[r])) for r in wrong],
            _exclusive(reasons),
        )  # fmt: skip


def _any(reasons: dict[str, Bools], size: int) -> Bools:
    return np.any(list(reasons.values()), axis=0) if reasons else np.zeros(size, dtype=bool)


def _exclusive(reasons: dict[str, Bools]) -> list[tuple[str, int]]:
    """How many figures have each reason, each counted for the first that it has."""
    counts: list[tuple[str, int]] = []
    before: Bools | None = None
    for reason, where in reasons.items():
        counts.append((reason, int((where if before is None else where & ~before).sum())))
        before = where if before is None else before | where
    return counts


def _disagreement(printed: Printed, heading: int, row: int, made: Computed, own: Computed | None, explain: Explain, *, there: bool) -> Disagreement:
    head, cell = printed.headings[heading], printed.cells[row, heading]
    average = head.kind in ("median", "percentile")
    number = float(cell) if isinstance(cell, int | float) else np.nan
    why = explain(head, row, made, own)
    if average and made.open[row] and number > printed.open_from:
        why = "the publisher's own error: interpolated inside the open band"
    elif average and isinstance(cell, str) and cell.strip() in ("-", "") and not made.few[row]:
        why = "the publisher's own error: hidden though there are patients enough"
    if not there:
        gives = "no row"
    elif made.empty[row]:
        gives = "no patients"
    else:
        gives = shown(printed.open_from, at_least=True) if made.open[row] else shown(float(made.value[row]))
    return Disagreement(
        row=printed.cell(row, heading), about=printed.about(row), column=head.words, printed=shown(number) if number == number else str(cell), computed=gives, why=why,
    )  # fmt: skip


def _alone(sheets: Sequence[Printed], tally: Tally, rules: Rules | None) -> None:
    """A workbook against its own bands, and the bands of its totals against those of their parts."""
    detailed = [s for s in sheets if not s.england]
    finest = max(detailed, key=lambda s: len(set(s.areas))) if detailed else None
    for printed in sheets:
        chosen = rules or rules_for(printed.month)
        own = _own(printed)
        unknown = [i for i, h in enumerate(printed.headings) if h.kind == "unknown"]
        explain = _own_error(printed, own, chosen)
        _compare(printed, own, own, chosen, tally, explain, skip=[*printed.bands(), *unknown])
        if unknown:
            # Unknown clock starts are what is left of everyone printed: counted from themselves they would always agree.
            everyone = next((numbers_of(printed.cells[:, i]) for i, h in enumerate(printed.headings) if h.kind == "all"), None)
            left = own if everyone is None else evolve(own, everyone=np.nan_to_num(everyone).astype(np.int64))
            _compare(printed, left, left, chosen, tally, explain, skip=[i for i in range(len(printed.headings)) if i not in unknown])
        if printed.england and finest is not None:
            _england_bands(printed, finest, tally)
        elif not printed.england:
            _function_bands(printed, own, tally)


def _own_error(printed: Printed, own: Counted, chosen: Rules) -> Explain:
    """What explains a figure that a workbook's own bands do not give: the rules of another time, or nothing but an error."""
    others = {(r.id, h): computed(h, own, r) for r in RULES if r.id != chosen.id for h in printed.headings if h.kind in ("median", "percentile")}
    at = {h: i for i, h in enumerate(printed.headings)}

    def explain(heading: Heading, row: int, _made: Computed, _own: Computed | None) -> str:
        number = numbers_of(printed.cells[row : row + 1, at[heading]])
        for (rules, column), made in others.items():
            if column == heading and made is not None and close(number, made.value[row : row + 1])[0]:
                return f"the publisher's own error: as by the rules of {rules}"
        return _ALONE

    return explain


def _england_bands(printed: Printed, finest: Printed, tally: Tally) -> None:
    """England's bands are the sums of its areas'."""
    sums = _own(finest)
    functions = np.array(finest.functions)
    expected = np.stack([sums.bands[:, functions == f].sum(axis=1) for f in printed.functions])
    _told_bands(printed, "england", np.arange(len(printed.rows)), expected, "the areas of the workbook give another sum", tally)


def _function_bands(printed: Printed, own: Counted, tally: Tally) -> None:
    """The bands of the total of an area are the sums of its functions' bands; where they are not, the cell is the one whose row does not add up either."""
    is_total = total_of(printed.functions)
    places = {area: i for i, area in enumerate(dict.fromkeys(printed.areas))}
    area = np.array([places[a] for a in printed.areas], dtype=np.int64)
    bands = own.bands.T
    off = np.zeros((len(places), bands.shape[1]), dtype=np.int64)
    np.add.at(off, area, np.where(is_total[:, None], bands, -bands))
    totals, parts = np.bincount(area[is_total], minlength=len(places)), np.bincount(area[~is_total], minlength=len(places))
    checked = (totals == 1) & (parts > 0)
    rows = np.flatnonzero(checked[area])
    tally.add(
        "provider_function",
        (len(area) - len(rows)) * bands.shape[1],
        reasons=[("no total of functions beside it", (len(area) - len(rows)) * bands.shape[1])],
    )
    if not len(rows):
        return
    printed_sum = next((numbers_of(printed.cells[:, i]) for i, h in enumerate(printed.headings) if h.kind == "known"), None)
    if printed_sum is None:
        printed_sum = next((numbers_of(printed.cells[:, i]) for i, h in enumerate(printed.headings) if h.kind == "all"), None)
    short = np.zeros(len(area)) if printed_sum is None else np.nan_to_num(printed_sum) - bands.sum(axis=1)
    missing = np.where(is_total[:, None], -off[area], off[area])
    # A cell is wrong where its column of the area and its row are off, by as much; where no row is, the total is what differs.
    blamed = (missing != 0) & (missing == short[:, None])
    found = np.zeros(off.shape, dtype=bool)
    np.logical_or.at(found, area, blamed)
    blamed |= is_total[:, None] & (missing != 0) & ~found[area]
    _told_bands(printed, "provider_function", rows, (bands + np.where(blamed, missing, 0))[rows], "the treatment functions give another sum", tally)


def _told_bands(printed: Printed, rule: str, rows: NDArray[np.int64], expected: NDArray[np.int64], why: str, tally: Tally) -> None:
    """The bands of some rows beside what they should be."""
    at = printed.bands()
    cells = printed.cells[rows][:, at]
    numbers = numbers_of(cells)
    zero = np.array([isinstance(c, str) and c.strip() in ("-", "") for c in cells.ravel()], dtype=bool).reshape(cells.shape) & (expected == 0)
    same = zero | (np.nan_to_num(numbers, nan=-1.0) == expected)
    wrong = [
        Disagreement(
            row=printed.cell(int(rows[r]), at[b]), about=printed.about(int(rows[r])), column=printed.headings[at[b]].words,
            printed=str(cells[r, b]) if np.isnan(numbers[r, b]) else shown(float(numbers[r, b])), computed=shown(float(expected[r, b])), why=why,
        )
        for r, b in np.argwhere(~same)
    ]  # fmt: skip
    tally.add(rule, same.size, int(same.sum()), wrong)
