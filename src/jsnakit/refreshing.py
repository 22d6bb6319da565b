"""What an author must look at after the figures were refreshed, in one page: what moved, what it changed, and which sentences no longer hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from jsnakit.editions import Changes
from jsnakit.publish import CheckReport
from jsnakit.revisions import Revisions

__all__ = ["RefreshReport"]

_SHOWN = 12


@frozen(kw_only=True, eq=False)
class RefreshReport:
    """What a refresh found: the difference in the data by source, what an edition made now would change since the newest (null where none is published), and what `check` found."""

    updated: Mapping[str, Revisions]
    changes: Changes | None
    check: CheckReport
    place: str

    @property
    def moved(self) -> bool:
        """Whether any figure of a source is another than the lock had."""
        return any(self.updated.values())

    @property
    def clean(self) -> bool:
        """Whether there is nothing that an author must look at."""
        return self.check.clean and not (self.changes and (self.changes.standings or self.changes.definitions))

    def records(self) -> dict[str, Any]:
        """Everything as plain values, for JSON."""
        return {
            "updated": {name: {"added": r.added, "revised": r.revised, "gone": r.gone} for name, r in self.updated.items()},
            "changes": self.changes.records() if self.changes else None, "check": self.check.records(),
        }  # fmt: skip

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"Refresh: {self.place}"
        yield ""
        yield "The data"
        for name, revisions in self.updated.items():
            yield f"  {name}: {revisions}"
        if not self.updated:
            yield "  no source but packs, which do not move by themselves"
        if self.changes is not None:
            yield from self._since()
        yield ""
        yield f"The prose: {self.check}"
        for found in (*self.check.untrue, *self.check.without_value, *self.check.not_drawn):
            yield f"  {found}"
        yield ""
        yield "Nothing was published. Next: " + (
            "build, and look." if self.clean else "look at what is listed here, mend the chapters, and run `jsnakit check --strict`."
        )

    def _since(self) -> Iterator[str]:
        changes = self.changes
        assert changes is not None
        yield ""
        yield f"Since the edition {changes.before}: {changes.summary}"
        for s in changes.standings:
            yield f"  judged otherwise: {s.name}: {s.before} ({s.value_before}, {s.period_before}), now {s.after} ({s.value}, {s.period})"
        for d in changes.definitions:
            yield f"  defined otherwise: {d.name}: {d.what}"
        for m in changes.measures[:_SHOWN]:
            yield f"  figures: {m.name}: {m.added:,} added, {m.revised:,} revised, {m.gone:,} gone"
        if len(changes.measures) > _SHOWN:
            yield f"  and {len(changes.measures) - _SHOWN} more measures"
