"""The rule of averages: bed-weighted where beds are known, otherwise an unweighted mean that says so; and PEAT's shares and distributions, which are never a mean.

The publisher's correction of 31 October 2013 tells the rule: organisation and national averages weight site scores by beds, self-catering sites have no part in Food, and a site without a score for a
domain has no part in that domain. A published average is never replaced by one of these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from attrs import frozen

from jsnakit_place.rounds import FOOD, Scale

__all__ = ["Average", "SiteScore", "average", "distribution", "good_or_excellent", "score_of_marks"]


@frozen(kw_only=True)
class SiteScore:
    """A site's score for one domain, with its beds where they are known and whether it caters for itself."""

    score: float | None
    beds: float | None = None
    self_catering: bool = False


@frozen(kw_only=True)
class Average:
    """An average: its value, how it was made (`bed-weighted` or `unweighted`), over how many sites and beds, and that in words."""

    value: float
    method: str
    sites: int
    beds: float | None
    note: str


def average(domain: str, sites: Sequence[SiteScore]) -> Average | None:
    """The average of one domain over sites, or None where no site has a score.

    Weighted by beds only where every site that counts has its number of beds: weights for some would weigh the others by nothing.

    >>> average("food", [SiteScore(score=90.0, beds=300), SiteScore(score=80.0, beds=100), SiteScore(score=10.0, beds=50, self_catering=True)]).value
    87.5
    >>> average("cleanliness", [SiteScore(score=90.0), SiteScore(score=80.0, beds=100)]).note
    'unweighted mean of 2 site scores; the publisher weights by beds, which are known here for 1 of them'
    """
    counted = [(s.score, s.beds) for s in sites if s.score is not None and not (s.self_catering and domain in FOOD)]
    if not counted:
        return None
    known = [beds for _, beds in counted if beds is not None]
    total = math.fsum(known)
    n = f"{len(counted):,} site score{'' if len(counted) == 1 else 's'}"
    if len(known) == len(counted) and total > 0:
        value = math.fsum(score * beds for (score, _), beds in zip(counted, known, strict=True)) / total
        empty = sum(beds == 0 for beds in known)
        without = f", of which {empty:,} without beds and so without weight" if empty else ""
        note = f"computed: mean of {n} weighted by {total:,.0f} beds{without}, by the publisher's rule; not a published figure"
        return Average(value=value, method="bed-weighted", sites=len(counted), beds=total, note=note)
    why = (
        ", which are not known here"
        if not known
        else f", which are known here for {len(known):,} of them"
        if len(known) < len(counted)
        else "; none has any"
    )
    note = f"unweighted mean of {n}; the publisher weights by beds{why}"
    return Average(value=math.fsum(score for score, _ in counted) / len(counted), method="unweighted", sites=len(counted), beds=None, note=note)


def score_of_marks(awarded: float, available: float) -> float:
    """The score that marks give: 100 x awarded / available, to two decimals, halves up, as the publisher prints it.

    >>> score_of_marks(2, 3), score_of_marks(1, 800)
    (66.67, 0.13)
    """
    exact = Decimal(repr(awarded)) * 100 / Decimal(repr(available))
    return float(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def distribution(ranks: Sequence[int], scale: Scale) -> Mapping[str, int]:
    """How many sites have each rating, also those that none has.

    >>> from jsnakit_place.rounds import scale_of
    >>> distribution([5, 5, 3], scale_of("peat_food"))["excellent"]
    2
    """
    return {label: sum(r == rank for r in ranks) for rank, label in enumerate(scale.labels, 1)}


def good_or_excellent(ranks: Sequence[int], scale: Scale) -> int:
    """How many sites the published share counts: those rated good or excellent, or green."""
    return sum(rank in scale.good for rank in ranks)
