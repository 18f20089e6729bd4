"""催办单 (reminder): one for each unit, made of what that unit may see, always in Chinese (五（三）)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lib.documents.deliverable import Choice, Deliverable, Wanted
from lib.documents.file import File
from lib.documents.paper import in_chinese, typeset
from lib.domain.ledger import Ledger
from lib.i18n import DEFAULT, N_, _, speaking
from lib.services.mail import Enclosure, Letter
from lib.services.policy import Sight
from lib.views.prepared import prepared
from lib.views.reminder_text import LETTER, letter, people, plain, subject
from lib.views.reminders import Reminder, reaches, reminder, reminders
from lib.views.words import day
from sheets_schema.plan_work import LevelKey

KEY, LABEL = "reminder", N_("催办单")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: state, what, when it is or was due, how long that is, the clause, what to do."""

    mark: str
    what: str
    due: str
    when: str
    clause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Left:
    """A line of what is left out, and why."""

    mark: str
    what: str
    why: str


def units(ledger: Ledger, sight: Sight) -> Mapping[str, str]:
    """The units of a sight that are reminded of something, the sharpest first."""
    return {one.unit: _(one.unit) for one in prepared(reminders, ledger, sight) if one.items}


@in_chinese
def paper(ledger: Ledger, _sight: Sight, wanted: Wanted) -> File:
    """The reminder of the unit ``wanted["unit"]``, as .docx."""
    found = reminder(ledger, wanted["unit"])
    assert found is not None, "the catalogue offers units that are reminded"
    return _typeset(found, ledger)


def _typeset(found: Reminder, ledger: Ledger) -> File:
    title = _("{unit}{kind}（截至{day}）", unit=plain(found.unit), kind=_(LABEL), day=ledger.as_of.isoformat())
    return typeset(KEY, LABEL, title, values(found, ledger))


def values(found: Reminder, ledger: Ledger) -> dict[str, object]:
    """Everything the template may look up."""
    plan = ledger.plan
    rows = [
        Row(one.mark, plain(one.what), day(one.due), one.when, one.clause, plain(one.remedy))
        for one in found.items[:LETTER]
    ]
    return {
        "unit": plain(found.unit), "plan": plan.title, "clause": plan.reminder_clause, "level": found.mark,
        "as_of": day(ledger.as_of), "counts": found.title, "people": people(found), "items": rows,
        "more": len(found.items) - len(rows), "extension": plan.extensions.before_due,
        "left": [Left(one.mark, plain(one.what), plain(one.why)) for one in found.left[:LETTER]],
        "unknown_days": any(one.due and one.workdays is None for one in found.items),
        "office": plan.mechanism.office,
    }  # fmt: skip


def letters(
    ledger: Ledger, units: Iterable[str] | None = None, least: LevelKey = LevelKey.BLUE, url: str = ""
) -> tuple[Letter, ...]:
    """The letters to units reminded at a level or a sharper one, the paper not yet with them (``enclosed`` adds it);
    ``units``: to these alone. ``url``: where the workbench is reached, blank for no link."""
    wanted = None if units is None else frozenset(units)
    names = [name for name in ledger.world.units if wanted is None or name in wanted]
    with speaking(DEFAULT):
        found = (reminder(ledger, name) for name in names)
        return tuple(_letter(one, ledger, url) for one in found if one is not None and reaches(one.level, least))


def _letter(found: Reminder, ledger: Ledger, url: str) -> Letter:
    to = (ledger.world.units[found.unit].email or "").strip()
    text = letter(found, ledger.plan, ledger.as_of, url)
    return Letter(found.unit, to, subject(found, ledger.as_of), text, sample=ledger.is_sample)


def enclosed(one: Letter, ledger: Ledger) -> Letter:
    """A letter with the paper, which takes a while to make."""
    with speaking(DEFAULT):
        found = reminder(ledger, one.unit)
        assert found is not None, "a letter is made of a reminder"
        file = _typeset(found, ledger)
    return replace(one, files=(Enclosure(file.name, file.media, file.content),))


DELIVERABLE = Deliverable(
    KEY, LABEL, N_("每个单位一份：逾期、临期、滞后的事项，时限、依据和办法；不催办的写明理由"),
    lambda plan: plan.reminder_clause, paper, (Choice("unit", N_("单位"), units),), N_("没有要催办的事项。"),
)  # fmt: skip
