"""What other programs read of a running server: a calendar that follows the workbook, and the pages' figures."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
import vobject
from icalendar import Calendar, Event

from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.services import work
from lib.services.board import Board, keeper_of
from lib.services.entrance import Entrance, open_entrance
from lib.services.links import ADDRESS_LIMIT, Purpose
from lib.services.policy import EVERYTHING, OPERATOR, Actor
from lib.services.progress import as_json
from lib.services.progress_shape import schema
from lib.services.settings import folder_of, today
from lib.store.xlsx import XlsxStore
from lib.views.dues import dues_in
from lib.views.overview import overview
from sheets_schema.plan import Plan
from tests.entrance import come_in, cookie, keep
from tests.security.wire import Answer, Wire
from tests.server import Server, serving
from tests.test_cli import answer as cli

ICS, JSON = "/calendar.ics", "/api/progress.json"
UNIT, OTHER = "市商务委", "市科委"
HERE = "10.9.0.1"


@pytest.fixture(scope="module")
def server(sample_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(sample_once, tmp_path_factory.mktemp("feeds")) as started:
        yield started


@pytest.fixture(scope="module")
def door(server: Server) -> Entrance:
    made = open_entrance(server.workbook)
    keep(made, "li", "office")
    keep(made, "zhao", "unit", UNIT)
    return made


@pytest.fixture(scope="module")
def seen(server: Server, plan: Plan) -> Ledger:
    """What the pages show, of the same workbook."""
    return derive(judge(XlsxStore(server.workbook).read(), plan, today()), plan.sample_as_of or today())


def token(door: Entrance, purpose: Purpose = Purpose.CALENDAR, *units: str, by: Actor = OPERATOR) -> str:
    return door.links.make(by, "张三", 30, purpose, units)[1]


def ask(server: Server, path: str, method: str = "GET", address: str = HERE, **headers: str) -> Answer:
    return Wire.of(server.url, address=address).ask(path, method, **headers)


def events(answer: Answer) -> dict[str, Event]:
    assert answer.status == 200, answer.body
    return {str(event["uid"]): event for event in Calendar.from_ical(answer.body).walk("VEVENT")}


def data(answer: Answer, status: int = 200) -> dict[str, Any]:
    assert answer.status == status, answer.body
    assert answer.get("content-type") == "application/json"
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_a_calendar_is_read_without_a_session(server: Server, door: Entrance, seen: Ledger):
    answer = ask(server, f"{ICS}?t={token(door)}")
    assert answer.get("content-type") == "text/calendar; charset=utf-8"
    assert answer.get("cache-control").startswith("private")
    assert not answer.cookies
    found = events(answer)
    assert len(vobject.readOne(answer.body).vevent_list) == len(found)
    late = [event for event in found.values() if str(event["summary"]).startswith("■")]
    assert len(late) == len(seen.overdue) + sum(phase.state.value == "overdue" for phase in seen.phases)


def test_a_units_calendar_names_no_association_of_another(server: Server, door: Entrance, seen: Ledger):
    whole, own = (ask(server, f"{ICS}?t={token(door, Purpose.CALENDAR, *units)}") for units in ((), (UNIT,)))
    assert events(own).keys() < events(whole).keys()
    text = own.body.replace("\r\n ", "")
    for pilot in seen.pilots:
        assert (pilot.name in text) == (pilot.unit == UNIT), pilot.name


def test_nothing_new_is_not_sent_again(server: Server, door: Entrance):
    path = f"{ICS}?t={token(door, Purpose.CALENDAR, UNIT)}"
    first = ask(server, path)
    tag, since = first.get("etag"), first.get("last-modified")
    for known in ({"if_none_match": tag}, {"if_none_match": f'W/{tag}, "x"'}, {"if_modified_since": since}):
        answer = ask(server, path, **known)
        assert (answer.status, answer.body) == (304, "")
        assert answer.get("etag") == tag
    old = {"if_modified_since": "Thu, 01 Jan 1970 00:00:00 GMT"}
    wrong = {"if_none_match": '"x"'}
    for other in (wrong, {**wrong, "if_modified_since": since}, old, {"if_modified_since": "gestern"}):
        assert ask(server, path, **other).status == 200
    head = ask(server, path, "HEAD")
    assert (head.status, head.body, head.get("etag")) == (200, "", tag)
    assert ask(server, f"{path}&lang=en").get("etag") != tag


def changed(server: Server, plan: Plan, record: str, **values: date) -> None:
    """As another process of ours does it."""
    board = Board(keeper_of(server.workbook), plan)
    board.refresh()
    assert board.commands is not None
    decision = board.commands.act(Actor("李四", "office", user="li"), "编辑", work.edit("tasks", record, dict(values)))
    assert decision.allowed, str(decision.reason)
    board.refresh()
    board.close()


def test_a_day_that_changes_moves_the_entry_of_who_subscribed(server: Server, door: Entrance, seen: Ledger, plan: Plan):
    pilot = next(pilot for pilot in seen.pilots if pilot.unit == UNIT)
    task = next(task for task in pilot.work.tasks if task.status.value == "进行中" and task.planned_on)
    path = f"{ICS}?t={token(door, Purpose.CALENDAR, UNIT)}"
    first = ask(server, path)
    before = next(e for e in events(first).values() if f"{pilot.name}：{task.item} " in str(e["summary"]))
    assert before.start == task.planned_on
    later = task.planned_on + timedelta(days=9)
    changed(server, plan, task.id, planned_on=later)
    tag, found = first.get("etag"), events(first)
    for _try in range(100):
        answer = ask(server, path, if_none_match=tag)
        if answer.status != 304:
            found, tag = events(answer), answer.get("etag")
        if found[str(before["uid"])].start == later:
            break
        time.sleep(0.1)
    after = found[str(before["uid"])]
    assert after.start == later
    assert int(after["sequence"]) > int(before["sequence"])
    others = [uid for uid, event in events(first).items() if uid != before["uid"] and event.start != found[uid].start]
    assert others == []
    assert after["last-modified"].dt >= before["last-modified"].dt


@pytest.mark.parametrize(("path", "status"), [(ICS, 404), (JSON, 401)])
def test_what_does_not_open_is_refused_alike(server: Server, door: Entrance, path: str, status: int):
    mine = Purpose.CALENDAR if path == ICS else Purpose.DATA
    other = token(door, Purpose.DATA if path == ICS else Purpose.CALENDAR)
    links = door.links
    link, revoked = links.make(OPERATOR, "旧", 30, mine)
    links.revoke(OPERATOR, link.id)
    leader = links.make(OPERATOR, "领导")[1]
    stopped = token(door, mine, by=Actor("李四", "office", user="gone"))
    answers = [ask(server, f"{path}?t={one}") for one in (other, revoked, leader, stopped, "x" * 43, "", "%00", "%ff")]
    assert {(answer.status, answer.body) for answer in answers} == {(status, answers[0].body)}
    assert {answer.get("cache-control") for answer in answers} == {"no-store"}
    good = token(door, mine)
    assert ask(server, f"{path}?t={good}").status == 200
    assert ask(server, f"/l/{good}").status == 404
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask(server, f"{path}?t={good}", method).status == 405


def test_a_subscription_ends_with_its_makers_account(server: Server, door: Entrance):
    made = token(door, Purpose.CALENDAR, UNIT, by=Actor("赵六", "unit", (UNIT,), "zhao"))
    assert ask(server, f"{ICS}?t={made}").status == 200
    door.accounts.credentials.change(lambda entries: entries["zhao"].update(disabled=True))
    assert ask(server, f"{ICS}?t={made}").status == 404
    door.accounts.credentials.change(lambda entries: entries["zhao"].update(disabled=False))


def test_guessing_is_told_to_wait(server: Server, door: Entrance):
    good, there = token(door, Purpose.DATA), "10.9.0.2"
    for number in range(ADDRESS_LIMIT):
        assert ask(server, f"{JSON}?t=guess-{number}", address=there).status == 401
    answer = ask(server, f"{JSON}?t={good}", address=there)
    assert data(answer, 429)["error"] == "too_often"
    assert 0 < int(answer.get("retry-after")) <= 900
    assert ask(server, f"{ICS}?t=guess", address=there).status == 429
    assert ask(server, f"{JSON}?t={good}").status == 200


def test_the_figures_are_those_of_the_pages_and_of_the_command_line(server: Server, door: Entrance, plan: Plan):
    day = "2016-02-29"
    found = data(ask(server, f"{JSON}?t={token(door, Purpose.DATA)}&asof={day}"))
    jsonschema.validate(found, schema())
    told = cli("progress", server.workbook, "--as-of", day)
    assert {name: value for name, value in found.items() if name not in ("revision", "generated_at")} == told
    ledger = derive(judge(XlsxStore(server.workbook).read(), plan, today()), date.fromisoformat(day))
    page = overview(ledger, EVERYTHING)
    items = found["checklist"]
    assert f"{items['done']}/{items['total']}" in {figure.value for figure in page.figures}
    assert [(b.unit, b.floor, b.expected, b.recommended, b.selected) for b in page.quotas] == [
        (q["unit"], q["floor"], q["expected"], q["recommended"], q["selected"]) for q in found["quota"]
    ]
    assert [p.progress for p in page.phases] == [f"{p['done']}/{p['total']}" for p in found["phases"]]
    assert [p.state for p in page.phases] == [f"{p['shape']} {p['word']}" for p in found["phases"]]
    assert len(page.all_dues) == len(found["due"])
    assert str(page.pace.projected) == items["projected"]
    assert found["as_of"] == day


def test_a_units_token_and_a_units_session_give_its_own(server: Server, door: Entrance, seen: Ledger):
    sight = Actor("", "unit", (UNIT,)).sight
    by_token = data(ask(server, f"{JSON}?t={token(door, Purpose.DATA, UNIT)}&asof={seen.as_of}"))
    session = Wire.of(server.url, cookie(come_in(server.workbook, "unit", UNIT)))
    by_session = data(session.ask(f"{JSON}?asof={seen.as_of}"))
    for found in (by_token, by_session):
        assert found["units"] == [UNIT]
        assert len(found["due"]) == len(dues_in(seen, sight))
        assert {p["unit"] for p in found["pilots"]} == {UNIT}
    assert data(ask(server, f"{JSON}?t={token(door, Purpose.DATA, UNIT)}"))["as_of"] == str(seen.as_of)


@pytest.mark.parametrize(
    "typed", ["", "明天", "2016-3-1", "20160331", "2016-02-30", "1999-12-31", "2100-01-01", "2016-W13-4", "x" * 99]
)
def test_a_day_that_is_none_is_refused_in_words(server: Server, door: Entrance, typed: str):
    refused = data(ask(server, f"{JSON}?t={token(door, Purpose.DATA)}&asof={quote(typed)}"), 400)
    assert refused["error"] == "bad_asof"
    assert "asof=2016-03-31" in refused["message"]
    assert len(refused["message"]) < 120


def test_who_may_not_read_is_told_so_in_data(server: Server, door: Entrance):
    assert data(ask(server, JSON), 401)["error"] == "no_access"
    assert data(ask(server, JSON, accept="text/html"), 401)["message"]
    english = data(ask(server, f"{JSON}?t=x&lang=en"), 401)["message"]
    assert english.isascii()
    come_in(server.workbook, "office", user="new")
    account = door.accounts.get("new")
    assert account is not None
    door.accounts.credentials.change(lambda entries: entries["new"].update(must_change=True))
    once = Wire.of(server.url, cookie(door.accounts.access.open("user", "new", account.stamp, 3600, HERE)))
    assert data(once.ask(JSON), 403)["error"] == "not_allowed"
    assert data(Wire.of(server.url, cookie("x" * 43)).ask(JSON), 401)


def test_no_log_and_no_audit_holds_a_token(server: Server, door: Entrance):
    calendar, figures = token(door), token(door, Purpose.DATA)
    for path in (f"{ICS}?t={calendar}", f"{JSON}?t={figures}", f"{ICS}?t={figures}", f"{JSON}?t={calendar}&asof=x"):
        ask(server, path)
    held = server.log.read_bytes() + b"".join(
        p.read_bytes() for p in folder_of(server.workbook).rglob("*") if p.is_file()
    )
    for secret in (calendar, figures):
        assert secret.encode() not in held
        assert secret.encode()[:16] not in held


def test_without_data_it_says_so_and_when_to_ask_again(tmp_path: Path):
    workbook = tmp_path / "nowhere.xlsx"
    empty = Server(workbook, tmp_path / "server.log")
    try:
        door = open_entrance(workbook)
        answer = ask(empty, f"{JSON}?t={token(door, Purpose.DATA)}")
        assert data(answer, 503)["error"] == "no_data"
        assert answer.get("retry-after")
        assert ask(empty, f"{ICS}?t={token(door)}").status == 503
        (folder_of(workbook) / "access.sqlite").unlink()
    finally:
        empty.stop()


def test_without_the_doors_records_nobody_is_let_in(sample_once: Path, tmp_path: Path):
    workbook = tmp_path / "sample.xlsx"
    shutil.copy(sample_once, workbook)
    folder_of(workbook).mkdir()
    (folder_of(workbook) / "access.sqlite").write_bytes(b"garbage" * 1000)
    broken = Server(workbook, tmp_path / "server.log")
    try:
        assert data(ask(broken, f"{JSON}?t=x"), 503)["error"] == "no_access_records"
        assert data(Wire.of(broken.url, cookie("x" * 43)).ask(JSON), 503)["error"] == "no_access_records"
        answer = ask(broken, f"{ICS}?t=x")
        assert answer.status == 503
        assert str(tmp_path) not in answer.body
    finally:
        broken.stop()


def test_the_figures_of_a_ledger_are_everybodys_unless_a_sight_says_otherwise(seen: Ledger):
    assert as_json(seen) == as_json(seen, EVERYTHING)
