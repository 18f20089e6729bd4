"""催办单: each unit's letter, made of what that unit may see and nothing else, in the language of the city."""

from __future__ import annotations

from collections.abc import Iterable

from lib.domain.ledger import Ledger
from lib.i18n import DEFAULT, speaking
from lib.services.mail import Letter
from lib.views.reminder_text import letter, subject
from lib.views.reminders import Reminder, reaches, reminder
from sheets_schema.plan_work import LevelKey


def letters(
    ledger: Ledger, units: Iterable[str] | None = None, least: LevelKey = LevelKey.BLUE, url: str = ""
) -> tuple[Letter, ...]:
    """The letters to units that are reminded at a level or a sharper one; ``units``: to these alone, in the plan's order.

    ``url``: where the workbench is reached, blank for no link.
    """
    wanted = None if units is None else frozenset(units)
    names = [name for name in ledger.world.units if wanted is None or name in wanted]
    with speaking(DEFAULT):
        found = (reminder(ledger, name) for name in names)
        return tuple(_letter(one, ledger, url) for one in found if one is not None and reaches(one.level, least))


def _letter(found: Reminder, ledger: Ledger, url: str) -> Letter:
    to = (ledger.world.units[found.unit].email or "").strip()
    body = letter(found, ledger.plan, ledger.as_of, url)
    return Letter(found.unit, to, subject(found, ledger.as_of), body)
