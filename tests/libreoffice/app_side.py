"""The side of the app: the board on a workbook, in a process of its own that the test kills when it likes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib.domain.edits import Edit, Op
from lib.services import keeper_file as keeping
from lib.services import work
from lib.services.board import Board, keeper_of
from lib.services.policy import Actor
from lib.services.scene import Scene
from sheets_schema.plan_load import shipped_plan

OFFICE = Actor("李四", "office")
THEIRS_WIN = "--theirs-win"


def theirs_win() -> None:
    """Switch merging off: what people save counts, what only the app held is forgotten."""
    merge = keeping.merge

    def taken(*args: Any) -> Any:
        found = merge(*args)
        return replace(found, grids=found.identified, conflicts=[])

    keeping.merge = taken


class AppSide:
    """Does what it is told; every answer goes out only when the change is acknowledged."""

    def __init__(self, workbook: Path) -> None:
        self.board = Board(keeper_of(workbook), shipped_plan())
        assert self.board.keeper is not None
        assert self.board.commands is not None
        self.keeper, self.commands = self.board.keeper, self.board.commands
        self.board.refresh()

    def edit(self, sheet: str, record: str, column: str, text: str) -> dict[str, Any]:
        seen: list[Any] = []

        def make(scene: Scene) -> list[Edit]:
            seen.append(scene.record(sheet, record).get(column) or "")
            return list(work.edit(sheet, record, {column: text})(scene))

        return self._act(make, seen)

    def add(self, like: str, title: str, content: str) -> dict[str, Any]:
        """News of the pilot that another piece of news is about."""

        def make(scene: Scene) -> list[Edit]:
            known = scene.record("updates", like)
            kept = {name: cell for name, cell in known.items() if name in ("association", "reported_on")}
            return [scene.add("updates", {**kept, "title": title, "content": content})]

        return self._act(make, [])

    def remove(self, sheet: str, record: str) -> dict[str, Any]:
        seen: list[Any] = []

        def make(scene: Scene) -> list[Edit]:
            values = scene.record(sheet, record)
            seen.extend(str(cell) for cell in values.values())
            return [Edit(Op.REMOVE, sheet, record, values=values)]

        return self._act(make, seen)

    def _act(self, make: Callable[[Scene], list[Edit]], seen: list[Any]) -> dict[str, Any]:
        decision = self.commands.act(OFFICE, "试", make)
        return {
            "allowed": decision.allowed, "why": str(decision.reason), "seen": seen, "records": list(decision.records),
        }  # fmt: skip

    def records(self, sheet: str, most: int) -> list[str]:
        """The first records of a sheet, and the last ones."""
        names = list(self.keeper.grids[sheet].rows)
        return [*names[:most], *names[-3:]]

    def sync(self) -> dict[str, Any]:
        self.keeper.sync()
        return self.poll()

    def poll(self) -> dict[str, Any]:
        """What the board's thread does every second."""
        self.board.refresh()
        status = self.board.status
        return {"problem": str(status.problem or ""), "delay": str(status.delay or ""), "waiting": status.waiting}


def main() -> None:
    if THEIRS_WIN in sys.argv:
        theirs_win()
    print(json.dumps("ready"), flush=True)
    side: AppSide | None = None
    for line in sys.stdin:
        side = side or AppSide(Path(sys.argv[1]))
        asked = json.loads(line)
        try:
            answer = getattr(side, asked.pop("do"))(**asked)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
