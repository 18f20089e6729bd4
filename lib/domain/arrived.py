"""Which of our own changes stand in a spreadsheet although nobody has noted that they were written (写入未记).

The server that wrote them died, was stopped, or never got the answer. Taken for somebody's edits they would be
conflicts with what we changed after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lib.domain.edits import Edit, Op, apply
from lib.domain.identify import Given, Values
from lib.domain.records import Grids, same


def caught_up(seen: Grids, found: Grids, pending: Iterable[Edit]) -> Grids:
    """What was last seen in a spreadsheet, with those of the pending edits that ``found`` shows to be in it.

    A person who typed just what an edit of ours was to write there is taken for it.
    """
    arrived = list(_arrived(seen, found, pending))
    return apply(seen, arrived, told=True) if arrived else seen


def nameless(found: Grids, pending: Iterable[Edit]) -> Iterator[Given]:
    """Records of ours that stand in a spreadsheet without their id, because somebody has deleted it meanwhile. Only
    a row that holds just what ours was to hold is taken for it: a row like it may be somebody's own."""
    for edit in pending:
        grid = found.get(edit.sheet)
        if edit.op is not Op.ADD or grid is None or edit.record in grid.rows:
            continue
        if any(_equal(grid.values(row), edit.values) for row in grid.loose):
            yield Given(edit.sheet, edit.record, "", edit.values)


def _equal(one: Values, other: Values) -> bool:
    return all(same(one.get(name), other.get(name)) for name in {*one, *other})


def _arrived(seen: Grids, found: Grids, pending: Iterable[Edit]) -> Iterator[Edit]:
    for edit in pending:
        before, now = seen.get(edit.sheet), found.get(edit.sheet)
        if before is None or now is None:
            continue
        there = now.record(edit.record)
        if edit.op is Op.SET:
            if there is not None and same(there.get(edit.column), edit.new):
                yield edit
        elif (there is not None) == (edit.op is Op.ADD):
            yield edit
