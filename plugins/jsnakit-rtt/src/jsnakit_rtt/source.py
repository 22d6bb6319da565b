"""The source: NHS England's waiting times for consultant-led treatment, by provider, commissioner, integrated care board and England."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from jsnakit.auditing import AuditedRule
from jsnakit.errors import DataError
from jsnakit.files import SourceFile
from jsnakit.model import Indicator
from jsnakit.sources import Fetch, Part, Query, Resource, Source, SourceInfo, Support, indicators_from, support_from
from jsnakit_rtt import links, relations
from jsnakit_rtt.absences import Window, england_note
from jsnakit_rtt.audit import audit_files, is_workbook
from jsnakit_rtt.measures import CATEGORY_TYPE, MEASURES, Month, observations_of
from jsnakit_rtt.parse import Extract, check_period, parse_extract
from jsnakit_rtt.rules import Rules, rules_for
from jsnakit_rtt.series import COLUMNS, SERIES_ONLY, parse_series, series_observations

__all__ = ["Rtt"]


class Rtt(Source):
    """Waiting times by month: lists, shares within 18 weeks, long waits, medians and percentiles, and who was treated.

    `window` is how many months back a provider that is missing is looked for among the months read (null: all of them). `rules` forces one version of the publisher's rules for
    averages on every month (null: that of the month).
    """

    info = SourceInfo(
        id="rtt",
        title="Consultant-led referral to treatment waiting times",
        publisher="NHS England",
        licence="OGL-UK-3.0",
        homepage=links.INDEX,
        attribution="Source: NHS England, consultant-led referral to treatment waiting times, Open Government Licence v3.0",
        cadence="monthly, on the second Thursday, about six weeks after the month; revised twice a year",
        covers=("country", "icb", "commissioner", "provider"),
        hosts=("www.england.nhs.uk",),
    )

    relation_kinds = ("waits_at", "succeeded_by")

    def __init__(self, *, window: int | None = None, rules: Rules | None = None) -> None:
        self.window = window
        self.rules = rules

    def indicators(self) -> Sequence[Indicator]:
        """The measures of the extract, and those with the publisher's estimates for trusts that sent nothing."""
        return indicators_from(__package__, "indicators.toml")

    def discover(self, fetch: Fetch, query: Query) -> Iterable[Resource]:  # noqa: ARG002  # everything is listed, whatever is asked
        """The extracts and time series linked from the publisher's pages."""
        return links.discover(fetch)

    def select(self, listing: Sequence[Resource], query: Query) -> Sequence[Resource]:
        """The last version of each month's extract in the range; for England as a whole the one time series does, where it holds what is asked."""
        wanted = query.indicators or (*MEASURES, *SERIES_ONLY)
        series = sorted((r for r in listing if r.kind == "series"), key=lambda r: (r.period.start if r.period else dt.date.min, r.url))[-1:]
        if series and query.release is None and set(wanted) <= set(COLUMNS) and _is_england(query) and not query.wants_breakdown(CATEGORY_TYPE):
            return series
        extracts = links.newest([r for r in listing if query.release in (None, r.release)]) if set(wanted) & set(MEASURES) else []
        chosen = [r for r in extracts if r.period is not None and query.in_range(r.period)]
        asks_estimates = bool(set(wanted) & set(SERIES_ONLY)) and query.release is None and query.area_codes("country") != frozenset()
        return [*chosen, *(series if asks_estimates else [])]

    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:
        """An extract (ZIP or CSV) or a time series (XLS or XLSX), told by what the file is."""
        if is_workbook(data):
            return parse_series(data)
        table = parse_extract(resource, data)
        check_period(table, resource.period.start if resource.period else None, data.name)
        return table

    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """Month by month, then what can only be said once all are read: who is missing, and England's months of which no extract was read."""
        window = Window(self.window)
        series: list[Part] = []
        read: dict[dt.date, str] = {}
        for part in parts:
            if _is_series(part):
                series.append(part)
                continue
            extract = Extract.of(part.table)
            month = Month.of(extract, part.origin)
            _once(read, extract, part)
            window.add(month)
            if query.in_range(month.period(snapshot=False)):
                yield from observations_of(month, query, self.rules or rules_for(extract.month), england_note(month))
        yield from window.absences(query)
        if series:
            latest = max(series, key=_edition)
            rows = series_observations(latest.table, latest.origin, query, set(read))
            if rows is not None:
                yield rows

    def support(self) -> Support:
        """The layouts of the extract and of the time series, and NHS England's traps."""
        return support_from(__package__, "support.toml")

    def audit(self, data: SourceFile, published: SourceFile | None = None) -> tuple[AuditedRule, ...]:
        """What a workbook prints beside what the extract of its month gives (`england`, `provider_function`, `medians`, `percentiles`), or beside its own bands where it is alone.

        Raises `InvalidValueError` where an extract has no workbook to be held against, `LayoutError` and `DataError` as `parse` does.
        """
        return audit_files(data, published, self.rules)

    def relate(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """`waits_at`: where the patients of each commissioner and board wait, with shares; `succeeded_by`: which providers became part of others."""
        window = Window(self.window)
        for part in parts:
            if not _is_series(part):
                month = Month.of(Extract.of(part.table), part.origin)
                window.add(month)
                if query.in_range(month.period(snapshot=True)):
                    yield from relations.waits_at(month, query)
        yield from relations.succeeded_by(window)


def _is_england(query: Query) -> bool:
    return query.area_type == "country" if query.areas is None else bool(query.areas) and all(a.type == "country" for a in query.areas)


def _is_series(part: Part) -> bool:
    return (part.table.schema.metadata or {}).get(b"kind") == b"series"


def _edition(part: Part) -> str:
    metadata: dict[bytes, bytes] = part.table.schema.metadata
    return metadata[b"edition"].decode()


def _once(read: dict[dt.date, str], extract: Extract, part: Part) -> None:
    """Raise where two files hold one month: which of them counts is not for us to guess."""
    said = f"{part.resource.title or part.resource.url} ({extract.release})"
    if extract.month in read:
        raise DataError(
            f"two files hold {extract.month:%B %Y}: {read[extract.month]} and {said}",
            hint="give one of them: the revised one, unless the first edition is what you want",
            file=part.resource.url, column="Period", value=extract.month.isoformat(), rule="one-file-a-month",
        )  # fmt: skip
    read[extract.month] = said
