"""The board of a shared spreadsheet: an act shows at once, whatever Google does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lib.services import work
from lib.services.board import Board
from lib.services.live import LiveKeeper
from lib.services.policy import Actor
from lib.services.settings import now
from lib.store.google_client import BoundedClient
from lib.store.gsheet import GoogleStore
from sheets_schema.plan import Plan
from tests.sheets_emulator import Emulator
from tests.sheets_emulator.people import SERVICE

HEAD = ["编号", "单位名称", "备注"]


def test_an_act_shows_without_a_word_to_google_and_is_written_later(tmp_path: Path, plan: Plan) -> None:
    with Emulator() as emu:
        book = emu.new("台账", {"单位": [HEAD, ["DW-01", "市民政局", ""]], "_meta": [["编号", "值"], ["sample", "no"]]})
        keeper = LiveKeeper(GoogleStore(BoundedClient(None, emu.session(SERVICE)), book, tmp_path), tmp_path, now)
        board = Board(keeper, plan, today=lambda: date(2016, 3, 31))
        board.refresh()
        before = len(emu.calls)
        assert board.commands is not None
        office = Actor("李四", "office", user="lina")
        assert board.commands.act(office, "改", work.edit("units", "DW-01", {"remark": "新"})).allowed
        board.catch_up()
        assert board.judged is not None
        assert board.judged.world.units["市民政局"].remark == "新"
        assert len(emu.calls) == before
        keeper.clock = lambda: 1e9
        for _look in range(3):
            board.refresh()
        assert emu.book(book).values("单位")[1] == ["DW-01", "市民政局", "新"]
