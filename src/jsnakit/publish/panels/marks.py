"""The marks of judgement and of absence: a shape first, a word second, a colour third."""

from __future__ import annotations

import enum
from typing import Final

from attrs import field, frozen, validators

from jsnakit.publish.panels._markup import Safe, el

__all__ = ["FIFTHS", "Gap", "Mark", "Verdict", "fifth", "symbol"]


class Verdict(enum.StrEnum):
    """What is said of a figure. The fifths rank, the rest judge; the last four give no judgement."""

    WORST = "worst"
    SECOND_WORST = "second-worst"
    MIDDLE = "middle"
    SECOND_BEST = "second-best"
    BEST = "best"
    WORSE = "worse"
    SIMILAR = "similar"
    BETTER = "better"
    MISSED = "missed"
    NEAR = "near"
    MET = "met"
    LOWER = "lower"
    HIGHER = "higher"
    NOT_JUDGED = "not-judged"
    TOO_FEW = "too-few"
    NOT_SUBMITTED = "not-submitted"
    NO_DATA = "no-data"


FIFTHS: Final = (Verdict.WORST, Verdict.SECOND_WORST, Verdict.MIDDLE, Verdict.SECOND_BEST, Verdict.BEST)
"""The fifths, worst first."""

_WORDS: Final = {
    Verdict.WORST: "Worst fifth",
    Verdict.SECOND_WORST: "Second worst",
    Verdict.MIDDLE: "Middle fifth",
    Verdict.SECOND_BEST: "Second best",
    Verdict.BEST: "Best fifth",
    Verdict.WORSE: "Worse",
    Verdict.SIMILAR: "Similar",
    Verdict.BETTER: "Better",
    Verdict.MISSED: "Standard not met",
    Verdict.NEAR: "Near the standard",
    Verdict.MET: "Standard met",
    Verdict.LOWER: "Lower",
    Verdict.HIGHER: "Higher",
    Verdict.NOT_JUDGED: "not judged",
    Verdict.TOO_FEW: "too few to judge",
    Verdict.NOT_SUBMITTED: "not sent",
    Verdict.NO_DATA: "no data",
}

# Shape and class of colour; two verdicts that share both are the same judgement under another rule.
_DRAWN: Final = {
    Verdict.WORST: ("down", "worse"),
    Verdict.SECOND_WORST: ("down", "worse-open"),
    Verdict.MIDDLE: ("square", "similar"),
    Verdict.SECOND_BEST: ("up", "better-open"),
    Verdict.BEST: ("up", "better"),
    Verdict.WORSE: ("down", "worse"),
    Verdict.SIMILAR: ("square", "similar"),
    Verdict.BETTER: ("up", "better"),
    Verdict.MISSED: ("down", "worse"),
    Verdict.NEAR: ("square", "similar"),
    Verdict.MET: ("up", "better"),
    Verdict.LOWER: ("diamond", "lower"),
    Verdict.HIGHER: ("diamond", "higher"),
    Verdict.NOT_JUDGED: ("circle", "unjudged"),
    Verdict.TOO_FEW: ("diamond", "few"),
    Verdict.NOT_SUBMITTED: ("cross", "absent"),
    Verdict.NO_DATA: ("dash", "absent"),
}

# Centred on 0,0 within a square of 14: the optical sizes of the three judging shapes match.
_PATHS: Final = {
    "down": "M-7.2-5.6H7.2L0 6.8z",
    "up": "M-7.2 5.6H7.2L0-6.8z",
    "square": "M-5.2-5.2H5.2V5.2H-5.2z",
    "diamond": "M0-6.4 6.4 0 0 6.4-6.4 0z",
    "circle": "M-5.4 0a5.4 5.4 0 1 0 10.8 0a5.4 5.4 0 1 0-10.8 0z",
    "cross": "M-4.6-4.6 4.6 4.6M-4.6 4.6 4.6-4.6",
    "dash": "M-6 0H6",
}


class Gap(enum.StrEnum):
    """Why a figure is not there, or not what it seems. A value of zero is no gap."""

    NOT_PUBLISHED = "not-published"
    SUPPRESSED = "suppressed"
    NOT_SUBMITTED = "not-submitted"
    TOO_FEW = "too-few"
    CARRIED_FORWARD = "carried-forward"
    ESTIMATED = "estimated"

    @property
    def word(self) -> str:
        """The word printed where the figure would stand."""
        return _GAP_WORDS[self]

    @classmethod
    def of(cls, status: str, flags: str = "") -> Gap | None:
        """The gap that a status and flags of the observation table stand for; null for an ordinary figure.

        >>> Gap.of("suppressed"), Gap.of("normal", "carried_forward revised"), Gap.of("normal")
        (<Gap.SUPPRESSED: 'suppressed'>, <Gap.CARRIED_FORWARD: 'carried-forward'>, None)
        """
        by_status = {
            "suppressed": cls.SUPPRESSED,
            "not_submitted": cls.NOT_SUBMITTED,
            "not_collected": cls.NOT_PUBLISHED,
            "not_available": cls.NOT_PUBLISHED,
            "not_applicable": cls.NOT_PUBLISHED,
        }
        if status in by_status:
            return by_status[status]
        words = set((flags or "").split())
        if "carried_forward" in words:
            return cls.CARRIED_FORWARD
        return cls.ESTIMATED if "estimated" in words else None


_GAP_WORDS: Final = {
    Gap.NOT_PUBLISHED: "no data",
    Gap.SUPPRESSED: "hidden",
    Gap.NOT_SUBMITTED: "not sent",
    Gap.TOO_FEW: "too few to judge",
    Gap.CARRIED_FORWARD: "carried forward",
    Gap.ESTIMATED: "estimated",
}


@frozen
class Mark:
    """A verdict with the word that is read for it. `shade` (1 to 4, 4 the furthest) steps the colour of a missed standard by distance on maps.

    >>> Mark(Verdict.WORST).word
    'Worst fifth'
    """

    verdict: Verdict = field(converter=Verdict)
    word: str = ""
    shade: int = field(default=0, validator=[validators.ge(0), validators.le(4)])

    def __attrs_post_init__(self) -> None:
        if not self.word:
            object.__setattr__(self, "word", _WORDS[self.verdict])

    @property
    def shape(self) -> str:
        """The name of the shape: `up`, `down`, `square`, `diamond`, `circle`, `cross`, `dash`."""
        return _DRAWN[self.verdict][0]

    @property
    def path(self) -> str:
        """The outline of the shape as SVG path data, centred on 0,0."""
        return _PATHS[self.shape]

    @property
    def css(self) -> str:
        """The classes that colour it."""
        return f"jk-m jk-m-{_DRAWN[self.verdict][1]}" + (f" jk-m-s{self.shade}" if self.shade else "")

    def icon(self, size: int = 18) -> Safe:
        """The shape alone, hidden from screen readers: a word must stand beside it."""
        box = {"class": "jk-icon", "viewBox": "-9 -9 18 18", "width": size, "height": size, "aria-hidden": "true", "focusable": "false"}
        return el("svg", box, self.glyph())

    def glyph(self) -> Safe:
        """The shape as a path centred on 0,0, for use inside a drawing."""
        return el("path", {"class": self.css, "d": self.path})

    def html(self, *, hidden_word: bool = False) -> Safe:
        """Shape and word; with `hidden_word` the word is there for screen readers only (where a column head explains the shape)."""
        return el("span", "jk-mark", self.icon(), el("span", "jk-vh" if hidden_word else "jk-word", self.word))


def fifth(rank: float, of: int) -> Verdict:
    """The fifth a rank (1 is the worst, the mean of its ties) falls into among `of` areas.

    >>> fifth(1, 307), fifth(62, 307), fifth(307, 307)
    (<Verdict.WORST: 'worst'>, <Verdict.SECOND_WORST: 'second-worst'>, <Verdict.BEST: 'best'>)
    """
    return FIFTHS[min(4, max(0, int((rank - 0.5) * 5 // of)))]


def symbol(mark: Mark, x: float, y: float, scale: float = 1.0) -> Safe:
    """A mark placed in a drawing at x, y."""
    return el("g", {"transform": f"translate({x:.1f} {y:.1f})" + (f" scale({scale:g})" if scale != 1 else "")}, mark.glyph())
