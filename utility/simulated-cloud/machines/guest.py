#!/usr/bin/env python3
"""The first process of a simulated instance: makes its root, runs its user-data and its services.

usage: guest.py SETTINGS       (started by host.py, as root; SETTINGS is a JSON file)

Its standard input carries commands of the host: `acpi` is the power button; the end of input is
the end of the host. Exit status: 42 when the instance powered itself off, 0 otherwise.
"""

import heapq
import itertools
import json
import os
import pathlib
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from machines import system  # noqa: E402
from machines.guest_commands import Commands  # noqa: E402
from machines.units import PATH, Units, spawn  # noqa: E402

POWERED_OFF = 42
# Of this machine, an instance has the programs; it does not see anyone's files.
SHARED = {"bin", "boot", "etc", "lib", "lib32", "lib64", "libx32", "opt", "sbin", "usr", "var"}
COMMANDS = (
    ("bin", ("systemctl", "systemd-run", "journalctl")),
    ("sbin", ("shutdown", "poweroff", "halt", "reboot")),
)
CLOUD_FOLDER = "var/lib/cloud/instance"
CONSOLE = "var/log/cloud-init-output.log"


def replace(path: str, text: str, mode: int = 0o644) -> None:
    """Writes a file anew, whatever was there."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def make_root(given: dict[str, Any]) -> str:
    """The instance's own root: this machine's, under a layer that takes all writes."""
    folder = given["folder"]
    root = f"{folder}/root"
    for name in ("root", "upper", "work"):
        os.makedirs(f"{folder}/{name}", exist_ok=True)
    lower = ":".join([*given["layers"], "/"])
    options = f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work"
    system.mount("instance", root, "overlay", options=options)
    for name in os.listdir("/"):
        path = f"{root}/{name}"
        if name not in SHARED and os.path.isdir(path) and not os.path.islink(path):
            system.mount("instance", path, "tmpfs", options="mode=755")
    for name in ("tmp", "var/tmp"):
        if name != "tmp":
            system.mount("instance", f"{root}/{name}", "tmpfs")
        os.chmod(f"{root}/{name}", 0o1777)
    system.bind("/dev", f"{root}/dev")
    system.mount("instance", f"{root}/dev/shm", "tmpfs")
    system.mount("proc", f"{root}/proc", "proc")
    # Limits of the network are the instance's own; all others are this machine's.
    system.protect(f"{root}/proc/sys")
    system.bind("/proc/sys/net", f"{root}/proc/sys/net")
    system.mount("sysfs", f"{root}/sys", "sysfs")
    return root


def write_files(root: str, given: dict[str, Any]) -> None:
    """What makes the root this instance's: its name, its name server, whom it trusts."""
    socket.sethostname(given["hostname"])
    replace(f"{root}/etc/hostname", f"{given['hostname']}\n")
    replace(f"{root}/etc/hosts", (
        f"127.0.0.1 localhost\n{given['private_ip']} {given['hostname']}\n"
    ))
    replace(f"{root}/etc/resolv.conf", f"nameserver {given['name_server']}\n")
    for name in ("etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt"):
        if os.path.exists(f"{root}/{name}"):
            with open(f"{root}/{name}", "a", encoding="ascii") as file:
                file.write(given["certificate"])
    command = (HERE / "guest-command").read_text(encoding="utf-8")
    for folder, names in COMMANDS:
        for name in names:
            replace(f"{root}/usr/{folder}/{name}", command, 0o755)
    os.makedirs(f"{root}/run/simulated-systemd", exist_ok=True)
    os.mkfifo(f"{root}/run/simulated-systemd/requests", 0o600)
    os.makedirs(f"{root}/{CLOUD_FOLDER}", exist_ok=True)
    replace(f"{root}/{CONSOLE}", "")
    system.bind(f"{given['folder']}/console", f"{root}/{CONSOLE}")


class Guest:
    """The loop of the first process: timers, commands of host and guest, children that ended."""

    def __init__(self, root: str, given: dict[str, Any]):
        self.root, self.grace = root, given["grace"]
        self.timers: list[tuple[float, int, Callable[[], None]]] = []
        self.order = itertools.count()
        self.units = Units(root, self.later)
        self.commands = Commands(self.units, self.later, self.power_off)
        self.requests = os.open(f"{root}/run/simulated-systemd/requests", os.O_RDWR)
        self.status: int | None = None
        self.user_data: Any = None
        self.wake, woken = socket.socketpair()
        self.wake.setblocking(False)
        woken.setblocking(False)
        signal.set_wakeup_fd(woken.fileno())
        self.woken = woken
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def later(self, delay: float, action: Callable[[], None]) -> None:
        heapq.heappush(self.timers, (time.monotonic() + delay, next(self.order), action))

    def start_user_data(self) -> None:
        script = f"/{CLOUD_FOLDER}/user-data.txt"
        environment = {"PATH": PATH, "LANG": "C.UTF-8"}
        with open(f"{self.root}/{CONSOLE}", "ab") as console:
            self.user_data = spawn(self.root, [script], environment, console, console)

    def power_off(self) -> None:
        self.status = POWERED_OFF

    def run(self) -> int:
        """Until the instance ends; gives its exit status."""
        while self.status is None:
            delay = None
            if self.timers:
                delay = max(0.0, self.timers[0][0] - time.monotonic())
            ready, _, _ = select.select([0, self.requests, self.wake], [], [], delay)
            if self.wake in ready:
                self.wake.recv(4096)
            if 0 in ready and not self.host_speaks():
                return 0
            if self.requests in ready:
                for line in os.read(self.requests, 65536).decode().splitlines():
                    self.answer(line)
            self.notice_ends()
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()
        self.end_all()
        return self.status

    def host_speaks(self) -> bool:
        text = os.read(0, 4096).decode()
        if "acpi" in text:
            self.status = 0
        return bool(text)

    def answer(self, line: str) -> None:
        reply, program, *arguments = line.rstrip("\x1f").split("\x1f")
        status, text = self.commands.answer(program, arguments)
        try:
            pipe = os.open(f"{self.root}{reply}", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return
        # A pipe holds so much at once, and nobody waits here for a slow reader.
        os.write(pipe, f"{status}\n{text[-20000:]}\x04".encode())
        os.close(pipe)

    def notice_ends(self) -> None:
        """Reads how children ended, and buries orphans."""
        self.units.look()
        if self.user_data is not None and self.user_data.poll() is not None:
            status, self.user_data = self.user_data.returncode, None
            with open(f"{self.root}/{CONSOLE}", "a", encoding="utf-8") as console:
                console.write(f"cloud-init: user-data ended with status {status}\n")
            replace(f"{self.root}/{CLOUD_FOLDER}/boot-finished", f"{status}\n")
        known = {unit.process.pid for unit in self.units.units.values() if unit.process}
        if self.user_data is not None:
            known.add(self.user_data.pid)
        for pid in zombies():
            if pid not in known:
                try:
                    os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    pass

    def end_all(self) -> None:
        """Ends the processes of the instance, in good order as far as they let us."""
        for unit in self.units.units.values():
            unit.stopping = True
        signals = [signal.SIGTERM, signal.SIGKILL]
        for number in signals:
            try:
                os.kill(-1, number)
            except ProcessLookupError:
                return
            deadline = time.monotonic() + self.grace
            while time.monotonic() < deadline:
                try:
                    if os.waitpid(-1, os.WNOHANG) == (0, 0):
                        select.select([self.wake], [], [], 0.02)
                except ChildProcessError:
                    return


def zombies() -> list[int]:
    """Children of the first process that have ended."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state == "Z" and parent == "1":
                found.append(int(name))
    return found


def be_first(given: dict[str, Any]) -> int:
    """The life of process 1."""
    system.die_with_parent()
    system.own_mounts()
    system.mount("proc", "/proc", "proc")
    root = make_root(given)
    write_files(root, given)
    guest = Guest(root, given)
    replace(f"{root}/{CLOUD_FOLDER}/user-data.txt", given["script"], 0o700)
    if given["script"]:
        guest.start_user_data()
    return guest.run()


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    system.enter(given["network"])
    system.unshare(
        system.NEW_PIDS | system.NEW_MOUNTS | system.NEW_UTS | system.NEW_IPC
    )
    child = os.fork()
    if child == 0:
        os._exit(be_first(given))
    _, status = os.waitpid(child, 0)
    sys.exit(max(0, os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main()
