"""A real redis-server with the settings we ship, on a free port and in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import redis

from tests.server import free_port

CONF = Path(__file__).resolve().parent.parent / "docs" / "deploy" / "redis.conf"
REDIS = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(
    REDIS is None and not os.environ.get("CI"), reason="no redis-server here: install `redis-server`"
)


class RedisServer:
    """``start`` and ``stop`` it as often as you like: the address stays, what it held is gone."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url, decode_responses=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        assert REDIS, "CI must have redis-server"
        self._process = subprocess.Popen(
            [REDIS, CONF, "--port", str(self.port), "--dir", self.folder, "--logfile", self.folder / "redis.log"]
        )
        for _try in range(100):
            try:
                self.client.ping()
            except redis.RedisError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError((self.folder / "redis.log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None
