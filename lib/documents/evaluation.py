"""试点评估报告 (evaluation report): figures and tables filled in, judgements left to people (四（六）)."""

from __future__ import annotations

from lib.charts.evaluation import evaluation_charts
from lib.charts.overview import overview_charts
from lib.documents.deliverable import Deliverable, Wanted
from lib.documents.file import File
from lib.documents.paper import drawn, in_chinese, typeset
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.brief import brief
from lib.views.evaluation import evaluation
from lib.views.news import practices
from lib.views.prepared import prepared
from lib.views.words import day
from sheets_schema.plan import Plan

KEY, LABEL = "evaluation", N_("试点评估报告")


@in_chinese
def report(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
    """The report as of the ledger's day, as .docx."""
    title = _("{kind}（截至{day}）", kind=_(LABEL), day=ledger.as_of.isoformat())
    return typeset(KEY, LABEL, title, values(ledger, sight))


def values(ledger: Ledger, sight: Sight) -> dict[str, object]:
    """Everything the template may look up; the figures are those of 试点评估."""
    view = prepared(evaluation, ledger, sight)
    charts, more = prepared(overview_charts, ledger, sight), prepared(evaluation_charts, ledger, sight)
    late = [paper for paper in view.papers if paper.is_late]
    return {
        "place": ledger.plan.place, "plan": ledger.plan.title, "as_of": day(ledger.as_of),
        "clause": clause(ledger.plan), "view": view, "whole": view.whole, "papers": late,
        "more_papers": len(view.papers) - len(late), "practices": practices(ledger, sight),
        "counted": prepared(brief, ledger, sight).left_out,
        "separation_chart": drawn(charts["separations"], _("各项分离完成情况")) if view.pilots else None,
        "reason_chart": drawn(more["separations"], _("未完成事项的原因")) if view.pilots else None,
    }  # fmt: skip


def clause(plan: Plan) -> str:
    """The clause the evaluation's own document stands under; without one, that of the tracking."""
    held = (plan.kinds[gate.document] for gate in plan.gates if gate.not_before and gate.document in plan.kinds)
    return next((kind.clause for kind in held), plan.topics.tracking)


DELIVERABLE = Deliverable(KEY, LABEL, N_("数字和表格已填好，评价和结论由人填写"), clause, report)
