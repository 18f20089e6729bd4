"""What every store promises, whatever the workbook lives in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from lib.domain.normalise import to_text
from lib.store import xlsx
from lib.store.base import Busy, CellPatch, Changed, Missing, Store, Unreadable, Written
from lib.store.google_batch import write
from lib.store.google_client import BoundedClient
from lib.store.google_reading import raw_of, value_of
from lib.store.gsheet import GoogleStore
from lib.store.locks import Holder
from lib.store.memory import MemoryStore
from lib.store.xlsx import XlsxStore
from sheets_schema.snapshot import Cell, RawSheet, Snapshot
from tests.online import do, online, only
from tests.sheets_emulator import SERVICE, Emulator
from tests.sheets_emulator.direct import DirectSession

TITLE = "协会商会"
Rows = list[list[Cell]]
ROWS: Rows = [
    ["编号", "协会名称", "登记日期", "备注"],
    ["XH-0001", "甲协会", date(2010, 1, 2), "甲"],
    ["XH-0002", "0571", date(2011, 2, 3), 5.0],
]


DANGEROUS = ["=1+1", "+86", "-3", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "'x", "0571", "1e5", "<&>"]


@dataclass
class Shop:
    """A store and what somebody else can do to its workbook."""

    store: Store
    save: Callable[[Rows], None]
    lose: Callable[[], None]
    holds: dict[str, Callable[[], Callable[[], None]]]
    """Program → opens the workbook there; gives what closes it."""


def in_memory(_folder: Path) -> Shop:
    def save(rows: Rows) -> None:
        store.put(RawSheet(TITLE, [list(row) for row in rows]))

    def hold() -> Callable[[], None]:
        store.held_by = Holder("王五", "", "", datetime.now(UTC), Path("x"))
        return release

    def release() -> None:
        store.held_by = None

    store = MemoryStore()
    save(ROWS)
    return Shop(store, save, store.lose, {"office": hold, "excel": hold})


def in_a_file(folder: Path) -> Shop:
    path = folder / "台账.xlsx"

    def save(rows: Rows) -> None:
        book = openpyxl.Workbook()
        book.active.title = TITLE
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                made = book.active.cell(at, column, cell)
                if isinstance(cell, str):
                    made.data_type = "s"
        book.save(path)

    def hold(lock: Path, content: bytes) -> Callable[[], Callable[[], None]]:
        def opens() -> Callable[[], None]:
            lock.write_bytes(content)
            return lock.unlink

        return opens

    name = "王五".encode("utf-16-le")
    office = hold(path.with_name(f".~lock.{path.name}#"), ",王五,elsewhere,31.03.2016 09:00,file:///x;".encode())
    excel = hold(path.with_name(f"~${path.name}"), bytes([1]) + b"x".ljust(54) + b"\x02\x00" + name)
    save(ROWS)
    return Shop(XlsxStore(path), save, path.unlink, {"office": office, "excel": excel})


class Looking(GoogleStore):
    """Looks before it is asked, as its keeper makes it."""

    def probe(self) -> str:
        self.refresh(force=True)
        return super().probe()

    def read(self) -> Snapshot:
        self.refresh(force=True)
        return super().read()

    def keep(self, base: Snapshot, path: Path) -> None:
        self.refresh(force=True)
        super().keep(base, path)

    def write(self, base: Snapshot, patches: Sequence[CellPatch], keep: Path | None) -> Written:
        self.read()
        return super().write(base, patches, keep)


def in_google(folder: Path) -> Shop:
    def save(rows: Rows) -> None:
        book.trashed = False
        person.clear(TITLE, "A1:Z100")
        cells = [[{"userEnteredValue": value_of(raw_of(cell))} for cell in row] for row in rows]
        start = {"sheetId": person.tab(TITLE).id, "rowIndex": 0, "columnIndex": 0}
        person.do(
            {"updateCells": {"rows": [{"values": row} for row in cells], "fields": "userEnteredValue", "start": start}}
        )

    def lose() -> None:
        book.trashed = True

    emulator = Emulator()
    id = emulator.new("台账", {TITLE: []})
    person = emulator.book(id)
    book = person.model
    save(ROWS)
    store = Looking(BoundedClient(None, DirectSession(emulator, SERVICE)), id, folder / "google")
    return Shop(store, save, lose, {})


def on_line(folder: Path) -> Shop:
    """A real spreadsheet, where the service account plays the other people too."""

    def save(rows: Rows) -> None:
        store.spreadsheet = spreadsheet
        blank = {"repeatCell": {"range": {"sheetId": tab}, "cell": {}, "fields": "userEnteredValue"}}
        do(blank, *(write(tab, at, 0, [raw_of(cell) for cell in row]) for at, row in enumerate(rows)))

    def lose() -> None:
        store.spreadsheet = "x" * len(store.spreadsheet)

    client, spreadsheet = online()
    store = Looking(client, spreadsheet, folder / "google")
    tab = only(TITLE)
    save(ROWS)
    return Shop(store, save, lose, {})


@pytest.fixture(params=[in_memory, in_a_file, in_google, pytest.param(on_line, marks=pytest.mark.online)])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(xlsx, "SETTLE_WAIT", 0)
    made: Shop = request.param(tmp_path)
    return made


def cells(snapshot: Snapshot) -> Rows:
    [sheet] = snapshot.sheets
    return [list(row) for row in sheet.cells]


def patch(row: int, column: int, value: Cell) -> CellPatch:
    return CellPatch(TITLE, row, column, value)


def test_it_reads_what_somebody_saved_and_text_stays_text(shop: Shop):
    assert cells(shop.store.read()) == ROWS


def test_the_mark_changes_when_the_content_does_and_only_then(shop: Shop):
    before = shop.store.probe()
    assert shop.store.probe() == before
    shop.save([*ROWS, ["XH-0003", "丙协会", ""]])
    assert shop.store.probe() != before
    assert shop.store.read().revision == shop.store.probe()


def test_the_digest_tells_contents_apart(shop: Shop):
    first = shop.store.read()
    shop.save([*ROWS, ["XH-0003", "丙协会", ""]])
    assert shop.store.read().digest not in ("", first.digest)


def test_it_reads_what_it_has_written_and_nothing_else_changes(shop: Shop, tmp_path: Path):
    patches = [patch(2, 2, "改名"), patch(3, 3, date(2016, 3, 31)), patch(5, 1, "XH-0009"), patch(3, 2, None)]
    written = shop.store.write(shop.store.read(), patches, tmp_path / "copy")
    after = shop.store.read()
    assert after.digest == written.digest
    assert written.displaced is None
    found = cells(after)
    assert found[:2] == [ROWS[0], ["XH-0001", "改名", date(2010, 1, 2), "甲"]]
    assert [to_text(cell) for cell in found[2]] == ["XH-0002", "", "2016-03-31", "5"]
    assert found[4][0] == "XH-0009"


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_looks_like_a_formula_or_a_number_stays_text(shop: Shop, tmp_path: Path, text: str):
    shop.store.write(shop.store.read(), [patch(2, 2, text)], tmp_path / "copy")
    after = shop.store.read()
    assert cells(after)[1][1] == text
    assert not after.sheets[0].marks


def test_a_write_from_another_state_is_refused_and_changes_nothing(shop: Shop, tmp_path: Path):
    stale = shop.store.read()
    shop.save([*ROWS, ["XH-0003", "丙协会", ""]])
    before = shop.store.read()
    with pytest.raises(Changed):
        shop.store.write(stale, [patch(2, 2, "x")], tmp_path / "copy")
    assert shop.store.read() == before
    assert not shop.store.strays()


@pytest.mark.parametrize("program", ["office", "excel"])
def test_while_somebody_has_it_open_it_tells_who_and_writes_nothing(shop: Shop, tmp_path: Path, program: str):
    if shop.store.live:
        pytest.skip("nobody holds a spreadsheet that people edit in place")
    before = shop.store.read()
    close = shop.holds[program]()
    found = shop.store.holder()
    assert found is not None
    assert found.who == "王五"
    with pytest.raises(Busy) as refused:
        shop.store.write(before, [patch(2, 2, "x")], tmp_path / "copy")
    assert refused.value.who == "王五"
    assert shop.store.read() == before
    close()
    assert shop.store.holder() is None
    shop.store.write(before, [patch(2, 2, "x")], tmp_path / "copy")
    assert cells(shop.store.read())[1][1] == "x"


def test_a_copy_kept_is_read_as_the_same_content(shop: Shop, tmp_path: Path):
    now = shop.store.read()
    shop.store.keep(now, tmp_path / "kept")
    copy = shop.store.read_copy(tmp_path / "kept")
    assert cells(copy) == ROWS
    written = shop.store.write(now, [patch(2, 2, "x")], tmp_path / "copy")
    after = shop.store.read_copy(tmp_path / "copy")
    assert cells(after)[1][1] == "x"
    if not shop.store.live:  # the digest of a spreadsheet is a mark of the look, not of the content
        assert (copy.digest, after.digest) == (now.digest, written.digest)


def test_a_copy_of_what_has_changed_is_refused(shop: Shop, tmp_path: Path):
    stale = shop.store.read()
    shop.save([*ROWS, ["XH-0003", "丙协会", ""]])
    with pytest.raises(Changed):
        shop.store.keep(stale, tmp_path / "kept")
    with pytest.raises(Missing):
        shop.store.read_copy(tmp_path / "kept")


def test_a_copy_that_is_damaged_is_unreadable(shop: Shop, tmp_path: Path):
    (tmp_path / "kept").write_bytes(b"garbage")
    with pytest.raises(Unreadable):
        shop.store.read_copy(tmp_path / "kept")


def test_a_lost_workbook_is_missing_until_it_is_back(shop: Shop, tmp_path: Path):
    before = shop.store.read()
    shop.lose()
    for act in (
        shop.store.probe,
        shop.store.read,
        lambda: shop.store.write(before, [patch(2, 2, "x")], tmp_path / "c"),
    ):
        with pytest.raises(Missing):
            act()
    shop.save(ROWS)
    assert cells(shop.store.read()) == ROWS


def test_a_write_of_something_impossible_is_refused_whole(shop: Shop, tmp_path: Path):
    if isinstance(shop.store, MemoryStore):
        pytest.skip("the store in memory holds anything")
    before = shop.store.read()
    long = "长" * (60_000 if shop.store.live else 40_000)
    with pytest.raises(Exception, match=r"32767|50000"):
        shop.store.write(before, [patch(2, 2, "x"), patch(3, 2, long)], tmp_path / "copy")
    assert shop.store.read() == before


def test_a_save_in_the_very_moment_of_a_write_is_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shop, real = in_a_file(tmp_path), xlsx.swap

    def saved_by_somebody(new: Path, target: Path) -> Path | None:
        shop.save([["编号", "协会名称"], ["XH-0001", "手工"]])
        return real(new, target)

    monkeypatch.setattr(xlsx, "swap", saved_by_somebody)
    written = shop.store.write(shop.store.read(), [patch(2, 2, "x")], tmp_path / "copy")
    assert written.displaced is not None
    assert cells(shop.store.read_copy(written.displaced))[1][1] == "手工"
    assert cells(shop.store.read())[1][1] == "x"
    assert list(shop.store.strays()) == [written.displaced]


def test_the_snapshot_is_not_what_the_store_works_on(shop: Shop, tmp_path: Path):
    before = shop.store.read()
    was = replace(before)
    shop.store.write(before, [patch(2, 2, "x")], tmp_path / "copy")
    assert cells(before) == ROWS
    assert before == was
