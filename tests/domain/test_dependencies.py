"""What a sheet's checks look at in other sheets is all told in ``judge.SEEN``: else a finding would grow stale."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lib.domain import judge as judging
from lib.domain.parse import Parsed
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.sheet import Row, Sheet
from sheets_schema.workbook import JUDGED
from tests.workbooks import TODAY


class Probe:
    """Stands for a row: remembers which fields were looked at."""

    def __init__(self) -> None:
        self.looked: set[str] = set()

    def __getattr__(self, name: str) -> None:
        self.looked.add(name)


def told(model: type[Row], sheet: Sheet) -> set[str]:
    """The fields ``SEEN`` tells for a row model."""
    if model not in judging.SEEN:
        return {"row", *sheet.defaults}
    probe = Probe()
    judging.SEEN[model](probe)
    return probe.looked


@contextmanager
def watched(looks: set[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Note (judged sheet, other sheet, field) for every field read while a sheet is judged."""
    now: list[str] = []
    original = judging._judge_sheet

    def judge_sheet(read: Parsed, sheet: Sheet, *rest: Any) -> Any:
        now.append(sheet.key)
        try:
            return original(read, sheet, *rest)
        finally:
            now.pop()

    with monkeypatch.context() as patch:
        patch.setattr(judging, "_judge_sheet", judge_sheet)
        for sheet in JUDGED:
            _watch(sheet, now, looks, patch)
        yield


def _watch(sheet: Sheet, now: list[str], looks: set[tuple[str, str, str]], patch: pytest.MonkeyPatch) -> None:
    def look(row: Any, name: str) -> Any:
        if now and now[-1] != sheet.key and name in sheet.defaults:
            looks.add((now[-1], sheet.key, name))
        return object.__getattribute__(row, name)

    patch.setattr(sheet.model, "__getattribute__", look, raising=False)


def test_every_field_that_other_sheets_look_at_is_told(sample_once: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch):
    looks: set[tuple[str, str, str]] = set()
    with watched(looks, monkeypatch):
        judging.judge(XlsxStore(sample_once).read(), plan, TODAY)
    by_key = {sheet.key: sheet for sheet in JUDGED}
    assert {("tasks", "nominations"), ("nominations", "associations")} <= {look[:2] for look in looks}
    forgotten = {look for look in looks if look[2] not in told(by_key[look[1]].model, by_key[look[1]])}
    assert not forgotten


def test_every_field_a_comparing_check_looks_at_is_told(sample_once: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch):
    judged = judging.judge(XlsxStore(sample_once).read(), plan, TODAY)
    forgotten: dict[str, set[str]] = {}
    for check in judging.CHECKS:
        if not check.looks:
            continue
        sheet = next(sheet for sheet in JUDGED if sheet.key == check.sheet)
        rows = list(judged.parsed[sheet.key].rows)
        looked: set[str] = set()
        with monkeypatch.context() as patch:

            def look(row: Any, name: str, looked: set[str] = looked, fields: Any = sheet.defaults) -> Any:
                looked |= {name} & set(fields)
                return object.__getattribute__(row, name)

            patch.setattr(sheet.model, "__getattribute__", look, raising=False)
            list(check.run([*rows, *rows], judged.world))
        assert looked, check
        if looked - set(check.looks):
            forgotten[f"{check.rules[0].id} {sheet.key}"] = looked - set(check.looks)
    assert not forgotten
