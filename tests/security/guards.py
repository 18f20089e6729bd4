"""Each attack can succeed: take one guard away in a copy of the tree, and see which tests notice.

``python -m tests.security.guards`` takes all of them away, one after another, and prints a table for docs/security.md;
``… guards NAME …`` only those whose name holds a word. It ends with 1 when a guard can go unnoticed.
"""

# ruff: noqa: E501 - each guard quotes its line whole
from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TREE = ("app.py", "lib", "pages", "sheets_schema", "tests", "locale", ".streamlit", "pyproject.toml")
_RED = re.compile(r"^FAILED (\S+?)::(\w+)", re.MULTILINE)
POLICY, DOORS, FORCE = (
    "tests/security/test_policy.py",
    "tests/security/test_doors.py",
    "tests/security/test_brute_force.py",
)
CONTENT, ACCOUNTS, LINKS = (
    "tests/security/test_content.py",
    "tests/services/test_accounts.py",
    "tests/services/test_links.py",
)
SUBSCRIPTIONS, PROGRESS = "tests/services/test_subscriptions.py", "tests/services/test_progress.py"
PAPERS = "tests/documents/test_documents.py"
PASSWORDS, AUDIT = "tests/services/test_passwords.py", "tests/services/test_audit.py"


@dataclass(frozen=True)
class Guard:
    """A guard: what it is, the file, the text and what stands there without it, and the tests that should notice."""

    name: str
    file: str
    old: str
    new: str
    tests: str
    only: str = ""


GATE, SOCKET, OWNERS = "lib/web/gate.py", "lib/web/socket.py", "lib/domain/owners.py"
COMMANDS, TABLE = "lib/services/commands.py", "lib/services/policy.py"
KEEPING, DOOR = "lib/services/accounts.py", "lib/services/sessions.py"
GUARDS = (
    Guard("大门：没有登录的不放行", GATE, "    if visitor is None:\n        wanted", "    if visitor is None:\n        return Verdict()\n        wanted", DOORS, "page_and_route"),
    Guard("大门：领导只到一页", GATE, "        return Verdict() if path == HOME else Verdict(303, HOME)", "        return Verdict()", DOORS, "page_and_route"),
    Guard("大门：页面按角色", GATE, "    return Verdict() if visitor.actor.may_see(PAGE_OF[path]) else Verdict(403)", "    return Verdict()", DOORS, "page_and_route"),
    Guard("大门：一次性密码先换", GATE, "    if visitor.must_change:\n", "    if False:\n", DOORS, "page_and_route"),
    Guard("大门：链接只有一段", GATE, 'LINK = re.compile(r"/l/[^/]+")', 'LINK = re.compile(r"/l/.*")', DOORS, "page_and_route"),
    Guard("大门：上传要能办理", GATE, "        return Verdict() if visitor.actor.may_write else Verdict(403)", "        return Verdict()", DOORS, "no_file_is_taken"),
    Guard("大门：正文限大小", GATE, "            if size > most:\n", "            if False:\n", DOORS, "too_large"),
    Guard("订阅：口令只开一样", "lib/services/links.py", "if link.purpose == purpose and self.access.opens(link) else None", "if self.access.opens(link) else None", SUBSCRIPTIONS, "no_other"),
    Guard("订阅：不打开网页", "lib/services/links.py", "link is None or link.purpose != Purpose.PAGE or", "link is None or", SUBSCRIPTIONS, "no_other"),
    Guard("订阅：账号停用即停", "lib/services/links.py", "        if account is None or account.disabled:\n", "        if account is None:\n", SUBSCRIPTIONS, "makers_account"),
    Guard("订阅：失去的单位", TABLE, "        return Sight(wanted & own, personal=False) if wanted & own else None", "        return Sight(wanted, personal=False)", SUBSCRIPTIONS, "loses or outlive"),
    Guard("订阅：只为自己的单位", "lib/services/links.py", "    if own is not None and not set(wanted) <= own:\n", "    if False:\n", SUBSCRIPTIONS, "than_he_sees"),
    Guard("订阅：撤销归建立的人", "lib/services/links.py", "        if not own:\n            _only_centre(by)", "        if False:\n            _only_centre(by)", SUBSCRIPTIONS, "nobody_else"),
    Guard("订阅：限次", "lib/services/links.py", "            raise TooOften(wait)\n", "            pass\n", SUBSCRIPTIONS, "guessing"),
    Guard("数据：只给看得到的", "lib/services/progress.py", " for p in ledger.pilots if sight.shows(p.unit)", " for p in ledger.pilots", PROGRESS, "no_record"),
    Guard("日历：别的单位的协会", "lib/views/calendar.py", "if is_theirs and subject.owner not in", "if subject.owner not in", "tests/views/test_calendar.py", "anothers_record"),
    Guard("响应头", "lib/web/render.py", "    return [*headers, *((name, value) for name, value in _COMMON if name not in there)]", "    return headers", DOORS, "has_its_headers"),
    Guard("别人的 HTML 没有脚本", "lib/web/render.py", " + [*_FOREIGN]", "", DOORS, "no_file_is_taken or has_its_headers"),
    Guard("长连接：要登录", SOCKET, "    visitor = _visitor(request)\n", "    visitor = _visitor(request) or Visitor(Actor('x', 'viewer'), None)\n", DOORS, "needs_a_session or opens_nothing"),
    Guard("长连接：只从本站", SOCKET, " or not is_own(request):", ":", DOORS, "needs_a_session or names_no_token"),
    Guard("长连接：每条消息核对", SOCKET, "data if now is not None and now == known else plain(asked)", "data", DOORS, "was_open_when or another_role"),
    Guard("长连接：换了角色先重来", SOCKET, "now is not None and now == known", "now is not None", DOORS, "another_role"),
    Guard("长连接：只认页面的消息", SOCKET, "    if kind not in KINDS or", "    if False and kind not in KINDS or", DOORS, "developers or every_other"),
    Guard("长连接：只认页面的操作", SOCKET, "(operation is not None and operation not in OPERATIONS)", "False", DOORS, "every_other"),
    Guard("长连接：文字帧和超大帧", SOCKET, "            if data is None or len(data) > LIMIT:", "            if data is None:\n                continue\n            if False:", DOORS, "oversize_frames"),
    Guard("页面清单按角色", "lib/ui/navigation.py", " and actor.may_see(place.name)\n", "\n", DOORS, "by_its_hash"),
    Guard("表单只从本站", "lib/web/visitors.py", '        return parts_of(origin).netloc == (request.headers.get("host") or None)', "        return True", DOORS, "another_site"),
    Guard("没有 Origin 时看 Sec-Fetch-Site", "lib/web/visitors.py", '    return site in (None, "same-origin", "none")', "    return True", DOORS, "names_no_origin"),
    Guard("登录后只回本站", "lib/web/visitors.py", "    if parts.scheme or parts.netloc or parts.path not in PAGE_OF:", "    if False:", DOORS, "sent_elsewhere"),
    Guard("不是网址的网址", "lib/web/visitors.py", "    except ValueError:", "    except KeyError:", DOORS, "sent_elsewhere or another_site or form_that_is_none"),
    Guard("cookie 脚本读不到", "lib/web/visitors.py", "httponly=True, samesite=\"lax\", secure=secure", "samesite=\"none\", secure=False", DOORS, "gives_a_cookie or is_redeemed"),
    Guard("预览不算使用", "lib/web/forms.py", '    if request.method == "HEAD":', "    if False:", DOORS, "is_redeemed"),
    Guard("HEAD 不登录", "lib/web/forms.py", '    if request.method != "POST":', '    if request.method == "GET":', DOORS, "page_and_route"),
    Guard("办理：问权限表", COMMANDS, "                _permit(actor, edits, [(grids, scene.judged), (changed, after)])\n", "", POLICY),
    Guard("办理：问规则（同时核准）", COMMANDS, "                notes = () if rescue else _doubts(edits, scene.judged, after)", "                notes = ()", POLICY, "once or at_once"),
    Guard("办理：之后归谁也算", COMMANDS, "for row, world in rows if row is not None]", "for row, world in rows if row is not None][:1]", POLICY),
    Guard("办理：删除的整行", COMMANDS, "    return edit if found is None else replace(edit, values=found)", "    return edit", POLICY, "removes_nothing or readonly"),
    Guard("办理：列要存在", COMMANDS, "if not name or name not in grid.columns", "if name not in grid.columns", POLICY, "field_that_does_not"),
    Guard("权限表：别的单位的", TABLE, '    Line(N_("这条记录属于“{unit}”，只能改动本单位的记录"), _UNIT, own=False),\n', "", POLICY),
    Guard("权限表：已报送或办结", TABLE, '    Line(N_("这条记录已报送或办结，本单位不能再改"), _UNIT, settled=True),\n', "", POLICY),
    Guard("权限表：办公室的列", TABLE, '    Line(N_("“{label}”由{editor}填写"), _UNIT, WRITES, editor=Editor.OFFICE),\n', "", POLICY),
    Guard("权限表：应用的列", TABLE, '    Line(N_("“{label}”由{editor}填写"), acts=frozenset({Act.ADD, Act.EDIT}), editor=Editor.APP),\n', "", POLICY),
    Guard("权限表：应用的表", TABLE, '    Line(N_("“{sheet_label}”由应用自动填写，不能改动"), app_sheet=True),\n', "", POLICY),
    Guard("权限表：只读", TABLE, "    Line(READ_ONLY, _READERS),\n", "", POLICY),
    Guard("权限表：联系方式", TABLE, '    Line(N_("个人联系方式只给办公室和本单位看"), _READERS, _SEE, personal=True),\n', "", POLICY),
    Guard("归属：办理归办理的单位", OWNERS, "        return _unit(row.actor, world) or _acts_for_pilot(row, world)", "        return answering(row, world)", POLICY),
    Guard("归属：问题由提出的单位讲", OWNERS, "if column is None or column in _SETTLING else _unit(row.unit, world)", "", POLICY),
    Guard("归属：延期只为自己的事", OWNERS, "        return found & _may_ask(row, world)", "        return found", POLICY),
    Guard("归属：全市的文件由起草的单位起", OWNERS, "    return found & _drafting(row, world) if isinstance(row, Document) and is_citys(row, world) else found", "    return found", POLICY),
    Guard("登录状态绑定密码", DOOR, "        if not by_service and session.stamp != account.stamp:", "        if False:", f"{ACCOUNTS} {DOORS}", "ends_at_once or opens_nothing"),
    Guard("停用的账号", DOOR, "        if account is None or account.disabled or now > session.seen + IDLE:", "        if account is None or now > session.seen + IDLE:", ACCOUNTS, "ends_at_once"),
    Guard("停用时登录状态删去", KEEPING, "        self._set(user, disabled=True)\n        self.access.end_all(USER, user)", "        self._set(user, disabled=True)", ACCOUNTS, "ends_at_once"),
    Guard("闲置过久", DOOR, " or now > session.seen + IDLE:", ":", ACCOUNTS),
    Guard("总时限", "lib/store/access.py", ' where digest = ? and ends > ?", digest_of(token), self._seconds(),', ' where digest = ? and ? > 0", digest_of(token), self._seconds(),', f"{ACCOUNTS} {LINKS}"),
    Guard("链接和账号分开", "lib/services/links.py", "        if session is None or session.kind != LINK:", "        if session is None:", LINKS),
    Guard("撤销的链接", "lib/store/access.py", "link.revoked is None and ", "", LINKS),
    Guard("口令只存哈希", "lib/store/access.py", '    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()', "    return token", f"{ACCOUNTS} {LINKS}"),
    Guard("限次", "lib/store/access.py", "            if wait > 0:\n", "            if False:\n", f"{ACCOUNTS} {LINKS} {FORCE}"),
    Guard("限次在核对之前算", DOOR, "        wait = self.access.attempt(*places, window=WINDOW, lock=SHUT)\n        if wait:\n            self._note", "        wait = max(self.access._rows(\"select coalesce(max(until), 0) from attempts\")[0][0] - self._seconds(), 0)\n        fits = passwords.fits(password, account.hash if (account := self.accounts.get(name)) else None)\n        wait = wait or (0 if fits else self.access.attempt(*places, window=WINDOW, lock=SHUT))\n        if wait:\n            self._note", ACCOUNTS, "at_once_make"),
    Guard("查无此人也算一次", "lib/services/passwords.py", "    text = normal(password)\n    data", "    if kept is None:\n        return False\n    text = normal(password)\n    data", f"{PASSWORDS} {ACCOUNTS}"),
    Guard("bcrypt 的上限", "lib/services/passwords.py", "    possible = kept is not None and len(data) <= LONGEST_BYTES and", "    possible = kept is not None and", PASSWORDS),
    Guard("最后一个管理员", KEEPING, "            if _can_keep(before) and not _can_keep(after)", "            if False and not _can_keep(after)", ACCOUNTS),
    Guard("只有管理员管账号", KEEPING, "    if not by.keeps_accounts:", "    if False:", ACCOUNTS),
    Guard("账号文件只给自己", "lib/store/credentials.py", "_MODE = 0o600", "_MODE = 0o644", ACCOUNTS),
    Guard("账号文件要像样", "lib/store/credentials.py", " or not all(map(_is_entry, names.items())):", ":", f"{ACCOUNTS} {DOORS}", "garbage"),
    Guard("账号文件整体替换", "lib/store/credentials.py", "            edit(_entries(whole))\n", "            self.path.write_text('', encoding='utf-8')\n            edit(_entries(whole))\n", ACCOUNTS, "failing_edit"),
    Guard("审计不记秘密", DOOR, "            self.audit.note(told.SIGN_IN_FAILED, name, address)\n            return Entry(None, WRONG)", "            self.audit.note(told.SIGN_IN_FAILED, name, address, typed=password)\n            return Entry(None, WRONG)", f"{AUDIT} {DOORS}", "no_password or no_secret or names_no_token"),
    Guard("审计逐条相扣", "lib/store/journal_lines.py", "        if before != prev or entry.seq != seq + 1:", "        if False:", AUDIT, "tampering"),
    Guard("转义", "lib/ui/theme.py", '    return _MARKUP.sub(r"\\\\\\1", _NUMBER.sub("\\u2060（", text.replace("\\n", " ")))', "    return text", CONTENT, "nowhere_markup"),
    Guard("模板：不能调用", "lib/documents/looking_up.py", "        if not isinstance(node, _ALLOWED):\n", "        if False:\n", PAPERS, "template"),
    Guard("模板：重复有上限", "lib/documents/looking_up.py", "            if self._left < 0:\n", "            if self._left < -LONGEST:\n                return\n            if False:\n", PAPERS, "without_end"),
    Guard("模板：不联到别处", "lib/documents/foreign.py", "            if why is not None:\n", "            if False:\n", PAPERS, "fetch_or_run"),
    Guard("示例数据不发给真人", "lib/services/reminders.py", "    if letter.sample and not", "    if False and not", "tests/services/test_reminders.py", "nobody_real"),
    Guard("导出没有公式", "lib/views/plain.py", '    return f"\'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text', "    return text", CONTENT, "starts_a_formula"),
)  # fmt: skip
"""Guards and what the tree is without each."""


def main(words: list[str]) -> int:
    """Take guards away and print what noticed."""
    unnoticed = 0
    print("| 去掉的 | 程序 | 变红的测试 |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in TREE:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, tree / name)
        for guard in GUARDS:
            if not words or any(word in guard.name for word in words):
                red = without(guard, tree)
                unnoticed += not red
                told = "<br>".join(f"`{name}`" for name in red) or "**没有**"
                print(f"| {guard.name} | `{guard.file}` | {told} |", flush=True)
    return 1 if unnoticed else 0


def without(guard: Guard, tree: Path) -> list[str]:
    """The tests that go red without a guard."""
    path = tree / guard.file
    good = path.read_text(encoding="utf-8")
    if good.count(guard.old) != 1:
        raise SystemExit(f"{guard.name}: {guard.file} has its text {good.count(guard.old)} times")
    path.write_text(good.replace(guard.old, guard.new), encoding="utf-8")
    try:
        asked = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--tb=no",
            "-x" if guard.tests == POLICY else "-q",
            *guard.tests.split(),
        ]
        asked += ["--maxfail=12", *(["-k", guard.only] if guard.only else [])]
        told = subprocess.run(asked, cwd=tree, capture_output=True, text=True, check=False, timeout=600).stdout
    finally:
        path.write_text(good, encoding="utf-8")
    return list(dict.fromkeys(test for _file, test in _RED.findall(told)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
