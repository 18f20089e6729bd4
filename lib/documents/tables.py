"""Tables of figures as files (页面上的表格): by name, of the same view models as the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from lib.documents.deliverable import FORMAT, Choice, Deliverable
from lib.documents.file import File
from lib.documents.sheets import Table, Value, as_file
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views import evaluation as assessed
from lib.views.dues import dues_in
from lib.views.health import FINDING_COLUMNS, finding_rows
from lib.views.overview import Overview, overview
from lib.views.prepared import prepared
from lib.views.scorecard import default_start, ranking
from lib.views.words import day, state_word

Rows = Sequence[Sequence[Value]]
Wanted = Mapping[str, str]
FILTERS = ("severity", "sheet", "unit", "rule", "start", "end")
"""By what 数据体检 and 考核 are narrowed down, and their files too."""


class _Named(NamedTuple):
    """A table that can be asked for: its title, its header, and its rows."""

    title: str
    header: Callable[[Ledger], tuple[str, ...]]
    rows: Callable[[Ledger, Sight, Wanted], Rows]


def table_names(_ledger: Ledger, _sight: Sight) -> Mapping[str, str]:
    """The tables by name, with their titles."""
    return {name: _(table.title) for name, table in TABLES.items()}


def make_table(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
    """One table as a file."""
    chosen = TABLES[wanted["name"]]
    rows, title = chosen.rows(ledger, sight, wanted), _(chosen.title)
    about = _("基准日 {day}；{n} 行", day=day(ledger.as_of), n=len(rows)) + _narrowed(wanted)
    table = Table(title, about, chosen.header(ledger), rows)
    return as_file(table, wanted.get("format", ""), f"{title}_{ledger.as_of.isoformat()}")


def _narrowed(wanted: Wanted) -> str:
    """What the table was narrowed down by, so that nobody takes it for the whole."""
    asked = _("、").join(wanted[name] for name in FILTERS if name in wanted)
    return _("；只含：{asked}", asked=asked) if asked else ""


def _dues(ledger: Ledger, sight: Sight, _wanted: Wanted) -> Rows:
    return [
        (_(due.unit), state_word(ledger.plan, due.state), str(due.what), due.due, due.days_left, due.clause)
        for due in dues_in(ledger, sight)
    ]


def _findings(ledger: Ledger, sight: Sight, wanted: Wanted) -> Rows:
    return finding_rows(ledger, sight, *(wanted.get(name) for name in FILTERS[:4]))


def _ranking(ledger: Ledger, _sight: Sight, wanted: Wanted) -> Rows:
    start, end = _day(wanted.get("start")) or default_start(ledger), _day(wanted.get("end")) or ledger.as_of
    found = prepared(ranking, ledger, start, end)
    return [
        (one.rank, _(one.unit), _points(one.total), _points(one.change), *one.measures, one.late)
        for one in found.standings
    ]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _points(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _heads(*labels: str) -> Callable[[Ledger], tuple[str, ...]]:
    return lambda _ledger: tuple(_(label) for label in labels)


def _of_overview(title: str, part: Callable[[Overview], Sequence[Any]], *columns: tuple[str, str]) -> _Named:
    """A table of 总览: ``(field, header)`` of the lines of one part of it."""
    return _Named(
        title, _heads(*(label for _name, label in columns)),
        lambda ledger, sight, _wanted: _cells(
            part(prepared(overview, ledger, sight)), [name for name, _label in columns]
        ),
    )  # fmt: skip


def _of_evaluation(at: int) -> _Named:
    title, columns, rows = assessed.TABLES[at]
    return _Named(
        title, _heads(*(label for _name, label in columns)),
        lambda ledger, sight, _wanted: _cells(
            rows(prepared(assessed.evaluation, ledger, sight)), [name for name, _label in columns]
        ),
    )  # fmt: skip


def _cells(lines: Sequence[Any], names: Sequence[str]) -> Rows:
    return [tuple(_value(getattr(line, name)) for name in names) for line in lines]


def _value(value: object) -> Value:
    return value if isinstance(value, (int, float)) else str(value)


TABLES: dict[str, _Named] = {
    "dues": _Named(
        N_("逾期与临期"), _heads(N_("单位"), N_("状态"), N_("事项"), N_("时限"), N_("还有几天"), N_("依据")), _dues
    ),
    "phases": _of_overview(
        N_("各阶段"), attrgetter("phases"),
        ("label", N_("阶段")), ("state", N_("状态")), ("progress", N_("完成")), ("due", N_("时限")),
    ),
    "quota": _of_overview(
        N_("推荐名额"), attrgetter("quotas"),
        ("unit", N_("单位")), ("count", N_("主管协会")), ("floor", N_("至少")), ("expected", N_("提示数")),
        ("recommended", N_("推荐")), ("selected", N_("选定")), ("verdict", N_("判定")),
    ),
    "separations": _of_overview(
        N_("试点脱钩事项"), attrgetter("separations"),
        ("label", N_("分离")), ("done", N_("完成")), ("total", N_("适用")), ("not_applicable", N_("不涉及")),
    ),
    "reports": _of_overview(
        N_("定期报告报送情况"), attrgetter("reports"),
        ("unit", N_("单位")), ("period", N_("报告期")), ("state", N_("状态")), ("detail", N_("说明")),
    ),
    "scorecard": _Named(
        N_("考核排名"),
        lambda ledger: (
            *map(_, (N_("名次"), N_("单位"), N_("得分"), N_("比上期"))),
            *(_(w.title) for w in ledger.plan.scorecard.weights), _("逾期"),
        ),
        _ranking,
    ),
    "findings": _Named(N_("数据问题"), _heads(*FINDING_COLUMNS), _findings),
    **{f"evaluation-{at}": _of_evaluation(at) for at in range(len(assessed.TABLES))},
}  # fmt: skip
"""Name → table, in the order in which they are listed."""


DELIVERABLE = Deliverable(
    "table", N_("页面上的表格"), N_("逾期与临期、名额、考核、评估、数据问题等表格，内容与页面相同"),
    None, make_table, (Choice("name", N_("表格"), table_names), FORMAT), filters=FILTERS,
)  # fmt: skip
