"""Requests about protections, filters and conditional formats."""

from __future__ import annotations

import copy
import random
from typing import Any

from .batch import Doing, Reply, kind, mask_of
from .errors import ApiError, protected
from .model import Sheet
from .people import guard, may_edit
from .requests_lines import sort
from .resource import protection


@kind("addProtectedRange")
def add_protection(do: Doing, body: dict[str, Any]) -> Reply:
    """Keep everybody out but those named; whoever adds it is let in."""
    given = copy.deepcopy(body["protectedRange"])
    if "range" not in given:
        raise ApiError("Protected ranges must have a range in this double.")
    sheet = do.sheet(given["range"])
    if given.get("warningOnly") and given.get("editors"):
        raise ApiError("ProtectedRange is warningOnly. Editors cannot be set on it.")
    given.setdefault("protectedRangeId", random.randrange(1, 2**31 - 1))
    if any(one["protectedRangeId"] == given["protectedRangeId"] for s in do.book.sheets for one in s.protections):
        raise ApiError(f"A protected range with id {given['protectedRangeId']} already exists.")
    given.pop("requestingUserCanEdit", None)
    if not given.get("warningOnly"):
        _let_in(given, do)
    sheet.protections.append(given)
    return {"protectedRange": protection(do.book, given, do.who)}


def _let_in(given: dict[str, Any], do: Doing) -> None:
    users = given.setdefault("editors", {}).setdefault("users", [])
    for user in (do.who, do.book.owner):
        if user not in users:
            users.append(user)


def _protection(do: Doing, protection_id: int) -> tuple[Sheet, dict[str, Any]]:
    for sheet in do.book.sheets:
        for one in sheet.protections:
            if one["protectedRangeId"] == protection_id:
                if not may_edit(one, do.book, do.who):
                    raise protected()
                return sheet, one
    raise ApiError(f"No protected range with ID: {protection_id}")


@kind("updateProtectedRange")
def update_protection(do: Doing, body: dict[str, Any]) -> Reply:
    """Change a protection one is let through."""
    given = body["protectedRange"]
    sheet, one = _protection(do, given.get("protectedRangeId", 0))
    mask = mask_of(body)
    names = [name for name in given if name != "protectedRangeId"] if "*" in mask else list(mask)
    for name in names:
        one.pop(name, None)
        if name in given:
            one[name] = copy.deepcopy(given[name])
    if not one.get("warningOnly"):
        _let_in(one, do)
    target = do.sheet(one["range"])
    sheet.protections.remove(one)
    target.protections.append(one)
    return None


@kind("deleteProtectedRange")
def delete_protection(do: Doing, body: dict[str, Any]) -> Reply:
    """Take a protection away."""
    sheet, one = _protection(do, body.get("protectedRangeId", 0))
    sheet.protections.remove(one)
    return None


@kind("setBasicFilter")
def set_filter(do: Doing, body: dict[str, Any]) -> Reply:
    """The filter of a tab. Its sort moves rows, at once."""
    given = copy.deepcopy(body["filter"])
    sheet = do.sheet(given["range"])
    sheet.filter = given
    if given.get("sortSpecs"):
        box = sheet.box(given["range"])
        below_header = {**given["range"], "startRowIndex": box.top + 1, "endRowIndex": box.bottom}
        sort(do, {"range": below_header, "sortSpecs": given["sortSpecs"]})
    return None


@kind("clearBasicFilter")
def clear_filter(do: Doing, body: dict[str, Any]) -> Reply:
    """No filter any more; rows stay as they were sorted."""
    do.sheet(body).filter = None
    return None


def _rule_sheet(do: Doing, rule: dict[str, Any]) -> Sheet:
    ranges = rule.get("ranges") or []
    if not ranges:
        raise ApiError("ConditionalFormatRule.ranges must not be empty.")
    return do.sheet(ranges[0])


@kind("addConditionalFormatRule")
def add_conditional(do: Doing, body: dict[str, Any]) -> Reply:
    """A rule at an index."""
    rule = copy.deepcopy(body["rule"])
    sheet = _rule_sheet(do, rule)
    for area in rule["ranges"]:
        guard(do.book, sheet, sheet.box(area), do.who)
    sheet.conditionals.insert(body.get("index", 0), rule)
    return None


@kind("deleteConditionalFormatRule")
def delete_conditional(do: Doing, body: dict[str, Any]) -> Reply:
    """The rule at an index away."""
    sheet, index = do.sheet(body), body.get("index", 0)
    if index >= len(sheet.conditionals):
        raise ApiError(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return {"rule": sheet.conditionals.pop(index)}
