"""What a benchmark gives: named values, some with a target, and the small statistics they share."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from os import cpu_count, getloadavg
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table; without a target it is for information and ``ok`` is None."""

    name: str
    value: float
    unit: str
    note: str = ""
    target: str = ""
    ok: bool | None = None


def told(name: str, value: float, unit: str, note: str = "") -> Measure:
    """A value for information."""
    return Measure(name, value, unit, note)


def at_most(name: str, value: float, unit: str, bound: float, note: str = "") -> Measure:
    """A value that must not exceed its bound."""
    return Measure(name, value, unit, note, f"≤ {bound:g}", value <= bound)


def at_least(name: str, value: float, unit: str, bound: float, note: str = "") -> Measure:
    """A value that must reach its bound."""
    return Measure(name, value, unit, note, f"≥ {bound:g}", value >= bound)


def exactly(name: str, value: float, unit: str, bound: float, note: str = "") -> Measure:
    """A value that must equal its bound."""
    return Measure(name, value, unit, note, f"= {bound:g}", value == bound)


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of pairwise ratios: each pair was measured side by side, so that a busy moment hits both."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """A percentile of the values themselves."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def cpu_of(work: Callable[[], T]) -> tuple[float, T]:
    """The CPU seconds this process spends on ``work``, and its result."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def machine() -> str:
    """The machine in one line: absolute values mean nothing without it."""
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
         if line.startswith("model name")), platform.processor(),
    )  # fmt: skip
    load = " ".join(f"{value:.1f}" for value in getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in ("streamlit", "pandas", "altair", "python-calamine"))
    return f"{cpu_count()} × {model}, {platform.system()}, Python {platform.python_version()}, {packages}; load {load}"
