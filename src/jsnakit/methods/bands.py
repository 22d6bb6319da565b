"""Age bands and the European Standard Population of 2013, keyed by band."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Final

from jsnakit.errors import InvalidValueError

__all__ = ["ESP2013", "band_start", "european_standard_population"]

ESP2013: Final[Mapping[str, int]] = {
    "0": 1000, "1-4": 4000, "5-9": 5500, "10-14": 5500, "15-19": 5500, "20-24": 6000, "25-29": 6000, "30-34": 6500, "35-39": 7000, "40-44": 7000,
    "45-49": 7000, "50-54": 7000, "55-59": 6500, "60-64": 6000, "65-69": 5500, "70-74": 5000, "75-79": 4000, "80-84": 2500, "85-89": 1500, "90-94": 800,
    "95+": 200,
}  # fmt: skip
"""The European Standard Population 2013 by age band, 100,000 in all (Eurostat, "Revision of the European Standard Population", 2013)."""

_CLOSED = re.compile(r"(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})")
_OPEN = re.compile(r"(\d{1,3})\s*(?:\+|plus|and over|or over|or older)")
_SINGLE = re.compile(r"<?\s*(\d{1,3})")
_BEFORE = re.compile(r"^(?:aged?|ages)\s+")
_AFTER = re.compile(r"\s*(?:yrs?|years?)(?: old)?\.?$")


def _ends(label: object) -> tuple[int, int | None] | None:
    """The first and last age of a band as it is written, the last of an open band None; None where it is no band."""
    if isinstance(label, int) and not isinstance(label, bool):
        return (label, label) if label >= 0 else None
    if isinstance(label, float):
        return (int(label), int(label)) if label >= 0 and label == int(label) else None
    text = _AFTER.sub("", _BEFORE.sub("", str(label).strip().lower()))
    if match := _CLOSED.fullmatch(text):
        low, high = int(match[1]), int(match[2])
        return (low, high) if low <= high else None
    if match := _OPEN.fullmatch(text):
        return int(match[1]), None
    if match := _SINGLE.fullmatch(text):
        age = int(match[1])
        return (0, age - 1) if text.startswith("<") and age else (age, age)
    return None


def band_start(label: object) -> int | None:
    """The first age of a band as it is written (`0`, `1-4`, `85+`, `90 and over`, `5 to 9 years`), None where it is none.

    >>> band_start("10-14 yrs"), band_start("85+"), band_start(0), band_start("all ages")
    (10, 85, 0, None)
    """
    ends = _ends(label)
    return None if ends is None else ends[0]


def _apart(bands: Iterable[object]) -> None:
    """Refuse bands that overlap: ages in both would be weighted twice."""
    known = sorted((ends[0], 999 if ends[1] is None else ends[1], str(band)) for band in dict.fromkeys(bands) if (ends := _ends(band)) is not None)
    pairs = [(one, other) for one, other in itertools.pairwise(known) if other[0] <= one[1]]
    if pairs:
        said = "; ".join(f"{one[2]!r} and {other[2]!r}" for one, other in pairs)
        raise InvalidValueError(f"age bands overlap: {said}", hint="mend the labels, or name the column of weights with `weight=`", value=said)


def european_standard_population(bands: Iterable[object]) -> dict[object, int]:
    """The standard population of each band given, however it is written: a band that holds several of the standard's has their sum.

    Raises `InvalidValueError` for bands that overlap, and with every band that does not begin and end where bands of the standard do. Source: Eurostat 2013.

    >>> european_standard_population(["0-4", "5-9 yrs", "85+"])
    {'0-4': 5000, '5-9 yrs': 5500, '85+': 2500}
    """
    standard = [(*ends, weight) for band, weight in ESP2013.items() if (ends := _ends(band)) is not None]
    found: dict[object, int] = {}
    wrong: list[object] = []
    bands = list(bands)
    _apart(bands)
    for band in bands:
        ends = _ends(band)
        inside = [] if ends is None else [s for s in standard if s[0] >= ends[0] and (ends[1] is None or (s[1] is not None and s[1] <= ends[1]))]
        if ends is None or not inside or inside[0][0] != ends[0] or (inside[-1][1] != ends[1]):
            wrong.append(band)
        else:
            found[band] = sum(s[2] for s in inside)
    if wrong:
        raise InvalidValueError(
            f"the European Standard Population 2013 has no age bands {', '.join(map(repr, wrong[:10]))}",
            hint=f"its bands are {', '.join(ESP2013)}, and any that join neighbours (0-4, 85+); other standards go in `standard=` or `weight=`",
            value=tuple(wrong),
            allowed=tuple(ESP2013),
        )
    return found
