"""Which code judged (版本): what tells it from any other, and the versions of what it stands on."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version

from lib.services.settings import ROOT
from sheets_schema.workbook import SCHEMA_VERSION

JUDGING = ("lib/domain", "lib/rollup", "lib/services", "lib/store", "locale", "sheets_schema")
"""The folders whose code, plans and words decide what a result says of a workbook."""
PACKAGES = ("python-calamine", "pyarrow", "pydantic", "dask", "distributed")


@cache
def stamp() -> str:
    """What tells this code and these plans from any other: a rule that has changed judges everything anew."""
    found = hashlib.blake2b(digest_size=8)
    for where in JUDGING:
        for file in sorted((ROOT / where).rglob("*")):
            if file.suffix in (".py", ".yaml", ".po"):
                found.update(file.relative_to(ROOT).as_posix().encode())
                found.update(file.read_bytes().replace(b"\r\n", b"\n"))
    found.update(version("python-calamine").encode())
    return found.hexdigest()


def versions() -> dict[str, str]:
    """The versions a run is made with."""
    found = {name: version(name) for name in PACKAGES}
    return {"schema": str(SCHEMA_VERSION), "python": platform.python_version(), **found}
