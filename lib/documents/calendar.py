"""日历 (.ics): the days on which something is owed, for the calendar on a desk or a phone (RFC 5545).

- An entry's UID is made of the plan and of what is owed, never of its day: a day that changes moves the entry.
- SEQUENCE tells when a record its day is taken from was last changed (``lib.services.edition``): it never goes back,
  whichever server answers and after any restart, and nothing besides the journal has to remember it.
- What is done stays on its day with the word for it and without an alarm. CANCELLED would say that the deadline was
  called off, and programs strike it out, hide it or keep it as they like; an entry that is merely gone looks lost, and
  stays for ever where the file was imported once. What is not owed any more is gone: a subscription drops it.
- Days are dates without a time, so that no reader's time zone shifts them; a deadline makes nobody busy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from hashlib import sha256

from icalendar import Alarm, Calendar, Event

from lib.documents.deliverable import Choice, Deliverable
from lib.documents.file import ICS, File, named
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.edition import Edition
from lib.services.policy import Sight
from lib.services.settings import ZONE, now
from lib.views.calendar import Entry, calendar
from lib.views.prepared import prepared

ALL = "all"
"""The choice of every unit in sight."""
ASK_AGAIN = timedelta(hours=6)
"""How often a program is asked to look for changes."""
MORNING = timedelta(hours=9)
"""When on its day an alarm sounds: nobody wants one at midnight."""
LONGEST_SUMMARY, LONGEST_DESCRIPTION = 200, 2000
"""Characters of a title and of the text below it; a cell may hold thousands."""
_UNSAFE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]+"
)
"""What no calendar program should have to show: control characters, invisible and direction marks, half characters."""


def units_in_sight(ledger: Ledger, sight: Sight) -> Mapping[str, str]:
    """What a calendar may be of: unit → words; all of them first, where there are several."""
    units = {name: _(name) for name in ledger.world.units if sight.shows(name)}
    every = _("全部单位") if sight.units is None else _("本账号的全部单位")
    return units if len(units) == 1 else {ALL: every, **units}


def calendar_file(ledger: Ledger, sight: Sight, wanted: Mapping[str, str]) -> File:
    """The calendar to be taken along: one unit's, or of all in sight. It is as of now, since it may be imported over
    an older one."""
    unit, at = wanted["unit"], now()
    chosen = sight if unit == ALL else Sight(frozenset({unit}), sight.personal)
    return named(title_of(ledger, chosen), ICS, feed(ledger, chosen, Edition(at, at)))


def title_of(ledger: Ledger, sight: Sight) -> str:
    """What a calendar is called."""
    units = sorted(sight.units or ())
    return (
        _("脱钩日历：{unit}", unit=_(units[0])) if len(units) == 1 else _("脱钩日历：{unit}", unit=_(ledger.plan.place))
    )


def feed(ledger: Ledger, sight: Sight, edition: Edition) -> bytes:
    """The calendar of what a sight takes in, in the current language: the same bytes for the same edition.

    A city's (32 000 entries) takes many seconds, so it is not written under the lock of the prepared views.
    """
    made = Calendar()
    title = _plain(title_of(ledger, sight), LONGEST_SUMMARY)
    about = _plain(_("{plan}；数据截至 {day}", plan=_(ledger.plan.title), day=ledger.as_of), LONGEST_DESCRIPTION)
    made.add("prodid", "-//Tuogou Workbench//Calendar//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    for name, value in (("name", title), ("x-wr-calname", title), ("description", about), ("x-wr-caldesc", about)):
        made.add(name, value)
    made.add("x-wr-timezone", ZONE.key)
    made.add("refresh-interval", ASK_AGAIN, parameters={"value": "DURATION"})
    made.add("x-published-ttl", f"PT{ASK_AGAIN // timedelta(hours=1)}H")
    for entry in prepared(calendar, ledger, sight):
        made.add_component(_event(entry, edition, ledger))
    return bytes(made.to_ical())


def _event(entry: Entry, edition: Edition, ledger: Ledger) -> Event:
    made, summary = Event(), _plain(entry.summary, LONGEST_SUMMARY)
    made.add("uid", uid(ledger.plan.id, entry))
    for name in ("dtstamp", "last-modified"):
        made.add(name, edition.at.astimezone(UTC))
    made.add("sequence", edition.sequence(entry.records))
    made.add("dtstart", entry.day)
    made.add("dtend", _after(entry.day))
    made.add("summary", summary)
    made.add("description", _plain("\n".join(entry.lines), LONGEST_DESCRIPTION))
    made.add("categories", [_plain(entry.sort, LONGEST_SUMMARY)])
    made.add("status", "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    if entry.remind:
        made.add_component(_alarm(summary, ledger.plan.lights.near_days))
    return made


def _alarm(summary: str, days: int) -> Alarm:
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", summary)
    made.add("trigger", MORNING - timedelta(days=days))
    return made


def uid(plan: str, entry: Entry) -> str:
    """An entry's lasting name. It is a digest: programs want it short and plain, and names belong to nobody's id."""
    parts = "\x1f".join((plan, *entry.key))
    return f"{entry.key[0]}-{sha256(parts.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}@tuogou"


def _after(on: date) -> date:
    """The day after, with which a whole day ends."""
    return on + timedelta(days=1) if on < date.max else on


def _plain(text: str, most: int) -> str:
    """A text that is only text: lines stay lines, what nobody sees is gone, and it has an end."""
    plain = _UNSAFE.sub(" ", text.replace("\r\n", "\n"))
    return plain if len(plain) <= most else plain[: most - 1] + "…"


TITLE, ABOUT = N_("日历"), N_("每一项时限、报送日和待办审批，放进 Outlook 或手机的日历；办结的标明办结")
UNIT = N_("单位")
MISSING = N_("还没有单位；先在“机制与单位”页登记")


DELIVERABLE = Deliverable(
    "calendar", TITLE, ABOUT, lambda plan: plan.lights.clause, calendar_file, (Choice("unit", UNIT, units_in_sight),),
    MISSING,
)  # fmt: skip
