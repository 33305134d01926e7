"""Agents that only pretend: in a cloud that doesn't boot, instances put objects into S3 as if
something ran on them, so that whoever waits for nodes sees them come.

An object: {"bucket": …, "key": …, "body": …, "where": {tag: value}}. In bucket, key and body,
`{{instance-id}}`, `{{private-ip}}`, `{{type}}`, `{{zone}}`, `{{lifecycle}}`, `{{time}}` (ISO 8601,
UTC), `{{milliseconds}}` (since 1970) and `{{tag:NAME}}` are replaced. An instance whose image is
among the setting `dead_images`, or that is gone by then, puts nothing.
"""

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

    @staticmethod
    def put(rule: dict[str, Any], instance: Instance) -> None:
        now = datetime.now(timezone.utc)
        values = {
            "instance-id": instance.id, "private-ip": instance.private_ip, "type": instance.kind,
            "zone": instance.zone, "lifecycle": instance.lifecycle,
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
