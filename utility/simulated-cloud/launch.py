#!/usr/bin/env python3
"""Starts the simulated cloud so that nothing of it can outlive it.

As root, it runs in PID and mount namespaces of its own: processes, mounts, networks and files of
its instances belong to these, and the kernel removes them with the cloud, even on `kill -9`.
Otherwise, or with `--no-boot`, instances are registered and do not boot, and there is nothing to
remove. Arguments and output are those of cloud.py; it ends when its standard input does, or on
SIGTERM or SIGINT.
"""

import os
import pathlib
import shutil
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = ("ip",)


def obstacle() -> str | None:
    """Why instances can't boot here."""
    if os.geteuid() != 0:
        return "booting instances needs root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"booting instances needs {', '.join(missing)} (iproute2)" if missing else None


def start(arguments: list[str]) -> None:
    """Becomes the cloud."""
    os.execv(sys.executable, [sys.executable, str(HERE / "cloud.py"), *arguments])


def start_enclosed(arguments: list[str]) -> int:
    """Runs the cloud as the first process of its own namespaces, and gives its exit status."""
    from machines import system

    system.unshare(system.NEW_PIDS | system.NEW_MOUNTS)
    child = os.fork()
    if child == 0:
        system.die_with_parent()
        system.own_mounts()
        system.mount("proc", "/proc", "proc")
        # Names of networks, files of instances: all of it in memory that is ours alone.
        system.mount("cloud", "/run", "tmpfs", options="size=50%,mode=755")
        start([*arguments, "--boot"])
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: os.kill(child, number))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    # Whoever starts us may have blocked signals, and we would never hear them.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    arguments = sys.argv[1:]
    if "--no-boot" in arguments:
        start([item for item in arguments if item != "--no-boot"])
    reason = obstacle()
    if reason:
        print(f"simulated-cloud: {reason}; instances are registered only", file=sys.stderr)
        start(arguments)
    status = start_enclosed(arguments)
    sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
