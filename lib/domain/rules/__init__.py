"""The rule catalogue (规则目录): schema S, integrity X, quota Q, deadlines D, approvals A, cadence R.

Each module declares its rules and the checks that find them; ``load_all`` imports them all.
"""

from importlib import import_module

FAMILIES = ("schema", "integrity", "tracking", "quota", "deadlines", "approvals", "order", "cadence")


def load_all() -> None:
    """Fill the catalogue and the list of checks."""
    for family in FAMILIES:
        import_module(f"{__name__}.{family}")
