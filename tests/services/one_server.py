"""One server of several, without its pages: what it holds, it looks at, and it gives commands at a steady rate.

``python -m tests.services.one_server NAME URL BOOK FOLDER RATE [REDIS]`` prints a line for each command that was
acknowledged, ``set RECORD VALUE`` or ``add ID NAME``, and ``turn NUMBER`` when its turn begins. It ends when its input
does: after ``quiet`` on it, it gives no more commands.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from lib.domain.edits import Edit, Op
from lib.services.live import LiveKeeper
from lib.services.settings import now
from lib.store.base import StoreError
from lib.store.feed import Feed
from lib.store.google_client import BoundedClient
from lib.store.gsheet import GoogleStore
from lib.store.lease import lease_for
from tests.sheets_emulator.client import emulator_session

IDENTITY = "server-{name}@tuogou.iam.gserviceaccount.com"


def main(name: str, url: str, book: str, folder: Path, rate: float, redis: str | None = None) -> None:
    """Serve until the input ends."""
    lease = lease_for(folder, book, redis)
    session = emulator_session(url, IDENTITY.format(name=name))
    keeper = LiveKeeper(GoogleStore(BoundedClient(None, session), book, folder, lease=lease), folder, now, lease)
    feed = Feed(keeper, lambda snapshot: None)
    keeper.listen(feed.nudge)
    feed.start()
    quiet = threading.Event()
    worker = threading.Thread(target=work, args=(keeper, name, rate, quiet), daemon=True)
    worker.start()
    threading.Thread(target=turns, args=(keeper,), daemon=True).start()
    for line in sys.stdin:
        if line.strip() == "quiet":
            quiet.set()
    quiet.set()
    worker.join(5)
    feed.stop()
    keeper.close()


def work(keeper: LiveKeeper, name: str, rate: float, quiet: threading.Event) -> None:
    """Every other command sets a cell of one of this server's ten records, every other adds a record."""
    count, me = 0, f"{name}-{os.getpid()}"
    while not quiet.wait(1 / rate):
        count += 1
        try:
            with keeper.alone() as grids:
                if count % 4:
                    record, value = f"XH-{name}{count % 10}", f"{me}-{count}"
                    old = (grids["associations"].record(record) or {}).get("remark")
                    keeper.record(
                        [Edit(Op.SET, "associations", record, "remark", old, value)], actor="李四", action="改"
                    )
                    told = f"set {record} {value}"
                else:
                    record = keeper.history.mint("associations")
                    keeper.record(
                        [Edit(Op.ADD, "associations", record, values={"name": f"新{me}-{count}"})],
                        actor="李四", action="增",
                    )  # fmt: skip
                    told = f"add {record} 新{me}-{count}"
        except StoreError as error:
            told = f"refused {error}"
        print(told, flush=True)


def turns(keeper: LiveKeeper) -> None:
    """Say when our turn begins."""
    seen = 0
    while True:
        if keeper.lease.mine() and keeper.lease.number != seen:
            seen = keeper.lease.number
            print(f"turn {seen}", flush=True)
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), float(sys.argv[5]), *sys.argv[6:])
