"""What a reader takes away: the rows behind each figure and the rows as drawn (CSV), its picture (SVG), and a chapter's data in one package."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from jsnakit.chapters import Chapter
from jsnakit.errors import UnknownIndicatorError
from jsnakit.observations import COLUMNS, KEY, OBSERVATION_SCHEMA
from jsnakit.publish import pages
from jsnakit.publish._words import licence_words
from jsnakit.publish.data import SiteInfo
from jsnakit.publish.figures import Built, Context
from jsnakit.publish.figures.context import withheld

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PACKAGE", "csv_bytes", "of_chapter", "of_figure"]

PACKAGE: Final = "data.zip"
"""The file of a chapter's data package, beside its pages."""

_MADE: Final = (1980, 1, 1, 0, 0, 0)
_MEASURE: Final = ("indicator", "name", "unit", "definition", "numerator", "denominator", "polarity", "caveats", "publisher", "licence", "homepage")


def of_figure(context: Context, folder: str, built: Built) -> dict[str, bytes]:
    """The files of one figure, by their path in the site; none where there is no figure."""
    if built.absent:
        return {}
    files: dict[str, bytes] = {}
    if built.rows is not None:
        files[f"{folder}/data/{built.key}.csv"] = _observations_csv(context, built.rows)
    if built.panel is not None:
        columns, rows = built.panel.data()
        files[f"{folder}/data/{built.key}-drawn.csv"] = csv_bytes([columns, *rows])
    if built.drawing is not None:
        files[f"{folder}/data/{built.key}.svg"] = built.drawing.svg(pages.credit_of(built)).encode()
    return files


def _observations_csv(context: Context, rows: pd.DataFrame) -> bytes:
    """The rows with the columns of the observation table, then source, licence and day of retrieval of each row's file."""
    rows = withheld(rows)
    held = [c for c in COLUMNS if c in rows.columns] + [c for c in rows.columns if c not in COLUMNS]
    keys = [c for c in KEY if c in rows.columns]
    frame = rows[held].sort_values(keys, kind="stable") if keys else rows[held]
    origins = {o: context.cite(frame[frame["origin"] == o]) for o in sorted(frame["origin"].dropna().unique())}
    source = {o: "; ".join(dict.fromkeys(f"{c.publisher}, {c.title}" if c.title else c.publisher for c in cited)) for o, cited in origins.items()}
    licence = {o: "; ".join(dict.fromkeys(licence_words(c.licence) for c in cited if c.licence)) for o, cited in origins.items()}
    retrieved = {o: max((c.retrieved[:10] for c in cited), default="") for o, cited in origins.items()}
    lines: list[Sequence[Any]] = [[*held, "source", "licence", "retrieved"]]
    at = held.index("origin")
    for values in frame.itertuples(index=False, name=None):
        origin = values[at]
        lines.append([*values, source.get(origin, ""), licence.get(origin, ""), retrieved.get(origin, "")])
    return csv_bytes(lines)


def csv_bytes(rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as CSV, text that a spreadsheet would run made harmless."""
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows([[_cell(v) for v in row] for row in rows])
    return sink.getvalue().encode()


def _cell(value: Any) -> str:
    """A value as text: unrounded, empty where there is none, a day without a clock."""
    if value is None or value != value:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    text = str(value)
    # A spreadsheet would run these as a formula.
    return f"'{text}" if text[:1] in ("=", "@", "\t", "\r") or (text[:1] in "+-" and len(text) > 1) else text


# -- a chapter's data in one file ----------------------------------------------------------------------------------------------------


def of_chapter(context: Context, chapter: Chapter, figures: Sequence[Built], info: SiteInfo) -> dict[str, bytes]:
    """The chapter's data package: the rows behind each figure and its measures as CSV, with a Table Schema (Frictionless Data Package, v1); none where no figure has rows."""
    held = [f for f in figures if f.rows is not None and not f.absent]
    if not held:
        return {}
    files: dict[str, bytes] = {}
    resources = []
    for built in held:
        assert built.rows is not None
        files[f"{built.key}.csv"] = _observations_csv(context, built.rows)
        names = files[f"{built.key}.csv"].split(b"\n", 1)[0].decode().split(",")
        keys = [c for c in KEY if c in built.rows.columns]
        resources.append(_resource(built.key, built.finding, names, [] if built.rows.duplicated(keys).any() else keys))
    files["measures.csv"] = _measures(context, held)
    resources.append(_resource("measures", "The measures, with their definitions and caveats", _MEASURE, ["indicator"]))
    cited = sorted({c for f in held for c in f.notes.cited})
    package = {
        "profile": "tabular-data-package", "name": chapter.slug, "title": f"{chapter.title}: {context.name} {info.title}", "version": info.edition or "0",
        "licenses": [{"title": words} for words in sorted({licence_words(c.licence) for c in cited if c.licence})],
        "sources": [{"title": ", ".join(p for p in (c.publisher, c.title, c.release) if p), **({"path": c.url} if c.url.startswith("https://") else {})} for c in cited],
        "resources": resources,
    }  # fmt: skip
    files["datapackage.json"] = (json.dumps(package, indent=1, ensure_ascii=False) + "\n").encode()
    return {f"{chapter.slug}/{PACKAGE}": _packed(files)}


def _resource(name: str, title: str, columns: Sequence[str], key: Sequence[str]) -> dict[str, Any]:
    schema = {"fields": [_field(c) for c in columns], "missingValues": [""], **({"primaryKey": list(key)} if key else {})}
    return {
        "name": name,
        "title": title,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(name: str) -> dict[str, str]:
    kind = OBSERVATION_SCHEMA.field(name).type if name in COLUMNS else pa.string()
    return {"name": name, "type": "date" if kind == pa.date32() or name == "retrieved" else "number" if pa.types.is_floating(kind) else "string"}


def _measures(context: Context, figures: Sequence[Built]) -> bytes:
    names = sorted({str(n) for f in figures if f.rows is not None and "indicator" in f.rows.columns for n in f.rows["indicator"]})
    rows: list[Sequence[Any]] = [_MEASURE]
    for name in names:
        try:
            i = context.data.indicator(name)
        except UnknownIndicatorError:
            continue
        rows.append(
            [
                i.id,
                i.name,
                i.unit,
                i.definition,
                i.numerator,
                i.denominator,
                i.polarity.value,
                " ".join(i.caveats),
                i.publisher,
                licence_words(i.licence),
                i.homepage,
            ]
        )
    return csv_bytes(rows)


def _packed(files: dict[str, bytes]) -> bytes:
    """A ZIP that is the same for the same files."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _MADE), content, zipfile.ZIP_DEFLATED, 9)
    return sink.getvalue()
