"""Sample work: checklists, news, reports, policies, meetings, problems and extensions."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import cycle
from random import Random

from lib.domain.pilots import go_ahead
from lib.services.sample import names
from lib.services.sample.chains import Registry
from sheets_schema.associations import Association
from sheets_schema.coordination import Event, EventKind, Extension, Grant, Problem, ProblemKind
from sheets_schema.plan import Phase, Plan, RoleKey
from sheets_schema.plan_chains import Scope
from sheets_schema.plan_work import Checklist
from sheets_schema.reports import Policy, Report, heading_columns
from sheets_schema.tasks import Task, TaskStatus, Unfinished, Update
from sheets_schema.units import Unit
from sheets_schema.workbook import IDLE_STAGE

SAID = (
    "召开专题会议，梳理主管协会情况，指导试点协会推进脱钩。",
    "本期无新出台文件。",
    "继续指导试点，按期完成移交。",
    "无。",
)
"""What every unit reports under the headings it must fill."""
TROUBLES = ("后的过渡安排", "的证明材料缺失", "的标准", "的时限", "的做法")
"""What is raised as a problem about one item of the checklist each; the last is a practice worth spreading."""
EVIDENCE = "https://example.org/evidence/"


def make_tasks(pilots: list[Association], registry: Registry, as_of: date) -> tuple[list[Task], list[Update]]:
    """A full checklist for every pilot, begun where its plan is approved; news from those at work, some silent."""
    plan, random = registry.plan, registry.random
    phase = next((p for p in plan.phases if p.executes_checklist), None)
    end = phase.due if phase and phase.due else as_of + timedelta(days=90)
    tasks: list[Task] = []
    updates: list[Update] = []
    for n, pilot in enumerate(pilots):
        approved = _begins(registry, pilot, phase, as_of)
        owner = names.person(random)
        items = plan.checklist.items
        begin = approved or as_of - timedelta(days=20)
        order = random.sample(range(1, len(items) + 1), len(items))
        for number, (_part, item) in zip(order, items.values(), strict=True):
            span = max((end - begin).days - 4, 1)
            planned = min(begin + timedelta(days=max(3, span * number // len(items))), end)
            tasks.append(
                _task(len(tasks) + 1, plan, pilot, Checklist.label(item), planned, approved, owner, as_of, random)
            )
        if approved and n % 9 != 4:
            for k in range(random.randint(1, 3)):
                on = as_of - timedelta(days=random.randint(0, min((as_of - approved).days, 30)))
                title = ("召开脱钩工作启动会", "完成资产清查摸底", "与主管单位办理移交")[k]
                updates.append(
                    Update(
                        id=f"DT-{len(updates) + 1:03d}", association=pilot.name, reported_on=on, title=title,
                        content=f"{title}，按实施方案推进。", reporter=owner,
                    )
                )  # fmt: skip
    return tasks, updates


def _begins(registry: Registry, pilot: Association, phase: Phase | None, as_of: date) -> date | None:
    """The day from which a pilot works at its checklist: that of the step it waits for, else the phase's first."""
    awaited = go_ahead(registry.plan)
    if awaited is None:
        return min(phase.start if phase and phase.start else as_of, as_of)
    of_pilot = registry.plan.kinds[awaited[0]].per is Scope.PILOT
    return registry.passed.get((awaited[0], pilot.name if of_pilot else None, awaited[1]))


def _task(
    number: int, plan: Plan, pilot: Association, label: str, planned: date, approved: date | None, owner: str,
    as_of: date, random: Random,
) -> Task:  # fmt: skip
    base = {"id": f"SX-{number:05d}", "batch": plan.batch, "association": pilot.name, "item": label, "owner": owner}
    draw = random.random()
    if draw < 0.07:
        reason = "该协会没有此项情况"
        return Task(**base, status=TaskStatus.NOT_APPLICABLE, not_applicable_reason=reason)
    if approved is None or planned > as_of + timedelta(days=25):
        return Task(**base, status=TaskStatus.IDLE, planned_on=planned)
    done = max(approved, planned + timedelta(days=random.randint(-9, 3)))
    if done <= as_of and draw < 0.93:
        closed = {"closed_by": "办公室", "closed_on": min(done + timedelta(days=5), as_of)} if draw < 0.3 else {}
        return Task(
            **base, status=TaskStatus.DONE, planned_on=planned, done_on=done, evidence=f"{EVIDENCE}{number}", **closed
        )
    if planned < as_of:
        why = Unfinished.POLICY_MISSING if draw > 0.97 else Unfinished.WORK_LAGGING
        problem = "相关政策尚不明确" if why is Unfinished.POLICY_MISSING else "人手不足，正在补办"
        return Task(**base, status=TaskStatus.RUNNING, planned_on=planned, unfinished=why, problem=problem)
    return Task(**base, status=TaskStatus.RUNNING, planned_on=planned)


def make_reports(plan: Plan, units: list[Unit], as_of: date, random: Random) -> list[Report]:
    """Reports of every period begun: mostly in time, two late, two missing; of the running one a few early."""
    made: list[Report] = []
    columns = [name for heading, name in heading_columns(plan.cadence) if heading.required]
    reporters = [unit for unit in units if plan.role(RoleKey.REPORTER) in unit.roles]
    for period in plan.cadence.periods:
        if period.due is None or period.start is None or period.start > as_of:
            continue
        for n, unit in enumerate(reporters):
            days = 6 if n in (3, 14) else -random.randint(0, 8)
            on = period.due + timedelta(days=days)
            if period.due > as_of:
                on = as_of - timedelta(days=n % 3)
                if n % 8:
                    continue
            elif n in (9, 20):
                continue
            made.append(
                Report(
                    id=f"JB-{len(made) + 1:03d}", unit=unit.name, period=period.id, submitted_on=min(on, as_of),
                    **dict(zip(columns, SAID, strict=False)),
                )
            )  # fmt: skip
    return made


def make_policies(plan: Plan, as_of: date) -> list[Policy]:
    """One row for each area and owner, at different stages; one waits for the nation."""
    verbs = [step.verb for step in plan.kinds[plan.policies.document].steps]
    stages = [verbs[0], verbs[1 % len(verbs)], plan.policies.waiting_national, verbs[-1], IDLE_STAGE, verbs[-2:][0]]
    made = []
    for n, (area, owner) in enumerate((a, o) for a in plan.policies.areas for o in a.owners):
        stage = stages[n % len(stages)]
        issued = stage == verbs[-1]
        on = as_of - timedelta(days=12 + n * 5)
        made.append(
            Policy(
                id=f"ZC-{n + 1:02d}", area=area.title, owner=owner, national_document=area.national_document or None,
                form=plan.policies.forms[n % len(plan.policies.forms)], stage=stage,
                stage_on=None if stage == IDLE_STAGE else on,
                reason="国家有关部委文件尚未下发" if stage == plan.policies.waiting_national else None,
                title=f"示例{area.title}实施办法" if issued else None,
                number=f"示例发〔{on.year}〕{n}号" if issued else None,
                issued_on=on if issued else None,
            )
        )  # fmt: skip
    return made


def make_coordination(
    plan: Plan, units: list[Unit], tasks: list[Task], as_of: date, random: Random
) -> tuple[list[Event], list[Problem], list[Extension]]:
    """Meetings and publicity, problems raised and settled, extensions asked for and granted."""
    kinds = (EventKind.MEETING, EventKind.STUDY, EventKind.INTERPRETATION, EventKind.MEETING, EventKind.GUIDANCE)
    called = [unit.name for unit in units]
    events = [
        Event(
            id=f"XT-{n + 1:02d}", kind=kind, held_on=as_of - timedelta(days=110 - n * 20),
            unit=called[n * 3 % len(units)],
            title=("脱钩工作协调会", "总体方案专题学习", "政策解读会", "资产清查协调会", "媒体座谈会")[n],
            attendees=tuple(unit.name for unit in units[n : n + 4]),
        )
        for n, kind in enumerate(kinds)
    ]  # fmt: skip
    titles = [item.title for _part, item in plan.checklist.items.values()]
    titles = titles[(len(titles) + 1) // 2 :] or titles
    problems = [
        Problem(
            id=f"WT-{n + 1:02d}", kind=ProblemKind.PRACTICE if n == 4 else ProblemKind.PROBLEM,
            unit=called[(6 + n) % len(units)],
            content=text, raised_on=as_of - timedelta(days=70 - n * 9),
            assignee=called[n % len(units)] if n != 4 else None,
            meeting="XT-04" if n == 1 else None, settlement="召开协调会明确口径" if n in (0, 1) else None,
            settled_on=as_of - timedelta(days=20 - n) if n in (0, 1) else None,
        )
        for n, text in enumerate(
            f"{title}{what}" for title, what in zip(cycle(titles), TROUBLES, strict=False)
        )
    ]  # fmt: skip
    running = [
        task for task in tasks if task.status is TaskStatus.RUNNING and task.planned_on and task.planned_on > as_of
    ]
    extensions = [
        Extension(
            id=f"YQ-{n + 1:02d}", target=task.id, unit=called[7 % len(units)],
            requested_on=as_of - timedelta(days=6 - n),
            until=(task.planned_on or as_of) + timedelta(days=20), reason="移交手续需多部门会签",
            decided_on=as_of - timedelta(days=1) if n < 2 else None, result=Grant.GRANTED if n < 2 else None,
            approver="办公室" if n < 2 else None,
        )
        for n, task in enumerate(random.sample(running, min(3, len(running))))
    ]  # fmt: skip
    return events, problems, extensions
