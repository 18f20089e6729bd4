"""Acts on many associations or recommendations at once: all or none; and a list that comes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lib.domain.quota import submitted_lists
from lib.services import work, work_pilots
from lib.services.commands import Commands
from tests.services.test_commands import SMALL, UNIT, cell, done, first, free_association, office, refused
from tests.workbooks import clean_book


@pytest.fixture
def desk(tmp_path: Path) -> Commands:
    """The lists are with the office, nothing is decided on."""
    book = clean_book()
    for row in sorted((n for n, r in enumerate(book.tabs["approvals"].rows, 2) if "选定" in r), reverse=True):
        book.drop("approvals", row)
    for row in range(2, 2 + len(book.tabs["nominations"].rows)):
        book.set("nominations", row, status="已推荐", selected_on="")
    return office(book, tmp_path)


def test_one_wrong_row_keeps_all_others_back(desk: Commands) -> None:
    good = free_association(desk, UNIT)
    taken = str(cell(desk, "nominations", first(desk, "nominations", unit=UNIT), "association"))
    refused(desk, work_pilots.nominate_all([good, taken], UNIT, date(2015, 11, 20)), "Q05")
    done(desk, work_pilots.nominate_all([good], UNIT, date(2015, 11, 20), reason="补充"))


def test_anothers_and_one_out_of_scope_are_refused(desk: Commands) -> None:
    other = free_association(desk, UNIT)
    if SMALL:
        refused(desk, work_pilots.nominate_all([other], SMALL, date(2015, 11, 20), voluntary=True), "Q06")
    done(desk, work_pilots.confirm_scopes({first(desk, "associations", name=other): ("不纳入", "会员不以同业为主")}))
    refused(desk, work_pilots.nominate_all([other], UNIT, date(2015, 11, 20)), "Q07")


def test_a_withdrawal_says_why(desk: Commands) -> None:
    one = first(desk, "nominations", unit=UNIT)
    refused(desk, work_pilots.withdraw_all([one], ""), "")
    done(desk, work_pilots.withdraw_all([one], "换届"))
    assert (cell(desk, "nominations", one, "status"), cell(desk, "nominations", one, "remark")) == ("已撤回", "换届")


def test_selected_passed_over_and_selected_again(desk: Commands) -> None:
    one = first(desk, "nominations", unit=UNIT)
    refused(desk, work_pilots.select_all([one], date(2015, 1, 1)), "D11")
    done(desk, work_pilots.select_all([one], date(2016, 3, 31)))
    refused(desk, work_pilots.withdraw_all([one], "不想做了"), "")
    refused(desk, work_pilots.pass_over([one]), "X15")
    other = free_association(desk, UNIT)
    done(desk, work_pilots.nominate_all([other], UNIT, date(2015, 11, 20)))
    added = first(desk, "nominations", association=other)
    done(desk, work_pilots.pass_over([added]))
    assert cell(desk, "nominations", added, "status") == "未选定"


def test_a_returned_list_is_submitted_anew(desk: Commands) -> None:
    document = first(desk, "documents", kind="推荐名单", unit=UNIT)
    refused(desk, work.submit_list(UNIT, date(2016, 3, 1)), "")
    done(desk, work.return_document(document, "市民政局", date(2016, 3, 2), "补充"))
    done(desk, work.submit_list(UNIT, date(2016, 3, 3), on_behalf=True))
    world = desk.verdicts.of(desk.keeper.grids.snapshot).world
    chain, on = submitted_lists(world.chains, world.plan, world.plan.batch)[UNIT]
    assert (chain.round, on) == (2, date(2016, 3, 3))
    acts = [row for row in desk.keeper.grids["approvals"].rows if cell(desk, "approvals", row, "on_behalf") == "是"]
    assert len(acts) == 2
