"""One real server for a module, and somebody of every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.services.entrance import Entrance, open_entrance
from lib.services.policy import OPERATOR
from lib.ui.session import LINK_COOKIE
from tests.entrance import come_in, cookie
from tests.security.wire import Wire
from tests.server import Server, serving

UNIT = "市科委"
Whoever = Callable[[str], Wire]
NOBODY, MUST_CHANGE = "nobody", "must change"


@pytest.fixture(scope="module")
def server(sample_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(sample_once, tmp_path_factory.mktemp("served")) as started:
        yield started


@pytest.fixture(scope="module")
def door(server: Server) -> Entrance:
    """The same entrance from another process: this one."""
    return open_entrance(server.workbook)


@pytest.fixture(scope="module")
def whoever(server: Server, door: Entrance) -> Whoever:
    """Somebody of a role, with a session of his own each time."""

    def made(role: str) -> Wire:
        if role == NOBODY:
            return Wire.of(server.url)
        if role == "leader":
            _link, token = door.links.make(OPERATOR, "分管市领导")
            found = door.links.redeem(token, "127.0.0.1")
            assert found is not None
            return Wire.of(server.url, {LINK_COOKIE: found[0]})
        token = come_in(server.workbook, "office" if role == MUST_CHANGE else role, *([UNIT] if role == "unit" else []),
                        user=role.replace(" ", "-"))  # fmt: skip
        if role == MUST_CHANGE:
            door.accounts.credentials.change(lambda entries: entries["must-change"].update(must_change=True))
        return Wire.of(server.url, cookie(token))

    return made
