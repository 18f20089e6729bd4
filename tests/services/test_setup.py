"""Setting up a workbook: never over somebody's work, and with a plan of one's own beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.services.entrance import open_entrance
from lib.services.settings import as_shown, as_typed
from lib.services.setup import AlreadyThere, first_start, own_plan, plan_of, set_up
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.plan_load import PLANS_DIR, PlanError


def own(folder: Path) -> Path:
    text = (PLANS_DIR / "tianjin-2015.yaml").read_text(encoding="utf-8")
    path = folder / "mine.yaml"
    path.write_text(text.replace("id: tianjin-2015", "id: mine-2020").replace("fraction: 1/5", "fraction: 1/3"))
    return path


def test_a_workbook_that_is_there_is_never_overwritten(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "work.xlsx"
    path.write_bytes(b"precious")
    with pytest.raises(AlreadyThere):
        set_up(path, plan, sample=True)
    assert path.read_bytes() == b"precious"


def test_replacing_twice_keeps_both_old_workbooks(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "work.xlsx"
    for content in (b"first", b"second"):
        path.write_bytes(content)
        set_up(path, plan, sample=False, replace=True)
    assert (tmp_path / "work.old1.xlsx").read_bytes() == b"first"
    assert (tmp_path / "work.old2.xlsx").read_bytes() == b"second"


def test_people_can_still_sign_in_after_the_workbook_is_replaced(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "work.xlsx"
    set_up(path, plan, sample=True)
    assert open_entrance(path).accounts.first_admin()
    before = open_entrance(path).accounts.credentials.read()
    set_up(path, plan, sample=False, replace=True)
    assert open_entrance(path).accounts.credentials.read() == before != {}


def test_an_own_plan_stays_beside_the_workbook_and_governs_it(tmp_path: Path) -> None:
    path, source = tmp_path / "work.xlsx", own(tmp_path)
    set_up(path, plan_of(path, str(source)), sample=True, plan_file=source)
    source.unlink()
    assert plan_of(path).id == "mine-2020"
    set_up(path, plan_of(path, "tianjin-2015"), sample=True, replace=True)
    assert not own_plan(path).exists()
    assert plan_of(path).id == "tianjin-2015"


def test_the_first_start_makes_the_sample_and_later_ones_do_not(tmp_path: Path) -> None:
    path = tmp_path / "data" / "work.xlsx"
    assert first_start(path)
    assert XlsxStore(path).read().sheets
    path.unlink()
    assert not first_start(path), "a workbook that has gone missing is not replaced by sample data"
    assert not path.exists()


def test_a_failed_set_up_leaves_nothing_behind(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.store.provision.os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(OSError, match="no space"):
        set_up(tmp_path / "work.xlsx", plan, sample=False)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_plan_beside_the_workbook_is_reported_not_ignored(tmp_path: Path) -> None:
    own_plan(tmp_path / "work.xlsx").write_text("id: [")
    with pytest.raises(PlanError):
        plan_of(tmp_path / "work.xlsx")


def test_a_command_that_is_named_acts_on_the_workbook_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """``init --empty --replace`` typed as it is shown must not replace another workbook."""
    monkeypatch.delenv("TUOGOU_WORKBOOK", raising=False)
    assert as_typed("init").endswith("python -m lib.cli init")
    assert "TUOGOU_WORKBOOK" not in as_typed("init")
    monkeypatch.setenv("TUOGOU_WORKBOOK", "/数据/试 用.xlsx")
    assert as_typed("init").startswith("TUOGOU_WORKBOOK='/数据/试 用.xlsx' ")
    assert as_shown("init").startswith("TUOGOU_WORKBOOK=… "), "on a page no path of the server is named"
