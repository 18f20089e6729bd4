"""Batches (批次): the plan file of the next one, made from the one in force, and putting a plan file in force.

The workbook stays the same: its rows say which batch they belong to, and the plan says which one is worked on.
"""

from __future__ import annotations

import re
from pathlib import Path

from lib.i18n import T_
from lib.services.audit import PLAN_CHANGED, Audit
from lib.services.policy import Actor
from lib.services.scene import Decision
from lib.services.settings import Settings
from lib.services.setup import own_plan
from lib.store.files import fsync_folder, write_temp
from sheets_schema.plan_load import DEFAULT_PLAN, PLANS_DIR, PlanError, parse_plan

_DATED = re.compile(
    r"(?P<head>\b(?:start|due|end|not_before|window_start|window_end|first|last):\s*[\"']?)(?P<year>\d{4})"
)
_BATCH = re.compile(r"(?m)(?P<head>^\s*(?:-\s*)?batch:\s*)(?P<number>\d+)")
_ID = re.compile(r"(?m)^id:\s*(?P<id>[\w-]+)")
_SAMPLE_DAY = re.compile(r"(?m)^sample_as_of:.*\n")
_YEAR = re.compile(r"(?:19|20)\d{2}")


def plan_text(chosen: Settings) -> str:
    """The text of the plan file in force. Raises ``PlanError`` when it cannot be read."""
    beside = own_plan(chosen.workbook)
    path = Path(chosen.plan or (beside if beside.exists() else DEFAULT_PLAN))
    if not path.suffix and not path.exists():
        path = PLANS_DIR / f"{path}.yaml"
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(path.name, [("", 0, type(error).__name__)]) from error


def next_batch(text: str, years: int) -> str:
    """The plan file of the batch after that of ``text``: its number one higher, every date ``years`` later, all else
    and every comment as it was. Raises ``PlanError`` when what comes out is no plan."""
    plan = parse_plan(text)
    number = plan.batch + 1
    made = _DATED.sub(lambda m: f"{m['head']}{int(m['year']) + years}", text)
    made = _BATCH.sub(lambda m: f"{m['head']}{number}", made)
    name = re.sub(r"-batch\d+$", "", plan.id)
    made = _ID.sub(f"id: {name}-batch{number}", made, count=1)
    made = _SAMPLE_DAY.sub("", made)
    parse_plan(made)
    return made


def leftovers(text: str, made: str) -> tuple[tuple[int, str], ...]:
    """The lines of a plan file, by number, that name a year as they did before and not in a comment: what is written
    out in words nobody moves but a person."""
    pairs = zip(_SAMPLE_DAY.sub("", text).splitlines(), made.splitlines(), strict=False)
    same = [(number, now.strip()) for number, (was, now) in enumerate(pairs, 1) if was == now]
    return tuple((number, line) for number, line in same if _YEAR.search(line.partition("#")[0]))


def put_in_force(actor: Actor, chosen: Settings, text: str, audit: Audit | None = None) -> Decision:
    """Make a plan file the one in force, the former one kept beside it; the app has to open the workbook anew.

    Only who keeps accounts may: every rule, deadline and quota changes with it.
    """
    if not actor.keeps_accounts:
        return Decision(False, T_("只有管理员可以更换方案"), remedy=T_("请管理员办理"))
    if chosen.plan:
        return Decision(
            False, T_("方案由服务器设置 TUOGOU_PLAN 指定"), remedy=T_("改动该设置所指的文件，或取消该设置后再更换")
        )  # fmt: skip
    try:
        plan = parse_plan(text)
    except PlanError as error:
        return Decision(False, T_("{why}", why=str(error)), remedy=T_("改正方案文件后再试"))
    place, number = own_plan(chosen.workbook), 1
    if place.exists():
        while (kept := place.with_name(f"{place.stem}.old{number}{place.suffix}")).exists():
            number += 1
        _write(kept, place.read_bytes())
    _write(place, text.encode())
    if audit is not None:
        audit.note(PLAN_CHANGED, actor.user or actor.name, actor.address, plan=plan.id, batch=plan.batch)
    return Decision(True, T_("方案“{value}”已启用，现为第 {n} 批", value=plan.title, n=plan.batch))


def _write(place: Path, data: bytes) -> None:
    write_temp(place, data).replace(place)
    fsync_folder(place.parent)
