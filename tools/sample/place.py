"""The sample's PLACE and PEAT scores: those that public pages quote, with the page of each. No file of the publisher's could be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import pandas as pd
import pyarrow as pa

from jsnakit import observations
from jsnakit.model import Indicator
from jsnakit_place import Place

HERE = Path(__file__).resolve().parent
_NUMBERS = ("value", "value_min", "value_max", "count")
_TEXTS = ("indicator", "area_scheme", "area_type", "area", "period", "period_duration", "status", "flags", "note", "published_score")


def place_scores(files: Callable[[str], tuple[Path, str]]) -> tuple[pa.Table, tuple[Indicator, ...]]:
    """The scores of England and of two trusts, and their indicators with the caveat that they are quoted."""
    _, key = files("place/place-published-figures-transcribed.csv")
    rows = pd.read_csv(HERE / "place-figures.csv", dtype=str)
    pages = rows["source_url"].map(lambda url: f"as quoted at {url}")
    rows["note"] = rows["note"].fillna("").str.cat(pages, sep="; ").str.lstrip("; ")
    columns = {c: pa.array(rows[c], pa.string(), from_pandas=True) for c in _TEXTS} | {
        c: pa.array(rows[c].astype(float), from_pandas=True) for c in _NUMBERS
    }
    table = observations.build(len(rows), period_start=pa.array(pd.to_datetime(rows["period_start"]).dt.date), origin=key, **columns)
    held = set(rows["indicator"])
    quoted = "Quoted from web pages that print it; no file of the publisher's could be had."
    return table, tuple(attrs.evolve(i, caveats=(*i.caveats, quoted)) for i in Place().indicators() if i.id in held)
