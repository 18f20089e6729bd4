"""A long sequence kept in blocks (分块): a copy in which a few items differ shares every other block with the first.

So a change costs what it touches, however many rows a sheet has, and where two states of a sheet differ is seen by
looking only into the blocks they do not share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, count, islice
from operator import eq, is_not, ne
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")
SIZE = 256
"""Items of a block: a city's longest sheet has half as many blocks, so that neither takes long to copy."""


class Blocks(Sequence[T]):
    """A sequence that never changes; ``resized`` and ``exchanged`` give others. All blocks but the last are full."""

    __slots__ = ("_blocks", "_length")

    def __init__(self, items: Iterable[T] = ()) -> None:
        rest = iter(items)
        self._hold(tuple(iter(lambda: tuple(islice(rest, SIZE)), ())))

    def _hold(self, blocks: tuple[tuple[T, ...], ...]) -> Self:
        self._blocks = blocks
        self._length = (len(blocks) - 1) * SIZE + len(blocks[-1]) if blocks else 0
        return self

    def resized(self, length: int, blank: Any = None) -> Blocks[T]:
        """The first ``length`` items, with ``blank`` wherever there are not so many."""
        if length == self._length:
            return self
        kept = self._blocks[: min(length, self._length) // SIZE]
        rest = self[len(kept) * SIZE : length]
        rest += [blank] * (length - len(kept) * SIZE - len(rest))
        return Blocks[T]()._hold((*kept, *Blocks(rest)._blocks))

    def exchanged(self, items: Mapping[int, T]) -> Blocks[T]:
        """The sequence with other items at some indexes."""
        drafts: dict[int, list[T]] = {}
        for index, item in items.items():
            number, at = divmod(index, SIZE)
            if number not in drafts:
                drafts[number] = list(self._blocks[number])
            drafts[number][at] = item
        blocks = list(self._blocks)
        for number, draft in drafts.items():
            blocks[number] = tuple(draft)
        return Blocks[T]()._hold(tuple(blocks))

    def differing(self, other: Blocks[T]) -> list[int]:
        """The indexes, as far as both go, at which two of them hold something else."""
        found: list[int] = []
        for number, (block, then) in enumerate(zip(self._blocks, other._blocks, strict=False)):
            if block is not then:
                others = compress(count(), map(is_not, block, then))
                found += [number * SIZE + at for at in others if block[at] != then[at]]
        return found

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(self._blocks)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        """One item, or a list of them. Raises ``IndexError``; ``ValueError`` for a slice that goes backwards."""
        if isinstance(at, slice):
            start, stop, step = at.indices(self._length)
            first = start // SIZE
            rest = chain.from_iterable(self._blocks[first:])
            return list(islice(rest, start - first * SIZE, max(start, stop) - first * SIZE, step))
        if at < 0:
            at += self._length
        if at < 0:
            raise IndexError(at)
        return self._blocks[at // SIZE][at % SIZE]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Blocks):
            return self._blocks == other._blocks
        if isinstance(other, Sequence):
            return len(self) == len(other) and all(map(eq, self, other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]


def differing(now: Sequence[T], then: Sequence[T]) -> list[int]:
    """The indexes, as far as both go, at which two sequences hold something else."""
    if isinstance(now, Blocks) and isinstance(then, Blocks):
        return now.differing(then)
    return list(compress(count(), map(ne, now, then)))
