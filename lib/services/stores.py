"""Which store a workbook lives in: a file, or a spreadsheet at Google."""

from __future__ import annotations

import time
from collections.abc import Callable

from lib.i18n import _
from lib.services import settings as config
from lib.services.keeper import Keeper
from lib.services.lease import Leased
from lib.services.live import LiveKeeper
from lib.services.settings import Google, Settings
from lib.store.base import Store, StoreError
from lib.store.google_client import BoundedClient
from lib.store.google_login import Door
from lib.store.gsheet import GoogleStore
from lib.store.xlsx import XlsxStore


def door_of(google: Google) -> Door:
    """The service account of these settings; whether it has a usable key turns out when it is used."""
    return Door(google.key, google.fields, google.url, str(google.problem or ""))


def store_of(chosen: Settings, clock: Callable[[], float] = time.monotonic) -> Store:
    """The store these settings name; nothing is asked of it yet. Raises ``StoreError`` when they name no spreadsheet
    where one is meant."""
    google = chosen.google
    if google is None:
        return XlsxStore(chosen.workbook)
    if not google.spreadsheet:
        raise StoreError(_("没有设定 Google 表格；在 .streamlit/secrets.toml 的 [google] 里写 spreadsheet"))
    return GoogleStore(
        BoundedClient(None, door_of(google)), google.spreadsheet, config.folder_of(chosen.workbook), clock
    )


def keeper_at(chosen: Settings) -> Keeper:
    """The keeper of the workbook these settings name, with its journal and backups beside it."""
    store, folder = store_of(chosen), config.folder_of(chosen.workbook)
    if chosen.google is None:
        return Keeper(store, folder, config.now)
    return LiveKeeper(store, folder, config.now, Leased(folder))
