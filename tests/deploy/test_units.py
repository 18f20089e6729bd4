"""The units for systemd say what the instructions promise, and nothing systemd does not know."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib.services.settings import WORKBOOK_NAME

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "docs" / "deploy"
SERVER, BACKUP, TIMER = "tuogou.service", "tuogou-backup.service", "tuogou-backup.timer"
REPLICA = "tuogou@.service"
REMIND, REMIND_TIMER = "tuogou-remind.service", "tuogou-remind.timer"


def told(name: str, key: str) -> list[str]:
    """The values a unit gives a setting."""
    return re.findall(rf"^{key}=(.*)$", (HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("name", [SERVER, REPLICA, BACKUP, REMIND])
def test_a_unit_can_write_nothing_but_its_data_and_gain_nothing(name: str):
    assert told(name, "User") == ["tuogou"]
    assert told(name, "ProtectSystem") == ["strict"]
    assert told(name, "NoNewPrivileges") == ["yes"]
    assert told(name, "CapabilityBoundingSet") == [""]
    assert told(name, "UMask") == ["0077"]
    [workbook] = [line.split("=", 1)[1] for line in told(name, "Environment") if line.startswith("TUOGOU_WORKBOOK")]
    assert Path(workbook).name == WORKBOOK_NAME
    assert told(name, "ReadWritePaths")[0].split()[0] == str(Path(workbook).parent)


def test_the_server_is_reached_through_nginx_only_and_comes_back():
    [command] = told(SERVER, "ExecStart")
    assert "streamlit run app.py --server.address 127.0.0.1" in command
    assert told(SERVER, "ReadWritePaths") == ["/srv/tuogou"]
    assert told(SERVER, "Restart") == ["always"]
    assert (told(SERVER, "IPAddressDeny"), told(SERVER, "IPAddressAllow")) == (["any"], ["localhost"])


def test_one_of_several_servers_is_the_one_server_at_another_port():
    """They differ in nothing else: no folder of their own but the one under /run, no weaker walls."""
    one, several = ((HERE / name).read_text(encoding="utf-8").splitlines() for name in (SERVER, REPLICA))
    only = [line for line in several if line not in one and not line.startswith("#")]
    assert [line.split("=")[0] for line in only] == [
        "Description", "After", "Wants", "Environment", "Environment", "ExecStart", "RuntimeDirectory",
    ]  # fmt: skip
    assert all("%i" in line or "redis" in line for line in only)
    upstream = (HERE / "nginx-replicas.conf").read_text(encoding="utf-8")
    manual = (HERE / "replicas.md").read_text(encoding="utf-8")
    ports = re.findall(r"server 127.0.0.1:(\d+) ", upstream)
    assert len(ports) == 2
    assert "systemctl enable --now " + " ".join(f"tuogou@{port}" for port in ports) in manual


def test_the_backup_is_a_command_of_ours():
    [command] = told(BACKUP, "ExecStart")
    arguments = command.split(" -m lib.cli ")[1].split()
    assert arguments[1] in told(BACKUP, "ReadWritePaths")[0].split()
    spoken = subprocess.run(
        [sys.executable, "-m", "lib.cli", arguments[0], "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "--keep" in spoken.stdout
    assert told(TIMER, "Persistent") == ["true"]


def test_the_reminder_is_a_command_of_ours_on_working_days_alone():
    [command] = told(REMIND, "ExecStart")
    arguments = command.split(" -m lib.cli ")[1].split()
    assert arguments[0] == "remind"
    assert {"--send", "--workdays-only"} <= set(arguments)
    spoken = subprocess.run(
        [sys.executable, "-m", "lib.cli", "remind", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [option for option in arguments if option.startswith("--") and option not in spoken.stdout] == []
    assert told(REMIND_TIMER, "OnCalendar") == ["*-*-* 09:00 Asia/Shanghai"]
    assert told(REMIND_TIMER, "Persistent") == ["false"], "reminders of a morning long past help nobody"
    assert "AF_INET" in told(REMIND, "RestrictAddressFamilies")[0]
    assert told(REMIND, "PrivateNetwork") == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_every_line(tmp_path: Path):
    """On a copy whose programs are there; whether there is a user ``tuogou`` systemd does not ask."""
    for name in (SERVER, REPLICA, BACKUP, TIMER, REMIND, REMIND_TIMER):
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", (HERE / name).read_text(encoding="utf-8"), flags=re.M)
        (tmp_path / name.replace("@", "@8501")).write_text(text, encoding="utf-8")
    verdict = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    assert verdict.returncode == 0, verdict.stderr
    assert not [line for line in verdict.stderr.splitlines() if "tuogou" in line], verdict.stderr


def test_every_file_is_told_of_in_the_instructions():
    text = (HERE / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in HERE.iterdir() if path.name not in text and path.name != "README.md"] == []


def test_names_and_paths_are_the_same_everywhere():
    """Somebody who changes one finds the others by searching for it."""
    nginx = (HERE / "nginx.conf").read_text(encoding="utf-8")
    [hosts] = [line.split("=", 1)[1] for line in told(SERVER, "Environment") if line.startswith("TUOGOU_HOSTS")]
    assert set(re.findall(r"server_name (\S+);", nginx)) == {hosts.split(",")[0]}
    [port] = re.findall(r"--server.port (\d+)", told(SERVER, "ExecStart")[0])
    assert f"server 127.0.0.1:{port};" in nginx
