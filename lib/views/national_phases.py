"""Places × phases (地方和阶段): one row a place, one cell a phase, laid side by side where the plans have the same."""

from __future__ import annotations

from dataclasses import dataclass

from lib.i18n import N_, _, listed
from lib.rollup.nation import Nation, Standing
from lib.rollup.rows import Phase
from lib.views.national import common_phases, name_of
from lib.views.prepared import prepared_of
from lib.views.words import share
from sheets_schema.plan_work import StateKey

SHOWN = {"late": N_("有逾期的"), "differs": N_("阶段不同的"), "doubles": N_("重复的")}
"""Which places are listed, besides all."""


NO_PHASE = "—"


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A place: its overdue entries, a cell for each of the common phases, what is different about it."""

    key: str
    name: str
    overdue: int
    cells: tuple[str, ...]
    note: str
    shown: frozenset[str]

    @property
    def row(self) -> tuple[object, ...]:
        """As a row of the table; a cell with a state is a list, which is how a coloured one is written."""
        return self.name, self.overdue, *([cell] for cell in self.cells), self.note


@dataclass(frozen=True, slots=True)
class Grid:
    """The table: the phases' titles with their numbers, so that no two are the same; lines; each text of a cell with
    its state."""

    titles: tuple[str, ...]
    lines: tuple[PlaceLine, ...]
    rows: tuple[tuple[object, ...], ...]
    states: tuple[tuple[str, StateKey], ...]

    @property
    def different(self) -> tuple[str, ...]:
        """The names of the places that have other phases than most."""
        return tuple(line.name for line in self.lines if "differs" in line.shown)


def grid(nation: Nation) -> Grid:
    """All places, also those that are not counted; most overdue entries first. Call it through ``prepared_of``."""
    common = common_phases(nation)
    states: dict[str, StateKey] = {}
    lines = [_line(standing, common, states) for standing in nation.standings]
    lines.sort(key=lambda line: (-line.overdue, line.name))
    titles = tuple(f"{at} {_(title)}" for at, title in enumerate(common, 1))
    return Grid(titles, tuple(lines), tuple(line.row for line in lines), tuple(sorted(states.items())))


def found(nation: Nation, typed: str, shown: str | None) -> Grid:
    """The places with a text in their name or note, of one kind; ``shown``: a key of ``SHOWN``, None for all."""
    whole = prepared_of(grid, nation)
    wanted = typed.casefold()
    lines = tuple(
        line
        for line in whole.lines
        if (shown is None or shown in line.shown) and wanted in f"{line.name} {line.note}".casefold()
    )
    return Grid(whole.titles, lines, tuple(line.row for line in lines), whole.states)


def _line(standing: Standing, common: tuple[str, ...], states: dict[str, StateKey]) -> PlaceLine:
    own: dict[str, Phase] = {}
    for phase in standing.phases:
        own.setdefault(phase.title, phase)
    cells = tuple(_cell(own[title], states) if title in own else _none(states) for title in common)
    difference = _difference(standing, common)
    sample = _("示例数据") if standing.place.sample else ""
    kinds = {"late": standing.overdue > 0, "differs": bool(difference), "doubles": not standing.is_counted}
    return PlaceLine(
        standing.place.key, name_of(standing), standing.overdue, cells,
        _("；").join(filter(None, (difference, sample))), frozenset(kind for kind, is_so in kinds.items() if is_so),
    )  # fmt: skip


def _cell(phase: Phase, states: dict[str, StateKey]) -> str:
    text = f"{phase.shape} {_(phase.word)} {share(phase.done, phase.total)}"
    states[text] = StateKey(phase.state)
    return text


def _none(states: dict[str, StateKey]) -> str:
    """The cell of a phase that a place's plan does not have."""
    states[NO_PHASE] = StateKey.LEFT_OUT
    return NO_PHASE


def _difference(standing: Standing, common: tuple[str, ...]) -> str:
    """In what a place's phases are others than those of most; blank when they are the same."""
    own = tuple(phase.title for phase in standing.phases)
    if own == common:
        return ""
    more, fewer = (tuple(t for t in a if t not in b) for a, b in ((own, common), (common, own)))
    parts = [_("另有阶段：{titles}", titles=listed(more))] if more else []
    parts += [_("没有阶段：{titles}", titles=listed(fewer))] if fewer else []
    return _("；").join(parts) or _("阶段的次序不同")
