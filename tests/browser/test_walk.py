"""The whole plan in a browser, from an empty workbook to the evaluation. Each wrong turn is tried too: it is refused by
its clause, and nothing has changed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, TimeoutError

from lib.domain.normalise import to_text
from lib.domain.records import Grids
from lib.services.settings import folder_of
from lib.services.setup import set_up
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from tests.browser.clerk import Clerk
from tests.server import Server

BIG, SMALL = "市科委", "市公安局"
NAMES = ("光学行业协会", "仪器行业协会", "软件行业协会", "材料商会", "测绘联合会")
FREE = "消防行业协会"
PILOT = NAMES[0]


class Office(Clerk):
    """The office's clerk, who also looks at what is held."""

    def held(self, sheet: str) -> dict[str, dict[str, str]]:
        """What stands in the workbook's file."""
        self.page.wait_for_timeout(1500)
        grid = Grids(XlsxStore(self.server.workbook).read())[sheet]
        return {name: {k: to_text(v) for k, v in grid.values(at).items()} for name, at in grid.rows.items()}

    def acts(self) -> int:
        """How many acts stand in the journal."""
        lines = (
            line
            for segment in sorted((folder_of(self.server.workbook) / "journal").glob("*"))
            for line in segment.read_text(encoding="utf-8").splitlines()
        )
        return sum(json.loads(line).get("kind") == "command" for line in lines if line.startswith("{"))

    def on(self, day: str) -> Office:
        """The same clerk on another day."""
        self.day = day
        return self

    def refused(self, press: str, *words: str) -> None:
        """Press; it must be refused with these words, and nothing may have changed."""
        before = self.acts()
        self.press(press)
        self.page.locator("[data-testid=stAlert]", has_text="没有办理").first.wait_for()
        told = self.said().replace("\u2060", "")
        assert not [word for word in words if word not in told], told
        assert self.acts() == before

    def done(self, press: str) -> None:
        """Press; it must be done."""
        before = self.acts()
        self.press(press)
        told = self.page.locator("[data-testid=stAlert]").filter(has_text=re.compile("已保存|没有办理"))
        told.or_(self.page.locator("[data-testid=stAlert]", has_text="没有需要")).first.wait_for()
        assert "已保存" in self.said(), self.said()
        assert self.acts() == before + 1

    def document(self, kind: str) -> str:
        """The id of the only document of a kind."""
        [found] = [name for name, held in self.held("documents").items() if held["kind"] == kind]
        return found

    def step(self, document: str, verb: str, actor: str = "") -> None:
        """Record that a step has passed."""
        self.open("approvals", record=document)
        if actor:
            self.choose("办理单位", actor)
        self.done(f"登记“{verb}”：通过")


@pytest.fixture
def office(browser: Browser, tmp_path: Path, plan: Plan) -> Iterator[Office]:
    workbook = tmp_path / "台账.xlsx"
    set_up(workbook, plan, sample=False)
    server = Server(workbook, tmp_path / "server.log")
    window = browser.new_context(viewport={"width": 1366, "height": 768})
    window.add_cookies([server.session("admin")])
    page = window.new_page()
    page.set_default_timeout(20_000)
    yield Office(page, server, "2015-11-10")
    window.close()
    server.stop()


@pytest.mark.timeout(600)  # two minutes beside other tests
def test_the_whole_plan_from_an_empty_workbook(office: Office, tmp_path: Path) -> None:
    roster(office, tmp_path)
    recommendation(office)
    scheme(office)
    implementation(office)
    execution(office)
    reports(office)
    evaluation(office)
    policies(office)
    extensions(office)


def roster(office: Office, folder: Path) -> None:
    """Import the roster; one row names a unit nobody knows."""
    file = folder / "名录.csv"
    with file.open("w", encoding="gb18030", newline="") as out:
        rows = [("协会名称", "业务主管单位", "类型", "登记形式")]
        rows += [(name, BIG, "行业协会", "社会团体") for name in NAMES]
        rows += [(FREE, SMALL, "行业协会", "社会团体"), ("无主协会", "市没有局", "行业协会", "社会团体")]
        csv.writer(out).writerows(rows)
    office.open("registry")
    office.page.locator("input[type=file]").set_input_files(file)
    office.still()
    office.page.get_by_text("文件逐行").or_(office.page.get_by_role("button", name="导入 6 行")).first.wait_for()
    office.done("导入 6 行")
    found = office.held("associations")
    assert sorted(held["name"] for held in found.values()) == sorted((*NAMES, FREE))
    assert {held["in_scope"] for held in found.values()} == {"待定"}
    office.open("registry", scope="open")
    table = office.page.locator("[data-testid=stMain] [data-testid=stDataFrame]").count() - 1
    office.mark(-1, table=table).press("核对判定")
    office.done("确认保存")
    assert {held["in_scope"] for held in office.held("associations").values()} == {"纳入"}


def recommendation(office: Office) -> None:
    """Five make one; fewer are voluntary; nothing is selected before its list has come."""
    office.open("nominations", unit=SMALL)
    office.mark(0, table=1)
    assert "二（二）" in office.said().replace("\u2060", "")
    assert office.page.get_by_role("button", name="推荐这 1 家").is_disabled()
    office.page.get_by_text("本单位自愿参加").click()
    office.still().done("推荐这 1 家")
    office.open("nominations", unit=SMALL)
    table = office.page.locator("[data-testid=stMain] [data-testid=stDataFrame]").count() - 2
    office.mark(0, table=table)
    before = office.acts()
    office.press("选定")
    assert "四（二）" in office.said().replace("\u2060", "")
    assert office.page.get_by_role("button", name="确认保存").is_disabled()
    assert office.acts() == before
    office.press("放弃")
    office.open("nominations", unit=BIG).mark(0, table=1)
    assert "达到" in office.said()
    office.done("推荐这 1 家")
    office.done("报送名单")
    assert [held["frozen_count"] for held in office.held("documents").values()] == ["5"]
    office.open("nominations")
    office.mark(0, table=1).press("选定")
    office.done("确认保存")
    states = {held["unit"]: held["status"] for held in office.held("nominations").values()}
    assert states == {BIG: "已选定", SMALL: "已推荐"}
    office.open("nominations", unit=BIG)
    office.choose("办理单位", BIG)
    office.done("登记“选定”")


def scheme(office: Office) -> None:
    """The city's scheme goes up step by step; what is not its turn says why and by which clause."""
    office.on("2015-12-10").open("approvals", state="missing", kind="试点方案").mark(0)
    office.choose("办理单位", "市民政局")
    office.done("起草")
    document = office.document("试点方案")
    office.open("approvals", record=document)
    shown = office.shown().replace("\u2060", "")
    assert "尚未通过" in shown
    assert "四（三）" in shown
    assert office.page.get_by_role("button", name="登记“核准”：通过").count() == 0
    office.type("办结日期", "2015-12-01")
    office.refused("登记“审定”：通过", "四（三）", "早于上一环节")
    for verb in ("审定", "核准"):
        office.step(document, verb)


def implementation(office: Office) -> None:
    """The pilot's plan waits for the scheme, and its work for the plan."""
    office.open("implementation").mark(0)
    office.done("起草")
    mine = office.document("实施方案")
    pilot = next(name for name, held in office.held("associations").items() if held["name"] == PILOT)
    office.open("execution", pilot=pilot)
    office.done("建立清单")
    office.open("execution", pilot=pilot)
    tick_all(office)
    office.choose_way("完成").press("列出改动")
    assert "四（四）" in office.said().replace("\u2060", "")
    assert office.page.get_by_role("button", name="确认保存").is_disabled()
    office.step(mine, "核准")
    office.open("approvals", record=mine)
    office.refused("登记“批复”：通过", "四（四）")
    scheme_document = office.document("试点方案")
    office.step(scheme_document, "批复")
    office.step(scheme_document, "实施", "市民政局")
    office.on("2015-12-20").step(mine, "批复")
    office.step(mine, "实施", BIG)


def tick_all(office: Office) -> None:
    """Tick all items of the checklist, the second table, until the page has taken notice."""
    done = office.page.get_by_role("radio", name="完成", exact=True)
    for _try in range(3):
        office.mark(-1, table=1)
        with suppress(TimeoutError):
            done.first.wait_for(timeout=5_000)
            return
    raise AssertionError(office.shown())


def execution(office: Office) -> None:
    """All items done in one act, looked at first; then the pilot's summary."""
    pilot = next(name for name, held in office.held("associations").items() if held["name"] == PILOT)
    office.on("2016-03-31").open("execution", pilot=pilot)
    tick_all(office)
    office.choose_way("完成").press("列出改动")
    office.done("确认保存")
    assert {held["status"] for held in office.held("tasks").values()} == {"已完成"}
    office.open("execution", pilot=pilot)
    office.done("起草《试点工作总结》")
    summary = office.document("试点工作总结")
    for verb in ("总结", "报送"):
        office.step(summary, verb)


def reports(office: Office) -> None:
    """A report without one of its headings is not taken, and what was typed stays."""
    office.on("2016-01-08").open("reports", unit=BIG, period="2015Q4").fold("报送报告")
    office.type("开展的主要工作", "推荐并选定试点").type("出台的政策规划", "无")
    office.refused("报送", "五（三）", "下一步工作安排")
    assert office.field("开展的主要工作").locator("textarea").input_value() == "推荐并选定试点"
    office.type("下一步工作安排", "推进试点")
    office.done("报送")
    assert [held["unit"] for held in office.held("reports").values()] == [BIG]


def evaluation(office: Office) -> None:
    """Not before its day; then up to the top."""
    office.on("2016-06-30").open("approvals", state="missing", kind="评估报告").mark(0)
    office.refused("起草", "四（六）")
    office.on("2016-08-01").open("approvals", state="missing", kind="评估报告").mark(0)
    office.done("起草")
    report = office.document("评估报告")
    office.step(report, "审定")
    office.step(report, "报送")
    office.open("evaluation")
    assert "27/27" in office.shown()


def policies(office: Office) -> None:
    """Stage by stage; waiting for the nation needs its reason."""
    office.on("2016-09-01").open("policies").mark(0)
    office.refused("登记等待", "二（三）")
    office.done("登记“起草”")
    assert {held["stage"] for held in office.held("policies").values()} == {"起草"}


def extensions(office: Office) -> None:
    """More time is asked for before it is over, never after."""
    office.on("2016-07-15").open("extensions", target="P1")
    office.type("申请延至", "2016-08-31").type("理由", "等待移交")
    office.refused("申请", "五（三）", "晚于时限")
    assert office.field("理由").locator("textarea").input_value() == "等待移交"
