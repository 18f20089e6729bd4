"""Shared fixtures: the shipped plan, a sample workbook made once, and a workbook of one's own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from lib.services.setup import set_up
from sheets_schema.plan import Plan
from sheets_schema.plan_load import shipped_plan
from tests.services.shared import looked_at

# Every ``AppTest`` looks through all installed packages for components of the second kind, which takes a third of a
# second; a server does so once. What is installed does not change while tests run.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--online", action="store_true", help="also on a real Google spreadsheet, see tests/online.py")


LONGEST = (
    "browser/test_browser.py", "browser/test_walk.py", "faults/test_schedules.py", "pages/test_hostile_sections.py",
    "pages/test_pages.py", "documents/test_documents.py", "browser/test_signin.py", "test_cli_google.py",
    "security/test_content.py", "plans/test_other_plans.py", "services/test_two_servers.py", "security/test_doors.py",
    "libreoffice/test_real_libreoffice.py", "test_cli.py", "test_cli_rollup.py",
)  # fmt: skip
"""Files that last a minute or more. They are begun first, so that at the end no process works while the others wait."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without ``--online`` the tests for a real spreadsheet are not there at all."""
    if not config.getoption("--online"):
        items[:] = [item for item in items if item.get_closest_marker("online") is None]
    places = {Path(__file__).parent / name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(scope="session")
def plan() -> Plan:
    return shipped_plan()


@pytest.fixture(scope="session")
def sample_once(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.xlsx"
    set_up(path, plan, sample=True)
    looked_at(path, plan)
    return path


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """AppTest leaves its script behind as the main module, and every process started later would run that first."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def sample(sample_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the sample workbook that the app under test is pointed at."""
    path = tmp_path / "sample.xlsx"
    shutil.copy(sample_once, path)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(path))
    monkeypatch.setenv("TUOGOU_POLL_SECONDS", "0.1")
    return path
