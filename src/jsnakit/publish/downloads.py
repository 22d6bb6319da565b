"""What a reader takes away: the rows behind each figure and the rows as drawn (CSV), its picture (SVG), and a chapter's data as a package and as a workbook."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from jsnakit.chapters import Chapter
from jsnakit.errors import UnknownIndicatorError
from jsnakit.exports import Origin, Sheet, Table, csv_bytes, csvw_bytes, package_bytes, tidy, tidy_table, workbook_bytes
from jsnakit.model import Indicator
from jsnakit.observations import KEY
from jsnakit.publish import pages
from jsnakit.publish._words import edition_words, licence_words
from jsnakit.publish.data import Citation, Data, SiteInfo
from jsnakit.publish.figures import Built, Context
from jsnakit.publish.figures.context import withheld

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PACKAGE", "WORKBOOK", "of_chapter", "of_figure", "of_observations"]

PACKAGE: Final = "data.zip"
"""The file of a chapter's data package, beside its pages."""

WORKBOOK: Final = "data.xlsx"
"""The file of a chapter's workbook, beside its pages."""

_MADE: Final = (1980, 1, 1, 0, 0, 0)
_MEASURE: Final = (
    "indicator_id",
    "name",
    "unit",
    "definition",
    "numerator",
    "denominator",
    "polarity",
    "caveats",
    "publisher",
    "licence",
    "homepage",
)


def of_figure(folder: str, built: Built) -> dict[str, bytes]:
    """What a figure shows, as drawn: its rows and its picture, by their path in the site; none where there is no figure. The rows behind it come with the chapter's."""
    if built.absent:
        return {}
    files: dict[str, bytes] = {}
    if built.panel is not None:
        columns, rows = built.panel.data()
        files[f"{folder}/data/{built.key}-drawn.csv"] = csv_bytes([columns, *rows], for_spreadsheet=True)
    if built.drawing is not None:
        files[f"{folder}/data/{built.key}.svg"] = built.drawing.svg(pages.credit_of(built)).encode()
    return files


def _table(context: Context, built: Built) -> Table:
    """The rows behind a figure: observations tidy, with source, licence and day of retrieval; rows of another kind as they are."""
    assert built.rows is not None
    rows = withheld(built.rows)
    if set(KEY) <= set(rows.columns):
        return tidy_table(built.key, built.finding, _tidy(context.data, rows))
    origins = _origins(context.data, rows) if "origin" in rows.columns else {}
    said = rows.reset_index(drop=True)
    for name in ("source", "licence", "retrieved") if origins else ():
        said[name] = [getattr(origins.get(str(o)), name, "") for o in said["origin"]]
    return Table(built.key, built.finding, said)


def _tidy(data: Data, rows: pd.DataFrame) -> pd.DataFrame:
    return tidy(rows, indicator=lambda i: _known(data, i), area_name=data.area_name, origins=_origins(data, rows))


def _origins(data: Data, rows: pd.DataFrame) -> dict[str, Origin]:
    """What is said of each file behind some rows."""
    found = {}
    for key in sorted(rows["origin"].dropna().unique()):
        cited = sorted(set(data.citations(str(key).split())))
        found[str(key)] = Origin(
            source="; ".join(dict.fromkeys(f"{c.publisher}, {c.title}" if c.title else c.publisher for c in cited)),
            licence="; ".join(dict.fromkeys(licence_words(c.licence) for c in cited if c.licence)),
            retrieved=max((c.retrieved[:10] for c in cited), default=""),
        )
    return found


def _known(data: Data, name: str) -> Indicator | None:
    try:
        return data.indicator(name)
    except UnknownIndicatorError:
        return None


def of_observations(data: Data, frame: pd.DataFrame, title: str, publisher: str = "") -> dict[str, bytes]:
    """Observations to be given away, by file name: tidy CSV with its descriptions, a CSV for spreadsheets, and a workbook.

    Raises `TableError` where `frame` is no table of observations or two rows have one key.
    """
    table = tidy_table("observations", title, _tidy(data, withheld(frame)))
    measures = _measures(data, frame["indicator"])
    cited = sorted(set(data.citations(sorted({key for origin in frame["origin"].dropna().unique() for key in str(origin).split()}))))
    about = [publisher, *(_source(c) for c in cited)]
    sheets = [Sheet("Observations", title, table.frame), Sheet("Measures", measures.title, measures.frame)]
    return _package("observations", title, [table, measures], cited, publisher) | {
        "observations-spreadsheet.csv": csv_bytes(table.frame, for_spreadsheet=True),
        "observations.xlsx": workbook_bytes(title, sheets, about=[a for a in about if a]),
    }


def _package(name: str, title: str, tables: Sequence[Table], cited: Sequence[Citation], publisher: str, version: str = "") -> dict[str, bytes]:
    """Tables for programs, by file name: each as CSV with its description, and what describes them all."""
    made = [(table, csv_bytes(table.frame)) for table in tables]
    licences = sorted({licence_words(c.licence) for c in cited if c.licence})
    sources = [{"title": _named(c), **({"path": c.url} if c.url.startswith("https://") else {})} for c in cited]
    files = {f"{table.name}.csv": content for table, content in made}
    files |= {f"{table.name}.csv-metadata.json": csvw_bytes(table, publisher=publisher) for table in tables}
    return files | {"datapackage.json": package_bytes(name, title, made, version=version, licences=licences, sources=sources)}


def _named(cited: Citation) -> str:
    return ", ".join(part for part in (cited.publisher, cited.title, cited.release) if part)


def _source(cited: Citation) -> str:
    said = f"Source: {_named(cited)}."
    return f"{said} Licence: {licence_words(cited.licence)}." if cited.licence else said


# -- a chapter's data ----------------------------------------------------------------------------------------------------------------


def of_chapter(context: Context, chapter: Chapter, figures: Sequence[Built], info: SiteInfo, *, sheets: Sequence[Built]) -> dict[str, bytes]:
    """The rows behind the figures of a chapter, by their path in the site; none where no figure has rows.

    Each figure's as a CSV for a spreadsheet, all of them as a package for programs (each CSV described by CSV on the Web, and all by a Data Package), and as a workbook with those of `sheets`.
    """
    held = [f for f in figures if f.rows is not None and not f.absent]
    if not held:
        return {}
    tables = {f.key: _table(context, f) for f in held}
    named = {n for f in held if f.rows is not None and "indicator" in f.rows.columns for n in f.rows["indicator"]}
    measures = _measures(context.data, named)
    cited = sorted({c for f in held for c in f.notes.cited})
    title = f"{chapter.title}: {context.name} {info.title}"
    files = _package(chapter.slug, title, [*tables.values(), measures], cited, info.council, info.edition or "0")
    # What stands under a figure is opened by people, with a spreadsheet as a rule; what programs read is in the package, as it is.
    single = {f"{chapter.slug}/data/{table.name}.csv": csv_bytes(table.frame, for_spreadsheet=True) for table in tables.values()}
    return single | {
        f"{chapter.slug}/{PACKAGE}": _packed(files),
        f"{chapter.slug}/{WORKBOOK}": _workbook(title, tables, sheets, measures, info, cited),
    }


def _workbook(title: str, tables: Mapping[str, Table], figures: Sequence[Built], measures: Table, info: SiteInfo, cited: Sequence[Citation]) -> bytes:
    shown = [f for f in figures if f.key in tables]
    pages = [Sheet(f"Table {n}", f.finding, tables[f.key].frame, tuple(f.notes.take_care)) for n, f in enumerate(shown, 1)]
    about = [
        f"{info.council}, {info.title}{f', edition of {edition_words(info.edition)}' if info.edition else ''}.",
        "The figures behind the charts and tables of this chapter, one table in each worksheet. The worksheet Contents lists them; Notes says how to read them.",
        *([f"Figures of single categories that have pages of their own are in {PACKAGE}."] if len(tables) > len(shown) else []),
        *(_source(c) for c in cited),
        *info.attribution,
    ]
    return workbook_bytes(title, [*pages, Sheet("Measures", measures.title, measures.frame)], about=about)


def _measures(data: Data, named: Iterable[Any]) -> Table:
    """The measures of some ids, as a table to be given away."""
    import pandas as pd

    found = [i for name in sorted({str(n) for n in named}) if (i := _known(data, name)) is not None]
    rows = [
        (
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
        )
        for i in found
    ]
    return Table(
        "measures", "The measures, with their definitions and caveats", pd.DataFrame(rows, columns=list(_MEASURE), dtype=object), ("indicator_id",)
    )


def _packed(files: dict[str, bytes]) -> bytes:
    """A ZIP that is the same for the same files."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _MADE), content, zipfile.ZIP_DEFLATED, 9)
    return sink.getvalue()
