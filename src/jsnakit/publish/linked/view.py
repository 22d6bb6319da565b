"""What linked panels know, and the answers they give for one choice. The scripts of a page (`view.js`) answer the same from the same numbers, tested against this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from attrs import field, frozen

from jsnakit.publish.linked.cube import GAPS, MISSING, Cube
from jsnakit.publish.panels import FIFTHS, Figure, Gap, Mark, Verdict, figure, is_percent, number_text, place_words

__all__ = ["OUTCOMES", "Choice", "Comparator", "LinkedArea", "LinkedIndicator", "LinkedPeriod", "View"]

Comparator = Literal["middle", "england", "region"]

OUTCOMES: Final = (Verdict.NOT_JUDGED, Verdict.WORSE, Verdict.SIMILAR, Verdict.BETTER, Verdict.LOWER, Verdict.HIGHER)
"""What each code of an outcome beside England or a region means."""

_REPEATED: Final = GAPS.index(Gap.CARRIED_FORWARD)
_ABSENT: Final = GAPS.index(Gap.NOT_PUBLISHED)
_REFERENCES: Final = {"middle": 0, "low": 1, "high": 2, "england": 3}


@frozen
class LinkedArea:
    """An area: its code and name, which of the view's regions it lies in (-1: none), where its label stands on the map, and names it had."""

    code: str
    name: str
    region: int = -1
    x: int | None = None
    y: int | None = None
    old: tuple[str, ...] = ()


@frozen
class LinkedIndicator:
    """A measure: what a panel prints of it, its group, `sign` 1 where higher is better, -1 where lower is, 0 where neither; `latest` is its last period with a new figure."""

    id: str
    name: str
    unit: str
    after: str
    decimals: int
    sign: int
    group: int
    latest: int

    @property
    def behind(self) -> str:
        """The unit as it stands behind a number."""
        return "" if not self.after else f" ({self.after})" if self.after == "unit not stated" else f" {self.after}"


@frozen
class LinkedPeriod:
    """A period: its words, and the day it begins as a whole number of days, to space a trend."""

    label: str
    at: int


@frozen
class Choice:
    """What a reader chose; `period` null is the latest figure."""

    indicator: int
    area: int
    compare: Comparator = "middle"
    period: int | None = None
    verdicts: frozenset[Verdict] = frozenset()
    region: int | None = None


@frozen(eq=False)
class View:
    """Figures of many measures, periods and areas, judged. Nothing here compares two figures: verdicts come from the cube, where Python put them."""

    areas: tuple[LinkedArea, ...]
    indicators: tuple[LinkedIndicator, ...]
    periods: tuple[LinkedPeriod, ...]
    groups: tuple[str, ...]
    regions: tuple[tuple[str, str], ...]
    cube: Cube = field(repr=False)
    noun: str = "authorities"

    def comparators(self) -> tuple[Comparator, ...]:
        """Those for which there are figures."""
        england = bool((self.cube.references[:, :, 3] != MISSING).any())
        region = bool((self.cube.regions != MISSING).any())
        return ("middle", *(("england",) if england else ()), *(("region",) if region else ()))

    def region_name(self, area: int) -> str:
        """The region of an area; empty where it lies in none."""
        at = self.areas[area].region
        return self.regions[at][1] if at >= 0 else ""

    def period_of(self, indicator: int, area: int, chosen: int | None) -> int:
        """The period that is shown: the chosen one, else that of the area's last new figure, else the measure's last."""
        if chosen is not None:
            return chosen
        found = self.last_new(indicator, area, len(self.periods) - 1)
        return self.indicators[indicator].latest if found is None else found

    def last_new(self, indicator: int, area: int, until: int) -> int | None:
        """The last period, up to one, in which the area has a figure that does not repeat an earlier one; null where there is none."""
        for p in range(until, -1, -1):
            if self.cube.value[indicator, p, area] != MISSING and self.cube.codes["status"][indicator, p, area] != _REPEATED:
                return p
        return None

    def known_periods(self, indicator: int) -> list[int]:
        """The periods for which the measure has a figure of any area, or says why one is missing."""
        held = self.cube.codes["status"][indicator] != _ABSENT
        return [p for p in range(len(self.periods)) if held[p].any()]

    def text(self, indicator: int, number: int) -> str:
        """A whole number of the cube as printed."""
        i = self.indicators[indicator]
        return number_text(int(number) / 10**i.decimals, i.unit, i.decimals)

    def number(self, indicator: int, number: int) -> float | None:
        """A whole number of the cube as the number it stands for."""
        return None if number == MISSING else int(number) / 10 ** self.indicators[indicator].decimals

    def figure(self, indicator: int, period: int, area: int) -> Figure:
        """A figure as a panel draws it."""
        i = self.indicators[indicator]
        gap = GAPS[int(self.cube.codes["status"][indicator, period, area])]
        value, lower, upper = (self.number(indicator, n[indicator, period, area]) for n in (self.cube.value, self.cube.lower, self.cube.upper))
        return figure(value, i.unit, i.decimals, gap=gap, lower=lower, upper=upper)

    def judged_by(self, indicator: int, period: int, compare: Comparator) -> Literal["fifths", "england", "region"]:
        """Against what the verdicts are given: the comparator where any area could be judged against it, else the fifths."""
        if compare != "middle" and self.cube.codes[compare][indicator, period].any():
            return compare
        return "fifths"

    def verdict(self, indicator: int, period: int, area: int, compare: Comparator) -> Verdict:
        """The verdict on one figure, as Python gave it."""
        if self.cube.value[indicator, period, area] == MISSING:
            return Verdict.NO_DATA
        rule = self.judged_by(indicator, period, compare)
        if rule != "fifths":
            return OUTCOMES[int(self.cube.codes[rule][indicator, period, area])]
        held = int(self.cube.codes["fifth"][indicator, period, area])
        return FIFTHS[held - 1] if held else Verdict.NOT_JUDGED

    def of(self, indicator: int, period: int) -> int:
        """How many areas have a figure."""
        return int((self.cube.value[indicator, period] != MISSING).sum())

    def rank(self, indicator: int, period: int, area: int) -> tuple[float, int] | None:
        """The rank (1 the worst, the mean of its ties) and how many share it; null where there is none."""
        doubled = int(self.cube.rank[indicator, period, area])
        return (doubled / 2, int((self.cube.rank[indicator, period] == doubled).sum())) if doubled else None

    def place(self, indicator: int, period: int, area: int) -> str:
        """The place in words: "9th worst"."""
        found = self.rank(indicator, period, area)
        return place_words(found[0], self.of(indicator, period), found[1]) if found else Mark(Verdict.NOT_JUDGED).word

    def reference(self, indicator: int, period: int, which: str, area: int = 0) -> int:
        """A number of comparison: the middle, the edges of the band, England, or the region of an area; `MISSING` where there is none."""
        if which == "region":
            at = self.areas[area].region
            return int(self.cube.regions[indicator, period, at]) if at >= 0 else int(MISSING)
        return int(self.cube.references[indicator, period, _REFERENCES[which]])

    def reference_name(self, which: Comparator, area: int) -> str:
        """What a comparator is called at the head of a sentence."""
        return {"middle": "Middle authority", "england": "England", "region": self.region_name(area) or "Region"}[which]

    def inside(self, choice: Choice, area: int, period: int) -> bool:
        """Whether an area passes the filters."""
        if choice.region is not None and self.areas[area].region != choice.region:
            return False
        return not choice.verdicts or self.verdict(choice.indicator, period, area, choice.compare) in choice.verdicts

    def counts(self, choice: Choice, period: int) -> list[tuple[Verdict, int, str]]:
        """How many areas have each verdict that occurs, with the span of their figures, in the order of a key."""
        order = (*FIFTHS, *OUTCOMES[1:], Verdict.NOT_JUDGED, Verdict.NO_DATA)
        held: dict[Verdict, list[int]] = {}
        for a in range(len(self.areas)):
            if choice.region is None or self.areas[a].region == choice.region:
                number = int(self.cube.value[choice.indicator, period, a])
                held.setdefault(self.verdict(choice.indicator, period, a, choice.compare), []).append(number)
        found = []
        for v in order:
            if v in held:
                numbers = held[v]
                span = "" if v is Verdict.NO_DATA else f"{self.text(choice.indicator, min(numbers))} to {self.text(choice.indicator, max(numbers))}"
                found.append((v, len(numbers), span))
        return found

    def ranked(self, choice: Choice, period: int) -> list[int]:
        """The areas that pass the filters, and the chosen one, highest first, those without a figure last; equal ones by code."""
        kept = [a for a in range(len(self.areas)) if a == choice.area or self.inside(choice, a, period)]
        numbers = self.cube.value[choice.indicator, period]
        return sorted(kept, key=lambda a: (numbers[a] == MISSING, -int(numbers[a]) if numbers[a] != MISSING else 0, self.areas[a].code))

    def has_intervals(self, indicator: int, period: int) -> bool:
        """Whether every figure of a period has its limits."""
        known = self.cube.value[indicator, period] != MISSING
        return bool(known.any() and (self.cube.lower[indicator, period][known] != MISSING).all())

    def sentence(self, choice: Choice) -> str:
        """The key sentence: area, measure, figure, place, verdict and comparator."""
        i, a = self.indicators[choice.indicator], choice.area
        p = self.period_of(choice.indicator, a, choice.period)
        shown = self.figure(choice.indicator, p, a)
        head = f"{self.areas[a].name}, {i.name}, {self.periods[p].label}: {shown.text}"
        if shown.missing:
            return f"{head}."
        head += i.behind
        head += " (carried forward)" if shown.gap is Gap.CARRIED_FORWARD else " (estimated)" if shown.gap is Gap.ESTIMATED else ""
        verdict = self.verdict(choice.indicator, p, a, choice.compare)
        ranked = self.rank(choice.indicator, p, a)
        head += f", {self.place(choice.indicator, p, a)} of {self.of(choice.indicator, p):,} {self.noun}" if ranked else ""
        rule = self.judged_by(choice.indicator, p, choice.compare)
        head += f" ({self._judged(verdict, rule, a)})"
        number = self.reference(choice.indicator, p, choice.compare, a)
        tail = f" {self.reference_name(choice.compare, a)}: {self.text(choice.indicator, number)}." if number != MISSING else ""
        return f"{head}.{tail}"

    def _judged(self, verdict: Verdict, rule: str, area: int) -> str:
        word = Mark(verdict).word
        word = word[:1].lower() + word[1:]
        if rule == "fifths" or verdict is Verdict.NOT_JUDGED:
            return word
        return f"{word} {'to' if verdict is Verdict.SIMILAR else 'than'} {'England' if rule == 'england' else self.region_name(area)}"

    def head(self, place: int, coast: Sequence[Any] = ()) -> dict[str, Any]:
        """Everything but the numbers, for the page."""
        marks = {v.value: [Mark(v).word, Mark(v).css, Mark(v).path] for v in (*FIFTHS, *OUTCOMES, Verdict.NO_DATA)}
        return {
            "place": place,
            "noun": self.noun,
            "areas": [[a.code, a.name, a.region, a.x, a.y, list(a.old)] for a in self.areas],
            "indicators": [[i.id, i.name, i.after, int(is_percent(i.unit)), i.decimals, i.sign, i.group, i.latest, i.behind] for i in self.indicators],
            "periods": [[p.label, p.at] for p in self.periods],
            "groups": list(self.groups),
            "regions": [list(r) for r in self.regions],
            "compare": list(self.comparators()),
            "fifths": [v.value for v in FIFTHS],
            "outcomes": [v.value for v in OUTCOMES],
            "gaps": [None if g is None else [g.value, g.word] for g in GAPS],
            "marks": marks,
            "coast": list(coast),
        }  # fmt: skip
