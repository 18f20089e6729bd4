"""Documents and the steps of their chains as commands (起草、报送、办理): one act, whole or not at all (四)."""

from __future__ import annotations

from lib.domain.edits import Edit
from lib.i18n import T_
from lib.services.scene import Refused, Scene, Values
from lib.services.work import Make, chain_of, pending_act, round_of
from sheets_schema.documents import Result
from sheets_schema.sheet import YesNo
from sheets_schema.snapshot import Cell

_SUBJECT = ("unit", "association", "period", "area", "title")


def begin_document(kind: str, **about: str) -> Make:
    """Begin a document (起草文件): of a pilot (``association``), a period, or the city. A second one is refused."""

    def make(scene: Scene) -> list[Edit]:
        values: dict[str, Cell] = {"kind": kind, "batch": float(scene.judged.plan.batch), **about}
        return [scene.add("documents", values, derived=("batch",))]

    return make


def start_document(
    kind: str, actor: Cell, on: Cell, *, on_behalf: bool = False, parts: str | None = None, **subject: Cell
) -> Make:
    """Begin a document (起草): it is added and its drafting step is recorded, in one act. ``subject``: what it is
    about, as fields of the sheet; there is one document for each (X13)."""

    def make(scene: Scene) -> list[Edit]:
        plan = scene.judged.plan
        declared = plan.kinds.get(kind)
        if declared is None or declared.tracked_in != "documents":
            raise Refused(T_("方案没有这种文件"))
        values: dict[str, Cell] = {"kind": kind, "batch": float(plan.batch), "parts": parts}
        values |= {name: subject.get(name) for name in _SUBJECT}
        document = scene.add("documents", values, derived=("batch",))
        act: dict[str, Cell] = {
            "document": document.record, "round": 1.0, "verb": declared.steps[0].verb, "actor": actor,
            "on_behalf": YesNo.YES.value if on_behalf else None, "decided_on": on, "result": Result.PASSED.value,
        }  # fmt: skip
        return [document, scene.add("approvals", act)]

    return make


def take_step(document: str, values: Values, verb: str | None = None) -> Make:
    """Record what became of a step, by default the next one: submitted (报送) and waiting, passed (通过) or sent back
    (退回). What was submitted before is filled in where it stands. ``values``: columns of the sheet of approvals."""

    def make(scene: Scene) -> list[Edit]:
        chain = chain_of(scene, document)
        step = chain.next_step
        if verb is None and step is None:
            raise Refused(T_("这件文件的各个环节都已办结"), T_("需要重新办理的，先退回"), clause=chain.kind.clause)
        if values.get("result") == Result.RETURNED.value and not values.get("opinion"):
            raise Refused(T_("退回没有写明意见"), T_("在“意见”写明退回的理由"), clause=chain.kind.clause)
        name = verb or (step.verb if step else "")
        waiting = pending_act(scene, chain, name, str(values.get("actor") or ""), values.get("item"))
        if waiting is not None:
            # The office's mark and a day that is on record stay where the form says nothing of them.
            return scene.set("approvals", waiting.id, {k: cell for k, cell in values.items() if cell is not None})
        where: dict[str, Cell] = {"document": document, "round": float(round_of(chain)), "verb": name}
        return [scene.add("approvals", {**values, **where})]

    return make
