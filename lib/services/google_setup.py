"""Set up a shared spreadsheet (建立共享表格): a person creates it and shares it, the app makes its tabs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lib.i18n import N_, _
from lib.services.settings import Google, Settings
from lib.services.setup import first_rows
from lib.services.stores import door_of
from lib.services.tabs import adds_to, as_they_stand, completed, meta_of, without_ids
from lib.store.base import StoreError
from lib.store.google_client import BoundedClient, NotAllowed, Refused
from lib.store.google_copies import snapshot_of
from lib.store.google_provision import UNFINISHED, Progress, complete, fill
from lib.store.google_standing import Standing, standing, tabs_seen, typed_at
from lib.store.google_tabs import a1
from lib.store.laid import Laid
from lib.store.provision import declared
from sheets_schema.plan import Plan
from sheets_schema.reports import Headings, headings_of
from sheets_schema.workbook import META

HOW_TO_SHARE = N_(
    "1. 用自己的 Google 账号新建一个空白表格（sheets.new）；2. 点右上角“共享”，填 {email}，权限选“编辑者”；"
    "3. 再运行一次这条命令。"
)

ONLY_LOOKS = N_("服务账号只能查看；请在“共享”里把 {email} 的权限改为“编辑者”")
HALF = N_(
    "“{name}”上次没有建完，之后有人填过内容，或上次运行的是另一条命令；没有改动。请再运行上次的命令，或另建一个空白表格"
)

LOST_IDS = N_(
    "“{names}”有记录，“编号”列却不见了；没有改动。请把那一列的表头改回“编号”（或在“版本记录”里恢复），再检查一次"
)


@dataclass(frozen=True)
class Found:
    """A spreadsheet as the app found it: the way to it, how it stands, and its tabs with all declared columns."""

    client: BoundedClient
    email: str
    there: Standing
    tabs: Sequence[Laid]

    @property
    def is_blank(self) -> bool:
        """Whether it is as a person has just made it: one tab with nothing in it."""
        return self.there.is_single and not self.there.is_ours and not any(tab.cells for tab in self.tabs)

    @property
    def is_unfinished(self) -> bool:
        """Whether making it was broken off."""
        return UNFINISHED in meta_of(self.tabs)

    def may_take(self, tabs: Sequence[Laid], plan: Plan) -> bool:
        """Whether these tabs may be put in the place of what is there: nobody has put anything in but what a new one
        has, or what of these tabs had come before it was broken off."""
        known = [*declared(plan, first_rows(plan, sample=False), {}), *(tabs if self.is_unfinished else ())]
        return self.is_blank or (self.there.is_ours and not adds_to(self.tabs, known))


class NotShared(StoreError):
    """The spreadsheet is not shared with the service account, or only for looking."""


class Meanwhile(StoreError):
    """Somebody else has changed what the spreadsheet is made of, or another command is at it; this one gave up."""


class NotEmpty(StoreError):
    """The spreadsheet holds something else; nothing was written."""


def find(chosen: Settings, plan: Plan) -> Found:
    """Look at a spreadsheet, its columns called as in a plan. Raises ``NotShared``, another ``StoreError``."""
    google = _google(chosen)
    door = door_of(google)
    client, email = BoundedClient(None, door), door.email
    try:
        there = standing(client, google.spreadsheet)
    except NotAllowed as error:
        raise NotShared(_("这本表格还没有共享给服务账号。") + _(HOW_TO_SHARE, email=email)) from error
    return Found(client, email, there, tabs_in(client, google.spreadsheet, there, headings_of(plan.cadence)))


@contextmanager
def writing(found: Found) -> Iterator[None]:
    """Tell what kept us from writing as whoever sets a spreadsheet up needs it. Raises ``NotShared``, ``Meanwhile``."""
    try:
        yield
    except NotAllowed as error:
        raise NotShared(_(ONLY_LOOKS, email=found.email)) from error
    except Refused as error:
        told = _("“{name}”这期间被别人改过，或另一条命令也在建立它", name=found.there.title)
        raise Meanwhile(_("{why}；没有做完，请再运行一次同样的命令（{detail}）", why=told, detail=error)) from error


def tabs_in(client: BoundedClient, spreadsheet: str, there: Standing, headings: Headings) -> list[Laid]:
    """The tabs of a spreadsheet as they stand. Raises ``StoreError``."""
    return as_they_stand(snapshot_of(tabs_seen(client, spreadsheet, there), spreadsheet), headings)


def set_up(chosen: Settings, plan: Plan, *, sample: bool, progress: Progress = lambda done, of: None) -> int | None:
    """Make the tabs of a spreadsheet, or complete one that is ours: then it gives how much was missing.

    Raises ``NotShared``, ``NotEmpty``, another ``StoreError``.
    """
    google, found = _google(chosen), find(chosen, plan)
    if found.is_blank or found.is_unfinished:
        tabs = declared(plan, first_rows(plan, sample=sample), {"sample": "yes" if sample else "no"})
        if not found.may_take(tabs, plan):
            raise NotEmpty(_(HALF, name=found.there.title))
        with writing(found):
            fill(found.client, google.spreadsheet, found.email, plan, tabs, found.there, progress)
        return None
    if not found.there.is_ours:
        raise NotEmpty(_("“{name}”不是空白表格，没有改动；请新建一个空白表格", name=found.there.title))
    if sample:
        raise NotEmpty(_("“{name}”已经建立过，没有改动；示例数据只能放进空白表格", name=found.there.title))
    if lost := without_ids(found.tabs):
        raise NotEmpty(_(LOST_IDS, names="、".join(lost)))
    [meta] = [tab for tab in declared(plan, {}, {"sample": "no"}) if tab.sheet is META]
    here = found.tabs if any(tab.sheet is META for tab in found.tabs) else [*found.tabs, meta]
    tabs = [tab for tab in completed(here, headings_of(plan.cadence)) if tab.sheet is not None]
    formulas = typed_formulas(found.client, google.spreadsheet, tabs, found.there.ids)
    with writing(found):
        return complete(found.client, google.spreadsheet, found.email, plan, tabs, found.there, formulas)


def typed_formulas(
    client: BoundedClient, spreadsheet: str, tabs: Sequence[Laid], ids: Mapping[str, int]
) -> dict[int, str]:
    """What is typed at the header of 校验, by the tab's id. Raises ``StoreError``."""
    cells = {tab.title: tab.at("check") for tab in tabs if tab.title in ids}
    heads = {tab.title: tab.header for tab in tabs}
    return typed_at(client, spreadsheet, [a1(title, heads[title], at) for title, at in cells.items() if at is not None])


def _google(chosen: Settings) -> Google:
    if chosen.google is None or not chosen.google.spreadsheet:
        raise StoreError(_("没有写明哪一本 Google 表格"))
    return chosen.google
