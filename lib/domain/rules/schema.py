"""S: how the workbook and its cells are written (表格规范)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lib.domain.findings import Hit, Severity, rule
from lib.i18n import N_
from sheets_schema.sheet import Sheet
from sheets_schema.snapshot import Snapshot

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

S01 = rule(
    "S01", ERROR, N_("缺少工作表"), N_("找不到工作表“{label}”"),
    N_("从备份或空白工作簿复制这张表，保持表名“{label}”"),
)  # fmt: skip
S02 = rule(
    "S02", WARNING, N_("工作表改了名"), N_("工作表“{label}”改名为“{found}”，已按列名认出"),
    N_("把表名改回“{label}”"),
)  # fmt: skip
S03 = rule(
    "S03", ERROR, N_("缺少必需的列"), N_("缺少必需的列“{label}”，本表 {n} 行全部不计入"),
    N_("补回列名为“{label}”的一列"),
)  # fmt: skip
S04 = rule("S04", WARNING, N_("缺少可选的列"), N_("缺少列“{label}”，按空白处理"), N_("补回列名为“{label}”的一列"))
S05 = rule("S05", WARNING, N_("列名改动"), N_("列名“{found}”按“{label}”理解"), N_("把列名改回“{label}”"))
S06 = rule(
    "S06",
    WARNING,
    N_("列名重复"),
    N_("列“{label}”出现了不止一次，只认最左边的一列"),
    N_("删除多余的列，或改成别的名称"),
)
S07 = rule(
    "S07", NOTE, N_("列的次序变了"), N_("列的次序与规范不同，已按列名对应"), N_("不影响使用；需要时恢复原来的次序")
)
S08 = rule("S08", NOTE, N_("自行增加的列"), N_("列“{label}”不在规范内，保留，不参与计算"), N_("无须处理"))
S09 = rule("S09", NOTE, N_("自行增加的工作表"), N_("工作表“{found}”不在规范内，保留，不参与计算"), N_("无须处理"))
S10 = rule("S10", WARNING, N_("合并单元格"), N_("{area} 是合并单元格，只有左上角有值"), N_("取消合并，逐行填写"))
S11 = rule("S11", NOTE, N_("公式单元格"), N_("此格是公式，按上次计算的结果计入"), N_("改为直接填写数值或文字更稳妥"))
S12 = rule(
    "S12", ERROR, N_("公式没有结果"), N_("此格是公式，但文件里没有计算结果"),
    N_("用 Excel、WPS 或 LibreOffice 打开后保存一次，或改为直接填写"),
)  # fmt: skip
S13 = rule("S13", ERROR, N_("错误值"), N_("此格是错误值 {value}"), N_("改正公式，或改为直接填写"))
S14 = rule("S14", ERROR, N_("必填项为空"), N_("“{label}”必须填写"), N_("在“{label}”列补填"))
S15 = rule("S15", ERROR, N_("日期无法识别"), N_("“{value}”不是确定的一天"), N_("写成 2016-03-31 或 2016年3月31日"))
S16 = rule("S16", ERROR, N_("不在可选项内"), N_("“{value}”不在可选项内"), N_("从下拉列表选择：{options}"))
S17 = rule("S17", ERROR, N_("不是整数"), N_("“{value}”不是整数"), N_("填写 1、2、3 这样的整数"))
S18 = rule(
    "S18", WARNING, N_("文字过长"), N_("此格有 {n} 个字，超过 {limit} 个字"), N_("精简文字，把全文放到附件并填写链接")
)
S19 = rule(
    "S19", WARNING, N_("信用代码有误"), N_("统一社会信用代码“{value}”{why}"),
    N_("对照登记证书改正；该列按文本填写 18 位"),
)  # fmt: skip
S20 = rule("S20", WARNING, N_("电话写法有误"), N_("“{value}”不像电话号码"), N_("填写 11 位手机号，或区号-号码"))
S21 = rule(
    "S21",
    WARNING,
    N_("链接写法有误"),
    N_("“{value}”不是网址，页面上不作为链接"),
    N_("填写以 http:// 或 https:// 开头的网址"),
)
S22 = rule("S22", NOTE, N_("缺少编号"), N_("本行还没有编号"), N_("无须填写，由应用补上"))
S23 = rule(
    "S23",
    WARNING,
    N_("编号写法有误"),
    N_("编号“{value}”不是应用给出的写法（{prefix}-…）"),
    N_("恢复原来的编号；新行留空即可"),
)
S24 = rule("S24", WARNING, N_("表头不在第一行"), N_("表头在第 {n} 行"), N_("删除表头上方的行，让表头回到第一行"))
S25 = rule("S25", NOTE, N_("数据中有空行"), N_("数据中间有 {n} 个空行"), N_("不影响使用；可以删除空行"))
S26 = rule(
    "S26", ERROR, N_("部分列重新排列"),
    N_("“{columns}”列在 {n} 条记录之间调换了位置，像是只排序了部分列：这些值可能不再属于所在的行；本表暂停写入"),
    N_("到“变更与冲突”页决定：放回原来的对应关系，或者就是要这样改；排序时请选中整张表"),
)  # fmt: skip
S27 = rule(
    "S27", WARNING, N_("邮箱写法有误"), N_("“{value}”不是邮箱地址，催办单发不出去"),
    N_("只填一个地址，如 name@example.com，不带姓名和逗号"),
)  # fmt: skip


def torn_hits(snapshot: Snapshot, sheets: Mapping[str, Sheet]) -> Iterator[Hit]:
    """S26: sheets with columns that were rearranged and wait for a decision. Their rows count as they stand."""
    for torn in snapshot.torn:
        labels = map(sheets[torn.sheet].header_of, torn.columns)
        yield S26.hit(sheet=torn.sheet, columns="、".join(labels), n=torn.records)
