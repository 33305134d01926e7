"""Agents that only pretend: in a cloud that doesn't boot, instances put objects into S3 as if
something ran on them, so that whoever waits for nodes sees them come.

An object: {"bucket": …, "key": …, "body": …, "where": {tag: value}}. In bucket, key and body,
`{{instance-id}}`, `{{number}}` (from 1, among live instances with the same tags),
`{{private-ip}}`, `{{type}}`, `{{zone}}`, `{{lifecycle}}`, `{{time}}` (ISO 8601, UTC),
`{{milliseconds}}` (since 1970) and `{{tag:NAME}}` are replaced. An instance whose image is
among the setting `dead_images`, or that is gone by then, puts nothing.
"""

import itertools
import queue
import re
import threading
import time
from datetime import datetime, timezone
from typing import Any

from moto.s3.models import s3_backends

from compute.instance import Instance
from compute.world import World
from door.identities import ACCOUNT

FIELD = re.compile(r"\{\{([^}]+)\}\}")


class Agents:
    """Puts what the rules say, a delay after an instance runs."""

    def __init__(self, world: World):
        self.world = world
        self.rules: list[dict[str, Any]] = []
        self.delay = 0.0
        self.numbers: dict[frozenset[tuple[str, str]], dict[int, Instance]] = {}
        self.waiting: queue.Queue[tuple[float, Instance]] = queue.Queue()
        world.on_launch.append(self.launched)
        threading.Thread(target=self.work, daemon=True).start()

    def launched(self, instance: Instance) -> None:
        if self.rules and not instance.spec.get("Stranger"):
            self.waiting.put((time.time() + self.world.settings.pending + self.delay, instance))

    def work(self) -> None:
        while True:
            at, instance = self.waiting.get()
            time.sleep(max(0.0, at - time.time()))
            if instance.is_live and instance.spec["ImageId"] not in self.world.settings.dead_images:
                for rule in self.rules:
                    if all(instance.tags.get(k) == v for k, v in rule.get("where", {}).items()):
                        self.put(rule, instance)

    def number(self, instance: Instance) -> int:
        """The instance's number; one that is gone leaves its own to the next."""
        own = (tag for tag in instance.tags.items() if not tag[0].startswith("aws:"))
        alike = self.numbers.setdefault(frozenset(own), {})
        for number in itertools.count(1):
            holder = alike.get(number)
            if holder is None or holder is instance or not holder.is_live:
                alike[number] = instance
                return number

    def put(self, rule: dict[str, Any], instance: Instance) -> None:
        now = datetime.now(timezone.utc)
        values = {
            "instance-id": instance.id, "number": str(self.number(instance)),
            "private-ip": instance.private_ip, "type": instance.kind, "zone": instance.zone,
            "lifecycle": instance.lifecycle,
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "milliseconds": str(int(now.timestamp() * 1000)),
        } | {f"tag:{key}": value for key, value in instance.tags.items()}

        def filled(text: str) -> str:
            return FIELD.sub(lambda found: values.get(found[1], ""), text)

        store = s3_backends[ACCOUNT]["aws"]
        if filled(rule["bucket"]) in store.buckets:
            store.put_object(
                filled(rule["bucket"]), filled(rule["key"]), filled(rule["body"]).encode()
            )
