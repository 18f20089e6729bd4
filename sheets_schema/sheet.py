"""How a sheet (工作表) is declared: a class whose fields are ``column(...)``; its rows are named tuples.

A tuple cannot be changed, compares fast, and is made whole: a city's 47,000 rows cost a fifth of what setting
their fields one by one does.

Workbook, parsing, validation, tables and documentation are generated from the declaration, so adding a column
is adding one line. ``registry`` in ``sheets_schema.workbook`` lists all sheets in the order they are judged.
"""

from __future__ import annotations

import dataclasses
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from lib.i18n import N_

SEPARATOR = "、"
"""Between the entries of a multi-valued cell."""


class Kind(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    LONG = "long"
    CODE = "code"
    CREDIT_CODE = "credit_code"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    DATE = "date"
    INT = "int"
    CHOICE = "choice"
    MULTI = "multi"


class Editor(StrEnum):
    """Who may edit a column (可编辑者)."""

    APP = "app"
    OFFICE = "office"
    UNIT = "unit"


EDITOR_WORDS = {Editor.APP: N_("应用自动填写"), Editor.OFFICE: N_("办公室"), Editor.UNIT: N_("各单位")}
KIND_WORDS = {
    Kind.TEXT: N_("文字"),
    Kind.LONG: N_("长文字"),
    Kind.CODE: N_("编码（按文本）"),
    Kind.CREDIT_CODE: N_("统一社会信用代码（按文本）"),
    Kind.PHONE: N_("电话（按文本）"),
    Kind.EMAIL: N_("电子邮箱"),
    Kind.URL: N_("网址"),
    Kind.DATE: N_("日期"),
    Kind.INT: N_("整数"),
    Kind.CHOICE: N_("单选"),
    Kind.MULTI: N_("多选（用、分隔）"),
}

PlanList = Literal[
    "unit_names",
    "actor_names",
    "document_kinds",
    "verbs",
    "checklist",
    "periods",
    "areas",
    "forms",
    "roles",
    "policy_stages",
    "phase_ids",
    "parts",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column (列) as declared. ``name`` is the field, ``label`` the header people see."""

    label: str
    name: str = ""
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    plan_list: PlanList | None = None
    ref: str | None = None
    editor: Editor = Editor.UNIT
    width: int = 14
    note: str = ""
    aliases: tuple[str, ...] = ()
    enum: type[StrEnum] | None = None
    fact: bool = False
    """True for a date on which something happened: it can't lie in the future and decides what counts as of a day."""
    spare: bool = False
    """True for a column that the plan does not use: a new workbook has none, and nobody misses it."""
    personal: bool = False
    """True for data of a person that are nobody's business but the office's and the unit's own. Names of 责任人, 联络员
    and 销号人 are those of officials in their office and stay visible."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A field as written in a row model: its column, and its value where nothing stands in the cell."""

    column: Column
    default: Any


def column(label: str, *, default: Any = None, **settings: Any) -> Any:
    """A field of a sheet: its header ``label`` and any setting of ``Column``."""
    return _Field(Column(label, **settings), default)


class Row:
    """What every record has: the sheet row it stands in (1-based) and its id (编号)."""

    __slots__ = ()
    if TYPE_CHECKING:  # the fields of each model are known at run time only

        def __init__(self, **values: Any) -> None: ...

    row: int
    id: str


_ID = column("编号", kind=Kind.CODE, editor=Editor.APP, width=11, note=N_("由应用编号，请勿改动"), default="")


@dataclass(frozen=True)
class Sheet:
    """A declared sheet. ``model`` is its row model with its ``declared`` fields; ``prefix`` starts its record ids."""

    key: str
    label: str
    model: type[Row]
    declared: dict[str, _Field]
    prefix: str = ""
    note: str = ""
    app_owned: bool = False
    hidden: bool = False
    aliases: tuple[str, ...] = ()
    check_column: bool = True

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Columns in sheet order; the app's 校验 column comes last on the sheets that people edit."""
        hints = get_type_hints(self.model, include_extras=True)
        made = tuple(_complete(field.column, name, hints[name]) for name, field in self.declared.items())
        return made + ((CHECK_COLUMN,) if self.check_column and not self.app_owned else ())

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Field name → column."""
        return {column.name: column for column in self.columns}

    def is_personal(self, name: str) -> bool:
        """Whether a column holds personal data; of columns that people added nobody can tell, so they count as such."""
        return self.by_name[name].personal if name in self.by_name else bool(name)

    def label_of(self, name: str) -> str:
        """The header of a field."""
        return self.by_name[name].label

    def header_of(self, name: str) -> str:
        """The header of any column of a worksheet: a field's, or the one people gave their own (``=header``)."""
        return self.by_name[name].label if name in self.by_name else name[1:] if name[:1] in ("=", "@") else name

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """Field name → its value where nothing stands in the cell; the app's own 校验 column is no field."""
        return {name: field.default for name, field in self.declared.items()}

    @cached_property
    def fact_dates(self) -> tuple[str, ...]:
        """Names of the columns that say when something happened."""
        return tuple(column.name for column in self.columns if column.fact)


CHECK_COLUMN = Column(
    "校验", name="check", kind=Kind.LONG, editor=Editor.APP, width=36, note=N_("由应用填写：本行的问题与改法")
)

_KINDS: dict[Any, Kind] = {str: Kind.TEXT, date: Kind.DATE, int: Kind.INT}


def _complete(declared: Column, name: str, hint: Any) -> Column:
    """Fill in what follows from the field's type: kind, choices, and whether it is required."""
    options = [a for a in get_args(hint) if a is not NoneType] if get_origin(hint) is UnionType else [hint]
    base = options[0]
    kind, choices, enum = declared.kind, declared.choices, None
    if kind is Kind.TEXT:
        if isinstance(base, type) and issubclass(base, StrEnum):
            kind, choices, enum = Kind.CHOICE, tuple(member.value for member in base), base
        elif get_origin(base) is tuple:
            kind = Kind.MULTI
        else:
            kind = _KINDS[base]
            if kind is Kind.TEXT and (declared.plan_list or declared.ref or choices):
                kind = Kind.CHOICE
    return dataclasses.replace(declared, name=name, kind=kind, choices=choices, enum=enum)


R = TypeVar("R", bound=Row)


def sheet(key: str, label: str, **settings: Any) -> Callable[[type[R]], type[R]]:
    """Declare a row model as the sheet ``key`` with the tab name ``label``; more settings as in ``Sheet``."""

    def declare(model: type[R]) -> type[R]:
        declared = {"id": _ID} | {name: value for name, value in vars(model).items() if isinstance(value, _Field)}
        values = namedtuple(  # type: ignore[misc]
            model.__name__, ("row", *declared), defaults=(0, *(field.default for field in declared.values()))
        )
        kept = {
            name: value for name, value in vars(model).items() if name not in (*declared, "__dict__", "__weakref__")
        }
        made = cast("type[R]", type(model.__name__, (values, Row), kept | {"__slots__": ()}))
        SHEET_OF[made] = DECLARED[key] = Sheet(key=key, label=label, model=made, declared=declared, **settings)
        return made

    return declare


DECLARED: dict[str, Sheet] = {}
SHEET_OF: dict[type[Row], Sheet] = {}


class YesNo(StrEnum):
    """是 or 否."""

    YES = "是"
    NO = "否"


def changed(row: R, **values: Any) -> R:
    """A copy of a row with some fields changed. Raises ``ValueError`` for a field it does not have."""
    return cast("R", row._replace(**values))  # type: ignore[attr-defined]
