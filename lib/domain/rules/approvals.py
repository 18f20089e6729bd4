"""A: approval order and gates (审批次序与前置条件). The replay that finds them is ``lib.domain.chains``."""

from __future__ import annotations

from lib.domain.findings import Severity, rule
from lib.i18n import N_

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

A01 = rule(
    "A01", ERROR, N_("越级办理"), N_("《{kind}》“{verb}”之前的“{missing}”尚未通过，本行不生效"),
    N_("先补录“{missing}”的办理情况；没有办理的，按次序办理"), "approvals",
)  # fmt: skip
A02 = rule(
    "A02", ERROR, N_("日期早于上一环节"), N_("“{verb}”的日期早于上一环节“{before}”的 {on}"),
    N_("核对两处日期，改正写错的一处"), "approvals",
)  # fmt: skip
A03 = rule(
    "A03", ERROR, N_("没有这个环节"), N_("《{kind}》没有“{verb}”这个环节"), N_("按次序选择：{chain}"), "approvals"
)
A04 = rule(
    "A04", ERROR, N_("办理单位不符"), N_("“{actor}”不是“{verb}”的办理单位"),
    N_("应由{expected}办理；办公室代录的，在“办公室代录”填“是”"), "approvals",
)  # fmt: skip
A05 = rule(
    "A05", ERROR, N_("同一环节重复办理"), N_("本轮《{kind}》的“{verb}”已经通过"),
    N_("删除重复的行；重新办理的须先退回、另起一轮"), "approvals",
)  # fmt: skip
A06 = rule(
    "A06", ERROR, N_("轮次不符"), N_("《{kind}》第 {n} 轮的这一行接不上：退回之后须另起一轮，未退回不得另起"),
    N_("核对轮次；退回后的第一步从起草重新记，轮次加一"), "approvals",
)  # fmt: skip
A07 = rule(
    "A07",
    WARNING,
    N_("前置条件未满足（提醒）"),
    N_("“{verb}”时，前置条件尚未满足：{gate}"),
    N_("核对两件文件的日期与次序"),
    "approvals",
)
A08 = rule(
    "A08", ERROR, N_("前置条件未满足"), N_("不得“{verb}”：{gate}。本行不生效"),
    N_("待前置条件满足后再办；确需先行的，由办公室填写“越序理由”"), "approvals",
)  # fmt: skip
A09 = rule(
    "A09",
    NOTE,
    N_("办公室越序办理"),
    N_("“{verb}”越过了前置条件（{gate}），理由：{reason}"),
    N_("留存依据备查"),
    "approvals",
)
A10 = rule(
    "A10", ERROR, N_("方案未批复先开展事项"), N_("{gate}；本试点{state}，本行不计入"),
    N_("先完成该试点的文件审批；或核对状态和完成日期"), "approvals",
)  # fmt: skip
A11 = rule(
    "A11",
    ERROR,
    N_("结果与办结日期不全"),
    N_("“结果”和“办结日期”须同时填写，现缺{what}"),
    N_("补填{what}；尚未办结的两格都留空"),
    "approvals",
)
A12 = rule(
    "A12",
    ERROR,
    N_("起草环节不能退回"),
    N_("“{verb}”是起草环节，不能退回"),
    N_("把结果改为“通过”，或清空"),
    "approvals",
)
A13 = rule(
    "A13",
    NOTE,
    N_("等待上级"),
    N_("《{kind}》已报出，等待{actor}“{verb}”"),
    N_("无须处理；收到批件后补录"),
    "approvals",
)
A14 = rule(
    "A14",
    WARNING,
    N_("方案内容不全"),
    N_("《{kind}》已“{verb}”，但缺少：{missing}"),
    N_("补齐内容后，填入“文件”表的“已含内容”"),
    "approvals",
)
A15 = rule(
    "A15",
    ERROR,
    N_("审批没有日期"),
    N_("“{verb}”既没有报送日期，也没有办结日期"),
    N_("至少填写其中一个日期"),
    "approvals",
)
A16 = rule("A16", NOTE, N_("办公室代录"), N_("“{verb}”由办公室代“{actor}”录入"), N_("留存依据备查"), "approvals")
A17 = rule(
    "A17", ERROR, N_("名单报送前已选定"), N_("“{name}”已选定，但“{unit}”的《{kind}》{state}，本行不生效"),
    N_("先补录名单“{verb}”的办理情况；尚未办理的，把状态改回“{options}”"), "approvals",
)  # fmt: skip
