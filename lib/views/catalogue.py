"""规则依据 (rules): the rule catalogue and the plan's settings, readable by an official."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lib.domain.findings import CATALOGUE, SEVERITY_WORDS
from lib.domain.ledger import Ledger
from lib.i18n import N_, _, listed
from lib.views.words import day
from sheets_schema.plan import Plan, RoleKey
from sheets_schema.plan_work import LevelKey
from sheets_schema.quota import AllAssociations, AllByBatches, FixedList, FractionPerUnit

FAMILIES = {
    "S": N_("表格规范"),
    "X": N_("表间一致"),
    "Q": N_("推荐名额"),
    "D": N_("期限"),
    "A": N_("审批次序与前置条件"),
    "R": N_("定期报送与工作动态"),
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule as words, and how often it is broken now."""

    id: str
    title: str
    severity: str
    clause: str
    remedy: str
    now: int


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the plan: what it is, its value, its clause."""

    name: str
    value: str
    clause: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything 规则依据 shows: rules by family, settings, clauses."""

    plan_title: str
    families: tuple[tuple[str, str, tuple[RuleLine, ...]], ...]
    settings: tuple[Setting, ...]
    chains: tuple[Setting, ...]
    clauses: tuple[tuple[str, str], ...]


def catalogue(ledger: Ledger) -> Catalogue:
    """The view model of 规则依据."""
    plan = ledger.plan
    now = Counter(finding.rule for finding in ledger.findings)
    families = tuple(
        (
            letter,
            _(title),
            tuple(
                RuleLine(
                    r.id, _(r.title), _(SEVERITY_WORDS[r.severity]), _(r.clause(plan)), _plain(_(r.remedy)), now[r.id]
                )
                for r in sorted(CATALOGUE.values(), key=lambda r: r.id)
                if r.id.startswith(letter)
            ),
        )
        for letter, title in FAMILIES.items()
    )
    return Catalogue(
        _(plan.title), families, _settings(plan), _chains(plan), tuple((c, _(t)) for c, t in plan.clauses.items())
    )


def _plain(template: str) -> str:
    """A remedy without its places: ``{label}`` reads as an ellipsis."""
    return "".join(
        part.split("}", 1)[-1] if n else part for n, part in enumerate(template.replace("{", "…{").split("{"))
    )


def _settings(plan: Plan) -> tuple[Setting, ...]:
    cadence, lights, scope = plan.cadence, plan.lights, plan.in_scope
    periods = "—"
    if cadence.periods:
        periods = _(
            "{n} 期，首期 {first} 前、末期 {last} 前；必备栏目：{headings}",
            n=len(cadence.periods), first=day(cadence.periods[0].due), last=day(cadence.periods[-1].due),
            headings=listed(h.title for h in cadence.headings if h.required),
        )  # fmt: skip
    covered = _(
        "名称以{suffixes}结尾，登记为{forms}，会员以同业为主",
        suffixes=listed(scope.suffixes), forms=listed(scope.legal_forms),
    )  # fmt: skip
    members = _(
        "方案列明 {n} 个{role}，各有一名责任人、一名联络员", n=len(plan.units), role=_(plan.role(RoleKey.MEMBER))
    )
    thresholds = _(
        "{n} 天内到期为临期；进度落后时间 {share} 为滞后", n=lights.near_days, share=f"{lights.behind_share:.0%}"
    )
    extension = _("须在到期日（含）前申请并经批准") if plan.extensions.before_due else _("到期后也可申请")
    parts = plan.checklist.separations
    items = _("{parts} 部分，共 {n} 个事项", parts=len(parts), n=len(plan.checklist.items))
    weights = _("、").join(f"{_(w.title)} {w.weight}" for w in plan.scorecard.weights)
    return (
        Setting(_("批次"), str(plan.batch), plan.topics.quota),
        Setting(_("推荐名额"), _quota(plan), plan.quota.clause),
        Setting(_("纳入范围"), covered, scope.clause),
        Setting(_("单位"), members, plan.mechanism.clause),
        Setting(_("报告"), periods, cadence.clause),
        Setting(_("工作动态"), _("试点 {n} 天没有动态即提示", n=cadence.silent_days), plan.topics.checklist),
        Setting(_("临期与滞后"), thresholds, lights.clause),
        Setting(_("催办"), _reminders(plan), plan.reminder_clause),
        Setting(_("延期"), extension, plan.extensions.clause),
        Setting(_("考核"), weights, plan.scorecard.clause),
        Setting(_("脱钩事项清单"), items, plan.checklist.clause),
    )


def _reminders(plan: Plan) -> str:
    held, levels = plan.reminders, plan.reminders.by_level
    blue, yellow, red = (f"{levels[key].shape} {_(levels[key].word)}" for key in LevelKey)
    return _(
        "{blue}：{n} 天内到期；{yellow}：逾期或进度滞后；{red}：逾期超过 {days} 天或超过 {items} 项",
        blue=blue, yellow=yellow, red=red, n=held.blue_days or plan.lights.near_days, days=held.red_days,
        items=held.red_items,
    )  # fmt: skip


def _quota(plan: Plan) -> str:
    quota = plan.quota
    if isinstance(quota, FractionPerUnit):
        rounding = {"up": _("向上取整"), "down": _("向下取整"), "nearest": _("四舍五入")}[quota.rounding]
        return _(
            "各单位按主管协会数的 {fraction} 推荐（{rounding}）；不足 {n} 家的自愿",
            fraction=quota.fraction,
            rounding=rounding,
            n=quota.voluntary_below,
        )
    if isinstance(quota, FixedList):
        return _("既定名单，共 {n} 家", n=len(quota.names()))
    if isinstance(quota, AllAssociations):
        return _("范围内的协会全部参加")
    assert isinstance(quota, AllByBatches)
    return _("分 {n} 批，最终全部参加", n=len(quota.batches))


def _chains(plan: Plan) -> tuple[Setting, ...]:
    made = []
    for kind in plan.documents:
        steps = [
            _("{text}（{more}）", text=_(s.verb), more=listed(s.actors) or listed(i.item for i in s.items))
            for s in kind.steps
        ]
        made.append(Setting(_(kind.kind), " → ".join(steps), kind.clause))
    return tuple(made)
