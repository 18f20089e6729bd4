"""Signing in: how long a refusal takes tells nobody whether there is such an account."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from lib.services.accounts import HOUSE
from lib.services.entrance import Entrance, open_entrance
from tests.benchmarks.measure import Measure, at_least, at_most, cpu_of, told
from tests.benchmarks.workbooks import Workbooks


def signing(_books: Workbooks, quick: bool) -> list[Measure]:
    """A wrong password for a known, an unknown and a disabled account, turn by turn."""
    rounds = 5 if quick else 15
    taken: dict[str, list[float]] = {"known": [], "unknown": [], "disabled": []}
    with tempfile.TemporaryDirectory() as folder:
        door = open_entrance(Path(folder) / "x.xlsx")
        for user in ("known", "disabled"):
            door.accounts.add(HOUSE, user, user, "office")
        door.accounts.disable(HOUSE, "disabled")
        _refusal(door, "nobody", 0)
        for number in range(rounds):
            for user, seconds in taken.items():
                seconds.append(_refusal(door, user, number))
    middle = {user: median(seconds) for user, seconds in taken.items()}
    note = f"median of {rounds} refusals each"
    return [
        at_most(
            "signin.unknown", middle["unknown"] / middle["known"], "×", 1.2, f"CPU against a known account, {note}"
        ),
        at_least("signin.unknown.least", middle["unknown"] / middle["known"], "×", 0.8),
        at_most("signin.disabled", middle["disabled"] / middle["known"], "×", 1.2, "CPU against a known account"),
        told("signin.known", middle["known"] * 1000, "ms CPU", "bcrypt at streamlit-authenticator's cost"),
    ]


def _refusal(door: Entrance, user: str, number: int) -> float:
    """CPU seconds of one wrong password; each comes from an address of its own, and its account is opened again."""
    seconds, entry = cpu_of(lambda: door.sessions.sign_in(user, "a wrong password", f"10.0.0.{number}"))
    assert entry.token is None
    door.accounts.access.forgive(f"account:{user}")
    return seconds
