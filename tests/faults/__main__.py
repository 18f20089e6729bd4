"""Replay schedules: ``python -m tests.faults SEED`` tells one story, ``… FROM TO`` the faults of many."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.schedules import play, room


def main(
    play: Callable[[int, Path], tuple[Any, list[str]]] = play, show: Callable[[Any], None] = lambda _world: None
) -> int:
    """Play the seeds asked for; of a single story ``show`` what its world looks like in the end."""
    numbers = [int(text) for text in sys.argv[1:]]
    if len(numbers) == 1:
        world, found = play(numbers[0], room())
        print(*world.log, "", *(found or ["nothing was lost"]), sep="\n")
        show(world)
        return len(found)
    kinds, seeds, began = Counter[str](), dict[str, list[int]](), time.perf_counter()
    for seed in range(*numbers):
        for line in play(seed, room())[1]:
            kind = line.partition(":")[0]
            kinds[kind] += 1
            seeds.setdefault(kind, []).append(seed)
    print(dict(kinds), {kind: list(dict.fromkeys(found))[:12] for kind, found in seeds.items()})
    print(f"{len(range(*numbers))} schedules, {time.perf_counter() - began:.1f} s")
    return sum(kinds.values())


if __name__ == "__main__":
    sys.exit(bool(main()))
