"""Which store a workbook lives in: a file, or a spreadsheet at Google."""

from __future__ import annotations

from pathlib import Path

from lib.i18n import _
from lib.services import settings as config
from lib.services.keeper import Keeper
from lib.services.keeper_file import FileKeeper
from lib.services.live import LiveKeeper
from lib.services.settings import Google, Settings
from lib.store import google_copies
from lib.store.base import Store, StoreError
from lib.store.google_client import BoundedClient
from lib.store.google_login import Door
from lib.store.google_reading import Tab
from lib.store.google_standing import standing, tabs_seen
from lib.store.gsheet import GoogleStore
from lib.store.lease import Lease, lease_for
from lib.store.xlsx import XlsxStore
from sheets_schema.snapshot import Snapshot


class Taken(StoreError):
    """Another process on this machine talks to the spreadsheet."""


class InTurn(GoogleStore):
    """A spreadsheet that is only looked at and written by the process whose turn it is: looking settles what became of
    the last batch, and only who sent it can."""

    def refresh(self, force: bool = False) -> None:
        """As any spreadsheet, in our turn."""
        if self.shift.lease.mine():
            super().refresh(force)

    def read(self) -> Snapshot:
        """As any spreadsheet. Raises ``Taken`` when it is not our turn, another ``StoreError``."""
        if not self.shift.lease.mine():
            raise Taken(_("这本表格正由另一个进程读写"))
        return super().read()


def door_of(google: Google) -> Door:
    """The service account of these settings; whether it has a usable key turns out when it is used."""
    return Door(google.key, google.fields, google.url, str(google.problem or ""))


def store_of(chosen: Settings) -> Store:
    """The store these settings name; nothing is asked of it yet. Raises ``StoreError`` when they name no spreadsheet
    where one is meant."""
    google = chosen.google
    if google is None:
        return XlsxStore(chosen.workbook)
    _named(google)
    client, folder = BoundedClient(None, door_of(google)), config.folder_of(chosen.workbook)
    return InTurn(client, google.spreadsheet, folder, lease=_lease(chosen, google))


def keeper_at(chosen: Settings) -> Keeper:
    """The keeper of the workbook these settings name, with its journal and backups beside it."""
    store, folder = store_of(chosen), config.folder_of(chosen.workbook)
    if chosen.google is None:
        return FileKeeper(store, folder, config.now)
    return LiveKeeper(store, folder, config.now, _lease(chosen, chosen.google))


_LEASES: dict[Path, Lease] = {}
"""Folder → the turn at its spreadsheet: all keepers of one process share it, until one of them gives it back."""


def _lease(chosen: Settings, google: Google) -> Lease:
    folder = config.folder_of(chosen.workbook)
    if folder not in _LEASES or _LEASES[folder].closed:
        _LEASES[folder] = lease_for(folder, google.spreadsheet, config.redis_url())
    return _LEASES[folder]


def seen(chosen: Settings) -> Snapshot:
    """What stands in a workbook now, only read. Raises ``StoreError``."""
    if chosen.google is None:
        return XlsxStore(chosen.workbook).read()
    return google_copies.snapshot_of(_tabs(chosen.google), chosen.google.spreadsheet)


def keep_seen(chosen: Settings, path: Path) -> None:
    """Keep a copy of what stands in a spreadsheet now. Raises ``StoreError``."""
    assert chosen.google is not None
    google_copies.save(_tabs(chosen.google), path)


def _tabs(google: Google) -> list[Tab]:
    _named(google)
    client = BoundedClient(None, door_of(google))
    return tabs_seen(client, google.spreadsheet, standing(client, google.spreadsheet))


def _named(google: Google) -> None:
    if not google.spreadsheet:
        raise StoreError(_("没有设定 Google 表格；在 .streamlit/secrets.toml 的 [google] 里写 spreadsheet"))
