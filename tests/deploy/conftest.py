"""A real nginx with the file we ship, and the real app behind it. Without nginx these tests skip, except in CI."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from lib.services.entrance import Entrance, open_entrance
from lib.services.setup import set_up
from sheets_schema.plan import Plan
from tests.server import Server, free_port

CONF = Path(__file__).resolve().parent.parent.parent / "docs" / "deploy" / "nginx.conf"
REPLICAS = CONF.with_name("nginx-replicas.conf")
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
NGINX, OPENSSL = (shutil.which(name, path=PLACES) for name in ("nginx", "openssl"))
NAME = "localhost"
CALLER = "127.0.0.2"
"""Where the tests come from: nginx itself is at 127.0.0.1, so the two can be told apart."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if (
            item.path.parent == Path(__file__).parent
            and item.path.name in ("test_nginx.py", "test_replicas.py")
            and not (NGINX and OPENSSL)
            and not os.environ.get("CI")
        ):
            item.add_marker(pytest.mark.skip(reason="no nginx or openssl here: install `nginx-light` and `openssl`"))


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str
    size: int


class Site:
    """The app behind nginx."""

    def __init__(self, folder: Path, workbook: Path) -> None:
        self.folder, self.workbook = folder, workbook
        self.app = Server(workbook, folder / "app.log")
        self._begin(CONF.read_text(encoding="utf-8"))

    def _begin(self, conf: str) -> None:
        self.http, self.https = free_port(), free_port()
        self.trust = _certificate(self.folder)
        self._nginx = subprocess.Popen(
            [str(NGINX), "-p", str(self.folder), "-c", str(_rendered(self, conf)), "-e", str(self.folder / "start.log")]
        )
        self._wait()

    @property
    def entrance(self) -> Entrance:
        """The accounts and links of the workbook, as another process."""
        return open_entrance(self.workbook)

    @property
    def logs(self) -> str:
        """Everything nginx wrote down."""
        return "".join(
            path.read_text("utf-8", "replace") for path in self.folder.glob("*.log") if "app" not in path.name
        )

    def ask(
        self, path: str, form: dict[str, str] | bytes | None = None, *, plain: bool = False,
        name: str = NAME, **headers: str,
    ) -> Answer:  # fmt: skip
        """One request, as a browser makes it; ``plain``: without TLS."""
        port = self.http if plain else self.https
        source = (CALLER, 0)
        connection = (
            http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=source)
            if plain
            else _Tls("127.0.0.1", port, self.trust, name, source)
        )
        sent = {"Host": f"{name}:{port}", "Accept": "text/html"}
        body = urlencode(form).encode() if isinstance(form, dict) else form
        if form is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{name}:{port}"}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        try:
            connection.request("GET" if form is None else "POST", path, body, sent)
            answer = connection.getresponse()
            content = answer.read()
            return Answer(answer.status, answer.headers, content.decode("utf-8", "replace"), len(content))
        finally:
            connection.close()

    def _wait(self) -> None:
        for _try in range(100):
            assert self._nginx.poll() is None, self.logs
            try:
                assert self.ask("/healthz").status == 200
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(self.logs)

    def stop(self) -> None:
        self._nginx.terminate()
        self._nginx.wait(20)
        self.app.stop()


class _Tls(http.client.HTTPSConnection):
    """A connection to an address whose certificate is for a name, as a resolver would have it."""

    def __init__(self, host: str, port: int, trust: ssl.SSLContext, name: str, source: tuple[str, int]) -> None:
        super().__init__(host, port, timeout=30, source_address=source, context=trust)
        self._name, self._trust = name, trust

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self._name)


def _certificate(folder: Path) -> ssl.SSLContext:
    """A certificate of our own making, and the trust in it."""
    subprocess.run(
        [str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    return ssl.create_default_context(cafile=str(folder / "tls.crt"))


class Pair(Site):
    """Two servers on one data folder behind nginx, and the Redis they would share a spreadsheet by."""

    def __init__(self, folder: Path, workbook: Path) -> None:
        self.folder, self.workbook = folder, workbook
        with ThreadPoolExecutor() as both:
            self.apps = list(both.map(lambda number: Server(workbook, folder / f"app-{number}.log"), (1, 2)))
        self.app = self.apps[0]
        upstream = REPLICAS.read_text(encoding="utf-8")
        assert "127.0.0.1:8502" in upstream
        upstream = upstream.replace("127.0.0.1:8502", self.apps[1].url.removeprefix("http://"))
        text, count = re.subn(r"upstream tuogou \{.*?\n\}\n", upstream, CONF.read_text(encoding="utf-8"), flags=re.S)
        assert count == 1
        self._begin(text)

    def stop(self) -> None:
        super().stop()
        self.apps[1].stop()


def _rendered(site: Site, text: str) -> Path:
    """The shipped file with other ports, paths and names, in the smallest nginx.conf there can be."""
    folder = site.folder
    for old, new in (
        ("127.0.0.1:8501", site.app.url.removeprefix("http://")),
        ("listen 80", f"listen 127.0.0.1:{site.http}"),
        ("listen 443", f"listen 127.0.0.1:{site.https}"),
        ("tuogou.example.gov.cn", NAME),
        ("/etc/nginx/tls/tuogou", str(folder / "tls")),
        ("/var/log/nginx/", f"{folder}/"),
    ):
        assert old in text, f"{CONF.name} has no {old} any more"
        text = text.replace(old, new)
    assert not re.search(r"/etc/|/var/", text.replace("/etc/nginx/conf.d", ""))
    (folder / "site.conf").write_text(text, encoding="utf-8")
    temp = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = (
        f"daemon off; pid {folder}/pid; error_log {folder}/start.log; events {{}} http {{ {temp} include site.conf; }}"
    )
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    return folder / "nginx.conf"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Iterator[Site]:
    """The app behind nginx, on the sample; everybody else's names are refused by the app too."""
    folder = tmp_path_factory.mktemp("site")
    workbook = folder / "sample.xlsx"
    set_up(workbook, plan, sample=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUOGOU_WORKBOOK", str(workbook))
        patch.setenv("TUOGOU_HOSTS", f"{NAME}, 127.0.0.1")
        made = Site(folder, workbook)
        yield made
        made.stop()
