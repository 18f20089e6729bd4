"""What the row checks see: the plan, today, and the tables judged so far."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from lib.domain.cells import broken
from lib.domain.normalise import key, to_text
from lib.domain.parse import Resolver
from lib.i18n import T_
from sheets_schema.associations import Association
from sheets_schema.coordination import Event
from sheets_schema.documents import Document
from sheets_schema.plan import Plan, RoleKey
from sheets_schema.reports import Policy
from sheets_schema.sheet import SHEET_OF, Row, Sheet
from sheets_schema.snapshot import Cell
from sheets_schema.tasks import Task
from sheets_schema.units import Unit

if TYPE_CHECKING:
    from lib.domain.chains import ChainState
    from lib.domain.pilots import PilotWork

R = TypeVar("R", bound=Row)
HINTED = 200
"""Names among which a near one is looked for: enough for units; among a city's associations it takes too long."""
OUT = ""
"""Index value of a record that exists but has no effect because of its own mistakes."""


@dataclass(frozen=True)
class Table(Generic[R]):
    """One sheet judged: the rows in force, how many there are in all (N), and the row numbers left out."""

    sheet: Sheet
    rows: tuple[R, ...] = ()
    total: int = 0
    left_out: frozenset[int] = frozenset()
    extras: tuple[str, ...] = ()

    @cached_property
    def latest(self) -> date:
        """The latest day on which anything in the sheet happened; the first of days when nothing did."""
        facts = [map(attrgetter(name), self.rows) for name in self.sheet.fact_dates]
        return max((day for column in facts for day in column if day), default=date.min)


@dataclass
class World:
    """The plan, today's date, and the tables judged so far, by row model."""

    plan: Plan
    today: date
    tables: dict[type[Row], Table[Any]] = field(default_factory=dict)
    chains: tuple[ChainState, ...] = ()
    """Every document's chain with all that is recorded, whatever the as-of day; set once approvals are judged."""
    works: dict[str, PilotWork] = field(default_factory=dict)
    """Each pilot's checklist added up, kept from one judging to the next while its rows stay the same."""
    _who: dict[str, str] = field(default_factory=dict)

    def table(self, model: type[R]) -> Table[R]:
        """The judged table of a row model; empty when it has not been judged."""
        return cast("Table[R]", self.tables.get(model, Table(SHEET_OF[model])))

    def settle(self, model: type[Row], table: Table[Any]) -> None:
        """Put a table in its place and forget what was looked up in the former one."""
        self.tables[model] = table
        for name in _LOOKUPS.get(model, ()):
            self.__dict__.pop(name, None)
        if model is Unit:
            self._who.clear()

    def rows(self, model: type[R]) -> tuple[R, ...]:
        """The rows in force of a row model."""
        return self.table(model).rows

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Unit name → unit."""
        return {unit.name: unit for unit in self.rows(Unit)}

    @cached_property
    def associations(self) -> dict[str, Association]:
        """Association id → association."""
        return {association.id: association for association in self.rows(Association)}

    @cached_property
    def tasks_of(self) -> dict[str, list[Task]]:
        """Association id → its checklist rows in force, of the plan's batch."""
        found: dict[str, list[Task]] = {}
        batch = self.plan.batch
        for task in self.rows(Task):
            if task.batch != batch:
                continue
            if task.association in found:
                found[task.association].append(task)
            else:
                found[task.association] = [task]
        return found

    @cached_property
    def documents(self) -> dict[str, Document]:
        """Document id → document."""
        return {document.id: document for document in self.rows(Document)}

    @cached_property
    def actors(self) -> dict[str, str]:
        """Spelling of a unit or body → its one name."""
        named = [(body.name, body.aliases) for body in self.plan.bodies]
        names = {key(spelling): name for name, aliases in named for spelling in (name, *aliases)}
        return names | unit_spellings(self.plan, self.rows(Unit))

    def unit_of(self, row: Row) -> str:
        """The unit that answers for a row; empty when it names none."""
        if isinstance(row, Unit):
            return row.name
        own = row.owner if isinstance(row, Policy) else getattr(row, "unit", None)
        document = self.documents.get(getattr(row, "document", ""))
        pilot = getattr(row, "association", None) or (document.association if document else None)
        association = self.associations.get(pilot or "")
        found = own or (document.unit if document else None) or (association.unit if association else None)
        return found if found in self.units else ""

    def who(self, text: str) -> str:
        """The one name of a unit or body, whatever its spelling; of anything else the comparison key."""
        found = self._who.get(text)
        if found is None:
            found = self._who[text] = self.actors.get(key(text), key(text))
        return found

    def roles_of(self, unit: str) -> frozenset[str]:
        """Local names of the roles a unit holds, by the sheet or by the plan."""
        return self._roles.get(unit, frozenset())

    @cached_property
    def _roles(self) -> dict[str, frozenset[str]]:
        planned = {self.actors.get(key(u.name), u.name): {self.plan.role(r) for r in u.roles} for u in self.plan.units}
        held = {name: set(unit.roles) | planned.get(name, set()) for name, unit in self.units.items()}
        for association in self.rows(Association):
            held.setdefault(association.unit, set()).add(self.plan.role(RoleKey.SUPERVISOR))
        return {name: frozenset(roles) for name, roles in held.items()}


_LOOKUPS: dict[type[Row], tuple[str, ...]] = {
    Unit: ("units", "actors", "_roles"),
    Association: ("associations", "_roles"),
    Document: ("documents",),
    Task: ("tasks_of",),
}
"""Row model → the look-ups of ``World`` made from its table."""


def unit_spellings(plan: Plan, units: tuple[Unit, ...]) -> dict[str, str]:
    """Every spelling of a unit (name, aliases of sheet and plan, id, confirmed name) → the sheet's name for it."""
    found: dict[str, str] = {}
    planned = {key(name): unit for unit in plan.units for name in (unit.name, *unit.aliases)}
    for unit in units:
        twin = planned.get(key(unit.name))
        spellings = [unit.name, unit.id, unit.confirmed_name or unit.name, *unit.aliases]
        spellings += [twin.name, *twin.aliases] if twin else []
        for spelling in spellings:
            found.setdefault(key(spelling), unit.name)
    return found


def index(table: Table[Any], world: World, all_rows: Iterator[Row]) -> dict[str, str]:
    """Spelling → record key for a sheet others refer to; rows left out map to ``OUT``."""
    model = table.sheet.model
    found: dict[str, str] = {}
    if model is Unit:
        found = unit_spellings(world.plan, table.rows)
    elif model in (Association, Document, Event):
        twice: set[str] = set()
        for row in table.rows:
            found[key(row.id)] = row.id
        for row in table.rows:
            name = key(str(getattr(row, "name", None) or getattr(row, "title", None) or ""))
            if name in found and found[name] != row.id:
                twice.add(name)
            elif name:
                found[name] = row.id
        found = {spelling: target for spelling, target in found.items() if spelling not in twice}
    for row in all_rows:
        if row.row in table.left_out:
            for spelling in (row.id, str(getattr(row, "name", None) or getattr(row, "title", None) or "")):
                if spelling:
                    found.setdefault(key(spelling), OUT)
    return found


def resolver(spellings: Mapping[str, str], sheet: Sheet) -> Resolver:
    """A parser for cells that refer to ``sheet``. It raises X02 (unknown) or X03 (left out itself)."""

    def resolve(cell: Cell) -> str:
        target = spellings.get(key(cell))
        if target:
            return target
        if target == OUT:
            raise broken("X03", value=to_text(cell)[:60], sheet_label=sheet.label)
        near = difflib.get_close_matches(key(cell), spellings, n=1, cutoff=0.6) if len(spellings) <= HINTED else []
        hint = T_("（是不是“{near}”？）", near=near[0]) if near else ""
        raise broken("X02", value=to_text(cell)[:60], sheet_label=sheet.label, hint=hint)

    return resolve
