"""What happened over a period: news of pilots, meetings and publicity, problems, practices (三, 四（五）)."""

from __future__ import annotations

from dataclasses import dataclass

from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.domain.scorecard import Period
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import sees
from lib.views.words import day
from sheets_schema.coordination import Event, Problem, ProblemKind
from sheets_schema.tasks import Update


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news: its title, which pilot it is of, and its text paragraph by paragraph."""

    title: str
    pilot: str
    lines: tuple[str, ...]


def news(ledger: Ledger, sight: Sight, period: Period) -> tuple[News, ...]:
    """The news of the pilots a sight takes in, the newest first."""
    world = ledger.world
    rows = [row for row in world.rows(Update) if period.holds(row.reported_on) and sees(sight, audience(row, world))]
    return tuple(_news(row, ledger) for row in sorted(rows, key=lambda row: row.reported_on, reverse=True))


def _news(row: Update, ledger: Ledger) -> News:
    held = ledger.world.associations.get(row.association)
    name = held.name if held else row.association
    unit = _(held.unit) if held else ""
    when = _("{day}，{name}（{unit}）。", day=day(row.reported_on), name=name, unit=unit)
    lines = [line.strip() for line in (row.content or "").splitlines() if line.strip()]
    return News(row.title, row.association, (when + (lines[0] if lines else ""), *lines[1:]))


def events(ledger: Ledger, sight: Sight, period: Period) -> tuple[str, ...]:
    """Meetings and publicity, a sentence each, the newest first."""
    world = ledger.world
    rows = [row for row in world.rows(Event) if period.holds(row.held_on) and sees(sight, audience(row, world))]
    return tuple(
        _("{day}，{unit}{kind}：{title}。{content}", day=day(row.held_on), unit=_(row.unit), kind=_(row.kind.value),
          title=row.title, content=row.content or "")
        for row in sorted(rows, key=lambda row: row.held_on, reverse=True)
    )  # fmt: skip


def problems(ledger: Ledger, sight: Sight, period: Period) -> tuple[str, ...]:
    """Problems raised or settled over a period, a sentence each."""
    return tuple(
        _problem(row)
        for row in _register(ledger, sight, ProblemKind.PROBLEM)
        if period.holds(row.raised_on) or period.holds(row.settled_on)
    )


def _problem(row: Problem) -> str:
    raised = _("{day}，{unit}提出：{content}。", day=day(row.raised_on), unit=_(row.unit), content=row.content)
    if row.settled_on is None:
        return raised + (_("由{unit}协调，尚未解决。", unit=_(row.assignee)) if row.assignee else _("协调单位未明确。"))
    return raised + _("{day}解决：{how}。", day=day(row.settled_on), how=row.settlement or "—")


def practices(ledger: Ledger, sight: Sight, period: Period | None = None) -> tuple[str, ...]:
    """Practices worth spreading, a sentence each; all of them, or those of a period."""
    return tuple(
        _("{unit}：{content}", unit=_(row.unit), content=row.content)
        for row in _register(ledger, sight, ProblemKind.PRACTICE)
        if period is None or period.holds(row.raised_on)
    )


def _register(ledger: Ledger, sight: Sight, kind: ProblemKind) -> list[Problem]:
    world = ledger.world
    rows = [
        row for row in world.rows(Problem)
        if row.kind is kind and row.raised_on <= ledger.as_of and sees(sight, audience(row, world))
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row.raised_on, reverse=True)
