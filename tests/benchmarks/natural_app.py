"""总览 written the natural way, for comparison: one script, pandas from the file to the charts, on every rerun.

This is what a capable developer writes on a good afternoon, not a straw man. It reads the whole workbook with
``pandas.read_excel``, filters by the as-of day with vectorised pandas (the only loops are over the units' expanders
and the plan's seven phases), and shows what our page shows: a headline, six metrics, what is late by unit,
five layered Altair charts in shorthand and the table beside each. It judges nothing: no findings, no approval
chains, no rules; all of that would make it slower. On the sample its figures are ours (62 overdue, 32 near, 429 done
on 2016-03-31), and its messages have the same size as ours with all tables opened.

``NATURAL_ENGINE`` names pandas' reader (``calamine``, the fast one, unless told otherwise; pandas' own default for
.xlsx is ``openpyxl``); ``NATURAL_CACHE=yes`` puts ``st.cache_data`` on the reading.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

WORKBOOK = Path(os.environ["NATURAL_WORKBOOK"])
ENGINE = os.environ.get("NATURAL_ENGINE", "calamine")
NEAR, PACE_WINDOW, SHOWN_PER_UNIT = 7, 42, 6
RED, AMBER, GREEN, BLUE, GREY = "#B3261E", "#9A5B00", "#1B6E3C", "#0072B2", "#5B6470"
DELIVERABLES = {
    "P1": ("工作方案", "印发"),
    "P2": ("推荐名单", "选定"),
    "P3": ("试点方案", "批复"),
    "P4": ("实施方案", "批复"),
    "P5": ("试点工作总结", "报送"),
    "P6": ("评估报告", "报送"),
    "P7": ("配套政策", "印发"),
}
CLAUSES = {phase: f"四（{number}）" for phase, number in zip(DELIVERABLES, "一二三四五六七", strict=True)}
SEPARATIONS = {
    "A": "机构分离", "B": "职能分离", "C": "资产财务分离", "D": "人员管理分离", "E": "党建外事分离", "F": "收尾",
}  # fmt: skip
PERIODS = pd.DataFrame(
    {
        "报告期": ["2015Q4", "2016Q1", "2016Q2", "2016Q3", "2016Q4"],
        "start": pd.to_datetime(["2015-10-01", "2016-01-01", "2016-04-01", "2016-07-01", "2016-10-01"]),
        "due": pd.to_datetime(["2016-01-10", "2016-04-10", "2016-07-10", "2016-10-10", "2017-01-10"]),
    }
)
DATES = {
    "试点推荐": ["推荐日期", "选定日期"],
    "审批": ["办结日期"],
    "脱钩事项": ["计划日期", "完成日期"],
    "季度报告": ["报送日期"],
    "配套政策": ["印发日期"],
    "延期": ["申请延至", "批准日期"],
    "阶段": ["开始日期", "完成时限"],
}
Sheets = dict[str, pd.DataFrame]


def load(path: Path) -> Sheets:
    """Every sheet of the workbook, dates as dates."""
    sheets: Sheets = pd.read_excel(path, sheet_name=None, engine=ENGINE)
    for sheet, columns in DATES.items():
        for column in columns:
            sheets[sheet][column] = pd.to_datetime(sheets[sheet][column], errors="coerce")
    return sheets


read = st.cache_data(load) if os.environ.get("NATURAL_CACHE") == "yes" else load


def steps_passed(sheets: Sheets, as_of: pd.Timestamp) -> pd.DataFrame:
    """Approval steps passed by the day, with their document."""
    acts = sheets["审批"]
    acts = acts[(acts["结果"] == "通过") & (acts["办结日期"] <= as_of)]
    return acts.merge(sheets["文件"], left_on="文件编号", right_on="编号", suffixes=("", "_文件"))


def done_by(passed: pd.DataFrame, phase: str, owner: str) -> pd.Series:
    """Owner → when a phase's deliverable was done."""
    kind, verb = DELIVERABLES[phase]
    found = passed[(passed["文种"] == kind) & (passed["环节"] == verb)]
    return found.groupby(owner)["办结日期"].max()


def quota_table(sheets: Sheets, as_of: pd.Timestamp) -> pd.DataFrame:
    """Each supervising unit's associations, expected, recommended and selected pilots."""
    associations, nominations, documents = sheets["协会商会"], sheets["试点推荐"], sheets["文件"]
    given = nominations[(nominations["推荐日期"] <= as_of) & (nominations["状态"] != "已撤回")]
    chosen = given[(given["状态"] == "已选定") & (given["选定日期"] <= as_of)]
    lists = documents[documents["文种"] == "推荐名单"].groupby("主办单位")["报送时协会数"].first()
    table = pd.DataFrame({"主管协会": associations[associations["是否纳入"] == "纳入"].groupby("业务主管单位").size()})
    frozen = lists.reindex(table.index).fillna(table["主管协会"])
    table["至少"] = np.where(frozen < 5, 0, frozen // 5).astype(int)
    table["提示数"] = np.where(frozen < 5, 0, np.ceil(frozen / 5)).astype(int)
    table["推荐"] = given.groupby("推荐单位").size().reindex(table.index).fillna(0).astype(int)
    table["选定"] = chosen.groupby("推荐单位").size().reindex(table.index).fillna(0).astype(int)
    table["判定"] = np.select(
        [frozen < 5, table["推荐"] < table["至少"], table["推荐"] < table["提示数"], table["推荐"] == table["提示数"]],
        ["自愿", "不足", "需说明", "达到"], "超过",
    )  # fmt: skip
    table["colour"] = table["判定"].map({"不足": RED, "需说明": AMBER, "自愿": BLUE}).fillna(GREEN)
    table.index.name = "单位"
    return table.reset_index()


def task_table(sheets: Sheets, pilots: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The pilots' checklist items that apply or not, with their due day and whether they are done."""
    tasks = sheets["脱钩事项"].merge(pilots[["试点协会", "推荐单位"]].drop_duplicates("试点协会"), on="试点协会")
    granted = sheets["延期"][(sheets["延期"]["批准结果"] == "同意") & (sheets["延期"]["批准日期"] <= as_of)]
    until = granted.groupby("对象编号")["申请延至"].max()
    extended = pd.Series(until.reindex(tasks["编号"]).to_numpy(), index=tasks.index)
    tasks["due"] = extended.fillna(tasks["计划日期"]).fillna(pd.Timestamp("2016-06-30"))
    tasks["applies"] = tasks["状态"] != "不涉及"
    tasks["done"] = (tasks["状态"] == "已完成") & (tasks["完成日期"] <= as_of)
    tasks["part"] = tasks["事项"].str[0]
    return tasks


def separation_table(tasks: pd.DataFrame) -> pd.DataFrame:
    """Done, applicable and not applicable items of each separation."""
    table = tasks.groupby("part").agg(完成=("done", "sum"), 适用=("applies", "sum"), 全部=("part", "size"))
    table = table.reindex(list(SEPARATIONS)).fillna(0).astype(int)
    table["不涉及"] = table["全部"] - table["适用"]
    table["未完成"] = table["适用"] - table["完成"]
    table.insert(0, "分离", [f"{key} {title}" for key, title in SEPARATIONS.items()])
    return table


def report_table(sheets: Sheets, as_of: pd.Timestamp) -> pd.DataFrame:
    """Units × periods begun: filed in time, late, missing or open."""
    units = sheets["单位"][sheets["单位"]["角色"].fillna("").str.contains("责任单位")][["单位名称"]]
    grid = units.merge(PERIODS[PERIODS["start"] <= as_of], how="cross")
    filed = sheets["季度报告"][sheets["季度报告"]["报送日期"] <= as_of]
    grid = grid.merge(
        filed[["责任单位", "报告期", "报送日期"]], how="left",
        left_on=["单位名称", "报告期"], right_on=["责任单位", "报告期"],
    )  # fmt: skip
    there = grid["报送日期"].notna()
    grid["状态"] = np.select(
        [there & (grid["报送日期"] <= grid["due"]), there, grid["due"] < as_of], ["按期", "迟报", "未报"], "未到期"
    )
    grid["colour"] = grid["状态"].map({"按期": GREEN, "迟报": AMBER, "未报": RED, "未到期": GREY})
    grid["说明"] = np.where(
        there, grid["报送日期"].dt.strftime("%Y-%m-%d") + " 报送", "应于 " + grid["due"].dt.strftime("%Y-%m-%d") + " 前"
    )
    return grid.rename(columns={"单位名称": "单位"})


def phase_table(
    sheets: Sheets, passed: pd.DataFrame, quotas: pd.DataFrame, pilots: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The seven phases: done of total, state and colour."""
    table = sheets["阶段"][["编号", "阶段名称", "开始日期", "完成时限"]].copy()
    policies = sheets["配套政策"]
    totals = {"P2": int((quotas["提示数"] > 0).sum()), "P4": len(pilots), "P5": len(pilots), "P7": len(policies)}
    done = {phase: done_by(passed, phase, "文件编号").size for phase in DELIVERABLES}
    done["P7"] = int((policies["印发日期"] <= as_of).sum())
    table["完成"] = table["编号"].map(done)
    table["总数"] = table["编号"].map(totals).fillna(1).astype(int)
    left = (table["完成时限"] - as_of).dt.days
    table["状态"] = np.select(
        [table["完成"] >= table["总数"], left < 0, left <= NEAR, table["开始日期"] > as_of],
        ["办结", "逾期", "临期", "未启动"], "进行中",
    )  # fmt: skip
    table["colour"] = table["状态"].map({"办结": GREEN, "逾期": RED, "临期": AMBER, "未启动": GREY}).fillna(BLUE)
    table["start"] = table["开始日期"].fillna(pd.Timestamp("2015-07-01"))
    table["opacity"] = np.where(table["开始日期"].isna(), 0.55, 0.95)
    table["phase"] = table["编号"] + " " + table["阶段名称"]
    table["progress"] = table["完成"].astype(str) + "/" + table["总数"].astype(str)
    table["text"] = table["状态"] + " " + table["progress"]
    return table


def due_table(
    sheets: Sheets, passed: pd.DataFrame, quotas: pd.DataFrame, pilots: pd.DataFrame, tasks: pd.DataFrame,
    reports: pd.DataFrame, phases: pd.DataFrame, as_of: pd.Timestamp,
) -> pd.DataFrame:  # fmt: skip
    """Everything late or near: documents, policies, checklist items and reports."""
    due = phases.set_index("编号")["完成时限"]
    lists, plans, summaries = (
        done_by(passed, "P2", "主办单位"),
        done_by(passed, "P4", "试点协会"),
        done_by(passed, "P5", "试点协会"),
    )
    owing = quotas[(quotas["提示数"] > 0) & ~quotas["单位"].isin(lists.index)]
    open_tasks = tasks[tasks["applies"] & ~tasks["done"]]
    missing = reports[reports["报送日期"].isna()]
    policies = sheets["配套政策"][~(sheets["配套政策"]["印发日期"] <= as_of)]
    parts = [
        _owed(owing["单位"], owing["单位"] + "：推荐名单“选定”", due["P2"], CLAUSES["P2"]),
        _owed(
            open_tasks["推荐单位"], open_tasks["试点协会"] + "：" + open_tasks["事项"], open_tasks["due"], "四（五）"
        ),
        _owed(missing["单位"], missing["报告期"] + "报告", missing["due"], "五（三）"),
        _owed(policies["牵头单位"], policies["政策领域"] + "：配套政策“印发”", due["P7"], CLAUSES["P7"]),
    ]
    for phase, done in (("P4", plans), ("P5", summaries)):
        open_ = pilots[~pilots["试点协会"].isin(done.index)]
        kind, verb = DELIVERABLES[phase]
        parts.append(_owed(open_["推荐单位"], open_["试点协会"] + f"：{kind}“{verb}”", due[phase], CLAUSES[phase]))
    for phase in ("P1", "P3", "P6"):
        if phases.set_index("编号")["完成"][phase] == 0:
            kind, verb = DELIVERABLES[phase]
            parts.append(_owed(pd.Series(["市民政局"]), f"{kind}“{verb}”", due[phase], CLAUSES[phase]))
    table = pd.concat(parts, ignore_index=True)
    table["left"] = (table["due"] - as_of).dt.days
    table = table[table["left"] <= NEAR].sort_values(["due", "单位"])
    table["状态"] = np.where(table["left"] < 0, "■ 逾期", "▲ 临期")
    days = table["left"].abs().astype(str)
    words = np.where(table["left"] < 0, "已逾期 " + days + " 天", "还有 " + days + " 天")
    table["时限"] = table["due"].dt.strftime("%m-%d") + " · " + words
    return table


def _owed(unit: pd.Series, what: pd.Series | str, due: pd.Series | pd.Timestamp, clause: str) -> pd.DataFrame:
    return pd.DataFrame({"单位": unit, "事项": what, "due": due, "依据": clause})


def pace_table(tasks: pd.DataFrame) -> pd.DataFrame:
    """Items done, added up by day."""
    done = tasks[tasks["applies"] & tasks["done"]].groupby("完成日期").size().cumsum()
    return pd.DataFrame({"on": done.index, "n": done.to_numpy()})


def show_dues(dues: pd.DataFrame) -> None:
    """What each unit owes, those with most overdue first."""
    counts = dues.assign(late=dues["left"] < 0).groupby("单位")["late"].agg(["sum", "size"])
    columns = st.columns(3)
    for n, unit in enumerate(counts.sort_values(["sum", "size"], ascending=False).index):
        mine, late = dues[dues["单位"] == unit], int(counts["sum"][unit])
        with columns[n % 3], st.expander(f"{unit}：逾期 {late}，临期 {len(mine) - late}"):
            for row in mine.head(SHOWN_PER_UNIT).itertuples():
                st.markdown(f"**{row.状态}** {row.事项}  \n:gray[{row.时限} · {row.依据}]")
            if len(mine) > SHOWN_PER_UNIT:
                st.caption(f"另有 {len(mine) - SHOWN_PER_UNIT} 项，见下方表格。")


def show_gantt(phases: pd.DataFrame, as_of: pd.Timestamp) -> None:
    """The phases as bars, with today's rule and labels."""
    y = alt.Y("phase:N", sort=list(phases["phase"]), title=None)
    colour = alt.Color("colour:N", scale=None)
    base = alt.Chart(phases)
    bars = base.mark_bar(cornerRadius=3, height=14).encode(
        x=alt.X("start:T", title=None), x2="完成时限:T", y=y, color=colour,
        opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
        tooltip=["phase:N", "状态:N", "progress:N", "完成时限:T"],
    )  # fmt: skip
    text = base.mark_text(align="left", dx=6).encode(x="完成时限:T", y=y, text="text:N", color=colour)
    today = alt.Chart(pd.DataFrame({"on": [as_of], "label": ["基准日"]}))
    rule = today.mark_rule(strokeDash=[4, 3]).encode(x="on:T")
    label = today.mark_text(align="left", dx=4, y=-8).encode(x="on:T", text="label:N")
    st.altair_chart(alt.layer(bars, rule, label, text).properties(height=252))


def show_quotas(quotas: pd.DataFrame) -> None:
    """Recommended pilots of each unit against what is expected."""
    y = alt.Y("单位:N", sort=list(quotas["单位"]), title=None)
    colour = alt.Color("colour:N", scale=None)
    tooltip = ["单位:N", "主管协会:Q", "推荐:Q", "提示数:Q", "至少:Q", "判定:N"]
    base = alt.Chart(quotas)
    bars = base.mark_bar(height=12).encode(x="推荐:Q", y=y, color=colour, tooltip=tooltip)
    ticks = base.mark_tick(thickness=2, size=18).encode(x="提示数:Q", y=y, tooltip=tooltip)
    text = base.mark_text(align="left", dx=8).encode(x="推荐:Q", y=y, text="判定:N", color=colour)
    st.altair_chart(alt.layer(bars, ticks, text).properties(height=24 * len(quotas)))


def show_separations(table: pd.DataFrame) -> None:
    """Done and open items of each separation."""
    order = list(table["分离"])
    long = table.melt("分离", ["完成", "未完成"], "kind", "n")
    colour = alt.Color("kind:N", scale=alt.Scale(domain=["完成", "未完成"], range=[GREEN, "#C9D3DF"]))
    bars = alt.Chart(long).mark_bar(height=15).encode(
        x="n:Q", y=alt.Y("分离:N", sort=order, title=None), color=colour, tooltip=["分离:N", "kind:N", "n:Q"]
    )  # fmt: skip
    table = table.assign(text=table["完成"].astype(str) + "/" + table["适用"].astype(str))
    text = alt.Chart(table).mark_text(align="left", dx=5).encode(
        x="适用:Q", y=alt.Y("分离:N", sort=order), text="text:N"
    )  # fmt: skip
    st.altair_chart(alt.layer(bars, text).properties(height=190))


def show_pace(pace: pd.DataFrame, total: int, projected: pd.Timestamp | None, as_of: pd.Timestamp) -> None:
    """The burn-up: done by day, the projection, the total, today and the due day."""
    due = pd.Timestamp("2016-06-30")
    layers = [alt.Chart(pace).mark_area(line=True, opacity=0.18, interpolate="step-after").encode(x="on:T", y="n:Q")]
    if projected is not None:
        ahead = pd.DataFrame({"on": [as_of, projected], "n": [pace["n"].max(), total]})
        layers.append(alt.Chart(ahead).mark_line(strokeDash=[5, 4]).encode(x="on:T", y="n:Q"))
    goal = alt.Chart(pd.DataFrame({"n": [total], "label": [f"全部 {total} 项"]}))
    layers += [goal.mark_rule().encode(y="n:Q"), goal.mark_text(align="left", x=4, dy=-8).encode(y="n:Q", text="label")]
    for on, label in ((as_of, "基准日"), (due, "时限")):
        mark = alt.Chart(pd.DataFrame({"on": [on], "label": [label]}))
        layers.append(mark.mark_rule(strokeDash=[4, 3]).encode(x="on:T"))
        layers.append(mark.mark_text(align="right", dx=-4, y=10).encode(x="on:T", text="label:N"))
    st.altair_chart(alt.layer(*layers).properties(height=240))


def show_reports(reports: pd.DataFrame) -> None:
    """Reports of each unit and period."""
    base = alt.Chart(reports).encode(
        x=alt.X("报告期:N", title=None), y=alt.Y("单位:N", sort=list(reports["单位"].unique()), title=None),
        tooltip=["单位:N", "报告期:N", "状态:N", "说明:N"],
    )  # fmt: skip
    cells = base.mark_rect(fillOpacity=0.12).encode(color=alt.Color("colour:N", scale=None))
    text = base.mark_text().encode(text="状态:N", color=alt.Color("colour:N", scale=None))
    st.altair_chart(alt.layer(cells, text).properties(height=24 * reports["单位"].nunique()))


def show_table(title: str, table: pd.DataFrame, columns: list[str]) -> None:
    """A table in an expander."""
    with st.expander(title):
        st.dataframe(table[columns], hide_index=True)


def projection(pace: pd.DataFrame, total: int, as_of: pd.Timestamp) -> pd.Timestamp | None:
    """When all is done at the pace of the last weeks."""
    recent = pace[pace["on"] >= as_of - pd.Timedelta(days=PACE_WINDOW)]
    if len(recent) < 2 or recent["n"].iloc[-1] == recent["n"].iloc[0]:
        return None
    per_day = (recent["n"].iloc[-1] - recent["n"].iloc[0]) / PACE_WINDOW
    return as_of + pd.Timedelta(days=int((total - pace["n"].iloc[-1]) / per_day))


def page(day: date) -> None:
    """The page on a day."""
    as_of = pd.Timestamp(day)
    sheets = read(WORKBOOK)
    passed, quotas = steps_passed(sheets, as_of), quota_table(sheets, as_of)
    nominations = sheets["试点推荐"]
    pilots = nominations[(nominations["状态"] == "已选定") & (nominations["选定日期"] <= as_of)]
    tasks, reports = task_table(sheets, pilots, as_of), report_table(sheets, as_of)
    phases, separations = phase_table(sheets, passed, quotas, pilots, as_of), separation_table(tasks)
    dues = due_table(sheets, passed, quotas, pilots, tasks, reports, phases, as_of)
    total, done = int(tasks["applies"].sum()), int((tasks["applies"] & tasks["done"]).sum())
    pace = pace_table(tasks)
    projected = projection(pace, total, as_of)
    late, late_phases = dues[dues["left"] < 0], phases[phases["状态"] == "逾期"]

    st.title("总览")
    st.caption(f"基准日 {as_of:%Y-%m-%d}")
    st.markdown(
        f"#### 截至 {as_of:%Y-%m-%d}：{len(phases)} 个阶段已办结 {(phases['状态'] == '办结').sum()} 个，"
        f"{len(late_phases)} 个逾期（{'、'.join(late_phases['阶段名称'])}），"
        f"共有 {len(late)} 项逾期，涉及 {late['单位'].nunique()} 个单位。"
    )
    if projected is not None:
        st.markdown(f"按目前进度，试点的脱钩事项将于 {projected:%Y-%m-%d} 完成。")
    owing = quotas[quotas["提示数"] > 0]
    approved = pilots["试点协会"].isin(done_by(passed, "P4", "试点协会").index).sum()
    ended = reports[reports["状态"] != "未到期"]
    metrics = st.columns(6)
    metrics[0].metric("阶段办结", f"{(phases['状态'] == '办结').sum()}/{len(phases)}", f"逾期 {len(late_phases)} 个")
    met = (owing["推荐"] >= owing["提示数"]).sum()
    metrics[1].metric("推荐达标单位", f"{met}/{len(owing)}", f"推荐 {quotas['推荐'].sum()} 家")
    metrics[2].metric("实施方案批复", f"{approved}/{len(pilots)}", f"试点 {len(pilots)} 家")
    metrics[3].metric("脱钩事项完成", f"{done}/{total}", f"{done / max(total, 1):.0%}")
    on_time = (ended["状态"] == "按期").sum()
    metrics[4].metric("报告按期报送", f"{on_time}/{len(ended)}", f"已报 {ended['报送日期'].notna().sum()} 份")
    metrics[5].metric("逾期事项", len(late), f"临期 {len(dues) - len(late)} 项")

    st.subheader("逾期与临期")
    show_dues(dues)
    show_table("全部逾期与临期（表格）", dues, ["单位", "状态", "事项", "时限", "依据"])
    st.subheader("七个阶段")
    show_gantt(phases, as_of)
    show_table("阶段数据（表格）", phases, ["phase", "状态", "progress", "完成时限"])
    left, right = st.columns(2)
    with left:
        st.subheader("推荐名额")
        show_quotas(quotas)
        show_table("名额数据（表格）", quotas, ["单位", "主管协会", "至少", "提示数", "推荐", "选定", "判定"])
    with right:
        st.subheader("试点脱钩事项")
        show_separations(separations)
        show_table("事项数据（表格）", separations, ["分离", "完成", "适用", "不涉及"])
        show_pace(pace, total, projected, as_of)
    st.subheader("季度报告")
    show_reports(reports)
    show_table("报告数据（表格）", reports, ["单位", "报告期", "状态", "说明"])


st.set_page_config(page_title="脱钩工作台", layout="wide")
chosen = st.sidebar.date_input("基准日", value=date(2016, 3, 31), key="asof")
page(chosen)
