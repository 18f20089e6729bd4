"""What keeps a shared spreadsheet from working (共享表格体检), step by step, each with what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lib.i18n import _
from lib.services.google_setup import HOW_TO_SHARE, LOST_IDS, ONLY_LOOKS, tabs_in, typed_formulas
from lib.services.settings import Settings, as_shown
from lib.services.stores import door_of
from lib.services.tabs import completed, meta_of, without_ids
from lib.store.base import StoreError
from lib.store.google_checks import works
from lib.store.google_client import BoundedClient, NotAllowed
from lib.store.google_drive import sharing
from lib.store.google_provision import UNFINISHED
from lib.store.google_standing import LOCALE, TIME_ZONE, TOOLS, Standing, standing
from lib.store.google_tabs import protections, whole
from lib.store.gsheet import GoogleStore
from lib.store.laid import Laid
from sheets_schema.reports import Headings


class Line(NamedTuple):
    """One thing looked at: what, whether it is as it should be, and what to do."""

    what: str
    ok: bool
    detail: str


def look_over(chosen: Settings, store: GoogleStore, headings: Headings) -> list[Line]:
    """Everything there is to say of a spreadsheet with columns under these headings; ends with
    the first step that keeps all others from being seen."""
    return list(_lines(chosen, store, headings))


def _lines(chosen: Settings, store: GoogleStore, headings: Headings) -> Iterator[Line]:
    assert chosen.google is not None
    try:
        email = door_of(chosen.google).email
    except StoreError as error:
        yield Line(_("密钥"), False, str(error))
        return
    exposed = _exposed(chosen.google.key)
    told = _("别人也能读“{name}”；运行 chmod 600", name=chosen.google.key) if exposed else ""
    yield Line(_("密钥"), not exposed, told or _("服务账号 {email}", email=email))
    try:
        there = standing(store.client, store.spreadsheet)
    except NotAllowed:
        yield Line(_("共享"), False, _("这本表格还没有共享给服务账号。") + _(HOW_TO_SHARE, email=email))
        return
    except StoreError as error:
        yield Line(_("连接"), False, str(error))
        return
    yield Line(_("连接"), True, _("“{name}”，{n} 张工作表", name=there.title, n=len(there.ids)))
    yield from _rights(store.client, store.spreadsheet, email)
    yield _locale(there)
    words = f"init --google {chosen.google.key or _('密钥文件')} --spreadsheet {store.spreadsheet}"
    yield from _content(store, there, headings, _("；补齐：{command}", command=as_shown(words)))
    yield usage(store)
    just_now = Line(_("最近读取"), True, _("刚才，由这次检查读到"))
    yield last_look(store) if store.looked_at is not None else just_now


def _exposed(key: Path | None) -> bool:
    """Whether others on this machine may read the key: whoever has it is the account."""
    return key is not None and os.name == "posix" and bool(key.stat().st_mode & 0o077)


def _rights(client: BoundedClient, spreadsheet: str, email: str) -> Iterator[Line]:
    """Whether the account may edit, and whether strangers may."""
    try:
        found = sharing(client, spreadsheet)
    except StoreError as error:
        yield Line(_("权限"), False, _("看不到谁有权限：{why}", why=str(error)))
        return
    if not found.may_edit:
        yield Line(_("权限"), False, _(ONLY_LOOKS, email=email))
        return
    yield Line(_("权限"), True, _("服务账号可以编辑"))
    if found.by_link == "writer":
        told = _("知道链接的人都能改；请在“共享”里把“常规访问权限”改为“受限”")
        yield Line(_("链接"), False, told)
    elif found.by_link:
        yield Line(_("链接"), False, _("知道链接的人都能看，里面有电话；请把“常规访问权限”改为“受限”"))
    else:
        yield Line(_("链接"), True, _("只有被共享的人能打开"))


def _locale(there: Standing) -> Line:
    wrong = []
    if there.locale != LOCALE:
        wrong.append(_("语言区域是 {have}，应为 {wanted}", have=there.locale, wanted=LOCALE))
    if there.time_zone != TIME_ZONE:
        wrong.append(_("时区是 {have}，应为 {wanted}", have=there.time_zone, wanted=TIME_ZONE))
    if not wrong:
        return Line(_("语言区域"), True, _("中国，北京时间"))
    return Line(_("语言区域"), False, _("；").join(wrong) + _("；在“文件”→“设置”里改，或再运行一次 init"))


def _content(store: GoogleStore, there: Standing, headings: Headings, init: str) -> Iterator[Line]:
    """Tabs, columns, protections, the formulas of 校验; ``init``: what completes them."""
    try:
        tabs = tabs_in(store.client, store.spreadsheet, there, headings)
        declared = [tab for tab in tabs if tab.sheet is not None]
        formulas = typed_formulas(store.client, store.spreadsheet, declared, there.ids)
    except StoreError as error:
        yield Line(_("内容"), False, str(error))
        return
    if not there.is_ours:
        blank = there.is_single and not any(tab.cells for tab in tabs)
        other = _("这本表格里是别的内容，不是工作台的台账；请新建一本空白表格，或核对编号")
        yield Line(_("工作表"), False, _("还没有建立工作表") + init if blank else other)
        return
    if UNFINISHED in meta_of(tabs):
        yield Line(_("建立"), False, _("上次建立或复制没有完成；请再运行一次同样的命令"))
    if lost := without_ids(tabs):
        yield Line(_("编号"), False, _(LOST_IDS, names="、".join(lost)))
    missing = _missing(tabs, headings)
    yield Line(_("工作表"), not missing, (_("缺 {what}", what=missing) + init) if missing else _("工作表和列齐全"))
    open_ = _unprotected(declared, there)
    told = _("“{names}”的保护没有了，谁都能改", names="、".join(open_)) + init if open_ else _("保护齐全")
    yield Line(_("保护"), not open_, told)
    broken = [
        tab.title
        for tab in declared
        if tab.at("check") is not None and not works(formulas.get(there.ids.get(tab.title, -1), ""))
    ]
    told = _("“{names}”的“校验”列显示不出来", names="、".join(broken)) + init if broken else _("每行的问题都能显示")
    yield Line(_("校验"), not broken, told)


def _missing(tabs: Sequence[Laid], headings: Headings) -> str:
    """Sheets, and columns as ``sheet!column``, that are not there."""
    had = {tab.sheet.key: tab for tab in tabs if tab.sheet is not None}
    found = []
    for tab in completed(tabs, headings):
        if tab.sheet is None:
            continue
        known = had.get(tab.sheet.key)
        if known is None:
            found.append(tab.title)
        else:
            found += [f"{tab.title}!{column.label}" for at, column in tab.columns.items() if at not in known.columns]
    return "、".join(found)


def _unprotected(tabs: Sequence[Laid], there: Standing) -> list[str]:
    ids = {tab.title: there.ids[tab.title] for tab in tabs if tab.title in there.ids}
    found = [tab.title for tab in tabs if tab.title in ids and any(map(there.lacks, protections(ids[tab.title], tab)))]
    return found + [title for title in TOOLS if title not in there.ids or there.lacks(whole(there.ids[title]))]


def usage(store: GoogleStore) -> Line:
    """The calls of the last minute."""
    used = store.client.usage
    ok = max(used.reads, used.writes) < used.limit
    told = _(
        "近一分钟：读 {reads} 次、写 {writes} 次，各不超过 {n} 次", reads=used.reads, writes=used.writes, n=used.limit
    )
    return Line(_("配额"), ok, told)


def last_look(store: GoogleStore) -> Line:
    """When it was last read."""
    if store.looked_at is None:
        return Line(_("最近读取"), False, _("还没有读到过"))
    return Line(_("最近读取"), True, _("{n} 秒前", n=round(store.clock() - store.looked_at)))
