"""What an edition keeps beside its pages: the figures behind them, the definitions, where the place stood, and the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from jsnakit import disk, observations
from jsnakit.chapters import Measure
from jsnakit.editions import KeptChapter, KeptMeasure, KeptPage, Standing, digest_of
from jsnakit.errors import UnknownIndicatorError
from jsnakit.observations import COLUMNS, KEY
from jsnakit.publish import pages
from jsnakit.publish.checks import Words
from jsnakit.publish.figures import Built, Context
from jsnakit.publish.figures.context import withheld
from jsnakit.publish.values import standing_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["kept_chapter", "kept_measures", "standings_of"]

_GAP: Final = re.compile(r"\n\s*\n")


def kept_chapter(built: pages.BuiltChapter, since: str) -> KeptChapter:
    """A chapter as an edition remembers it: its text as printed, paragraph by paragraph, and its findings."""
    return KeptChapter(
        slug=built.chapter.slug, title=built.chapter.title, state=built.chapter.state.value, finding=built.finding, since=since,
        pages=tuple(
            KeptPage(
                slug=p.slug, title=p.title, text=tuple(t.strip() for b in p.blocks if isinstance(b, Words) for t in _GAP.split(b.markdown) if t.strip()),
                findings=tuple(b.finding for b in p.blocks if isinstance(b, Built) and not b.absent),
            )
            for p in built.pages
        ),
    )  # fmt: skip


def kept_measures(context: Context, built: Sequence[pages.BuiltChapter]) -> tuple[tuple[KeptMeasure, ...], dict[str, bytes]]:
    """Every measure behind the figures and the prose, and the figures themselves: one Parquet file a measure, by its sha256. What is suppressed is not in them."""
    frames = [b.rows for c in built for b in c.figures if b.rows is not None and not b.absent]
    by_measure: dict[str, list[pd.DataFrame]] = {}
    for frame in (*frames, *(f for c in built for f in c.prose_rows)):
        if not set(KEY) <= set(frame.columns):
            continue
        for name, rows in withheld(frame).groupby("indicator", sort=True, observed=True):
            by_measure.setdefault(str(name), []).append(rows[[c for c in COLUMNS if c in rows.columns]])
    measures: list[KeptMeasure] = []
    objects: dict[str, bytes] = {}
    for name in sorted(by_measure):
        try:
            indicator = context.data.indicator(name)
        except UnknownIndicatorError:
            continue
        table = observations.to_arrow(_joined(by_measure[name]))
        data = disk.parquet_bytes(table)
        objects[digest_of(data)] = data
        measures.append(KeptMeasure.of(indicator, digest_of(data), table.num_rows))
    return tuple(measures), objects


def _joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    # A frame without a column would turn the others' gaps into another type.
    whole = pd.concat([f.astype(object) for f in frames], ignore_index=True).drop_duplicates(list(KEY), ignore_index=True)
    return whole.reindex(columns=list(COLUMNS))


def standings_of(context: Context, built: Sequence[pages.BuiltChapter], measures: Sequence[KeptMeasure]) -> tuple[Standing, ...]:
    """Where the place stands on each measure, and on each that the prose names with a sex or an age of its own."""
    asked: Mapping[tuple[str, str, str], Measure] = {
        (m.indicator, m.sex, m.age): m
        for m in (*(Measure(k.id) for k in measures), *(m for c in built for m in c.chapter.indicators.values()))
    }  # fmt: skip
    found = (standing_of(context, measure) for measure in asked.values())
    return tuple(sorted({s for s in found if s is not None}, key=lambda s: (s.indicator, s.name)))
