"""What an act would change (拟改动), cell by cell, as words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lib.domain.edits import Edit, Op
from lib.domain.normalise import to_text
from lib.domain.world import World, by_id
from lib.i18n import _
from sheets_schema.workbook import BY_KEY, sheets_of


@dataclass(frozen=True, slots=True)
class Line:
    """One cell that would change: where, what the record is called, the value now and then."""

    sheet: str
    record: str
    name: str
    column: str
    old: str
    new: str


def changes_of(edits: Iterable[Edit], world: World) -> tuple[Line, ...]:
    """The cells that edits would change; a record added shows all it holds."""
    return tuple(line for edit in edits for line in _lines(edit, world))


def _lines(edit: Edit, world: World) -> Iterator[Line]:
    sheet = sheets_of(world.plan)[edit.sheet]
    record = _("（新）") if edit.op is Op.ADD else edit.record
    if edit.op is Op.SET:
        cells = {edit.column: (to_text(edit.old), to_text(edit.new))}
    else:
        texts = {name: to_text(cell) for name, cell in edit.values.items()}
        cells = {name: ("", text) if edit.op is Op.ADD else (text, "") for name, text in texts.items()}
    for name, (old, new) in cells.items():
        yield Line(_(sheet.label), record, name_of(edit, world), _(sheet.header_of(name)), old, new)


def name_of(edit: Edit, world: World) -> str:
    """What people call the record an edit is about: the association or unit it names, its title, or its own name."""
    row = world.table(BY_KEY[edit.sheet].model).look_up(by_id).get(edit.record)
    held = dict(edit.values)
    told = [getattr(row, field, None) or held.get(field) for field in ("association", "name", "title", "unit", "owner")]
    first = next((str(value) for value in told if value), "")
    known = world.associations.get(first)
    return known.name if known else first
