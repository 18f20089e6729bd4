"""Policy (权限): one table that says who may see and do what; pages, commands, exports and routes ask here.

``TABLE`` is read from the top and the first line that fits decides, so the refusals stand before what they limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lib.domain.edits import Edit, Op
from lib.i18n import N_, T_, Text
from sheets_schema.sheet import EDITOR_WORDS, Column, Editor
from sheets_schema.workbook import APP, BY_KEY


class Role(StrEnum):
    """Who somebody is (角色)."""

    ADMIN = "admin"
    OFFICE = "office"
    UNIT = "unit"
    VIEWER = "viewer"
    LEADER = "leader"


ROLE_WORDS = {
    Role.ADMIN: N_("管理员"),
    Role.OFFICE: N_("办公室"),
    Role.UNIT: N_("单位"),
    Role.VIEWER: N_("只读"),
    Role.LEADER: N_("领导链接"),
}
ACCOUNT_ROLES = (Role.ADMIN, Role.OFFICE, Role.UNIT, Role.VIEWER)
"""Roles an account may have; a leader has a link instead."""
CENTRE = frozenset({Role.ADMIN, Role.OFFICE})
"""Those who run the plan."""
INSIDE = frozenset(ACCOUNT_ROLES)
EVERYBODY = frozenset(Role)

PAGES: dict[str, frozenset[Role]] = {
    "overview": INSIDE,
    "phases": INSIDE,
    "todo": INSIDE,
    "registry": INSIDE,
    "nominations": INSIDE,
    "approvals": INSIDE,
    "implementation": INSIDE,
    "execution": INSIDE,
    "reports": INSIDE,
    "evaluation": INSIDE,
    "policies": INSIDE,
    "extensions": INSIDE,
    "mechanism": INSIDE,
    "problems": INSIDE,
    "scorecard": INSIDE,
    "health": INSIDE,
    "changes": INSIDE,
    "rules": INSIDE,
    "brief": EVERYBODY,
    "documents": INSIDE,
    "reminders": CENTRE | {Role.UNIT},
    "admin": CENTRE,
    "rollup": frozenset({Role.ADMIN, Role.OFFICE, Role.VIEWER}),
}
"""Page → who may open it. 汇总 tells of other places' units by name: it is not for a unit of one place, nor for whoever
has a link to a card of one place."""
DELIVERABLES: dict[str, frozenset[Role]] = {
    "brief": EVERYBODY,
    "quarterly": CENTRE,
    "notice": CENTRE,
    "bulletin": CENTRE,
    "implementation": CENTRE | {Role.UNIT},
    "evaluation": CENTRE,
    "reminder": CENTRE | {Role.UNIT},
    "template": CENTRE,
    "calendar": INSIDE,
    "register": INSIDE,
    "table": INSIDE,
    "records": INSIDE,
    "chart": INSIDE,
    "national": PAGES["rollup"],
}
"""What leaves the app (``lib.documents.catalogue``) → who may take it. It tells no more than its taker may see."""

SUBSCRIBERS = CENTRE | {Role.UNIT}
"""Who may make addresses that other programs read: for all units, a unit's account for its own."""
DATA = INSIDE
"""Who may read the figures as data."""


class Act(StrEnum):
    """What somebody does with a cell or a record (动作)."""

    SEE = "see"
    ADD = "add"
    EDIT = "edit"
    REMOVE = "remove"


ACT_OF = {Op.ADD: Act.ADD, Op.SET: Act.EDIT, Op.REMOVE: Act.REMOVE}
WRITES = frozenset({Act.ADD, Act.EDIT, Act.REMOVE})


@dataclass(frozen=True, slots=True)
class Case:
    """One question to the table: a role's act on a cell, whether the record is one's own, and whether it is settled:
    submitted, approved, granted or closed, so that what was decided on does not change afterwards."""

    role: Role
    act: Act
    sheet: str
    column: Column | None = None
    own: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table; what is left out fits everything. ``reason`` None allows."""

    reason: str | None
    roles: frozenset[Role] = EVERYBODY
    acts: frozenset[Act] = frozenset(Act)
    app_sheet: bool | None = None
    editor: Editor | None = None
    personal: bool | None = None
    own: bool | None = None
    settled: bool | None = None

    def fits(self, case: Case) -> bool:
        """Whether the line speaks of a case."""
        column = case.column
        return (
            case.role in self.roles
            and case.act in self.acts
            and self.app_sheet in (None, case.sheet in _APP_SHEETS)
            and (self.editor is None or (column is not None and column.editor is self.editor))
            and self.personal in (None, column is not None and column.personal)
            and self.own in (None, case.own)
            and self.settled in (None, case.settled)
        )


_APP_SHEETS = frozenset(sheet.key for sheet in APP)
_SEE = frozenset({Act.SEE})
_UNIT, _READERS = frozenset({Role.UNIT}), frozenset({Role.VIEWER, Role.LEADER})
READ_ONLY = N_("只读身份不能改动数据")

TABLE: tuple[Line, ...] = (
    Line(N_("个人联系方式只给办公室和本单位看"), _READERS, _SEE, personal=True),
    Line(N_("这条记录属于“{unit}”，只能看本单位的记录"), _UNIT, _SEE, own=False),
    Line(None, acts=_SEE),
    Line(READ_ONLY, _READERS),
    Line(N_("“{sheet_label}”由应用自动填写，不能改动"), app_sheet=True),
    Line(N_("“{label}”由{editor}填写"), acts=frozenset({Act.ADD, Act.EDIT}), editor=Editor.APP),
    Line(None, CENTRE),
    Line(N_("这条记录属于“{unit}”，只能改动本单位的记录"), _UNIT, own=False),
    Line(N_("这条记录已报送或办结，本单位不能再改"), _UNIT, settled=True),
    Line(N_("“{label}”由{editor}填写"), _UNIT, WRITES, editor=Editor.OFFICE),
    Line(None, _UNIT),
)


def refusal(case: Case, unit: str = "") -> Text | None:
    """Why a case is not allowed; None when it is. ``unit``: whose record it is, for the words."""
    line = next(line for line in TABLE if line.fits(case))
    if line.reason is None:
        return None
    column = case.column
    return T_(
        line.reason,
        unit=unit or "—",
        sheet_label=BY_KEY[case.sheet].label,
        label=column.label if column else "",
        editor=EDITOR_WORDS[column.editor] if column else "",
    )


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may see (可见范围): the records of which units, None for all of them; and whether columns with
    personal data (phones). Figures of the whole city are everybody's."""

    units: frozenset[str] | None = None
    personal: bool = True

    def shows(self, *units: str | None) -> bool:
        """Whether a record may be seen for which ``units`` answer."""
        return self.units is None or any(unit in self.units for unit in units)


EVERYTHING = Sight()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a name, a role, the units somebody of a unit acts for, the account, and the address asked from."""

    name: str
    role: str
    units: tuple[str, ...] = ()
    user: str = ""
    address: str = ""

    def may_see(self, page: str) -> bool:
        """Whether the actor may open a page."""
        return self.role in PAGES.get(page, ())

    def may_take(self, key: str) -> bool:
        """Whether the actor may take a file away."""
        return self.role in DELIVERABLES.get(key, ())

    @property
    def may_subscribe(self) -> bool:
        """Whether the actor may make a subscription."""
        return self.role in SUBSCRIBERS

    @property
    def may_read_data(self) -> bool:
        """Whether the actor may read the figures as data."""
        return self.role in DATA

    def feed_sight(self, units: Iterable[str]) -> Sight | None:
        """What a subscription of the actor's for ``units`` (none: for all) shows now, never personal columns; None when
        nothing: he may not have one, or has lost every unit it was made for."""
        wanted, own = frozenset(units), self.sight.units
        if not self.may_subscribe:
            return None
        if own is None:
            return Sight(wanted or None, personal=False)
        return Sight(wanted & own, personal=False) if wanted & own else None

    @property
    def home(self) -> str:
        """The page the actor comes to first."""
        return "brief" if self.role == Role.LEADER else "overview"

    @property
    def sight(self) -> Sight:
        """What the actor may see, as the table says."""
        everywhere = refusal(Case(Role(self.role), Act.SEE, "units")) is None
        personal = refusal(Case(Role(self.role), Act.SEE, "units", _PERSONAL, own=True)) is None
        return Sight(None if everywhere else frozenset(self.units), personal)

    @property
    def may_write(self) -> bool:
        """Whether the actor may change anything at all."""
        return self.role in (*CENTRE, Role.UNIT)

    @property
    def may_remind(self) -> bool:
        """Whether the actor may send reminders to units."""
        return self.is_centre

    @property
    def keeps_accounts(self) -> bool:
        """Whether the actor keeps accounts and reads the audit."""
        return self.role == Role.ADMIN

    @property
    def is_centre(self) -> bool:
        """Whether the actor runs the plan: the office, or an administrator."""
        return self.role in CENTRE

    def refusal(self, edit: Edit, owners: Iterable[str], *, settled: bool = False) -> Text | None:
        """Why the actor may not make an edit of a record for which ``owners`` answer; None when it is allowed.

        What the app fills in by itself when a record is added, or as part of an act, is nobody's typing. Whoever may
        not fill in a cell may not remove the record that holds it either.
        """
        sheet, names = BY_KEY[edit.sheet], [edit.column] if edit.op is Op.SET else list(edit.values)
        typed = [name for name in names if name not in edit.derived and not _is_default(edit, name)]
        columns: list[Column | None] = [sheet.by_name[name] for name in typed if name in sheet.by_name]
        answering = frozenset(owners)
        own, whose = bool(answering & frozenset(self.units)), next(iter(sorted(answering)), "")
        for column in columns or [None]:
            why = refusal(Case(Role(self.role), ACT_OF[edit.op], edit.sheet, column, own, settled), whose)
            if why is not None:
                return why
        return None


def _is_default(edit: Edit, name: str) -> bool:
    return edit.op is not Op.SET and edit.values[name] == BY_KEY[edit.sheet].defaults.get(name)


_PERSONAL = Column("", personal=True)
VIEWER = Actor("", Role.VIEWER)
OPERATOR = Actor(N_("命令行"), Role.ADMIN)
"""Who acts when nobody is signed in: somebody with a shell on the server."""
