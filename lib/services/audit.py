"""The audit (审计记录): who came in, who was refused what, which links were used; from which address.

A journal of its own, hash-chained like the workbook's: somebody at the door must not be able to fill up the record of
the work. Passwords and tokens never enter it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from lib.i18n import N_
from lib.store.base import StoreError
from lib.store.journal import Journal
from lib.store.journal_lines import Entry
from lib.store.turns import WriterLock

log = logging.getLogger(__name__)
KEPT = 2000
"""Entries held in memory for looking at; the files have them all."""
LONGEST = 200

SIGNED_IN, SIGN_IN_FAILED, LOCKED = N_("登录"), N_("登录失败"), N_("暂停登录")
SIGNED_OUT, PASSWORD_CHANGED = N_("退出"), N_("修改密码")
ACCOUNT_ADDED, ACCOUNT_CHANGED, ACCOUNT_DISABLED = N_("新增账号"), N_("修改账号"), N_("停用账号")
ACCOUNT_ENABLED, PASSWORD_RESET = N_("启用账号"), N_("重置密码")
LINK_MADE, LINK_REVOKED, LINK_USED, LINK_REFUSED = N_("建立链接"), N_("撤销链接"), N_("使用链接"), N_("链接无效")
FEED_MADE, FEED_REVOKED, FEED_USED, FEED_REFUSED = N_("建立订阅"), N_("撤销订阅"), N_("使用订阅"), N_("订阅无效")
PLAN_CHANGED = N_("更换方案")
FILE_TAKEN = N_("取用文件")
COMMAND_REFUSED, OVERRIDE, PAGE_REFUSED = N_("办理被拒"), N_("越序办理"), N_("访问被拒")


class Audit:
    """The audit in a folder."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.journal = Journal(folder, now)
        self._lock = WriterLock(folder.with_suffix(".lock"))
        self._recent: deque[Entry] = deque(maxlen=KEPT)

    def note(self, action: str, who: str, address: str = "", **told: Any) -> None:
        """Write down what happened. A full disk does not stop the work: it goes to the server's log instead."""
        data = {"action": action, "actor": who[:LONGEST], "address": address[:LONGEST], **told}
        log.info("%s %s %s %s", action, data["actor"], data["address"], told)
        try:
            with self._lock:
                self._recent.extend(self.journal.tail())
                self._recent.extend(self.journal.append(("access", data)))
        except StoreError as error:
            log.error("the audit could not be written: %s", error)

    def recent(self) -> list[Entry]:
        """The latest entries, the newest first. Raises ``StoreError``."""
        with self._lock:
            self._recent.extend(self.journal.tail())
        return list(reversed(self._recent))
