"""A board of its own for every test, and somebody of the office who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from lib.services.setup import set_up
from lib.ui.session import board
from sheets_schema.plan import Plan
from tests.entrance import sign_in


@pytest.fixture(autouse=True)
def fresh_board() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    board().feed.stop()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def signed_in(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who may open every page, unless a test says otherwise."""
    sign_in(monkeypatch, sample, "admin")


@pytest.fixture
def empty(sample: Path, tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workbook that nobody has typed anything into."""
    path = tmp_path / "empty.xlsx"
    set_up(path, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(path))
    sign_in(monkeypatch, path, "admin")
    return path
