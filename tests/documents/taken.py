"""Files taken as people take them."""

from __future__ import annotations

from lib.documents.tables import FILTERS, make_table
from lib.domain.ledger import Ledger
from lib.services.policy import Sight


def findings_csv(ledger: Ledger, sight: Sight, *filters: str | None) -> bytes:
    """数据问题 as CSV, narrowed down by 级别, 工作表, 单位, 规则."""
    asked = {name: value for name, value in zip(FILTERS, filters, strict=False) if value}
    return make_table(ledger, sight, {"name": "findings", "format": "csv", **asked}).content
