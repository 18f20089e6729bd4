"""The sample judged once, its ledger, and what the office takes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from lib.documents.catalogue import deliver
from lib.documents.file import File
from lib.documents.kept import Kept
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.domain.records import Grids
from lib.services.policy import Actor
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan

AS_OF = date(2016, 3, 31)
OFFICE = Actor("李四", "office", user="li")
Take = Callable[..., File]


@pytest.fixture(scope="session")
def kept(sample_once: Path, plan: Plan) -> Kept:
    snapshot = XlsxStore(sample_once).read()
    return Kept(Grids(snapshot), judge(snapshot, plan, date(2026, 11, 23)))


@pytest.fixture(scope="session")
def ledger(kept: Kept) -> Ledger:
    return derive(kept.judged, AS_OF)


@pytest.fixture(autouse=True)
def no_office_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook of one's own, so that nobody's templates are found beside it."""
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(tmp_path / "本市.xlsx"))


@pytest.fixture
def take(ledger: Ledger) -> Take:
    """``take("quarterly", period="2016Q1")``: a document for the office."""

    def taken(key: str, *, by: Actor = OFFICE, of: Ledger = ledger, **wanted: str) -> File:
        return deliver(by, of, key, wanted)

    return taken
