"""What every panel is: frozen data that can write itself as a figure body, as a table and as a download."""

from __future__ import annotations

import abc
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from attrs import field, frozen

from jsnakit.publish.panels.marks import Gap

__all__ = ["Cell", "Drawing", "Figure", "Panel", "figure", "is_percent", "number_text", "ordinal", "place_words"]

Cell: TypeAlias = "str | int | float | None"


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


@frozen
class Figure:
    """One number as drawn and as printed. A missing value has a `gap` saying why, and is never zero.

    `text` is printed as it stands (with its % sign); `lower` and `upper` are the limits of the interval. A value that is not finite counts as missing.

    >>> figure(41.84, "%").text
    '41.8%'
    >>> figure(None, "%").text
    'no data'
    """

    value: float | None = field(converter=_finite)
    text: str = ""
    gap: Gap | None = None
    lower: float | None = field(default=None, converter=_finite)
    upper: float | None = field(default=None, converter=_finite)

    def __attrs_post_init__(self) -> None:
        if self.value is None and self.gap is None:
            object.__setattr__(self, "gap", Gap.NOT_PUBLISHED)
        if not self.text:
            object.__setattr__(self, "text", self.gap.word if self.value is None and self.gap else number_text(self.value or 0.0))

    @property
    def missing(self) -> bool:
        """Whether there is no value to draw."""
        return self.value is None


def number_text(value: float, unit: str = "", decimals: int = 1) -> str:
    """A number for reading: comma in thousands, a rate from 100 on without decimals, a percentage with its sign. Rounded last, half away from zero.

    >>> number_text(1281.6, "per 100,000"), number_text(57.45, "%"), number_text(0.788, "km", 2), number_text(99.96)
    ('1,282', '57.5%', '0.79', '100')
    """
    percent = is_percent(unit)
    places = 0 if not percent and _rounded(value, decimals) >= 100 else decimals
    scaled = _rounded(value, places)
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{scaled:,.{places}f}{'%' if percent else ''}"


def is_percent(unit: str) -> bool:
    """Whether a number of this unit carries its sign."""
    return unit.strip() in ("%", "percent", "percentage")


def _rounded(value: float, places: int) -> float:
    """The size of a number at some decimals, half away from zero."""
    return math.floor(round(abs(value) * 10.0**places, 9) + 0.5) / 10.0**places


def figure(
    value: float | None, unit: str = "", decimals: int = 1, *, gap: Gap | None = None, lower: float | None = None, upper: float | None = None
) -> Figure:
    """A `Figure` whose text is written by `number_text`, or by the gap where there is no value."""
    known = _finite(value)
    return Figure(known, number_text(known, unit, decimals) if known is not None else "", gap, lower, upper)


def ordinal(number: int) -> str:
    """A place in words: `1st`, `22nd`, `113th`.

    >>> [ordinal(n) for n in (1, 2, 3, 11, 22, 113)]
    ['1st', '2nd', '3rd', '11th', '22nd', '113th']
    """
    tail = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"


def place_words(rank: float, of: int, ties: int = 1) -> str:
    """A rank (1 is the worst, the mean of its ties) as `the worst`, `9th worst`, `joint 4th best`.

    >>> place_words(1, 307), place_words(9, 307), place_words(189, 307), place_words(10.5, 307, ties=2)
    ('the worst', '9th worst', '119th best', 'joint 10th worst')
    """
    first, last = round(rank - (ties - 1) / 2), round(rank + (ties - 1) / 2)
    worse = first - 1 <= of - last
    place, side = (first, "worst") if worse else (of - last + 1, "best")
    words = f"the {side}" if place == 1 and ties == 1 else f"{side}" if place == 1 else f"{ordinal(place)} {side}"
    return f"joint {words}" if ties > 1 else words


class Panel(abc.ABC):
    """A figure of a page. `html()` is the whole figure body, static and readable without scripts; `data()` what a download of it holds."""

    @abc.abstractmethod
    def body(self) -> str:
        """The picture or table itself."""

    @abc.abstractmethod
    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"; empty where the body is a table already."""
        return ""

    def parts(self) -> tuple[tuple[str, Panel], ...]:
        """The panels that it is on paper, each with its heading: itself, unless it is made of others for a screen."""
        return (("", self),)

    def html(self) -> str:
        """The figure body with its table beside it."""
        return self.body() + self.twin()


class Drawing(Panel):
    """A panel that is a picture: it can also be written as one SVG file, and always has a table beside it."""

    @abc.abstractmethod
    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""

    def png(self, credit: str = "", *, scale: float = 2.0, fonts: Iterable[Path | str] = ()) -> bytes:
        """The same picture as a PNG of `scale` dots a pixel, drawn without a browser; `fonts` are folders of fonts to use in place of the machine's.

        Raises `MissingExtraError` without typst (`pip install 'jsnakit[pdf]'`).
        """
        from jsnakit.publish.panels._raster import png_of

        return png_of(self.svg(credit), scale, fonts)
