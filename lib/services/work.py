"""The work of the plan as commands (办理): nominate, submit, approve, complete, report, extend, publish, close …

Each function says what an act means in the workbook; ``Commands.act`` decides whether it is allowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from lib.domain.chains import ChainState
from lib.domain.edits import Edit, Op
from lib.domain.normalise import to_text
from lib.domain.quota import in_scope_counts
from lib.i18n import T_
from lib.services.scene import Refused, Scene, Values
from sheets_schema.coordination import Grant
from sheets_schema.documents import Approval, Result
from sheets_schema.nominations import NominationStatus
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.sheet import YesNo
from sheets_schema.snapshot import Cell
from sheets_schema.tasks import TaskStatus

Make = Callable[[Scene], Sequence[Edit]]
"""What a command does, told once the freshest state is known."""


def add(sheet: str, values: Values) -> Make:
    """Add a record."""
    return lambda scene: [scene.add(sheet, values)]


def edit(sheet: str, record: str, values: Values, expected: Values | None = None) -> Make:
    """Change cells of a record, if they still hold what the person saw."""
    return lambda scene: scene.set(sheet, record, values, expected)


def as_listed(make: Make, listed: Sequence[Edit]) -> Make:
    """An act as a person looked at it (核对过的改动). Refused when by now it would change anything else, or from
    another value than was listed."""

    def checked(scene: Scene) -> Sequence[Edit]:
        edits = make(scene)
        if Counter(map(_mark, edits)) != Counter(map(_mark, listed)):
            raise Refused(T_("核对之后，这些内容又有变动"), T_("请按最新内容重新核对，再保存"))
        return edits

    return checked


def _mark(edit: Edit) -> tuple[str, ...]:
    """What an edit changes, the same in a trial and in earnest: only then is the id of what is added its own."""
    if edit.op is Op.SET:
        return edit.op, edit.sheet, edit.record, edit.column, to_text(edit.old), to_text(edit.new)
    return edit.op, edit.sheet, edit.record if edit.op is Op.REMOVE else ""


def nominate(
    association: str, unit: str, on: date, *, voluntary: bool = False, reason: str = "", batch: int | None = None
) -> Make:
    """Recommend an association for a batch (推荐), 二（二）."""

    def make(scene: Scene) -> list[Edit]:
        values: dict[str, Cell] = {
            "batch": float(batch or scene.judged.plan.batch),
            "association": association,
            "unit": unit,
            "nominated_on": on,
            "voluntary": YesNo.YES.value if voluntary else None,
            "reason": reason,
        }
        return [scene.add("nominations", values, derived=() if batch else ("batch",))]

    return make


def withdraw(nomination: str, reason: str) -> Make:
    """Take a recommendation back (撤回); the row stays."""
    values: Values = {"status": NominationStatus.WITHDRAWN.value, "remark": reason}
    return lambda scene: scene.set("nominations", nomination, values, derived=("status",))


def select(nomination: str, on: date) -> Make:
    """Make a recommended association a pilot (选定), 四（二）."""
    return edit("nominations", nomination, {"status": NominationStatus.SELECTED.value, "selected_on": on})


def confirm_scope(association: str, flag: str, reason: str) -> Make:
    """Decide whether an association is in scope (确认范围), with the reason."""
    return edit("associations", association, {"in_scope": flag, "scope_reason": reason})


def submit_list(unit: str, on: date, *, on_behalf: bool = False) -> Make:
    """Submit a unit's list (报送名单): its steps up to the submitting one, and N frozen as of that day, 四（二）.
    After a return it is drafted and submitted anew."""
    more: Values = {"on_behalf": YesNo.YES.value if on_behalf else None}

    def make(scene: Scene) -> list[Edit]:
        kind = _kind(scene, Scope.SUPERVISOR)
        chain = next((c for c in scene.judged.world.chains if c.kind is kind and c.document.unit == unit), None)
        count = float(in_scope_counts(scene.judged.world, on)[unit])
        if chain is None:
            values: Values = {
                "kind": kind.kind,
                "batch": float(scene.judged.plan.batch),
                "unit": unit,
                "frozen_count": count,
            }
            made = scene.add("documents", values, derived=("batch", "frozen_count"))
            steps = kind.steps[:2]
            return [made, *(_act(scene, made.record, 1, kind, s.verb, unit, on, more=more) for s in steps)]
        steps = kind.steps[0 if chain.returned_on is not None else len(chain.passed) : 2]
        if not steps:
            raise Refused(T_("“{unit}”的名单已经报送", unit=unit), T_("退回后才能再报"), clause=kind.clause)
        edits = scene.set("documents", chain.document.id, {"frozen_count": count}, derived=("frozen_count",))
        at = chain.document.id, round_of(chain), kind
        return [*edits, *(_act(scene, *at, s.verb, unit, on, more=more) for s in steps)]

    return make


def approve(
    document: str,
    actor: str,
    on: date,
    *,
    verb: str | None = None,
    result: Result = Result.PASSED,
    on_behalf: bool = False,
    **more: Cell,
) -> Make:
    """Record a step of a document's chain (审批): by default the next one. ``more``: other columns of the sheet."""

    def make(scene: Scene) -> list[Edit]:
        chain = chain_of(scene, document)
        step = chain.next_step
        if verb is None and step is None:
            raise Refused(T_("这件文件的各个环节都已办结"), T_("需要重新办理的，先退回"), clause=chain.kind.clause)
        words: dict[str, Cell] = {**more, "on_behalf": YesNo.YES.value if on_behalf else None}
        name = verb or (step.verb if step else "")
        waiting = pending_act(scene, chain, name, actor, more.get("item"))
        if waiting is not None:
            filled = {field: cell for field, cell in words.items() if cell is not None}
            return scene.set("approvals", waiting.id, {"decided_on": on, "result": result.value, **filled})
        return [_act(scene, document, round_of(chain), chain.kind, name, actor, on, result, words)]

    return make


def return_document(
    document: str, actor: str, on: date, opinion: str, *, verb: str | None = None, on_behalf: bool = False
) -> Make:
    """Send a document back to its drafting step (退回), with the opinion."""
    return approve(document, actor, on, verb=verb, result=Result.RETURNED, on_behalf=on_behalf, opinion=opinion)


def complete(task: str, on: date, evidence: str = "") -> Make:
    """A checklist item is done (完成)."""
    values: dict[str, Cell] = {"status": TaskStatus.DONE.value, "done_on": on}
    return edit("tasks", task, values | ({"evidence": evidence} if evidence else {}))


def not_applicable(task: str, reason: str) -> Make:
    """A checklist item does not apply to this pilot (不涉及), with the reason."""
    values: Values = {"status": TaskStatus.NOT_APPLICABLE.value, "not_applicable_reason": reason, "done_on": None}
    return edit("tasks", task, values)


def reopen(task: str) -> Make:
    """A checklist item is open again (重新打开): not done, not closed, not left out."""
    blank: dict[str, Cell] = dict.fromkeys(("done_on", "not_applicable_reason", "closed_by", "closed_on"))
    return edit("tasks", task, {"status": TaskStatus.RUNNING.value, **blank})


def close(task: str, reviewer: str, on: date) -> Make:
    """Close an item (销号): a reviewer other than the doer confirms it by its evidence."""
    return edit("tasks", task, {"closed_by": reviewer, "closed_on": on})


def close_all(tasks: Sequence[str], reviewer: Cell, on: Cell) -> Make:
    """Close many items at once (批量销号), all or none."""
    values: Values = {"closed_by": reviewer, "closed_on": on}
    return lambda scene: [edit for task in tasks for edit in scene.set("tasks", task, values)]


def report_progress(association: str, on: date, title: str, **more: Cell) -> Make:
    """News from a pilot (工作动态)."""
    return add("updates", {"association": association, "reported_on": on, "title": title, **more})


def file_report(unit: str, period: str, on: date, **headings: Cell) -> Make:
    """File a unit's report of a period (季度报告), 五（三）."""
    return add("reports", {"unit": unit, "period": period, "submitted_on": on, **headings})


def ask_extension(target: str, unit: str, on: date, until: date, reason: str) -> Make:
    """Ask for a later due date (申请延期), before the present one has passed."""
    values: Values = {"target": target, "unit": unit, "requested_on": on, "until": until, "reason": reason}
    return add("extensions", values)


def decide_extension(extension: str, on: date, approver: str, *, granted: bool) -> Make:
    """Grant or refuse an extension (批准延期)."""
    result = Grant.GRANTED if granted else Grant.REFUSED
    return edit("extensions", extension, {"result": result.value, "decided_on": on, "approver": approver})


def publish_policy(policy: str, on: date, title: str, number: str) -> Make:
    """A local policy is issued (印发), 二（三）."""

    def make(scene: Scene) -> list[Edit]:
        plan = scene.judged.plan
        last = plan.kinds[plan.policies.document].steps[-1].verb
        values: Values = {"stage": last, "stage_on": on, "issued_on": on, "title": title, "number": number}
        return scene.set("policies", policy, values)

    return make


def record_meeting(kind: str, on: date, unit: str, title: str, **more: Cell) -> Make:
    """A meeting or an act of publicity (协调会、宣传)."""
    return add("events", {"kind": kind, "held_on": on, "unit": unit, "title": title, **more})


def _kind(scene: Scene, per: Scope) -> DocumentKind:
    found = next((kind for kind in scene.judged.plan.documents if kind.per is per), None)
    if found is None:
        raise Refused(T_("方案没有这种文件"))
    return found


def chain_of(scene: Scene, document: str) -> ChainState:
    """Where a document stands with all that is recorded. Raises ``Refused`` when it is gone or has no effect."""
    scene.record("documents", document)
    found = next((chain for chain in scene.judged.world.chains if chain.document.id == document), None)
    if found is None:
        raise Refused(T_("文件“{value}”自身有错误，未计入", value=document), T_("先改正“文件”表里的那一行"), "X03")
    return found


def pending_act(scene: Scene, chain: ChainState, verb: str, actor: str, item: Cell = None) -> Approval | None:
    """The act of a body that was submitted in this round and waits to be decided: deciding it fills that row."""
    world = scene.judged.world
    return next(
        (
            act
            for act in world.rows(Approval)
            if act.document == chain.document.id
            and (act.round, act.verb, act.item) == (round_of(chain), verb, item)
            and world.who(act.actor) == world.who(actor)
            and act.submitted_on is not None
            and act.decided_on is None
        ),
        None,
    )


def round_of(chain: ChainState) -> int:
    """The round an act belongs to now: after a return a new one begins."""
    return chain.round + (chain.returned_on is not None)


def _act(
    scene: Scene,
    document: str,
    round: int,
    kind: DocumentKind,
    verb: str,
    actor: str,
    on: date,
    result: Result = Result.PASSED,
    more: Values | None = None,
) -> Edit:
    values: dict[str, Cell] = {
        "document": document, "round": float(round), "verb": verb, "actor": actor, "submitted_on": None,
        "decided_on": on, "result": result.value,
    }  # fmt: skip
    return scene.add("approvals", values | dict(more or {}))
