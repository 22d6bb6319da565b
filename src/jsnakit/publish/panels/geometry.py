"""Shapes in National Grid metres, and the arithmetic of putting them on a picture."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from attrs import frozen

from jsnakit.errors import InvalidValueError

__all__ = ["Box", "Frame", "Shape", "outline", "rings"]

_TOKEN: Final = re.compile(r"([MmLlHhVvZz])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|[\s,]+")
Ring: TypeAlias = tuple[tuple[float, float], ...]


@frozen
class Box:
    """A rectangle in National Grid metres (EPSG:27700), northing up."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    def meets(self, other: Box) -> bool:
        """Whether the two share any ground."""
        return self.x_min < other.x_max and other.x_min < self.x_max and self.y_min < other.y_max and other.y_min < self.y_max

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.x_min <= x <= self.x_max and self.y_min <= y <= self.y_max

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """The box of several.

        >>> Box.around([Box(0, 0, 1, 1), Box(2, 2, 3, 3)])
        Box(x_min=0, y_min=0, x_max=3, y_max=3)
        """
        known = list(boxes)
        if not known:
            return cls(0.0, 0.0, 1.0, 1.0)
        return cls(min(b.x_min for b in known), min(b.y_min for b in known), max(b.x_max for b in known), max(b.y_max for b in known))


@frozen
class Shape:
    """An area's outline: SVG path in National Grid metres, northing up, its box and where its label stands."""

    code: str
    name: str
    path: str
    box: Box
    label_x: float
    label_y: float


@functools.lru_cache(maxsize=4096)
def rings(path: str) -> tuple[Ring, ...]:
    """An SVG path of straight lines (M, L, H, V, Z, absolute or relative) as rings of points. Raises `InvalidValueError` for anything else.

    >>> rings("M0 0h10v10z")
    (((0.0, 0.0), (10.0, 0.0), (10.0, 10.0)),)
    """
    found: list[Ring] = []
    ring: list[tuple[float, float]] = []
    command, x, y, numbers, at = "", 0.0, 0.0, [], 0
    start = (0.0, 0.0)
    while at < len(path):
        match = _TOKEN.match(path, at)
        if match is None:
            raise InvalidValueError(
                f"{path[at : at + 20]!r} is not part of a path of straight lines", hint="use the commands M, L, H, V and Z", value=path[:80]
            )
        at = match.end()
        if match[1]:
            command = match[1]
            if command in "Zz":
                if ring:
                    found.append(tuple(ring))
                ring, (x, y) = [], start
            continue
        if not match[2]:
            continue
        numbers.append(float(match[2]))
        if command in "HhVv":
            step = numbers.pop()
            x, y = (step if command == "H" else x + step if command == "h" else x), (step if command == "V" else y + step if command == "v" else y)
        elif len(numbers) < 2:
            continue
        else:
            dx, dy = numbers
            numbers = []
            x, y = (x + dx, y + dy) if command in "ml" else (dx, dy)
            if command in "Mm":
                if ring:
                    found.append(tuple(ring))
                ring, start = [], (x, y)
                command = "l" if command == "m" else "L"
        ring.append((x, y))
    if ring:
        found.append(tuple(ring))
    return tuple(found)


@frozen
class Frame:
    """A part of the country on a picture of `width` by `height` pixels; `x` and `y` are its corner. Northing up becomes down the page here, and only here."""

    box: Box
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    @classmethod
    def fit(cls, box: Box, width: float, x: float = 0.0, y: float = 0.0) -> Frame:
        """As wide as asked, as high as the box needs."""
        return cls(box, width, width * (box.y_max - box.y_min) / (box.x_max - box.x_min), x, y)

    @property
    def scale(self) -> float:
        """Pixels a metre."""
        return self.width / (self.box.x_max - self.box.x_min)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Metres to pixels."""
        return self.x + (x - self.box.x_min) * self.scale, self.y + (self.box.y_max - y) * self.scale


@functools.lru_cache(maxsize=8192)
def outline(shape: Shape, frame: Frame, *, grain: int = 1) -> str:
    """The shape as a path in tenths of a pixel (drawn inside a group scaled by 0.1), whole numbers only; points that fall on one spot are one.

    `grain` is the size of a spot in tenths. A ring smaller than a spot is left out unless it is all there is of the shape.
    """
    parts: list[str] = []
    spare = ""
    for ring in rings(shape.path):
        points = _thin(ring, frame, grain)
        written = _write(points)
        if len(points) > 2:
            parts.append(written)
        elif not spare:
            x, y = points[0]
            spare = f"M{x} {y}h{grain * 8}v{grain * 8}h{-grain * 8}z"
    return "".join(parts) or spare


def _thin(ring: Sequence[tuple[float, float]], frame: Frame, grain: int) -> list[tuple[int, int]]:
    points: list[tuple[int, int]] = []
    for metres in ring:
        px, py = frame.at(*metres)
        point = (round(px * 10 / grain) * grain, round(py * 10 / grain) * grain)
        if not points or points[-1] != point:
            points.append(point)
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    return points


def _write(points: Sequence[tuple[int, int]]) -> str:
    x, y = points[0]
    steps: list[str] = []
    for px, py in points[1:]:
        dx, dy = px - x, py - y
        steps.append(f"{'' if dx < 0 or not steps else ' '}{dx}{'' if dy < 0 else ' '}{dy}")
        x, y = px, py
    return f"M{points[0][0]} {points[0][1]}l{''.join(steps)}z"
