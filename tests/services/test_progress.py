"""The figures as data: every field is documented and has its declared shape; records are those in sight."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest

from lib.domain.ledger import Ledger
from lib.services.edition import EPOCH
from lib.services.policy import EVERYTHING, Sight
from lib.services.progress import VERSION, answered, as_json
from lib.services.progress_shape import schema
from tests.workbooks import clean_book, ledger

OURS, THEIRS = "市商务委", "市科委"
DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
AT = datetime(2016, 4, 1, 9, tzinfo=EPOCH.tzinfo)
BY_NAME = {"rows.left_out", "rows.by_sheet", "pilots[].by_separation"}
"""Fields that hold something for each sheet or separation, under its name."""


@pytest.fixture(scope="module")
def found() -> Ledger:
    book = clean_book()
    book.add("associations", name="没有单位的协会", unit="没有这个单位")
    book.set("tasks", book.row("tasks", association="XH-0001", item="B1"), planned_on=AT.date())
    book.set("tasks", book.row("tasks", association="XH-0006", item="A2"), planned_on=AT.date())
    return ledger(book)


def paths(value: object, here: str = "") -> Iterator[str]:
    """Every field there is, as the document writes it."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield from paths(held, f"{here}.{'*' if here in BY_NAME else name}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        for held in value:
            yield from paths(held, f"{here}[]")
    else:
        yield here


def documented() -> set[str]:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    table = text[text.index("| 字段 |") : text.index("出错时也是 JSON")]
    return set(re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE))


def test_every_field_is_documented_and_every_documented_field_is_there(found: Ledger):
    assert set(paths(answered(found, EVERYTHING, AT))) == documented()


def test_an_answer_has_the_declared_shape_and_no_more(found: Ledger):
    for sight in (EVERYTHING, Sight(frozenset({OURS}))):
        jsonschema.validate(answered(found, sight, AT), schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**answered(found, EVERYTHING, AT), "more": 1}, schema())


def test_it_names_its_version_and_state(found: Ledger):
    made = answered(found, EVERYTHING, AT)
    assert (made["version"], made["revision"]) == (VERSION, found.revision)
    assert made["generated_at"] == "2016-04-01T09:00:00+08:00"
    assert f"现在是 {VERSION}" in (DOCS / "api.md").read_text(encoding="utf-8")


def test_of_a_units_sight_the_citys_figures_are_the_same_and_records_its_own(found: Ledger):
    mine, every = as_json(found, Sight(frozenset({OURS}))), as_json(found)
    for name in ("version", "plan", "as_of", "sample", "phases", "checklist"):
        assert mine[name] == every[name], name
    assert mine["rows"]["total"] == every["rows"]["total"]
    assert mine["rows"]["by_sheet"] == every["rows"]["by_sheet"]
    assert every["rows"]["left_out"]
    assert mine["rows"]["left_out"] == {}
    for name in ("quota", "pilots", "reports", "due"):
        assert mine[name], name
        assert mine[name] == [one for one in every[name] if one["unit"] == OURS], name
    assert mine["units"] == [OURS]
    assert every["units"] is None


def test_a_unit_finds_no_record_of_another(found: Ledger):
    text = json.dumps(as_json(found, Sight(frozenset({OURS}))), ensure_ascii=False)
    for pilot in found.pilots:
        assert (pilot.name in text) == (pilot.unit == OURS)
        assert (f'"{pilot.id}"' in text) == (pilot.unit == OURS)
    assert THEIRS not in text
    kinds = {chain["kind"] for chain in as_json(found, Sight(frozenset({"市编办"})))["chains"]}
    assert {"工作方案", "试点方案"} <= kinds
    assert not {"推荐名单", "实施方案"} & kinds
