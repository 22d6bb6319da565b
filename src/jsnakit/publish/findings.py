"""Sentences that state findings: each is chosen by the very figures drawn beneath it, so that it cannot outlive them.

Every function is pure: standings and counts in, one sentence out. Where nothing can be asserted the sentence is neutral.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from jsnakit.model import Indicator, Polarity
from jsnakit.publish._words import count, decapitalised, listed, month_of, points, unit_after, whole
from jsnakit.publish.figures.standing import Standing
from jsnakit.publish.panels import FIFTHS, Figure, Verdict, number_text

__all__ = [
    "CHANGES",
    "Change",
    "lede_on_measures",
    "on_ages",
    "on_changes",
    "on_choice",
    "on_compared",
    "on_control",
    "on_groups",
    "on_lengths",
    "on_lowest",
    "on_map",
    "on_measures",
    "on_own_areas",
    "on_place",
    "on_providers",
    "on_rug",
    "on_scheme",
    "on_specialties",
    "on_target",
    "on_trust_rank",
    "on_waits",
    "standing_key",
    "tally",
]

CHANGES = ("better", "little changed", "worse", "not judged")
"""The words of a change over time."""


@frozen
class Change:
    """How one measure changed between two periods: `word` is one of `CHANGES`, `size` the change in heights of the band of the middle three fifths."""

    indicator: Indicator
    word: str
    size: float
    since: str


def standing_key(found: Standing) -> str:
    """Which sentence a standing allows: `worst`, `best` (alone at the end), else the name of the fifth.

    The keys are those of `sentences` in a headline figure.
    """
    if found.rank is None:
        return "not_judged"
    if found.ties == 1 and found.from_worst == 1:
        return "worst"
    if found.ties == 1 and found.from_best == 1:
        return "best"
    return {
        Verdict.WORST: "worst_fifth",
        Verdict.SECOND_WORST: "second_worst",
        Verdict.MIDDLE: "middle",
        Verdict.SECOND_BEST: "second_best",
        Verdict.BEST: "best_fifth",
    }[found.verdict]


def on_place(area: str, found: Standing, sentences: Mapping[str, str] | None = None) -> str:
    """Where the area stands on one measure, in the author's words for that standing, or plainly."""
    key = standing_key(found)
    if sentences and key in sentences:
        return sentences[key]
    measure = decapitalised(found.indicator.name)
    if not measure.replace(" ", "").replace("-", "").isalpha():
        # A name with its own punctuation stands in quotation marks, or the sentence would be read with it.
        measure = f"\u201c{measure}\u201d"
    if key == "not_judged":
        return f"{found.indicator.name} in {area}: {found.text()}"
    if key in ("worst", "best"):
        return f"On {measure}, {area} is the {key} of {found.of} authorities"
    if key == "middle":
        return f"On {measure}, {area} is in the middle fifth of {found.of} authorities"
    return f"On {measure}, {area} is {found.place} of {found.of} authorities"


def tally(found: Iterable[Standing]) -> dict[Verdict, int]:
    """How many measures fall into each fifth, worst first; those not judged are left out."""
    counts = Counter(s.verdict for s in found if s.rank is not None)
    return {v: counts.get(v, 0) for v in FIFTHS}


_END = {
    Polarity.HIGHER_IS_BETTER: ("the lowest", "the highest"),
    Polarity.LOWER_IS_BETTER: ("the highest", "the lowest"),
    Polarity.NONE: ("", ""),
    Polarity.UNKNOWN: ("", ""),
}


def lede_on_measures(area: str, found: Standing, every: Sequence[Standing]) -> str:
    """The standing in figures, then how many measures are in the worst and in the best fifth."""
    unit = unit_after(found.indicator)
    behind = f" {unit}" if unit else ""
    first = f"{found.indicator.name} in {area} was {found.text()}{behind} in {month_of(found.period)}"
    if found.rank is not None:
        end = {"the worst": _END[found.indicator.polarity][0], "the best": _END[found.indicator.polarity][1]}.get(found.place, found.place)
        first += f", {end} of {found.of} authorities"
    first += f". The middle authority had {found.text(found.middle)}."
    counts = tally(every)
    ranked = sum(counts.values())
    if not ranked:
        return first
    return (
        f"{first} Of {ranked} measures that can be put in order, {area} is in the worst fifth on {counts[Verdict.WORST]} "
        f"and in the best fifth on {counts[Verdict.BEST]}."
    )


def on_measures(area: str, found: Sequence[Standing]) -> str:
    """The spine's sentence: the end of the queue where the area stands more often."""
    counts = tally(found)
    of = sum(counts.values())
    worst, best = counts[Verdict.WORST], counts[Verdict.BEST]
    if of and worst >= best and worst:
        return f"{area} is in the worst fifth of authorities on {worst} of {of} key measures"
    if of and best:
        return f"{area} is in the best fifth of authorities on {best} of {of} key measures"
    return f"Where {area} stands on {of} key measures"


def on_own_areas(measure: str, highest: str, text: str, of: int, plural: str) -> str:
    """What bars of the council's own areas find.

    >>> on_own_areas("Falls", "North", "12.4", 3, "localities")
    'North has the highest of the three localities: 12.4 (falls)'
    """
    shown = count(of)
    return f"{highest} has the highest of the {shown} {plural}: {text} ({decapitalised(measure)})"


def on_map(region: str, worst: int, of: int, measure: str) -> str:
    """How many areas of the region are in the worst fifth."""
    what = decapitalised(measure)
    if of == 0:
        return f"{measure} across England"
    if worst == 0:
        return f"No {region} authority is in the worst fifth for {what}"
    if worst == of:
        return f"Every {region} authority is in the worst fifth for {what}"
    if 2 * worst > of:
        return f"More than half of {region} authorities are in the worst fifth for {what}"
    verb = "is" if worst == 1 else "are"
    return f"{count(worst, first=True)} of {of} {region} authorities {verb} in the worst fifth for {what}"


def on_changes(area: str, changes: Sequence[Change]) -> str:
    """The largest changes for the better and for the worse, at most two of each."""

    def largest(word: str) -> str:
        ranked = sorted((c for c in changes if c.word == word), key=lambda c: -abs(c.size))[:2]
        names = [decapitalised(c.indicator.name) for c in ranked]
        return listed(names) + ("," if len(names) > 1 and any(" and " in n for n in names) else "")

    better, worse = largest("better"), largest("worse")
    since = min((c.since for c in changes), default="")
    if better and worse:
        return f"Since {since}, {better} got better in {area}; {worse} got worse"
    if better:
        return f"Since {since}, {better} got better in {area}, and nothing here got worse"
    if worse:
        return f"Since {since}, {worse} got worse in {area}, and nothing here got better"
    return f"Little has changed in {area} since {since}" if changes else f"How {area} has changed"


def on_lowest(area: str, shown: int, judged: int) -> str:
    """The head of the table of lowest standings."""
    if shown >= judged:
        return f"All {judged} measures that can be put in order, the lowest first"
    return f"The {count(shown) if shown <= 10 else shown} measures on which {area} stands lowest"


_FRACTIONS = ((0.9, "nine in ten"), (0.8, "eight in ten"), (0.75, "three in four"), (0.7, "seven in ten"), (2 / 3, "two in three"), (0.6, "six in ten"),
              (0.5, "half"), (0.4, "four in ten"), (1 / 3, "one in three"), (0.3, "three in ten"), (0.25, "one in four"), (0.2, "one in five"), (0.1, "one in ten"))  # fmt: skip


def more_than(share: float) -> str:
    """A share as "More than four in ten": the largest plain fraction that it exceeds or equals.

    >>> more_than(0.425), more_than(0.5), more_than(0.04)
    ('More than four in ten', 'Half', 'Fewer than one in ten')
    """
    for limit, words in _FRACTIONS:
        if abs(share - limit) < 1e-12:
            return words.capitalize()
        if share > limit:
            return f"More than {words}"
    return "Fewer than one in ten"


def on_waits(area: str, within: float) -> str:
    """The share of the area's waits that are over 18 weeks (`within` is the percentage that are not)."""
    return f"{more_than((100 - within) / 100)} {area} waits for treatment are over 18 weeks"


def on_providers(area: str, own: str, share: float) -> str:
    """The share of the area's waits that are at its largest provider."""
    return f"{more_than(share)} {area} waits are at {own}"


def on_choice(measure: str, held: Sequence[tuple[float, str]], unit: str, decimals: int = 1) -> str:
    """Which of the area's providers has the highest and which the lowest figure, without a word on which is better.

    >>> on_choice("Within 18 weeks", [(57.5, "Blackpool"), (75.25, "Preston"), (61.0, "Southport")], "%")
    'Within 18 weeks: from 57.5% at Blackpool to 75.3% at Preston'
    """
    if len(held) < 2 or max(held)[0] == min(held)[0]:
        return f"{measure} at our providers"
    (low, lowest), (high, highest) = min(held), max(held)
    return f"{measure}: from {number_text(low, unit, decimals)} at {lowest} to {number_text(high, unit, decimals)} at {highest}"


def on_specialties(specialty: str, held: Sequence[tuple[float, str]], unit: str, decimals: int = 1) -> str:
    """The specialty in which the area's providers are furthest apart.

    >>> on_specialties("Urology", [(40.0, "Blackpool"), (90.0, "Preston")], "%")
    'Our providers are furthest apart in urology: 40.0% at Blackpool, 90.0% at Preston'
    """
    if len(held) < 2 or max(held)[0] == min(held)[0]:
        return "Waits by specialty at our providers"
    (low, lowest), (high, highest) = min(held), max(held)
    ends = f"{number_text(low, unit, decimals)} at {lowest}, {number_text(high, unit, decimals)} at {highest}"
    return f"Our providers are furthest apart in {decapitalised(specialty)}: {ends}"


def on_scheme(noun: str, green: int, amber: int, red: int, verb: str = "has") -> str:
    """How many trusts are green, amber and red by the rule named beside the map.

    >>> on_scheme("patients", 2, 1, 4, "admitted")
    'Two of seven NHS trusts admitted every patient within 18 weeks; four are red'
    """
    of = green + amber + red
    if of == 0:
        return f"No trust has enough {noun} to be judged"
    many = {"has": "have"}.get(verb, verb)
    if green == of:
        return f"All {count(of)} NHS trusts {many} every patient within 18 weeks"
    which = "None" if green == 0 else "Only one" if green == 1 else count(green, first=True)
    first = f"{which} of {count(of)} NHS trusts {verb if green < 2 else many} every patient within 18 weeks"
    said = f"all {count(red)} are red" if red == of else f"{count(red)} {'is' if red == 1 else 'are'} red" if red else "none is red"
    return f"{first}; {said}"


def on_trust_rank(trust: str, place: int, of: int, region: str) -> str:
    """The trust's place, highest share first."""
    from jsnakit.publish.panels import ordinal

    where = "highest" if place == 1 else "lowest" if place == of else ordinal(place)
    return f"{trust} is {where if place not in (1, of) else 'the ' + where} of {of} {region} trusts"


def on_target(area: str, first: float, last: float, threshold: float | None, since: str, unit: str = "%", met: str = "") -> str:
    """When the target was last met (`met`), else the direction since the first period; and the distance to it: rounded points, compared unrounded."""
    moved = "higher than" if last > first else "lower than" if last < first else "the same as"
    if threshold is None:
        return f"{area} is at {whole(last)}{unit}, {moved} in {since}"
    if last >= threshold:
        return f"{area} meets the standard of {whole(threshold)}%"
    short = threshold - last
    said = points(short) if short >= 1 else "less than a point"
    if met:
        return f"{area} last met the standard in {met}, and is now {said} short of it"
    direction = "has improved since" if last > first else "has fallen since" if last < first else "is where it was in"
    return f"{area} {direction} {since}, and is {said} short of the standard"


def on_control(area: str, variation: str, last: float, threshold: float | None, unit: str) -> str:
    """What a control chart finds: how the last figures vary, and the distance to the standard (compared unrounded).

    >>> on_control("England", "improvement_high", 64.9, 92.0, "%")
    'England is improving, and still 27 points short of the standard'
    """
    how = {"improvement": "is improving", "concern": "is getting worse", "common": "varies no more than usual"}.get(
        variation.partition("_")[0], f"is unusually {'high' if variation.endswith('high') else 'low'}"
    )
    if threshold is None or unit != "%":
        return f"{area} {how}"
    if last >= threshold:
        return f"{area} {how}, and meets the standard of {whole(threshold)}%"
    short = threshold - last
    still = "still " if how == "is improving" else "is "
    return f"{area} {how}, and {still}{points(short) if short >= 1 else 'less than a point'} short of the standard"


def on_groups(measure: str, area: str, one: str, first: Figure, other: str, last: Figure) -> str:
    """Two groups and their figures; where their ranges overlap it says that the gap may be chance.

    >>> a, b = (Figure(v, t, None, v - 1, v + 1) for v, t in ((29.0, "29.0%"), (17.1, "17.1%")))
    >>> on_groups("Obesity", "Blackpool", "Most deprived fifth", a, "Least deprived fifth", b)
    'Obesity: 29.0% in the most deprived fifth of Blackpool, 17.1% in the least deprived fifth'
    """
    limits = (first.lower, first.upper, last.lower, last.upper)
    overlap = None not in limits and max(first.lower or 0.0, last.lower or 0.0) <= min(first.upper or 0.0, last.upper or 0.0)
    chance = ", a gap that may be chance" if overlap else ""
    if "deprived" in one or "Middle" in one:
        return f"{measure}: {first.text} in the {decapitalised(one)} of {area}, {last.text} in the {decapitalised(other)}{chance}"
    return f"{measure} in {area}: {one} {first.text}, {other} {last.text}{chance}"


def on_compared(area: str, worse: int, better: int, judged: int) -> str:
    """On how many measures the area is worse and better than England, of those that can be called so.

    >>> on_compared("Blackpool", 10, 0, 18), on_compared("Surrey", 0, 4, 5)
    ('Blackpool is worse than England on ten of 18 measures and better on none', 'Surrey is worse than England on none of five measures and better on four')
    """
    if not judged:
        return f"None of the measures of {area} can be called better or worse than England"
    said = f"{area} is worse than England on {count(worse) if worse else 'none'} of {count(judged)} {'measure' if judged == 1 else 'measures'}"
    return f"{said} and better on {count(better) if better else 'none'}"


def on_rug(area: str, worse: int, judged: int, others: Sequence[int], *, by_fifth: bool) -> str:
    """On how many measures the area is worse than England (or in the worst fifth), and whether any place beside it is so on as many.

    >>> on_rug("Blackpool", 5, 7, [2, 3], by_fifth=False)
    'Blackpool is worse than England on five of seven measures, more than any of the two places beside it'
    """
    what = "in the worst fifth" if by_fifth else "worse than England"
    if not judged:
        return f"{area} and the places beside it, measure by measure"
    said = f"{area} is {what} on {count(worse) if worse else 'none'} of {count(judged)} {'measure' if judged == 1 else 'measures'}"
    if worse and others and worse > max(others):
        return f"{said}, more than any of the {count(len(others))} places beside it" if len(others) > 1 else f"{said}, more than the place beside it"
    return said


def on_ages(area: str, own: float | None, england: float | None) -> str:
    """The share of people aged 65 or over, beside England's; compared unrounded, and as equal where they are printed alike.

    >>> on_ages("Blackpool", 20.71, 18.6), on_ages("Blackpool", 20.71, None)
    ('20.7% of people in Blackpool are 65 or over, more than in England (18.6%)', '20.7% of people in Blackpool are 65 or over')
    """
    if own is None:
        return f"The people of {area} by age and sex"
    said = f"{number_text(own, '%')} of people in {area} are 65 or over"
    if england is None:
        return said
    beside = number_text(england, "%")
    if beside == number_text(own, "%"):
        return f"{said}, as in England"
    return f"{said}, {'more' if own > england else 'fewer'} than in England ({beside})"


def on_lengths(of: str, median: float | None, long: float | None) -> str:
    """How long half of the waits and the longest eight in a hundred have lasted.

    >>> on_lengths("England\u2019s waits", 13.41, 40.2)
    'Half of England\u2019s waits have lasted more than 13.4 weeks, and eight in a hundred more than 40.2'
    """
    if median is None:
        return f"How long {of} have lasted"
    said = f"Half of {of} have lasted more than {number_text(median)} weeks"
    return said if long is None else f"{said}, and eight in a hundred more than {number_text(long)}"
