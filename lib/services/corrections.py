"""Corrections (更正): undo, revert an outside edit, choose a side of a conflict, restore from a backup.

They are commands like the others: allowed by policy, refused by rules, in the journal, and can be undone themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from lib.domain.edits import Edit, Op, unpack
from lib.domain.records import Grid, Grids, same
from lib.i18n import N_, T_
from lib.services.commands import Commands
from lib.services.history import OUTSIDE, Change, OpenConflict
from lib.services.policy import Actor
from lib.services.scene import Decision, Refused, Scene
from lib.services.whose import Whose, edits_of
from lib.store.base import StoreError
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import PEOPLE

UNDO, REVERT, ADOPT, RESOLVE, RESTORE = N_("撤销"), N_("还原"), N_("认可"), N_("处理冲突"), N_("恢复")
OURS, THEIRS = "ours", "theirs"
"""The sides of a conflict: what the app held, and what was saved in the workbook."""
_GONE = T_("其后又有改动，不能直接撤销")
_LOOK = T_("在“变更与冲突”核对之后，再改为所要的内容")


def undo_last(commands: Commands, actor: Actor) -> Decision:
    """Take back the actor's own last command that still stands."""
    history = commands.keeper.history
    me = (actor.name, actor.user)
    own = next((c for c in reversed(history.changes) if (c.actor, c.user) == me and c.seq not in history.undone), None)
    if own is None:
        return Decision(False, T_("没有可以撤销的操作"))
    return undo(commands, actor, own.seq)


def undo(commands: Commands, actor: Actor, entry: int) -> Decision:
    """Take back one entry of the journal, a command or an edit made outside (撤销、还原)."""
    changes = [change for change in commands.keeper.history.changes if change.seq == entry]

    def make(scene: Scene) -> list[Edit]:
        if not changes or entry in commands.keeper.history.undone:
            raise Refused(T_("这一改动已经撤销"))
        _refuse_others(commands, actor, scene, (change.edit for change in changes))
        return list(_inverses(changes, scene.grids))

    action = REVERT if changes and changes[0].actor == OUTSIDE else UNDO
    return commands.act(actor, action, make, undoes=entry)


def revert(commands: Commands, actor: Actor, entry: int, record: str, column: str) -> Decision:
    """Take back one cell (or one record) of an entry, leaving the rest."""
    found = [
        change
        for change in commands.keeper.history.changes
        if change.seq == entry and change.edit.record == record and change.edit.column == column
    ]

    def make(scene: Scene) -> list[Edit]:
        _refuse_others(commands, actor, scene, (change.edit for change in found))
        return list(_inverses(found, scene.grids))

    return commands.act(actor, REVERT, make)


def adopt(commands: Commands, actor: Actor, entry: int) -> Decision:
    """Confirm an edit made outside (认可): it stays, and is no longer listed as new."""
    edits = [change.edit for change in commands.keeper.history.changes if change.seq == entry]

    def make(scene: Scene) -> list[Edit]:
        if not edits:
            raise Refused(T_("没有这一改动"))
        _refuse_others(commands, actor, scene, edits)
        return []

    return commands.act(actor, ADOPT, make, adopts=entry)


def put_back(commands: Commands, actor: Actor, entry: int) -> Decision:
    """Give the values of a partial sort back to their records (放回原来的对应关系). What was changed once more since
    stays as it is, and so does what else was typed in that save."""
    history = commands.keeper.history
    edits = history.of_entry(entry)
    cells = {(edit.sheet, edit.record, edit.column) for edit in edits}
    settled = [
        name for name, one in history.conflicts.items() if one.column and (one.sheet, one.record, one.column) in cells
    ]

    def make(scene: Scene) -> list[Edit]:
        torn = history.torn.get(entry)
        if torn is None:
            raise Refused(T_("这次重新排列已经处理"))
        if any(seq > entry and later.sheet == torn.sheet for seq, later in history.torn.items()):
            raise Refused(T_("这张表后来又有一次重新排列"), T_("先处理较近的一次"))
        _refuse_others(commands, actor, scene, edits)
        return [edit.inverse for edit in edits if _stands(edit, scene.grids)]

    told = {"resolves": settled} if settled else {}
    return commands.act(actor, REVERT, make, rescue=True, undoes=entry, **told)


def _stands(edit: Edit, grids: Grids) -> bool:
    """Whether a cell is as an edit left it."""
    grid = grids.get(edit.sheet)
    there = grid.record(edit.record) if grid is not None and edit.column in grid.columns else None
    return there is not None and same(there.get(edit.column), edit.new)


def resolve(commands: Commands, actor: Actor, conflict: str, side: str) -> Decision:
    """Choose a side of a conflict; what stands in the workbook is theirs already."""
    found = commands.keeper.history.conflicts.get(conflict)
    if found is None:
        return Decision(False, T_("这处冲突已经处理"))

    def make(scene: Scene) -> list[Edit]:
        if commands.keeper.history.conflicts.get(conflict) is None:
            raise Refused(T_("这处冲突已经处理"))
        _refuse_others(commands, actor, scene, edits_of(found))
        return [] if side == THEIRS else _ours(found, scene)

    return commands.act(actor, RESOLVE, make, resolves=conflict)


def _refuse_others(commands: Commands, actor: Actor, scene: Scene, edits: Iterable[Edit]) -> None:
    """Raises ``Refused`` unless all that was done is the actor's own to judge: leaving it as it is makes no edit."""
    reason = Whose(scene.judged, commands.keeper.history).refusal(actor, edits)
    if reason is not None:
        raise Refused(reason, T_("请办公室办理，或改用有权限的账号"))


def _ours(conflict: OpenConflict, scene: Scene) -> list[Edit]:
    """The edits that bring back what the app held."""
    grid = scene.grids.get(conflict.sheet)
    there = grid.record(conflict.record) if grid is not None else None
    if conflict.column:
        return scene.set(conflict.sheet, conflict.record, {conflict.column: unpack(conflict.ours)})
    if conflict.ours is None:
        return [Edit(Op.REMOVE, conflict.sheet, conflict.record, values=there)] if there is not None else []
    values = {name: unpack(cell) for name, cell in conflict.ours.items()}
    if there is None:
        return [Edit(Op.ADD, conflict.sheet, conflict.record, values=values)]
    return scene.set(conflict.sheet, conflict.record, values)


def _inverses(changes: Sequence[Change], grids: Grids) -> Iterator[Edit]:
    """The edits that take changes back. Raises ``Refused`` when something was changed since."""
    for change in reversed(changes):
        edit = change.edit
        grid = grids.get(edit.sheet)
        now = grid.record(edit.record) if grid is not None else None
        if edit.op is Op.SET:
            if now is None or not same(now.get(edit.column), edit.new):
                raise Refused(_GONE, _LOOK)
        elif edit.op is Op.ADD:
            if now is None or not _same_record(now, edit.values):
                raise Refused(_GONE, _LOOK)
        elif now is not None:
            raise Refused(_GONE, _LOOK)
        yield edit.inverse


def _same_record(one: Mapping[str, Cell], other: Mapping[str, Cell]) -> bool:
    return all(same(one.get(name), other.get(name)) for name in {*one, *other})


def restore(
    commands: Commands, actor: Actor, moment: datetime, sheet: str | None = None, record: str | None = None
) -> Decision:
    """Bring back a record, a sheet or everything as it was in the backup of a moment (恢复)."""
    return commands.act(actor, RESTORE, restoring(commands, moment, sheet, record), rescue=True)


def restoring(
    commands: Commands, moment: datetime, sheet: str | None = None, record: str | None = None
) -> Callable[[Scene], list[Edit]]:
    """What brings it back, to be looked at before it is done."""
    sheets = [sheet] if sheet else [declared.key for declared in PEOPLE]

    def make(scene: Scene) -> list[Edit]:
        path = commands.keeper.backups.at(moment)
        if path is None:
            raise Refused(T_("没有那么早的备份"), T_("选择更晚的时间"))
        try:
            former = Grids(commands.keeper.store.read_copy(path), headings=scene.grids.headings)
        except StoreError as error:
            raise Refused(T_("{why}", why=str(error)), T_("选择另一个时间")) from error
        pairs = ((former[key], scene.grids[key]) for key in sheets if key in former and key in scene.grids)
        return [edit for was, now in pairs for edit in differences(now, was, [record] if record else None)]

    return make


def differences(now: Grid, was: Grid, records: Iterable[str] | None = None) -> Iterator[Edit]:
    """The edits that bring a sheet, or some of its records, from ``now`` to ``was``."""
    key = now.sheet.key
    for record in records if records is not None else dict.fromkeys((*was.rows, *now.rows)):
        there, wanted = now.record(record), was.record(record)
        if there is None and wanted is not None:
            yield Edit(Op.ADD, key, record, values=wanted)
        elif there is not None and wanted is None:
            yield Edit(Op.REMOVE, key, record, values=there)
        elif there is not None and wanted is not None:
            for name in dict.fromkeys((*there, *wanted)):
                if not same(there.get(name), wanted.get(name)):
                    yield Edit(Op.SET, key, record, name, there.get(name), wanted.get(name))
