"""What is the app's own in a shared spreadsheet, and putting it right where somebody took it away (自行修复).

Its two hidden tabs are made again; the header 校验 gets its formula back when it was typed over, or when the tab that
it looks into was deleted from under it. Nothing of people's is touched but that header: a column 校验 into which
somebody has typed is left to ``init``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from lib.i18n import N_, _
from lib.store.google_batch import Cells
from lib.store.google_checks import CHECKS, Checks, formula, works
from lib.store.google_client import BoundedClient
from lib.store.google_patches import GRID, Size, added
from lib.store.google_reading import CHECK, ID, Tab
from lib.store.google_standing import TOOLS, typed_in
from lib.store.google_tabs import whole

Request = dict[str, Any]
MADE, TOLD = N_("重新建立了隐藏的工作表“{name}”"), N_("恢复了“{name}”里“校验”的表头公式")


def remade(sizes: list[Size], checks: Checks, email: str) -> tuple[list[Request], list[str]]:
    """The requests that make the hidden tabs that are not there, closed to all but ``email``, and what was done;
    ``sizes`` and ``checks`` learn of them."""
    made, told = list[Request](), list[str]()
    for title in TOOLS:
        if all(size.title != title for size in sizes):
            id = uuid.uuid4().int % 2**30 + 1
            made += [added(id, title, hidden=True), *([whole(id).request(email)] if email else ())]
            told.append(_(MADE, name=title))
            sizes.append(Size(id, title, *GRID))
            if title == CHECKS:
                checks.tab = id
    return made, told


@dataclass(frozen=True, slots=True)
class Head:
    """The header cell of a column 校验 that lost its formula."""

    tab: Tab
    at: int

    @property
    def cells(self) -> Cells:
        """The cell as a write that is looked after like any other: columns may move under it."""
        return Cells(self.tab.id, self.tab.header, ID, self.tab.whole(self.tab.header), {self.at: CHECK})

    @property
    def request(self) -> Request:
        """The formula, written over that."""
        assert self.tab.id_at is not None
        value = {"formulaValue": formula(CHECK, str(xl_col_to_name(self.tab.id_at)))}
        start = {"sheetId": self.tab.id, "rowIndex": self.tab.header, "columnIndex": self.at}
        rows = [{"values": [{"userEnteredValue": value}]}]
        return {"updateCells": {"rows": rows, "fields": "userEnteredValue", "start": start}}

    @property
    def told(self) -> str:
        """What was done."""
        return _(TOLD, name=self.tab.title)


@dataclass
class Heads:
    """The headers 校验, and which of them do not show what they should."""

    known: dict[int, tuple[int, Sequence[object]]] = field(default_factory=dict)
    """Tab id → where 校验 stood and what the header's cells read then."""
    sound: dict[int, float] = field(default_factory=dict)
    """Tab id → until when not to ask again: what looks wrong there is not the formula's fault."""

    def suspects(self, tabs: Iterable[Tab], checks: Checks, now: float) -> list[Head]:
        """The headers whose formula has to be looked at, right after a look."""
        found = []
        for tab in tabs:
            at = tab.check_at
            if at is None:
                at = self._typed_over(tab)
            else:
                self.known[tab.id] = at, tab.whole(tab.header)
                if not tab.blocked and checks.shown(tab) is tab:
                    at = None
            if at is not None and tab.id_at is not None and self.sound.get(tab.id, now) <= now:
                found.append(Head(tab, at))
        return found

    def broken(
        self, client: BoundedClient, spreadsheet: str, suspects: Sequence[Head], until: float
    ) -> list[Head]:  # fmt: skip
        """Those that really have lost their formula and may get it back: nobody has typed below. The others are not
        looked at again before ``until``. Raises ``StoreError``."""
        if not suspects:
            return []
        typed = typed_in(client, spreadsheet, [(one.tab.id, one.tab.header, one.at) for one in suspects])
        found = [one for one in suspects if _is_lost(typed.get(one.tab.id, ()))]
        self.sound |= {one.tab.id: until for one in suspects if one not in found}
        return found

    def _typed_over(self, tab: Tab) -> int | None:
        """Where 校验 stood, when that cell alone of the header reads something else now."""
        at, head = self.known.get(tab.id, (None, ()))
        if at is None:
            return None
        now = tab.whole(tab.header)
        width = max(len(now), len(head))
        differing = [n for n in range(width) if (now[n : n + 1] or ("",)) != (tuple(head[n : n + 1]) or ("",))]
        return at if differing == [at] else None


def _is_lost(typed: Sequence[str]) -> bool:
    return not works(typed[0] if typed else "") and not any(typed[1:])


def email_of(client: BoundedClient) -> str:
    """The service account's address, where the session knows it: what is closed stays open to it."""
    return str(getattr(client.session, "email", ""))
