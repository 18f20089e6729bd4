"""The plan's section ``reminders``: optional, checked, and shown among the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sheets_schema.plan import Plan
from sheets_schema.plan_load import PLANS_DIR, PlanError, load_plan
from sheets_schema.plan_work import LevelKey


def changed(folder: Path, **reminders: object) -> Path:
    text = (PLANS_DIR / "tianjin-2015.yaml").read_text(encoding="utf-8")
    start, end = text.index("reminders:"), text.index("scorecard:")
    made = yaml.safe_dump({"reminders": reminders}, allow_unicode=True) if reminders else ""
    path = folder / "plan.yaml"
    path.write_text(text[:start] + made + text[end:], encoding="utf-8")
    return path


def test_a_plan_made_before_there_were_reminders_still_loads(tmp_path: Path) -> None:
    plan = load_plan(changed(tmp_path))
    assert plan.reminder_clause == plan.topics.tracking
    assert set(plan.reminders.by_level) == set(LevelKey)


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"blue_days": 8}, "reminders.blue_days"),
        ({"red_days": 0}, "reminders.red_days"),
        ({"clause": "九（九）"}, "reminders.clause"),
        ({"levels": [{"level": "blue", "light": "蓝", "shape": "●", "word": "提醒", "colour": "#0072B2"}]},
         "reminders.levels"),
        ({"orange_days": 3}, "reminders.orange_days"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_place(tmp_path: Path, told: dict[str, object], place: str) -> None:
    with pytest.raises(PlanError) as error:
        load_plan(changed(tmp_path, **told))
    assert [path for path, _line, _what in error.value.problems] == [place]


def test_no_level_is_told_by_its_colour_alone(plan: Plan) -> None:
    levels = plan.reminders.levels
    for looks in ({level.shape for level in levels}, {level.word for level in levels}):
        assert len(looks) == len(LevelKey)
