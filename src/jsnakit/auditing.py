"""What an audit of a published file found: rule by rule, how many rows agree with what we compute from the same row, which do not, and which cannot be checked and why.

A source audits its own files (`Source.audit`), since it knows what its publisher prints and how. Here are the words for what it found, and how they are printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from jsnakit.errors import InvalidValueError

__all__ = ["Audit", "AuditedRule", "Disagreement", "audit_records"]


@frozen(kw_only=True)
class Disagreement:
    """One row in which the publisher printed something else than the rule gives.

    `row` is where it stands in the file (its line, the header being 1), or a cell (`B12`); `about` says what the row is of (area, indicator, period); `why` is what explains it as far as
    one row can tell (`rounded count`, `unscaled limits`, `stale polarity words`), empty where nothing does.
    """

    row: int | str
    about: str
    column: str
    printed: str
    computed: str
    why: str = ""


def _disagreements(given: Iterable[Disagreement]) -> tuple[Disagreement, ...]:
    return tuple(given)


def _most_first(given: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(given.items(), key=lambda item: (-item[1], item[0])))


@frozen(kw_only=True)
class AuditedRule:
    """One rule over one file: of `rows` that print what it is about, those that agree, those that do not, and the others by the reason why they cannot be checked.

    Raises `InvalidValueError` where a row is lost: rows are those that agree, disagree or have a reason.

    >>> rule = AuditedRule(
    ...     rule="wilson",
    ...     rows=10,
    ...     agree=8,
    ...     disagreements=[Disagreement(row=3, about="x", column="Lower CI", printed="1.0", computed="1.2")],
    ...     reasons={"no count": 1},
    ... )
    >>> rule.checkable, rule.disagree
    (9, 1)
    """

    rule: str
    rows: int
    agree: int
    disagreements: tuple[Disagreement, ...] = field(default=(), converter=_disagreements)
    reasons: Mapping[str, int] = field(factory=dict, converter=_most_first)

    def __attrs_post_init__(self) -> None:
        told = self.checkable + sum(self.reasons.values())
        if told != self.rows:
            raise InvalidValueError(
                f"the rule {self.rule} has {self.rows} rows, of which {told} are accounted for",
                hint="give every row that is not checked a reason",
                value=self.rows,
            )

    @property
    def disagree(self) -> int:
        """The rows in which the two differ."""
        return len(self.disagreements)

    @property
    def checkable(self) -> int:
        """The rows that could be checked."""
        return self.agree + self.disagree


@frozen(kw_only=True)
class Audit:
    """The rules that one source holds its files to, over the files given."""

    source: str
    files: tuple[str, ...]
    rules: tuple[AuditedRule, ...]

    @classmethod
    def of(cls, source: str, audited: Iterable[tuple[str, Iterable[AuditedRule]]]) -> Audit:
        """The audits of several files (name, rules) as one: rows are added up, and a row that disagrees names its file where there are several.

        >>> one = AuditedRule(rule="wilson", rows=2, agree=1, reasons={"no count": 1})
        >>> Audit.of("x", [("a.csv", [one]), ("b.csv", [one])]).rules[0].rows
        4
        """
        files: list[str] = []
        found: dict[str, list[tuple[str, AuditedRule]]] = {}
        for name, rules in audited:
            files.append(name)
            for rule in rules:
                found.setdefault(rule.rule, []).append((name, rule))
        many = len(files) > 1
        return cls(source=source, files=tuple(files), rules=tuple(_added(rule, parts, many=many) for rule, parts in found.items()))


def _added(rule: str, parts: list[tuple[str, AuditedRule]], *, many: bool) -> AuditedRule:
    reasons: dict[str, int] = {}
    for _, part in parts:
        for reason, rows in part.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + rows
    return AuditedRule(
        rule=rule,
        rows=sum(part.rows for _, part in parts),
        agree=sum(part.agree for _, part in parts),
        disagreements=[_placed(d, name) if many else d for name, part in parts for d in part.disagreements],
        reasons=reasons,
    )


def _placed(disagreement: Disagreement, name: str) -> Disagreement:
    return Disagreement(
        row=f"{name}:{disagreement.row}", about=disagreement.about, column=disagreement.column,
        printed=disagreement.printed, computed=disagreement.computed, why=disagreement.why,
    )  # fmt: skip


def audit_records(audit: Audit) -> dict[str, Any]:
    """An audit as JSON has it: `rules` with `rule, rows, checkable, agree, disagree, reasons`, and `rows_that_disagree`.

    >>> audit_records(Audit.of("x", [("a.csv", [AuditedRule(rule="isr", rows=1, agree=1)])]))["rules"]
    [{'rule': 'isr', 'rows': 1, 'checkable': 1, 'agree': 1, 'disagree': 0, 'reasons': {}}]
    """
    return {
        "source": audit.source,
        "files": list(audit.files),
        "rules": [
            {"rule": r.rule, "rows": r.rows, "checkable": r.checkable, "agree": r.agree, "disagree": r.disagree, "reasons": dict(r.reasons)}
            for r in audit.rules
        ],
        "rows_that_disagree": [
            {"rule": r.rule, "row": d.row, "about": d.about, "column": d.column, "printed": d.printed, "computed": d.computed, "why": d.why}
            for r in audit.rules
            for d in r.disagreements
        ],
    }
