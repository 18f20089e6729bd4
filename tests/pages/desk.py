"""Pressing, filling and looking at pages of the work, as a person does."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from lib.domain.normalise import to_text
from lib.ui.session import board


def widget(app: AppTest, label: str, nth: int = 0) -> Any:
    """The field with a label (the mark of a required one aside)."""
    kinds = (
        app.text_input, app.text_area, app.selectbox, app.multiselect, app.date_input, app.number_input, app.checkbox,
        app.button_group,
    )  # fmt: skip
    found = [w for kind in kinds for w in kind if w.label.removesuffix(" \\*").replace("\\", "") == label]
    assert len(found) > nth, f"no field {label}: {[w.label for kind in kinds for w in kind]}"
    return found[nth]


def press(app: AppTest, label: str) -> AppTest:
    """Press a button and let the page run."""
    found = [button for button in app.button if button.label == label]
    assert found, f"no button {label}: {[button.label for button in app.button]}"
    assert not found[0].disabled, label
    return found[0].click().run()


def records(sheet: str) -> dict[str, dict[str, str]]:
    """What is held of a sheet now: id → field → text."""
    keeper = board().keeper
    assert keeper is not None
    grid = keeper.grids[sheet]
    return {name: {k: to_text(v) for k, v in grid.values(at).items()} for name, at in grid.rows.items()}


def said(app: AppTest) -> str:
    """All messages of the page: titles, texts."""
    boxes = (*app.error, *app.success, *app.warning, *app.info)
    return "\n".join(f"{getattr(box, 'title', '')} {box.value}" for box in boxes).replace("\\", "")
