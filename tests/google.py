"""A shared spreadsheet for tests: Google's double, a key that only the double takes, and settings that point there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.services import settings as config
from lib.services.settings import Settings
from tests.sheets_emulator import Emulator
from tests.sheets_emulator.human import Person
from tests.sheets_emulator.people import EDITOR, OWNER, SERVICE


@dataclass
class Desk:
    """The double, the folder for the app's own files, and the service account's key."""

    emu: Emulator
    folder: Path
    key: Path
    id: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What points an app at the spreadsheet."""
        return {
            "TUOGOU_WORKBOOK": str(self.folder / "data" / "台账.xlsx"), "TUOGOU_SPREADSHEET": self.id,
            "TUOGOU_GOOGLE_KEY": str(self.key), "TUOGOU_GOOGLE_URL": self.emu.url, "TUOGOU_POLL_SECONDS": "0.2",
        }  # fmt: skip

    def create(self, **more: object) -> str:
        """A person makes an empty spreadsheet and shares it."""
        self.id = self.emu.new("台账", **more)  # type: ignore[arg-type]
        return self.id

    def point(self, patch: pytest.MonkeyPatch) -> Settings:
        """Point this process at it."""
        for name, value in self.environment.items():
            patch.setenv(name, value)
        return config.settings()

    def person(self, who: str = EDITOR) -> Person:
        return self.emu.book(self.id, who)

    @property
    def owner(self) -> Person:
        return self.person(OWNER)


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    key = folder / "key.json"
    key.write_text(json.dumps({"client_email": SERVICE, "private_key": "none", "token_uri": "none"}), encoding="utf-8")
    key.chmod(0o600)
    with Emulator() as emu:
        yield Desk(emu, folder, key)
