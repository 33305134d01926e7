"""A stand-in for systemd inside an instance: starts, watches and stops services.

Of a unit it reads Type (simple, exec, oneshot; others count as simple), ExecStartPre, ExecStart,
ExecStartPost, ExecStop, Environment, EnvironmentFile, WorkingDirectory, User, LimitNOFILE, Restart,
RestartSec, TimeoutStopSec, StandardOutput and StandardError (append:, file:, journal+console). The
rest of the file is passed over: dependencies, sandboxes and limits are not kept.
"""

import dataclasses
import os
import pwd
import re
import resource
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from typing import IO, Any

FOLDERS = ("etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system")
JOURNAL = "var/log/journal"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
UNITS_OF_TIME = {"": 1, "s": 1, "sec": 1, "ms": 0.001, "m": 60, "min": 60, "h": 3600, "hr": 3600,
                 "d": 86400, "day": 86400}
Later = Callable[[float, Callable[[], None]], None]


def seconds(text: str) -> float:
    """A time span of systemd: `90`, `5min 20s`, `2h`."""
    return sum(
        float(number) * UNITS_OF_TIME[unit.rstrip("s") if len(unit) > 2 else unit]
        for number, unit in re.findall(r"([\d.]+)\s*([a-z]*)", text)
    )


@dataclasses.dataclass
class Unit:
    """A service and its process."""

    name: str
    settings: dict[str, list[str]]
    process: subprocess.Popen | None = None
    state: str = "inactive"
    stopping: bool = False
    restarts: int = 0

    def last(self, key: str, default: str = "") -> str:
        return self.settings.get(key, [default])[-1]


def parse(text: str) -> dict[str, list[str]]:
    """The settings of all sections; an empty value forgets the ones before."""
    settings: dict[str, list[str]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        key, is_setting, value = line.strip().partition("=")
        if is_setting and not key.startswith(("#", ";", "[")):
            if value.strip():
                settings.setdefault(key.strip(), []).append(value.strip())
            else:
                settings.pop(key.strip(), None)
    return settings


class Units:
    """All services of one instance. `root` is the instance's root folder."""

    def __init__(self, root: str, later: Later):
        self.root, self.later = root, later
        self.units: dict[str, Unit] = {}
        os.makedirs(f"{root}/{JOURNAL}", exist_ok=True)

    def find(self, name: str) -> Unit:
        """The unit of the name; KeyError if there is none."""
        name = name if "." in name else f"{name}.service"
        known = self.units.get(name)
        for folder in FOLDERS:
            path = f"{self.root}/{folder}/{name}"
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    settings = parse(file.read())
                if known is None:
                    known = self.units[name] = Unit(name, settings)
                known.settings = settings
        if known is None:
            raise KeyError(name)
        return known

    def add(self, name: str, settings: dict[str, list[str]]) -> Unit:
        """A unit without a file, as systemd-run makes."""
        name = name if name.endswith(".service") else f"{name}.service"
        self.units[name] = Unit(name, settings)
        return self.units[name]

    def start(self, unit: Unit) -> bool:
        """Starts a service, and gives whether it came up; one that is running is left alone."""
        if unit.process is not None:
            return True
        unit.stopping, unit.state = False, "active"
        if not all(self._run(unit, line) for line in unit.settings.get("ExecStartPre", [])):
            return self._fail(unit)
        if unit.last("Type") == "oneshot":
            done = all(self._run(unit, line) for line in unit.settings.get("ExecStart", []))
            unit.state = "active" if unit.last("RemainAfterExit") == "yes" else "inactive"
            return done or self._fail(unit)
        try:
            unit.process = self._spawn(unit, unit.last("ExecStart"))
        except (OSError, subprocess.SubprocessError) as error:
            self._note(unit, f"cannot start: {error}")
            return self._fail(unit)
        for line in unit.settings.get("ExecStartPost", []):
            self._run(unit, line)
        return True

    def stop(self, unit: Unit) -> None:
        """Asks a service to end, and kills what has not ended in time."""
        process = unit.process
        unit.stopping = True
        if process is None:
            unit.state = "inactive"
            return
        for line in unit.settings.get("ExecStop", []):
            self._run(unit, line)
        self._signal(process, getattr(signal, unit.last("KillSignal", "SIGTERM")))
        limit = seconds(unit.last("TimeoutStopSec", "90"))
        self.later(limit, lambda: self._signal(process, signal.SIGKILL))

    def wait(self, unit: Unit) -> None:
        """Waits for a service that was told to stop."""
        if unit.process is not None:
            try:
                unit.process.wait(seconds(unit.last("TimeoutStopSec", "90")))
            except subprocess.TimeoutExpired:
                self._signal(unit.process, signal.SIGKILL)
                unit.process.wait()
            self.look()

    def look(self) -> None:
        """Notices services that ended, and starts again those that say so."""
        for unit in list(self.units.values()):
            if unit.process is None or unit.process.poll() is None:
                continue
            status, unit.process = unit.process.returncode, None
            self._note(unit, f"main process exited, status={status}")
            unit.state = "inactive" if status == 0 or unit.stopping else "failed"
            policy = unit.last("Restart", "no")
            if unit.stopping or policy == "no" or (policy == "on-failure" and status == 0):
                continue
            unit.restarts, unit.state = unit.restarts + 1, "activating"
            pause = seconds(unit.last("RestartSec", "100ms"))
            self.later(pause, lambda unit=unit: None if unit.stopping else self._again(unit))

    def _again(self, unit: Unit) -> None:
        self.start(unit)

    def journal(self, name: str) -> str:
        return f"{self.root}/{JOURNAL}/{name.removesuffix('.service')}.log"

    # Processes

    def _fail(self, unit: Unit) -> bool:
        unit.state = "failed"
        return False

    def _run(self, unit: Unit, line: str) -> bool:
        try:
            status = self._spawn(unit, line).wait()
        except (OSError, subprocess.SubprocessError) as error:
            self._note(unit, f"cannot run {line}: {error}")
            status = 1
        return status == 0 or line.startswith("-")

    def _spawn(self, unit: Unit, line: str) -> subprocess.Popen:
        environment = self._environment(unit)
        line = re.sub(r"\$\{(\w+)\}", lambda found: environment.get(found[1], ""), line)
        command = shlex.split(line.lstrip("-@+!:").replace("%%", "%"))
        output = self._output(unit, "StandardOutput")
        error = self._output(unit, "StandardError") if "StandardError" in unit.settings else output
        with output, error:
            return spawn(
                self.root, command, environment, output, error,
                folder=unit.last("WorkingDirectory", "/").lstrip("-"), user=unit.last("User"),
                files=unit.last("LimitNOFILE"),
            )

    def _environment(self, unit: Unit) -> dict[str, str]:
        environment = {"PATH": PATH, "LANG": "C.UTF-8"}
        for text in unit.settings.get("EnvironmentFile", []):
            path = f"{self.root}/{text.lstrip('-')}"
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    lines = [line for line in file.read().splitlines() if "=" in line]
                pairs = (line.partition("=") for line in lines if not line.startswith("#"))
                environment |= {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}
        for text in unit.settings.get("Environment", []):
            for item in shlex.split(text):
                key, _, value = item.partition("=")
                environment[key] = value
        return environment

    def _output(self, unit: Unit, key: str) -> IO[bytes]:
        kind, _, path = unit.last(key, "journal").partition(":")
        if kind in ("append", "file", "truncate"):
            return open(f"{self.root}/{path}", "ab" if kind == "append" else "wb")
        if kind.endswith("+console"):
            return open(f"{self.root}/var/log/cloud-init-output.log", "ab")
        return open(self.journal(unit.name), "ab")

    def _note(self, unit: Unit, text: str) -> None:
        with open(self.journal(unit.name), "a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%H:%M:%S')} systemd: {unit.name}: {text}\n")

    @staticmethod
    def _signal(process: subprocess.Popen, number: int) -> None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass


def spawn(
    root: str, command: list[str], environment: dict[str, str], output: Any, error: Any,
    folder: str = "/", user: str = "", files: str = "",
) -> subprocess.Popen:
    """Starts a process inside the instance's root, in a session of its own."""
    def enter() -> None:
        os.chroot(root)
        if files.isdigit():
            # More than this machine gives to the cloud itself, it can't give on.
            most = min(int(files), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        os.chdir(folder or "/")
        if user and user != "root":
            entry = pwd.getpwnam(user)
            os.initgroups(user, entry.pw_gid)
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)

    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=error, env=environment,
        preexec_fn=enter, start_new_session=True,
    )
