"""The figures of 试点推荐 and 协会名录 against a count by hand, and under every mode of quota."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from lib.charts.nominations import spread_chart
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.i18n import use
from lib.services.policy import EVERYTHING, Sight
from lib.store.reading import read_workbook
from lib.views.nominating import unit_work
from lib.views.nominations import nominations
from lib.views.registry import IN, LEFT, OPEN, OUT, registry, suggested
from sheets_schema.associations import Association, LegalForm, ScopeFlag
from sheets_schema.nominations import Nomination
from sheets_schema.plan import Plan
from sheets_schema.plan_load import shipped_plan
from sheets_schema.sheet import YesNo
from tests.domain.cases_integrity import fixed_list
from tests.workbooks import AS_OF, TODAY, association, clean_book, ledger

DAY = date(2016, 3, 31)


@pytest.fixture(scope="module")
def found(sample_once: Path) -> Ledger:
    return derive(judge(read_workbook(sample_once.read_bytes()), shipped_plan(), date(2016, 4, 1)), DAY)


def cells(sample: Path, tab: str) -> list[dict[str, object]]:
    """The rows of a sheet, read without any of our code."""
    rows = openpyxl.load_workbook(sample, read_only=True)[tab].iter_rows(values_only=True)
    header = next(rows)
    return [dict(zip(map(str, header), row, strict=False)) for row in rows if any(row)]


def test_recommended_and_selected_are_those_of_the_sheet(found: Ledger, sample_once: Path) -> None:
    view = nominations(found, EVERYTHING)
    out = {row.id for row in found.world.rows(Nomination)}
    rows = [row for row in cells(sample_once, "试点推荐") if row["编号"] in out and row["状态"] != "已撤回"]
    assert view.recommended == len(rows)
    assert view.selected == sum(row["状态"] == "已选定" for row in rows)
    assert view.recommended == sum(quota.recommended for quota in view.quotas)
    assert sum(part.recommended for part in view.types) == view.recommended
    assert sum(part.recommended for part in view.industries) == view.recommended
    assert sum(part.recommended for part in view.departments) == view.recommended
    assert sum(part.count for part in view.types) == sum(quota.count for quota in found.quotas)


def test_a_unit_reads_its_own_quota_and_the_citys_figures(found: Ledger) -> None:
    whole, own = nominations(found, EVERYTHING), nominations(found, Sight(frozenset({"市科委"})))
    assert [quota.unit for quota in own.quotas] == ["市科委"]
    assert (own.recommended, own.expected) == (whole.recommended, whole.expected)
    assert not own.industries
    assert not own.departments


def test_candidates_are_in_scope_and_not_recommended_yet(found: Ledger) -> None:
    for quota in found.quotas:
        mine = unit_work(found, quota.unit)
        assert len(mine.candidates) + len(mine.standing) == quota.count or quota.frozen != quota.count


def test_the_registry_puts_each_association_in_one_group(found: Ledger, sample_once: Path) -> None:
    view = registry(found, EVERYTHING)
    rows = {str(row["编号"]): row for row in cells(sample_once, "协会商会")}
    assert set(view.groups) <= set(rows)
    for name, word in ((IN, "纳入"), (OUT, "不纳入"), (OPEN, "待定")):
        typed = {record for record, row in rows.items() if row["是否纳入"] == word} & set(view.groups)
        counted = {record for record, group in view.groups.items() if group == name}
        assert counted <= typed
    assert view.group("XH-9999", in_force=False) == LEFT


@pytest.mark.parametrize(
    ("name", "form", "same", "flag"),
    [
        ("示例电池行业协会", None, None, ScopeFlag.IN),
        ("示例电池促进会", LegalForm.ASSOCIATION, YesNo.YES, ScopeFlag.IN),
        ("示例电池研究中心", None, None, ScopeFlag.OUT),
        ("示例电池协会", LegalForm.FOUNDATION, None, ScopeFlag.OUT),
        ("示例电池协会", LegalForm.ASSOCIATION, YesNo.NO, ScopeFlag.OUT),
    ],
)
def test_a_name_and_form_suggest_whether_the_plan_covers_it(
    plan: Plan, name: str, form: LegalForm | None, same: YesNo | None, flag: ScopeFlag
) -> None:
    use("zh")
    row = Association(name=name, unit="市科委", legal_form=form, same_industry=same)
    assert suggested(row, plan)[0] is flag
    assert suggested(row, plan)[1]


@pytest.mark.parametrize("mode", ["fixed", "all", "batches"])
def test_the_other_modes_of_quota_are_shown_too(mode: str) -> None:
    book = association(clean_book(), "示例甲协会", "市民政局")
    if mode == "fixed":
        fixed_list("示例甲协会", unit="市社团局")(book)
    else:
        more = {"mode": "all"} if mode == "all" else {
            "mode": "all_by_batches", "batch": 1, "batches": [{"batch": 1, "cumulative": "1/3"}]
        }  # fmt: skip
        made = book.plan.model_dump(mode="json", by_alias=True)
        quota = type(book.plan).model_validate(made | {"quota": {"clause": "二（二）"} | more})
        book.plan = quota
    found = ledger(book, TODAY, AS_OF)
    view = nominations(found, EVERYTHING)
    assert view.quotas
    assert view.expected > 0
    assert spread_chart(found, EVERYTHING)["height"]
    assert unit_work(found, "市民政局").quota is not None
