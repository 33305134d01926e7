"""One region's computers, and those who watch them come and go."""

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from moto.ec2.models import ec2_backends

from compute import images
from compute.instance import NEVER, Instance
from compute.market import Market
from compute.settings import Settings
from door.identities import ACCOUNT
from door.refusal import Refusal

Watcher = Callable[[Instance], None]


def new_id(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(9)[:17]}"


class World:
    """The instances and fleets of a region. What changes them holds `lock`."""

    def __init__(self, region: str, settings: Settings):
        self.region, self.settings = region, settings
        self.lock = threading.RLock()
        self.market = Market(self)
        self.instances: dict[str, Instance] = {}
        self.fleets: dict[str, Any] = {}
        # Whether someone else says when an instance runs and when it is gone.
        self.boots = False
        self.on_launch: list[Watcher] = []
        self.on_end: list[Watcher] = []
        self.on_image: list[Callable[[Instance, str], None]] = []
        self.console: Callable[[Instance], bytes | None] = lambda _: None
        self.backend = ec2_backends[ACCOUNT][region]
        images.install(self.backend)

    # Finding

    def live(self) -> Iterator[Instance]:
        return (instance for instance in list(self.instances.values()) if instance.is_live)

    def instance(self, identifier: str) -> Instance:
        """The instance of the id; refused while the id is not known yet, or no more."""
        instance = self.instances.get(identifier)
        if instance is None or not self.is_visible(instance):
            raise Refusal(
                "InvalidInstanceID.NotFound", 400,
                f"The instance ID '{identifier}' does not exist",
            )
        return instance

    def is_visible(self, instance: Instance) -> bool:
        now = time.time()
        return (
            now >= instance.launched + self.settings.slow_ids
            and now < instance.gone_from + self.settings.remembered
        )

    def shows_tags(self, instance: Instance) -> bool:
        return time.time() >= instance.launched + self.settings.slow_tags

    # Coming

    def add(self, instances: Iterable[Instance]) -> None:
        for instance in instances:
            self.instances[instance.id] = instance
            if not self.boots:
                instance.running_from = instance.launched + self.settings.pending
            for watcher in self.on_launch:
                watcher(instance)

    def is_running(self, instance: Instance) -> None:
        """Told by whoever boots instances."""
        instance.running_from = time.time()

    # Going

    def end(self, instance: Instance, code: str, message: str) -> None:
        """Begins to terminate an instance; one that is ending already is left alone."""
        with self.lock:
            if instance.ending_from != NEVER:
                return
            was_running = instance.state == "running"
            instance.reason = (code, message)
            instance.ending_from = time.time()
        for watcher in self.on_end:
            watcher(instance)
        if not self.boots or not was_running:
            self.is_gone(instance, time.time() + self.settings.stopping)

    def is_gone(self, instance: Instance, at: float | None = None) -> None:
        """The instance is gone, or will be at a time to come."""
        with self.lock:
            if instance.gone_from != NEVER:
                return
            instance.gone_from = time.time() if at is None else at
            if instance.ending_from == NEVER:
                instance.ending_from = instance.gone_from
            instance.volume.gone = instance.volume.dies_with_instance
            instance.subnet.del_subnet_ip(instance.private_ip)

    def powered_off(self, instance: Instance) -> None:
        """The instance ended itself; its shutdown behaviour says what comes of it."""
        if instance.shutdown_behavior == "terminate":
            reason = "Client.InstanceInitiatedShutdown"
            instance.reason = (reason, f"{reason}: Instance initiated shutdown")
            self.is_gone(instance)
        else:
            instance.stopped = True
