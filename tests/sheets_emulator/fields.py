"""Field masks: ``sheets(properties.title,data.rowData.values.note)`` as a tree, and a resource cut down to it."""

from __future__ import annotations

import re
from typing import Any

from .errors import ApiError

Mask = dict[str, "Mask"]
"""A name with an empty tree below means all of it. ``{"*": {}}`` is everything."""

ALL: Mask = {"*": {}}
_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|[*(),./])")


def parse(text: str) -> Mask:
    """The tree of a mask; ``.`` and ``/`` mean the same."""
    tokens, place = [], 0
    text = text.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            raise _wrong(text)
        tokens.append(found[1])
        place = found.end()
    mask, rest = _list(tokens, text)
    if rest:
        raise _wrong(text)
    return mask


def _wrong(text: str) -> ApiError:
    return ApiError(f"Invalid field selection {text}")


def _list(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        path: list[str] = []
        while True:
            if not tokens or tokens[0] in "(),./":
                raise _wrong(text)
            path.append(tokens[0])
            tokens = tokens[1:]
            if not tokens or tokens[0] not in "./":
                break
            tokens = tokens[1:]
        below: Mask = {}
        if tokens and tokens[0] == "(":
            below, tokens = _list(tokens[1:], text)
            if not tokens or tokens[0] != ")":
                raise _wrong(text)
            tokens = tokens[1:]
        for name in reversed(path):
            below = {name: below}
        join(mask, below)
        if not tokens or tokens[0] != ",":
            return mask, tokens
        tokens = tokens[1:]


ANYTHING: Mask = {}
_GRID_DATA: Mask = {
    **dict.fromkeys(("startRow", "startColumn", "rowMetadata", "columnMetadata"), ANYTHING),
    "rowData": {"values": ANYTHING},
}
_SHEET: Mask = {
    **dict.fromkeys(("properties", "merges", "conditionalFormats", "filterViews", "protectedRanges"), ANYTHING),
    **dict.fromkeys(("basicFilter", "charts", "bandedRanges", "developerMetadata", "rowGroups"), ANYTHING),
    **dict.fromkeys(("columnGroups", "slicers", "tables"), ANYTHING),
    "data": _GRID_DATA,
}
SPREADSHEET: Mask = {
    **dict.fromkeys(("spreadsheetId", "properties", "namedRanges", "spreadsheetUrl"), ANYTHING),
    **dict.fromkeys(("developerMetadata", "dataSources", "dataSourceSchedules"), ANYTHING),
    "sheets": _SHEET,
}
"""The fields a Spreadsheet has, as deep as a misspelling would be missed most."""


def check(mask: Mask, known: Mask = SPREADSHEET, path: str = "") -> None:
    """Refuse a mask that names what is not there, instead of answering without it."""
    for name, inner in mask.items():
        if name != "*" and name not in known:
            message = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}{name}'."
            raise ApiError(message)
        if inner and known.get(name):
            check(inner, known[name], f"{path}{name}.")


def join(mask: Mask, more: Mask) -> None:
    """Both masks in one; what is taken whole stays whole."""
    for name, below in more.items():
        if name not in mask:
            mask[name] = below
        elif mask[name] and below:
            join(mask[name], below)
        else:
            mask[name] = {}


def below(mask: Mask, name: str) -> Mask | None:
    """The mask for a field: ``ALL`` if it is taken whole, ``None`` if it is left out."""
    if "*" in mask:
        return ALL
    if name not in mask:
        return None
    return mask[name] or ALL


def cut(resource: Any, mask: Mask) -> Any:
    """The resource with only the fields of the mask."""
    if "*" in mask:
        return resource
    if isinstance(resource, list):
        return [cut(one, mask) for one in resource]
    if not isinstance(resource, dict):
        return resource
    result = {}
    for name, value in resource.items():
        inner = below(mask, name)
        if inner is not None:
            result[name] = cut(value, inner)
    return result
