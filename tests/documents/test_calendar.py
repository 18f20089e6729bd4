"""The file of the calendar: two independent readers accept it, days stay days, and hostile words stay words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import vobject
from icalendar import Calendar, Event

from lib.documents.calendar import ALL, feed, units_in_sight
from lib.documents.catalogue import NotDelivered, deliver
from lib.domain.ledger import Ledger
from lib.i18n import speaking
from lib.services.edition import EPOCH, Edition
from lib.services.policy import EVERYTHING, Actor, Sight
from tests.workbooks import clean_book, ledger

OURS = "市商务委"
AT = datetime(2016, 4, 1, 9, 30, tzinfo=EPOCH.tzinfo)
HOSTILE = (
    "甲\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x",
    "甲\nBEGIN:VALARM\nACTION:AUDIO",
    "甲\rATTACH:http://evil.example/x",
    "甲,乙;丙\\,丁\\n戊\"己",
    "甲\x00\x07\x1b[31m\x85\u2028\u2029乙",
    "甲\u202e倒着写\u200b\ufeff",
    "长" * 5000,
    "🏮" * 3000,
    "=HYPERLINK(\"http://evil.example\")<script>",
)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Ledger:
    return ledger(clean_book())


def written(seen: Ledger, sight: Sight = EVERYTHING, edition: Edition = Edition(AT)) -> bytes:  # noqa: B008
    return feed(seen, sight, edition)


def events(content: bytes) -> dict[str, Event]:
    """By UID, which no two share."""
    listed = Calendar.from_ical(content).walk("VEVENT")
    found = {str(event["uid"]): event for event in listed}
    assert len(found) == len(listed)
    return found


def about(content: bytes, words: str) -> Event:
    [event] = [event for event in events(content).values() if words in str(event["summary"])]
    return event


def test_two_readers_find_the_same(found: Ledger):
    content = written(found)
    mine, theirs = events(content), vobject.readOne(content.decode()).vevent_list
    assert len(mine) == len(theirs) > 100
    for event in theirs:
        assert str(mine[event.uid.value]["summary"]) == event.summary.value
        assert mine[event.uid.value].start == event.dtstart.value
        event.validate(raiseException=True)
    assert all(event.errors == [] for event in mine.values())


def test_a_day_is_a_day_in_every_zone_and_ends_with_the_next(found: Ledger):
    content = written(found)
    starts = re.findall(rb"DTSTART;VALUE=DATE:\d{8}\r\n", content)
    assert len(starts) == len(events(content)) == content.count(b"DTSTART") == content.count(b"DTEND;VALUE=DATE:")
    for event in events(content).values():
        assert type(event.start) is date
        assert event.end - event.start == timedelta(days=1)
        assert event["transp"] == "TRANSPARENT"
    assert b"TZID" not in content


def test_times_are_in_utc_and_those_of_shanghai(found: Ledger):
    event = next(iter(events(written(found)).values()))
    assert event["dtstamp"].dt == event["last-modified"].dt == datetime(2016, 4, 1, 1, 30, tzinfo=UTC)


def test_an_alarm_sounds_in_the_morning_some_days_before_and_not_for_what_is_done(found: Ledger):
    content = written(found)
    [alarm] = about(content, "示例钢铁行业协会：B1").walk("VALARM")
    before = found.plan.lights.near_days
    assert alarm["trigger"].dt == timedelta(hours=9) - timedelta(days=before)
    assert about(content, "示例钢铁行业协会：A1").walk("VALARM") == []
    assert about(content, "示例钢铁行业协会：A1")["status"] == "CONFIRMED"


def test_the_same_edition_is_the_same_bytes(found: Ledger):
    assert written(found) == written(ledger(clean_book()))


def moved(day: date | None, changed: datetime | None) -> Event:
    book = clean_book()
    if day:
        book.set("tasks", book.row("tasks", association="XH-0001", item="B1"), planned_on=day)
    edition = Edition(AT, moved={"SX-0004": changed}) if changed else Edition(AT)
    return about(written(ledger(book), edition=edition), "示例钢铁行业协会：B1")


def test_a_day_that_changes_moves_the_entry_in_the_readers_calendar():
    before, after = moved(None, None), moved(date(2016, 5, 5), AT)
    again = moved(date(2016, 4, 5), AT + timedelta(minutes=1))
    assert before["uid"] == after["uid"] == again["uid"]
    assert [event.start for event in (before, after, again)] == [date(2016, 6, 30), date(2016, 5, 5), date(2016, 4, 5)]
    numbers = [int(event["sequence"]) for event in (before, after, again)]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2**31


def test_another_plan_has_other_entries(found: Ledger):
    other = clean_book()
    other.plan = other.plan.model_copy(update={"id": "another-2020"})
    assert not events(written(found)).keys() & events(written(ledger(other))).keys()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text: str):
    book = clean_book()
    book.set("associations", book.row("associations", id="XH-0001"), name=f"示例{text}行业协会")
    content = written(ledger(book), Sight(frozenset({OURS})))
    clean = events(written(ledger(clean_book()), Sight(frozenset({OURS}))))
    assert events(content).keys() == clean.keys()
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    assert not any(re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line) for line in lines)
    names = {re.split(rb"[:;]", line)[0] for line in content.replace(b"\r\n ", b"").split(b"\r\n")}
    assert not names & {b"ATTACH", b"URL", b"ATTENDEE", b"X"}
    assert content.count(b"\r\nBEGIN:VALARM") == sum(len(event.walk("VALARM")) for event in clean.values())
    assert ("甲" in content.decode()) == text.startswith("甲")
    assert len(vobject.readOne(content.decode()).vevent_list) == len(clean)


def test_who_may_choose_which_units(found: Ledger):
    assert next(iter(units_in_sight(found, EVERYTHING))) == ALL
    assert len(units_in_sight(found, EVERYTHING)) == len(found.world.units) + 1
    assert list(units_in_sight(found, Sight(frozenset({OURS})))) == [OURS]
    assert list(units_in_sight(found, Sight(frozenset({OURS, "市科委"})))) == [ALL, OURS, "市科委"]


def test_a_unit_takes_along_its_own_and_no_other(found: Ledger):
    ours = Actor("赵六", "unit", (OURS,), "zhao")
    made = deliver(ours, found, "calendar", {})
    assert made.name == "脱钩日历：市商务委.ics"
    assert events(made.content).keys() == events(written(found, Sight(frozenset({OURS})))).keys()
    with pytest.raises(NotDelivered):
        deliver(ours, found, "calendar", {"unit": "市科委"})
    with pytest.raises(NotDelivered):
        deliver(ours, found, "calendar", {"unit": ALL})
    with pytest.raises(NotDelivered):
        deliver(Actor("领导", "leader"), found, "calendar", {})


def test_it_speaks_english_too(found: Ledger):
    with speaking("en"):
        content = written(found)
    assert "Done" in str(about(content, "示例钢铁行业协会: A1")["summary"])
    assert events(content).keys() == events(written(found)).keys()
