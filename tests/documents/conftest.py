"""The sample judged once, and its ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lib.documents.kept import Kept
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.domain.records import Grids
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan

AS_OF = date(2016, 3, 31)


@pytest.fixture(scope="session")
def kept(sample_once: Path, plan: Plan) -> Kept:
    snapshot = XlsxStore(sample_once).read()
    return Kept(Grids(snapshot), judge(snapshot, plan, date(2026, 11, 23)))


@pytest.fixture(scope="session")
def ledger(kept: Kept) -> Ledger:
    return derive(kept.judged, AS_OF)
