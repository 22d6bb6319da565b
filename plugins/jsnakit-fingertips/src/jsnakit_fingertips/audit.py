"""What the publisher printed in one export beside what its own figures give: limits, comparisons, trends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from jsnakit.auditing import AuditedRule
from jsnakit.files import SourceFile
from jsnakit_fingertips import audit_compared, audit_limits
from jsnakit_fingertips.audit_rows import Rows
from jsnakit_fingertips.tables import read_cells

__all__ = ["RULES", "audit_file"]

RULES: Final = (*audit_limits.RULES, *audit_compared.COMPARISONS, audit_compared.TREND)


def audit_file(data: SourceFile) -> Iterable[AuditedRule]:
    """Every rule over one file, those that it prints nothing about with no rows. Raises `LayoutError` and `DataError` as reading does."""
    cells = read_cells(data)
    if cells.header is None:
        return tuple(AuditedRule(rule=rule, rows=0, agree=0) for rule in RULES)
    rows = Rows(cells)
    return (*audit_limits.audit_limits(rows), *audit_compared.audit_comparisons(rows), audit_compared.audit_trends(rows))
