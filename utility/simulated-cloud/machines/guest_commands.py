"""What the commands of systemd do inside a simulated instance."""

import os
import re
import time
from collections.abc import Callable

from machines.units import Later, Units, seconds

Reply = tuple[int, str]


class Commands:
    """Answers systemctl, systemd-run, journalctl, shutdown and their like.

    `power_off` is what ends the instance.
    """

    def __init__(self, units: Units, later: Later, power_off: Callable[[], None]):
        self.units, self.later, self.power_off = units, later, power_off
        self.transient = 0
        self.shutdown_at: float | None = None

    def answer(self, program: str, arguments: list[str]) -> Reply:
        handler = {
            "systemctl": self.systemctl, "systemd-run": self.systemd_run,
            "journalctl": self.journalctl, "shutdown": self.shutdown,
        }.get(program)
        if handler is None:
            self.later(0, self.power_off)
            return 0, ""
        return handler(arguments)

    def shutdown(self, arguments: list[str]) -> Reply:
        if "-c" in arguments:
            self.shutdown_at = None
            return 0, ""
        times = [item for item in arguments if not item.startswith("-")]
        when = times[0] if times else "+1"
        found = re.fullmatch(r"\+?(\d+)|now|(\d\d):(\d\d)", when)
        if not found:
            return 1, f"Failed to parse time specification: {when}\n"
        minutes = int(found[1] or 0)
        if found[2]:
            minutes = (int(found[2]) * 60 + int(found[3]) - int(time.time() % 86400 // 60)) % 1440
        self.shutdown_at = time.monotonic() + 60 * minutes
        due = self.shutdown_at
        self.later(60 * minutes, lambda: self.power_off() if self.shutdown_at == due else None)
        return 0, ""

    def systemctl(self, arguments: list[str]) -> Reply:
        flags = {item for item in arguments if item.startswith("-")}
        verb, *names = [item for item in arguments if not item.startswith("-")] or ["list-units"]
        if verb in ("poweroff", "halt", "reboot"):
            self.later(0, self.power_off)
            return 0, ""
        if verb in ("daemon-reload", "reset-failed", "list-units", "mask", "unmask"):
            return 0, ""
        status, text = 0, ""
        for name in names:
            try:
                code, line = self.on_unit(verb, flags, name)
            except KeyError:
                code, line = 5, f"Unit {name} not found.\n"
            status, text = max(status, code), text + line
        return status, "" if flags & {"-q", "--quiet"} else text

    def on_unit(self, verb: str, flags: set[str], name: str) -> Reply:
        unit = self.units.find(name)
        if verb in ("stop", "restart") or (verb == "disable" and "--now" in flags):
            self.units.stop(unit)
            if "--no-block" not in flags:
                self.units.wait(unit)
        if verb in ("start", "restart") or (verb == "enable" and "--now" in flags):
            return (0, "") if self.units.start(unit) else (1, f"Job for {unit.name} failed.\n")
        if verb == "is-active":
            return (0 if unit.state == "active" else 3), f"{unit.state}\n"
        if verb in ("status", "show"):
            pid = unit.process.pid if unit.process else 0
            text = f"{unit.name}\nActiveState={unit.state}\nMainPID={pid}\n"
            text += f"NRestarts={unit.restarts}\n"
            return (0 if verb == "show" or unit.state == "active" else 3), text
        return 0, ""

    def systemd_run(self, arguments: list[str]) -> Reply:
        """A service, or a timer that starts one, without a file."""
        settings: dict[str, list[str]] = {}
        self.transient += 1
        name, delay = f"run-{self.transient}", 0.0
        rest = list(arguments)
        while rest and rest[0].startswith("-"):
            flag, _, value = rest.pop(0).partition("=")
            if flag in ("-p", "-u", "-E", "-t") and not value:
                value = rest.pop(0)
            if flag in ("--unit", "-u"):
                name = value
            elif flag in ("--on-active", "--on-boot", "--on-startup"):
                delay = seconds(value)
            elif flag in ("--property", "-p"):
                key, _, text = value.partition("=")
                settings.setdefault(key, []).append(text)
            elif flag in ("--setenv", "-E"):
                settings.setdefault("Environment", []).append(value)
        if not rest:
            return 1, "Command line to execute required.\n"
        settings["ExecStart"] = [" ".join(f"'{item}'" for item in rest)]
        unit = self.units.add(name.removesuffix(".timer"), settings)
        if delay:
            self.later(delay, lambda: self.units.start(unit) and None)
            return 0, f"Running timer as unit: {name}.timer\n"
        started = self.units.start(unit)
        return (0 if started else 1), f"Running as unit: {unit.name}\n"

    def journalctl(self, arguments: list[str]) -> Reply:
        names = [
            item for flag, item in zip(arguments, arguments[1:]) if flag in ("-u", "--unit")
        ] + [item.partition("=")[2] for item in arguments if item.startswith("--unit=")]
        text = ""
        for name in names:
            path = self.units.journal(name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += file.read()
        counts = [b for a, b in zip(arguments, arguments[1:]) if a in ("-n", "--lines")]
        if counts and counts[0].isdigit():
            text = "\n".join(text.splitlines()[-int(counts[0]):]) + "\n"
        return 0, text
