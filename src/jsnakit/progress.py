"""Progress bars: shown if asked for, on a terminal, with tqdm installed (extra `progress`); otherwise nothing is drawn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

__all__ = ["Bar", "bar", "each"]

_T = TypeVar("_T")


class Bar(Protocol):
    """What draws how far a task is."""

    def update(self, n: float) -> object:
        """So many more are done."""

    def set_description_str(self, desc: str) -> object:
        """What is being done now."""


class _Nothing:
    def update(self, n: float) -> None:
        """Draw nothing."""

    def set_description_str(self, desc: str) -> None:
        """Draw nothing."""


@contextmanager
def bar(total: int | None, *, unit: str, label: str = "", shown: bool = True) -> Iterator[Bar]:
    """A bar of `total` units (null: unknown) on standard error, gone when it is done; `unit` `B` counts bytes.

    >>> with bar(3, unit="file", shown=False) as drawn:
    ...     drawn.update(1)
    """
    if shown and sys.stderr is not None and sys.stderr.isatty():
        try:
            from tqdm import tqdm
        except ImportError:
            pass
        else:
            with tqdm(total=total, unit=unit, unit_scale=unit == "B", desc=label, leave=False, file=sys.stderr) as drawn:
                yield drawn
            return
    yield _Nothing()


def each(items: Sequence[_T], *, label: Callable[[_T], str], unit: str, shown: bool) -> Iterator[_T]:
    """The items one by one, with a bar that names the one in hand. One item alone needs no bar.

    >>> list(each(["a", "b"], label=str, unit="file", shown=False))
    ['a', 'b']
    """
    with bar(len(items), unit=unit, shown=shown and len(items) > 1) as drawn:
        for item in items:
            drawn.set_description_str(label(item))
            yield item
            drawn.update(1)
