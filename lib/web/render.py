"""The pages that are not Streamlit's: the forms at the door and refusals, without a script; and Streamlit's index."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

import streamlit as st
from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse

from lib.i18n import LANGUAGES, _, language, speaking

HERE = Path(__file__).resolve().parent
_TAGS = {"zh": "zh-CN", "en": "en"}
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
"""Headers of every answer."""
_FOREIGN = (
    (b"content-security-policy", b"default-src 'none'; sandbox; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
"""Headers of HTML that is none of our pages: Streamlit answers unknown files with its index."""
_DOOR_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)


def page(name: str, title: str, lang: str = "", status: int = 200, **values: object) -> HTMLResponse:
    """A page of the door in a language; everything in it is escaped, nothing of it is kept by the browser.

    Its forms tell us where they come from: a browser that names no referrer names no origin either.
    """
    with speaking(lang):
        text = _environment.get_template(f"{name}.html").render(
            _=_, title=_(title), tag=_TAGS[language()], lang=language(), languages=LANGUAGES, **values
        )
    headers = {"cache-control": "no-store", "content-security-policy": _DOOR_POLICY, "referrer-policy": "same-origin"}
    return HTMLResponse(text, status, headers)


def refused(status: int, title: str, text: str, lang: str = "", back: str = "/") -> HTMLResponse:
    """A page that says what cannot be had, and what to do."""
    answer = page("refused", title, lang, status, text=text, back=back)
    answer.headers["referrer-policy"] = "no-referrer"  # the address may be a leaders' link
    return answer


@cache
def _index_parts() -> tuple[str, str]:
    """Streamlit's index page without what names its makers, and the hashes of its own inline scripts."""
    text = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    text = text.replace('href="./favicon.png"', 'href="/icon.svg"')
    text = re.sub(r"<link rel=\"service-desc\"[^>]*>|<!--.*?-->", "", text, flags=re.DOTALL)
    hashes = [b64encode(sha256(script.encode()).digest()).decode() for script in _INLINE.findall(text)]
    return text, " ".join(f"'sha256-{value}'" for value in hashes)


def index(lang: str = "") -> HTMLResponse:
    """Streamlit's index page in a language, with the policy it can live with: Vega compiles its expressions."""
    text, hashes = _index_parts()
    with speaking(lang):
        text = text.replace('<html lang="en">', f'<html lang="{_TAGS[language()]}">')
        text = text.replace("<title>Streamlit</title>", f"<title>{_('脱钩工作台')}</title>")
        without = _("请在浏览器里启用 JavaScript 后刷新。")
        text = re.sub(r"<noscript>.*?</noscript>", f"<noscript>{without}</noscript>", text, flags=re.DOTALL)
    policy = (
        f"default-src 'self'; script-src 'self' 'unsafe-eval' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return HTMLResponse(text, headers={"cache-control": "no-store", "content-security-policy": policy})


def common_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """An answer's headers with those that every answer has."""
    there = {name.lower(): value for name, value in headers}
    if there.get(b"content-type", b"").startswith(b"text/html") and b"content-security-policy" not in there:
        headers = [(name, value) for name, value in headers if name.lower() != b"cache-control"] + [*_FOREIGN]
    return [*headers, *((name, value) for name, value in _COMMON if name not in there)]
