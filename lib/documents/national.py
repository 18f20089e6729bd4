"""多地汇总 as a workbook to take away (汇总表): all places, why they are late, what is not counted; or one place alone.

Figures are numbers, so that whoever gets it can sort and add them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lib.documents.file import File
from lib.documents.sheets import Table, Value, as_book
from lib.i18n import _
from lib.rollup.nation import Nation, Share, Standing
from lib.views.national import MEASURES, Measure, National, address, name_of, national, reasons
from lib.views.national_phases import grid
from lib.views.national_place import PARTS, card
from lib.views.prepared import prepared_of
from lib.views.words import day


class _Column(NamedTuple):
    """What stands above a figure, and the figure of a place."""

    head: str
    measure: Measure
    part: int
    """Of a share, 0 for ``n`` and 1 for ``of``."""

    def of(self, standing: Standing) -> int:
        """The figure of a place."""
        value = self.measure.of(standing)
        return (value.n, value.of)[self.part] if isinstance(value, Share) else value


def whole(nation: Nation) -> File:
    """All places in one workbook, as of the day of the roll-up, in the current language."""
    view = prepared_of(national, nation)
    about = _about(view)
    tables = (_places(nation, about), _phases(nation, about), _reasons(nation, about), _left_out(view, about))
    return as_book(tables, f"{_('多地汇总')}_{view.as_of.isoformat()}")


def of_place(nation: Nation, key: str) -> File:
    """One place: what is overdue, phases, quota, reports, units. Raises ``NoResult`` where its files cannot be
    read any more, ``KeyError`` or ``ValueError`` for what only a later version of the app wrote."""
    view, head = prepared_of(national, nation), card(nation, key)
    about = f"{head.name} {head.title}；{_about(view)}"
    tables = [Table(_(title), about, tuple(map(_, heads)), make(nation, key)) for title, make, heads in PARTS.values()]
    return as_book(tables, f"{head.name}_{view.as_of.isoformat()}")


def _about(view: National) -> str:
    told = _("基准日 {day}；计入 {n}/{total} 本工作簿", day=day(view.as_of), n=view.counted, total=view.total)
    return told + (_("；其中 {n} 本是示例数据", n=view.samples) if view.samples else "")


def _columns() -> Iterator[_Column]:
    """Each measure; of a share what there is, and beside it of how many."""
    for measure in MEASURES.values():
        yield _Column(_(measure.label), measure, 0)
        if measure.is_share:
            yield _Column(_(measure.head).rpartition("/")[2], measure, 1)


def _places(nation: Nation, about: str) -> Table:
    columns = list(_columns())
    heads = (_("地方"), _("计入"), *(column.head for column in columns), _("说明"), _("工作簿"))
    notes = {line.key: line.note for line in prepared_of(grid, nation).lines}
    rows: list[Sequence[Value]] = [
        (
            name_of(standing), _("是") if standing.is_counted else _("否"), *(one.of(standing) for one in columns),
            notes[standing.place.key], address(standing.place.source),
        )
        for standing in sorted(nation.standings, key=lambda standing: (-standing.overdue, name_of(standing)))
    ]  # fmt: skip
    return Table(_("各地进展"), about, heads, rows)


def _phases(nation: Nation, about: str) -> Table:
    found = prepared_of(grid, nation)
    rows: list[Sequence[Value]] = [(line.name, line.overdue, *line.cells, line.note) for line in found.lines]
    return Table(_("各地各阶段"), about, (_("地方"), _("逾期"), *found.titles, _("说明")), rows)


def _reasons(nation: Nation, about: str) -> Table:
    heads = (_("原因"), _("逾期事项"), _("涉及地方"), _("最长（天）"), _("最多的地方"))
    rows = [(line.why, line.count, line.places, line.longest, line.most) for line in prepared_of(reasons, nation)]
    return Table(_("为什么逾期"), about, heads, rows)


def _left_out(view: National, about: str) -> Table:
    heads = (_("情况"), _("地方"), _("原因"), _("工作簿"))
    rows = [(one.what, one.place, one.why, one.source) for one in (*view.left_out, *view.passed_over)]
    return Table(_("未计入的"), about, heads, rows)
