"""The datasets as Parquet: schemas made from the row classes, one folder a dataset, one ``key=…`` folder a place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

import pyarrow as pa
from pyarrow import dataset as datasets
from pyarrow import parquet

from lib.rollup.rows import DATASETS, KEY, NAME_OF, Row, columns

R = TypeVar("R", bound=Row)
ARROW = {str: pa.string(), int: pa.int64(), bool: pa.bool_(), date: pa.date32()}
FILE = "part.parquet"
LARGEST = 2**63 - 1
"""What an int64 holds: somebody may type a number of forty digits."""


def schema(model: type[Row]) -> Any:
    """The Arrow schema of a dataset; what may be None is nullable, nothing else is."""
    hints = get_type_hints(model)
    return pa.schema([_field(name, hints[name]) for name in columns(model)])


def _field(name: str, hint: Any) -> Any:
    kinds = get_args(hint) or (hint,)
    kind = next(kind for kind in kinds if kind is not NoneType)
    return pa.field(name, ARROW[kind], nullable=NoneType in kinds)


def _in_file(model: type[Row]) -> Any:
    """The schema without the key, which the folder's name tells."""
    return pa.schema([field for field in schema(model) if field.name != KEY])


def prepare(folder: Path) -> None:
    """Make the datasets' folders in an empty one."""
    for name in DATASETS:
        (folder / name).mkdir()


def place_of(folder: Path, model: type[Row], key: str) -> Path:
    """Where a place's rows of a dataset stand."""
    return folder / NAME_OF[model] / f"{KEY}={key}" / FILE


def write(folder: Path, key: str, rows: Mapping[type[Row], Sequence[Row]]) -> None:
    """Write all rows of one place, each file whole or not at all; a dataset without any has no file."""
    for model, found in rows.items():
        if found:
            _write(place_of(folder, model, key), model, found)


def _write(path: Path, model: type[Row], rows: Sequence[Row]) -> None:
    fields = _in_file(model)
    arrays = [pa.array([_fit(getattr(row, field.name)) for row in rows], field.type) for field in fields]
    path.parent.mkdir(exist_ok=True)  # a run that was given up has taken its folders away, and they stay away
    made = path.with_name(f".{os.getpid()}-{path.name}")
    parquet.write_table(pa.Table.from_arrays(arrays, schema=fields), made, compression="zstd")
    made.replace(path)


def _fit(value: Any) -> Any:
    """A value as the file can hold it: half a character is replaced, a number nobody can mean is cut."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-LARGEST, min(LARGEST, value))
    return value


def sizes(folder: Path, key: str) -> dict[str, int]:
    """Dataset → the bytes of the file that a place has in it; no other ones."""
    files = ((name, place_of(folder, model, key)) for name, model in DATASETS.items())
    return {name: file.stat().st_size for name, file in files if file.exists()}


def remove(folder: Path, key: str) -> None:
    """Take away what an attempt that was killed may have left of a place."""
    for model in DATASETS.values():
        place_of(folder, model, key).unlink(missing_ok=True)


def take_over(former: Path, folder: Path, key: str) -> None:
    """The rows of a place as they were: the same files under another folder, copied where links cannot be made.

    Raises ``OSError`` when they are not there.
    """
    for model in DATASETS.values():
        old, new = place_of(former, model, key), place_of(folder, model, key)
        if old.exists():
            new.parent.mkdir(exist_ok=True)
            try:
                os.link(old, new)
            except OSError:
                new.write_bytes(old.read_bytes())


def read(folder: Path, model: type[Row]) -> Any:
    """A whole dataset as an Arrow table, place by place in the order of the keys."""
    where, wanted = folder / NAME_OF[model], schema(model)
    if not where.exists():
        return wanted.empty_table()
    parts = datasets.partitioning(pa.schema([wanted.field(KEY)]), flavor="hive")
    found = datasets.dataset(where, wanted, format="parquet", partitioning=parts).to_table()
    return found.take(pa.array(_by_key(found.column(KEY).to_pylist()))).select(wanted.names).cast(wanted)


def _by_key(keys: list[str]) -> list[int]:
    return sorted(range(len(keys)), key=keys.__getitem__)


def rows(table: Any, model: type[R]) -> tuple[R, ...]:
    """The rows of an Arrow table as objects."""
    return tuple(model(**row) for row in table.to_pylist())
