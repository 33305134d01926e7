"""Rules that make the cloud fail as AWS is known to.

A rule: {"match": {"service", "action", "method", "path", "body", "key"}, "skip": 0, "count": 1,
         "seconds_on": …, "p": 1, "seed": 0, "fault": …, …}; path and body are patterns, key is the signer's.

    error        code, status, message, headers: an AWS error, the request not applied
    http         status, type, body: an answer that is not AWS's
    latency      seconds: waits before it goes on
    drop         closes the connection, the request not applied
    applied-drop closes the connection after the request was applied
    hold         neither applies nor answers the request, until its connection ends
    applied-hold applies the request and does not answer, until its connection ends
    truncate     bytes: the right length announced, fewer bytes sent
    body200      code, message: an error under the status 200, the request applied
    date         seconds: the cloud's clock is off by so much, for its checks and its Date header
"""

import random
import re
import threading
import time
from typing import Any

LOG_LIMIT = 200_000


class Faults:
    """The rules and the log of one door; its threads share it."""

    def __init__(self) -> None:
        self.rules: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []
        self.held: list[dict[str, Any]] = []
        self.changed = threading.Condition()

    def set_rules(self, rules: list[dict[str, Any]]) -> None:
        with self.changed:
            self.rules = self._ready(rules)

    def add_rules(self, rules: list[dict[str, Any]]) -> None:
        with self.changed:
            self.rules = self.rules + self._ready(rules)

    @staticmethod
    def _ready(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
        now = time.monotonic()
        for rule in rules:
            rule.setdefault("skip", 0)
            rule.setdefault("count", 1)
            rule["random"] = random.Random(rule.get("seed", 0))
            rule["until"] = now + rule["seconds_on"] if "seconds_on" in rule else None
        return rules

    def reset(self) -> None:
        with self.changed:
            self.rules, self.log, self.held = [], [], []

    def record(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Notes a request, and gives the rule for it; an empty one if there is none."""
        with self.changed:
            if len(self.log) < LOG_LIMIT:
                self.log.append(seen)
            rule = next((rule for rule in self.rules if self._takes(rule, seen)), {})
            seen["fault"] = rule.get("fault")
            return dict(rule)

    @staticmethod
    def _takes(rule: dict[str, Any], seen: dict[str, Any]) -> bool:
        for name, wanted in rule.get("match", {}).items():
            value = seen[name] or ""
            if not (re.search(wanted, value) if name in ("path", "body") else value == wanted):
                return False
        if rule["until"] is not None and time.monotonic() > rule["until"]:
            return False
        if rule["skip"] > 0:
            rule["skip"] -= 1
            return False
        if rule["count"] <= 0 or rule["random"].random() >= rule.get("p", 1):
            return False
        rule["count"] -= 1
        return True

    def hold(self, seen: dict[str, Any]) -> None:
        """Tells whoever waits that a request is being held."""
        with self.changed:
            self.held.append(seen)
            self.changed.notify_all()

    def wait_for_hold(self, seconds: float, key: str | None = None) -> list[dict[str, Any]]:
        """The requests that were held, of one access key or of all, as soon as there is one; none
        at the deadline."""
        def mine() -> list[dict[str, Any]]:
            return [seen for seen in self.held if key in (None, seen["key"])]

        with self.changed:
            self.changed.wait_for(mine, seconds)
            return mine()

    def log_of(self, key: str | None) -> list[dict[str, Any]]:
        """What was called, by one access key or by all."""
        with self.changed:
            return [seen for seen in self.log if key in (None, seen["key"])]
