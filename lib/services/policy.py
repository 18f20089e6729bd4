"""Policy (权限): who may see and do what. Roles come with sign-in; every command asks here, whatever a page offers."""

from __future__ import annotations

from dataclasses import dataclass

from lib.domain.edits import Edit, Op
from lib.i18n import T_, Text
from sheets_schema.sheet import EDITOR_WORDS, Editor
from sheets_schema.workbook import APP, BY_KEY

OPEN_PAGES = frozenset({"overview", "phases", "health", "rules", "changes", "brief"})
_APP_SHEETS = frozenset(sheet.key for sheet in APP)


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
    """Who acts: a name, a role (office 办公室, unit 单位, viewer 只读), and the units somebody of a unit acts for."""

    name: str
    role: str
    units: tuple[str, ...] = ()

    def may_see(self, page: str) -> bool:
        """Whether the actor may open a page."""
        return page in OPEN_PAGES

    @property
    def sight(self) -> Sight:
        """What the actor may see."""
        if self.role == "unit":
            return Sight(frozenset(self.units))
        return Sight(personal=self.role == "office")

    @property
    def may_write(self) -> bool:
        """Whether the actor may change anything at all."""
        return self.role in ("office", "unit")

    def refusal(self, edit: Edit, unit: str) -> Text | None:
        """Why the actor may not make an edit of a record for which ``unit`` answers; None when it is allowed."""
        sheet = BY_KEY[edit.sheet]
        if not self.may_write:
            return T_("只读身份不能改动数据")
        if edit.sheet in _APP_SHEETS:
            return T_("“{sheet_label}”由应用自动填写，不能改动", sheet_label=sheet.label)
        if self.role == "office":
            return None
        if unit not in self.units:
            return T_("这条记录属于“{unit}”，只能改动本单位的记录", unit=unit or "—")
        names = (edit.column,) if edit.op is Op.SET else tuple(edit.values)
        reserved = [sheet.by_name[name] for name in names if name in sheet.by_name]
        blocked = next((column for column in reserved if column.editor is not Editor.UNIT), None)
        if blocked is not None and not (edit.op is Op.ADD and _is_default(edit, blocked.name)):
            editor = EDITOR_WORDS[blocked.editor]
            return T_("“{label}”由{editor}填写", label=blocked.label, editor=editor)
        return None


def _is_default(edit: Edit, name: str) -> bool:
    return edit.values[name] == BY_KEY[edit.sheet].defaults.get(name)


VIEWER = Actor("", "viewer")
