"""The figures that a page carries for its scripts: whole numbers as printed, with the judgement of each made here, packed small.

Embedded data are published data. A cube holds what a reader could read off the page, area by area: rounded as printed, never a suppressed figure.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from jsnakit.errors import InvalidValueError
from jsnakit.publish.panels import Gap, is_percent

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CODES", "GAPS", "MISSING", "Cube", "Packed", "doubled_ranks", "pack", "printed", "unpack"]

MISSING: Final = np.iinfo(np.int64).min
"""What stands in an array where there is no figure. It is never zero."""

CODES: Final = ("status", "fifth", "england", "region")
"""The arrays of codes: why a figure is not there, its fifth (1 the worst, 0 none), and its outcome beside England and beside its region."""

GAPS: Final[tuple[Gap | None, ...]] = (None, Gap.NOT_PUBLISHED, Gap.SUPPRESSED, Gap.NOT_SUBMITTED, Gap.CARRIED_FORWARD, Gap.ESTIMATED)
"""What each code of `status` means."""

_LARGEST: Final = 2**51
Ints = NDArray[np.int64]


def printed(values: Any, unit: str, decimals: int) -> Ints:
    """Numbers as `number_text` prints them, counted in units of their last decimal; `MISSING` where there is none.

    Raises `InvalidValueError` for numbers too large to be exact in a browser.

    >>> printed([57.45, 1281.6, float("nan")], "per 1,000", 1).tolist()[:2]
    [575, 12820]
    """
    given = np.asarray(values, dtype=np.float64)
    size = np.abs(np.where(np.isfinite(given), given, 0.0))

    def rounded(places: int) -> NDArray[np.float64]:
        result: NDArray[np.float64] = np.floor(np.round(size * 10.0**places, 9) + 0.5) / 10.0**places
        return result

    shown = rounded(decimals)
    if not is_percent(unit):
        shown = np.where(shown >= 100, rounded(0), shown)
    counted = np.round(shown * 10.0**decimals)
    if counted.size and counted.max() >= _LARGEST:
        raise InvalidValueError(
            f"a figure of {counted.max():.3g} units of its last decimal is too large for a page",
            hint="publish it with fewer decimals",
            value=float(counted.max()),
        )
    result: Ints = np.where(np.isfinite(given), np.where(given < 0, -counted, counted), 0).astype(np.int64)
    result[~np.isfinite(given)] = MISSING
    return result


def doubled_ranks(values: Ints, sign: int) -> Ints:
    """Twice the mean rank of each number, 1 the worst: the lowest with `sign` 1, the highest with -1. 0 where there is none, or `sign` is 0.

    >>> doubled_ranks(np.array([5, 7, 7, MISSING]), -1).tolist()
    [6, 3, 3, 0]
    """
    out = np.zeros(len(values), np.int64)
    known = np.flatnonzero(values != MISSING)
    if not sign or not len(known):
        return out
    _, inverse, counts = np.unique(values[known] * sign, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    out[known] = (2 * last - counts + 1)[inverse]
    return out


@frozen(eq=False)
class Cube:
    """Whole numbers by indicator, period and area, with codes beside them.

    `value`, `lower`, `upper` are (indicators, periods, areas); `rank` is twice the mean rank, 1 the worst (0: none). `references` are (indicators, periods, 4): the middle, the edges of
    the middle three fifths, England. `regions` are (indicators, periods, regions). All numbers are as printed, `MISSING` where there is none.
    """

    value: Ints
    lower: Ints
    upper: Ints
    rank: Ints
    references: Ints
    regions: Ints
    codes: dict[str, NDArray[np.uint8]] = field(repr=False)
    signs: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many indicators, periods and areas."""
        i, p, a = self.value.shape
        return i, p, a

    def reduced(self, embed: Literal["full", "trend", "latest"], latest: Sequence[int]) -> Cube:
        """What a page needs: everything, the limits of the latest period only, or the latest period of each indicator only (`latest` are their positions)."""
        if embed == "full":
            return self
        keep = np.arange(self.value.shape[1])[None, :] == np.asarray(latest)[:, None]
        here = keep[:, :, None]

        def held(numbers: Ints) -> Ints:
            return np.where(here, numbers, MISSING)

        if embed == "trend":
            return Cube(self.value, held(self.lower), held(self.upper), self.rank, self.references, self.regions, self.codes, self.signs)
        codes = {name: np.where(here, plane, 1 if name == "status" else 0).astype(np.uint8) for name, plane in self.codes.items()}
        rank = np.where(here, self.rank, 0)
        value, lower, upper = held(self.value), held(self.lower), held(self.upper)
        return Cube(value, lower, upper, rank, held(self.references), held(self.regions), codes, self.signs)


@frozen
class Packed:
    """A cube as a page carries it: the base64 text of the compressed bytes, and what the bytes are, in order."""

    text: str = field(repr=False)
    planes: tuple[tuple[str, int, int], ...]
    shape: tuple[int, int, int]

    def head(self) -> dict[str, Any]:
        """What a script must know to read it: the shape, and name, length of the last axis and bytes a number of each array."""
        return {"shape": list(self.shape), "planes": [list(p) for p in self.planes]}


def _forward(numbers: Ints) -> Ints:
    """Each number as its difference from the one before it along the periods, folded to a whole number from 1 on; 0 is missing."""
    before = np.zeros((numbers.shape[0], numbers.shape[2]), np.int64)
    out = np.zeros_like(numbers)
    for p in range(numbers.shape[1]):
        here = numbers[:, p, :]
        known = here != MISSING
        out[:, p, :] = np.where(known, _folded(np.where(known, here, 0) - before) + 1, 0)
        before = np.where(known, here, before)
    return out


def _backward(folded: Ints) -> Ints:
    before = np.zeros((folded.shape[0], folded.shape[2]), np.int64)
    out = np.full_like(folded, MISSING)
    for p in range(folded.shape[1]):
        here = folded[:, p, :]
        known = here > 0
        before = np.where(known, before + _unfolded(np.where(known, here - 1, 0)), before)
        out[:, p, :] = np.where(known, before, MISSING)
    return out


def _folded(numbers: Ints) -> Ints:
    """0, -1, 1, -2 ... as 0, 1, 2, 3 ..."""
    return np.where(numbers < 0, -2 * numbers - 1, 2 * numbers)


def _unfolded(numbers: Ints) -> Ints:
    return np.where(numbers % 2 == 1, -(numbers + 1) // 2, numbers // 2)


def _distances(cube: Cube) -> tuple[Ints, Ints]:
    """How far the lower limit lies below the value, and how much farther above it the upper one lies; a single limit is none."""
    both = (cube.value != MISSING) & (cube.lower != MISSING) & (cube.upper != MISSING)
    value, lower, upper = (np.where(both, n, 0) for n in (cube.value, cube.lower, cube.upper))
    return np.where(both, value - lower, MISSING), np.where(both, upper - 2 * value + lower, MISSING)


def _corrections(cube: Cube) -> Ints:
    """What must be added to the rank of the printed number to give the rank of the unrounded one: mostly zero."""
    out = np.zeros_like(cube.rank)
    for i, sign in enumerate(cube.signs):
        for p in range(cube.value.shape[1]):
            out[i, p] = cube.rank[i, p] - doubled_ranks(cube.value[i, p], sign)
    return out


def pack(cube: Cube) -> Packed:
    """The cube as text: differences along the periods, limits as distances, cut into planes of bytes, compressed. Equal cubes give equal text."""
    lower, upper = _distances(cube)
    arrays: list[tuple[str, Ints]] = [("value", _forward(cube.value))]
    if (lower != MISSING).any():
        arrays += [("lower", _forward(lower)), ("upper", np.where(upper == MISSING, 0, _folded(np.where(upper == MISSING, 0, upper)) + 1))]
    if cube.rank.any():
        arrays.append(("rank", _folded(_corrections(cube))))
    arrays += [("references", _forward(cube.references)), ("regions", _forward(cube.regions))]
    for name in CODES:
        plane = cube.codes[name].astype(np.int64)
        if plane.any():
            # Along the periods most codes stay as they were.
            arrays.append((name, np.diff(plane, axis=1, prepend=0) % 256))
    planes, parts = [], []
    for name, numbers in arrays:
        width = max(1, (int(numbers.max(initial=0)).bit_length() + 7) // 8)
        planes.append((name, numbers.shape[2], width))
        parts += [((numbers >> (8 * k)) & 255).astype(np.uint8).tobytes() for k in range(width)]
    squeezed = gzip.compress(b"".join(parts), 6, mtime=0)
    # The header names the system that wrote it; the same bytes are wanted everywhere.
    squeezed = squeezed[:9] + b"\xff" + squeezed[10:]
    return Packed(base64.b64encode(squeezed).decode("ascii"), tuple(planes), cube.shape)


def unpack(packed: Packed, signs: Sequence[int]) -> Cube:
    """The cube again, to the last number."""
    raw = np.frombuffer(gzip.decompress(base64.b64decode(packed.text)), np.uint8)
    i, p, a = packed.shape
    at, found = 0, {}
    for name, length, width in packed.planes:
        size = i * p * length
        numbers = np.zeros(size, np.int64)
        for k in range(width):
            numbers += raw[at : at + size].astype(np.int64) << (8 * k)
            at += size
        found[name] = numbers.reshape(i, p, length)
    value = _backward(found["value"])
    nothing = np.full_like(value, MISSING)
    lower, upper = nothing, nothing
    if "lower" in found:
        below, skew = _backward(found["lower"]), found["upper"]
        known = below != MISSING
        below, plain = np.where(known, below, 0), np.where(known, value, 0)
        lower = np.where(known, plain - below, MISSING)
        upper = np.where(known, plain + below + _unfolded(np.where(known, skew - 1, 0)), MISSING)
    rank = _unfolded(found["rank"]) if "rank" in found else np.zeros_like(value)
    if "rank" in found:
        for n, sign in enumerate(signs):
            for k in range(p):
                rank[n, k] += doubled_ranks(value[n, k], sign)
    codes = {name: (np.cumsum(found[name], axis=1) % 256).astype(np.uint8) if name in found else np.zeros((i, p, a), np.uint8) for name in CODES}
    return Cube(value, lower, upper, rank, _backward(found["references"]), _backward(found["regions"]), codes, tuple(signs))


def status_codes(frame: pd.DataFrame) -> NDArray[np.uint8]:
    """The code of `GAPS` of each row of the observation table."""
    import pandas as pd

    # A rule on words is asked once of each distinct pair of them.
    status, statuses = pd.factorize(frame["status"])
    flags, words = pd.factorize(frame["flags"].fillna(""))
    table = np.array([[GAPS.index(Gap.of(str(s), str(w))) for w in words] for s in statuses], np.uint8).reshape(len(statuses), len(words))
    out = table[status, flags] if len(frame) else np.zeros(0, np.uint8)
    out[(out == 0) & frame["value"].isna().to_numpy()] = 1
    return out
