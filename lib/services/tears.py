"""A partial sort (部分列排序) in the journal, and what it keeps from being written until somebody has decided on it.

The rearranged cells make an entry of their own: taking it back gives the values to their records again, and what was
typed in the same save stays. It comes before the rest of the save, which alone says that the save was merged: after a
crash between the two the rest is merged again, and finds the rearrangement told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from lib.domain.edits import Edit, unpack
from lib.domain.merge import Conflict, Merged
from lib.domain.normalise import to_text
from lib.domain.records import Grids, same
from lib.domain.torn import is_mended, tears
from lib.i18n import T_, Text
from lib.services.history import OUTSIDE, History, conflicts_data
from lib.store.base import CellPatch
from sheets_schema.sheet import Sheet
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY

Items = list[tuple[str, dict[str, Any]]]


def outside_items(merged: Merged, held: Grids, history: History, day: str, save: Mapping[str, Any]) -> Items:
    """What the journal is told of people's edits. ``held``: what the app had before; ``save``: what is known of the
    save as a whole."""
    who = {"actor": OUTSIDE, "action": OUTSIDE, "day": day}
    mended = [
        seq
        for seq in history.torn
        if _touches(merged, history, seq) and is_mended(history.of_entry(seq), merged.identified)
    ]
    back = {_place(edit): edit.old for seq in mended for edit in history.of_entry(seq)}
    conflicts = [
        one
        for one in merged.conflicts
        if _place(one) not in back or not same(back[_place(one)], cast(Cell, one.theirs))
    ]
    items: Items = []
    taken: set[tuple[str, str, str]] = set()
    for tear in tears(merged, held, _disputed(history)):
        places = {_place(edit) for edit in tear.edits}
        if places <= back.keys():
            continue
        taken |= places
        told = {**save, "digest": "", "save": save["digest"], "given": [], "torn": {tear.sheet: list(tear.columns)}}
        mine = conflicts_data(one for one in conflicts if _place(one) in places)
        items.append(("outside", {**who, **told, "edits": _json(tear.edits), "conflicts": mine}))
    rest = [edit for edit in merged.outside if _place(edit) not in taken]
    others = [one for one in conflicts if _place(one) not in taken]
    if rest or others or save["digest"] or save.get("given"):
        items.append(("outside", {**who, **save, "edits": _json(rest), "conflicts": conflicts_data(others)}))
    return [*items, *(("mended", {"undoes": seq}) for seq in mended)]


def _disputed(history: History) -> list[tuple[str, str, str]]:
    """What stood in cells that wait for a choice: such a value may turn up at another record."""
    return [(one.sheet, one.column, to_text(unpack(one.base))) for one in history.conflicts.values() if one.column]


def _touches(merged: Merged, history: History, seq: int) -> bool:
    return any(edit.sheet == history.torn[seq].sheet for edit in merged.outside)


def _place(one: Edit | Conflict) -> tuple[str, str, str]:
    return one.sheet, one.record, one.column


def _json(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    return [edit.as_json() for edit in edits]


def writable(cells: Sequence[CellPatch], held: Grids, history: History) -> list[CellPatch]:
    """Without the cells of frozen sheets."""
    titles = {held[key].raw.title for key in history.frozen if key in held}
    return [patch for patch in cells if patch.sheet not in titles]


def labels(columns: Iterable[str], sheet: Sheet) -> str:
    """The headers of columns, for people."""
    return "、".join(map(sheet.header_of, columns))


def question(history: History) -> Text | None:
    """What has to be decided before everything can be written."""
    sheets = "、".join(BY_KEY[key].label for key in sorted(history.frozen))
    return T_("“{sheets}”有几列被重新排列，先到“变更与冲突”页决定，这张表才继续写入", sheets=sheets) if sheets else None


def refusal(history: History, edits: Iterable[Edit], held: Grids, closes: object) -> tuple[Text, Text] | None:
    """Why edits can't be made while their sheet is frozen, and what to do; None where they can. ``closes``: the entry
    that they take back."""
    if closes in history.torn:
        return None
    touched = {edit.sheet for edit in edits}
    torn = next((one for one in history.torn.values() if one.sheet in touched), None)
    if torn is None:
        return None
    sheet = held.called[torn.sheet]
    label, columns = sheet.label, labels(torn.columns, sheet)
    why = T_(
        "“{sheet_label}”的“{columns}”列被重新排列，分不清哪个值属于哪条记录，这张表暂时不能改动",
        sheet_label=label, columns=columns,
    )  # fmt: skip
    return why, T_("请办公室先到“变更与冲突”页决定：放回原来的对应关系，或者就是要这样改")
