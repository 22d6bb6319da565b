"""Names outside the coast: where a label finds room beside the land, and the line that leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from jsnakit.publish.panels._markup import Safe, el, join
from jsnakit.publish.panels._svg import text, text_width
from jsnakit.publish.panels.geometry import Frame, Shape, rings

__all__ = ["Callout", "Coast", "callouts"]

_STRIP = 4
# Widths are kept for the narrow page, where names are drawn larger.
_SIZE = 20.0


@frozen
class Callout:
    """A point to be named: its place on the picture, two lines of words, and how far the line keeps off it."""

    x: float
    y: float
    name: str
    words: str
    clear: float = 6.0


@frozen
class Coast:
    """The westmost and eastmost land in strips of the picture, so that words can be kept off it."""

    west: tuple[float | None, ...]
    east: tuple[float | None, ...]
    width: float

    @classmethod
    def of(cls, shapes: Iterable[Shape], frame: Frame) -> Coast:
        """Read off the outlines."""
        strips = int(frame.height // _STRIP) + 2
        west: list[float | None] = [None] * strips
        east: list[float | None] = [None] * strips
        for shape in shapes:
            for ring in rings(shape.path):
                for metres in ring:
                    x, y = frame.at(*metres)
                    k = int((y - frame.y) // _STRIP)
                    if 0 <= k < strips:
                        west[k] = x if west[k] is None else min(x, west[k] or 0.0)
                        east[k] = x if east[k] is None else max(x, east[k] or 0.0)
        return cls(tuple(west), tuple(east), frame.x + frame.width)

    def room(self, y: float, side: str) -> float:
        """How far the free sea reaches at the lines around y: from the left edge, or from this x to the right edge."""
        strips = range(max(0, int((y - 20) // _STRIP)), min(len(self.west), int((y + 24) // _STRIP) + 1))
        if side == "west":
            return min([w for k in strips if (w := self.west[k]) is not None], default=self.width)
        return max([e for k in strips if (e := self.east[k]) is not None], default=0.0)


def callouts(wanted: Sequence[Callout], coast: Coast, height: float) -> Safe:
    """Each point with its name in the nearest free sea and a leader to it; names keep off one another."""
    taken: list[tuple[float, float, float, float]] = []
    return join(*(_callout(c, coast, height, taken) for c in wanted))


def _callout(c: Callout, coast: Coast, height: float, taken: list[tuple[float, float, float, float]]) -> Safe:
    wide = max(text_width(c.name, _SIZE, bold=True), text_width(c.words, 18)) + 4
    best: tuple[float, str, float, float] | None = None
    for shift in (0, -24, 24, -48, 48, -80, 80, -120, 120, -170, 170, -230, 230):
        y = c.y + shift + 5
        if not 16 <= y <= height - 26:
            continue
        for side in ("west", "east"):
            edge = coast.room(y, side)
            x = edge - 34 if side == "west" else edge + 34
            left, right = (x - wide, x) if side == "west" else (x, x + wide)
            if left < 0 or right > coast.width or any(left < r and lft < right and y - 20 < b and t < y + 34 for lft, r, t, b in taken):
                continue
            crowd = 160.0 if any((lft == x) or abs(t - y) < 120 for lft, _, t, _ in taken if (lft > c.x) == (side == "east")) else 0.0
            cost = abs(x - c.x) + abs(shift) * 1.5 + crowd
            if best is None or cost < best[0]:
                best = (cost, side, x, y)
    if best is None:
        # No sea has room: the name stands at the top left, where England never is.
        best = (0.0, "east", 0.0, 18.0 + 44.0 * len(taken))
    _, side, x, y = best
    anchor = "end" if side == "west" else "start"
    taken.append((x - wide, x, y - 20, y + 34) if side == "west" else (x, x + wide, y - 20, y + 34))
    near = x + 6 if side == "west" or c.x > x + wide else x - 6
    if side == "east" and c.x > x + wide:
        near = x + wide + 2
    dx, dy = c.x - near, c.y - (y - 5)
    length = max(1.0, (dx * dx + dy * dy) ** 0.5)
    end = (c.x - dx / length * c.clear, c.y - dy / length * c.clear)
    line = {"x1": f"{near:.1f}", "y1": f"{y - 5:.1f}", "x2": f"{end[0]:.1f}", "y2": f"{end[1]:.1f}"}
    return join(
        el("line", {"class": "jk-leader-halo", **line}),
        el("line", {"class": "jk-leader", **line}),
        text(x, y, c.name, "jk-t-callout", anchor),
        el("text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "dy": "1.3em", "class": "jk-t-calloutvalue", "text-anchor": anchor}, c.words)
        if c.words
        else None,
    )
