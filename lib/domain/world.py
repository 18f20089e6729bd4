"""What the row checks see: the plan, today, and the tables judged so far."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from lib.domain.blocks import Blocks
from lib.domain.cells import broken
from lib.domain.normalise import key, keys, to_text
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
    from lib.domain.replays import Replay

R = TypeVar("R", bound=Row)
V = TypeVar("V")
HINTED = 200
"""Names among which a near one is looked for: enough for units; among a city's associations it takes too long."""
OUT = ""
"""Index value of a record that exists but has no effect because of its own mistakes."""


@dataclass(frozen=True)
class Table(Generic[R]):
    """One sheet judged: the rows in force, how many there are in all (N), and the row numbers left out.

    ``records`` holds the row in force of each line below the header, None where there is none. What is looked up in
    a table lives as long as it does: a sheet nobody edited keeps its table, and its look-ups.
    """

    sheet: Sheet
    records: Blocks[R | None] = field(default_factory=Blocks)
    total: int = 0
    left_out: frozenset[int] = frozenset()
    extras: tuple[str, ...] = ()
    _made: dict[Callable[..., Any], Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def rows(self) -> tuple[R, ...]:
        """The rows in force, from the top."""
        return tuple(filter(None, self.records))

    def look_up(self, make: Callable[[tuple[R, ...]], V]) -> V:
        """What ``make`` finds in the rows, found once."""
        if make not in self._made:
            self._made[make] = make(self.rows)
        return cast("V", self._made[make])

    @cached_property
    def latest(self) -> date:
        """The latest day on which anything in the sheet happened; the first of days when nothing did."""
        facts = [map(attrgetter(name), self.rows) for name in self.sheet.fact_dates]
        return max(filter(None, chain.from_iterable(facts)), default=date.min)


class Chains(tuple["ChainState", ...]):
    """Every document's chain. What is looked up in them lives as long as they do."""

    @cached_property
    def _made(self) -> dict[tuple[object, ...], Any]:
        return {}

    def look_up(self, make: Callable[..., V], *about: object) -> V:
        """What ``make(chains, *about)`` finds, found once."""
        if (make, *about) not in self._made:
            self._made[make, *about] = make(self, *about)
        return cast("V", self._made[make, *about])


def by_name(rows: tuple[Unit, ...]) -> dict[str, Unit]:
    """Unit name → unit."""
    return {unit.name: unit for unit in rows}


def by_id(rows: tuple[R, ...]) -> dict[str, R]:
    """Record id → record."""
    return {row.id: row for row in rows}


def by_pilot(rows: tuple[Task, ...]) -> dict[tuple[int, str], list[Task]]:
    """(batch, association) → its checklist rows."""
    found: dict[tuple[int, str], list[Task]] = {}
    for pilot, run in groupby(rows, attrgetter("batch", "association")):
        found.setdefault(pilot, []).extend(run)
    return found


def supervised(rows: tuple[Association, ...]) -> dict[str, tuple[str, str]]:
    """Association id → its unit and its own name: what decides who may act for it."""
    return {row.id: (row.unit, row.name) for row in rows}


@dataclass
class World:
    """The plan, today's date, and the tables judged so far, by row model."""

    plan: Plan
    today: date
    tables: dict[type[Row], Table[Any]] = field(default_factory=dict)
    chains: Chains = field(default_factory=Chains)
    """Every document's chain with all that is recorded, whatever the as-of day; set once approvals are judged."""
    works: dict[str, PilotWork] = field(default_factory=dict)
    """Each pilot's checklist added up, kept from one judging to the next while its rows stay the same."""
    replays: dict[str, Replay] = field(default_factory=dict)
    """Each document's replay, kept likewise while nothing it rests on changes."""
    _who: dict[str, str] = field(default_factory=dict)

    def table(self, model: type[R]) -> Table[R]:
        """The judged table of a row model; empty when it has not been judged."""
        found = self.tables.get(model)
        return cast("Table[R]", Table(SHEET_OF[model]) if found is None else found)

    def settle(self, model: type[Row], table: Table[Any]) -> None:
        """Put a table in its place and forget what was made from the former one and others."""
        self.tables[model] = table
        if model is Unit or model is Association:
            self.__dict__.pop("_roles", None)
        if model is Unit:
            self.__dict__.pop("actors", None)
            self._who.clear()

    def rows(self, model: type[R]) -> tuple[R, ...]:
        """The rows in force of a row model."""
        return self.table(model).rows

    @property
    def units(self) -> dict[str, Unit]:
        """Unit name → unit."""
        return self.table(Unit).look_up(by_name)

    @property
    def associations(self) -> dict[str, Association]:
        """Association id → association."""
        return self.table(Association).look_up(by_id)

    @property
    def documents(self) -> dict[str, Document]:
        """Document id → document."""
        return self.table(Document).look_up(by_id)

    def tasks_of(self, association: str) -> list[Task]:
        """An association's checklist rows in force, of the plan's batch."""
        return self.table(Task).look_up(by_pilot).get((self.plan.batch, association), [])

    @property
    def signers(self) -> tuple[dict[str, str], dict[str, frozenset[str]], dict[str, tuple[str, str]]]:
        """All that decides who may act on a document, apart from the document and the act."""
        return self.actors, self._roles, self.table(Association).look_up(supervised)

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
        supervisors = {unit for unit, _name in self.table(Association).look_up(supervised).values()}
        for unit in supervisors:
            held.setdefault(unit, set()).add(self.plan.role(RoleKey.SUPERVISOR))
        return {name: frozenset(roles) for name, roles in held.items()}


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
        ids = [row.id for row in table.rows]
        found = dict(zip(keys(ids), ids, strict=True))
        names = [str(getattr(row, "name", None) or getattr(row, "title", None) or "") for row in table.rows]
        for row, name in zip(table.rows, keys(names), strict=True):
            if name in found and found[name] != row.id:
                twice.add(name)
            elif name:
                found[name] = row.id
        for name in twice:
            del found[name]
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
