"""What the store of a shared spreadsheet must not forget when its process ends: which batch has been dealt with, which
cells of other rows are to get their content back, and which tab is which sheet, whatever people call it now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lib.store.files import make_folder, not_writable, swap, write_temp
from lib.store.google_damage import Damage
from sheets_schema.workbook import APP, PEOPLE

DECLARED = {name for sheet in PEOPLE + APP for name in (sheet.label, *sheet.aliases)}
"""Titles by which a tab is known without remembering it."""


@dataclass
class Kept:
    """A small file beside the journal."""

    path: Path
    settled: str = ""
    """The name of the last batch whose outcome is known."""
    damage: list[Damage] = field(default_factory=list)
    titles: dict[int, str] = field(default_factory=dict)
    """Tab id → the declared title it had."""

    @classmethod
    def at(cls, path: Path) -> Kept:
        """What was kept; nothing where there is no such file, or none that can be read."""
        try:
            told = json.loads(path.read_bytes())
            damage = [_damage(one) for one in told["damage"]]
            return cls(path, told["settled"], damage, {int(id): title for id, title in told["titles"].items()})
        except (OSError, ValueError, KeyError, TypeError):
            return cls(path)

    def save(self) -> None:
        """Keep it. Raises ``NotWritable``."""
        told = {"settled": self.settled, "damage": [asdict(one) for one in self.damage], "titles": self.titles}
        try:
            make_folder(self.path.parent)
        except OSError as error:
            raise not_writable(self.path, error) from error
        former = swap(write_temp(self.path, json.dumps(told, ensure_ascii=False).encode()), self.path)
        if former is not None:
            former.unlink(missing_ok=True)

    def known_as(self, titles: Iterable[tuple[int, str]]) -> dict[int, str]:
        """Tab id → the title to show: its own, unless people gave another to a tab we know and to no other tab its
        declared one."""
        now = dict(titles)
        free = DECLARED - set(now.values())
        self.titles |= {id: title for id, title in now.items() if title in DECLARED}
        return {
            id: title if title in DECLARED or self.titles.get(id, "") not in free else self.titles[id]
            for id, title in now.items()
        }

    def lacks(self, titles: Iterable[str]) -> bool:
        """Whether a sheet we knew is under no tab now: it may be back at any time."""
        here = set(titles)
        return any(title not in here for title in self.titles.values())


def _damage(told: dict[str, object]) -> Damage:
    cells = {int(at): tuple(pair) for at, pair in told["cells"].items()}  # type: ignore[attr-defined]
    return Damage(told["tab"], told["row"], tuple(told["held"]), cells, tuple(told["head"]))  # type: ignore[arg-type]
