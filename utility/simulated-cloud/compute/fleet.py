"""Fleets: EC2's (CreateFleet) and spot fleets (RequestSpotFleet) are one thing with two faces."""

import dataclasses
import math
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from compute import launching
from compute.instance import Instance
from compute.market import check_quota, types_for, vcpus
from compute.world import World
from door.refusal import Refusal

NO_ROOM = "InsufficientInstanceCapacity"


@dataclasses.dataclass
class Pool:
    """One kind of machine in one zone, of which a fleet may take."""

    spec: dict[str, Any]
    weight: float
    priority: float
    template: dict[str, Any]
    override: dict[str, Any]

    @property
    def kind(self) -> str:
        return self.spec["InstanceType"]

    @property
    def zone(self) -> str:
        return self.spec["Subnet"].availability_zone


@dataclasses.dataclass(eq=False)
class Fleet:
    """A wish for capacity, and what came of it."""

    id: str
    kind: str
    given: dict[str, Any]
    tags: dict[str, str]
    pools: list[Pool]
    spot_target: int
    on_demand_target: int
    spot_strategy: str
    on_demand_strategy: str
    ends: datetime | None
    ends_instances: bool
    token: str | None
    is_spot_fleet: bool
    created: datetime = dataclasses.field(default_factory=lambda: datetime.now(timezone.utc))
    state: str = "submitted"
    launched: list[tuple[Pool, str, Instance]] = dataclasses.field(default_factory=list)
    errors: list[tuple[Pool, str, str, str]] = dataclasses.field(default_factory=list)
    history: list[tuple[datetime, str, dict[str, str]]] = dataclasses.field(default_factory=list)

    @property
    def target(self) -> int:
        return self.spot_target + self.on_demand_target

    @property
    def is_active(self) -> bool:
        return self.state in ("submitted", "active", "modifying")

    def live(self, lifecycle: str | None = None) -> Iterator[tuple[Pool, str, Instance]]:
        return (
            item for item in self.launched
            if item[2].is_live and lifecycle in (None, item[1])
        )

    def fulfilled(self, lifecycle: str | None = None) -> float:
        return sum(pool.weight for pool, _, _ in self.live(lifecycle))

    def note(self, kind: str, **event: str) -> None:
        self.history.append((datetime.now(timezone.utc), kind, event))


def new_fleet_id(is_spot_fleet: bool) -> str:
    return f"{'sfr' if is_spot_fleet else 'fleet'}-{uuid.uuid4()}"


def pools_of(world: World, configs: list[dict[str, Any]]) -> list[Pool]:
    """The pools of the templates and their overrides; requirements become types that fit."""
    pools = []
    for config in configs:
        template = config["LaunchTemplateSpecification"]
        for override in config.get("Overrides") or [{}]:
            for choice in choices(world, template, override):
                spec = launching.resolve(world, {"LaunchTemplate": template}, choice)
                pools.append(Pool(
                    spec, override.get("WeightedCapacity") or 1, override.get("Priority", 0),
                    template, choice,
                ))
    return pools


def choices(
    world: World, template: dict[str, Any], override: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    requirements = override.get("InstanceRequirements")
    if not requirements:
        return (yield override)
    plain = {key: value for key, value in override.items() if key != "InstanceRequirements"}
    image = launching.version_of(world, template).data.get("ImageId")
    architecture = world.backend.amis[launching.resolve_image(world, image)].architecture
    found = list(types_for(requirements, [architecture]))[:30]
    if not found:
        raise Refusal(
            "InvalidParameterCombination", 400, "No instance types match the requirements."
        )
    for kind in found:
        yield plain | {"InstanceType": kind}


def ranked(world: World, pools: list[Pool], strategy: str, lifecycle: str) -> list[Pool]:
    """The pools in the order in which the strategy takes from them."""
    market = world.market

    def price(pool: Pool) -> float:
        return market.spot_price(pool.kind, pool.zone) / pool.weight

    if strategy.endswith("prioritized") or strategy == "prioritized":
        return sorted(pools, key=lambda pool: pool.priority)
    if strategy == "capacity-optimized":
        return sorted(pools, key=lambda pool: -market.room(lifecycle, pool.kind, pool.zone))
    # The cheapest; if room counts too, then of those that have some.
    empty = strategy == "price-capacity-optimized"
    return sorted(pools, key=lambda pool: (
        empty and market.room(lifecycle, pool.kind, pool.zone) == 0, price(pool)
    ))


def fill(world: World, fleet: Fleet) -> None:
    """Launches what is missing, as far as there is room; notes why it stopped short."""
    for lifecycle, target, strategy in (
        ("on-demand", fleet.on_demand_target, fleet.on_demand_strategy),
        ("spot", fleet.spot_target, fleet.spot_strategy),
    ):
        missing = target - fleet.fulfilled(lifecycle)
        pools = ranked(world, fleet.pools, strategy, lifecycle) if missing > 0 else []
        share = math.inf
        if strategy == "diversified" and pools:
            share = math.ceil(missing / len(pools))
        for pool in pools:
            missing -= take(world, fleet, pool, lifecycle, min(missing, share))
            if missing <= 0:
                break


def take(world: World, fleet: Fleet, pool: Pool, lifecycle: str, wanted: float) -> float:
    """Launches from one pool, and gives the capacity that came."""
    count = math.ceil(wanted / pool.weight)
    room = world.market.room(lifecycle, pool.kind, pool.zone)
    try:
        affordable = int(world.market.quota_room(lifecycle) // vcpus(pool.kind))
        if affordable < min(count, room):
            room = max(affordable, 0)
            note_error(fleet, pool, lifecycle, *quota_error(world, lifecycle, pool.kind))
        elif room < count:
            note_error(fleet, pool, lifecycle, NO_ROOM, (
                f"There is no {lifecycle} capacity available that matches your request for "
                f"{pool.kind} in {pool.zone}."
            ))
        key = "aws:ec2spot:fleet-request-id" if fleet.is_spot_fleet else "aws:ec2:fleet-id"
        made = launching.make(
            world, pool.spec | {"TagSpecifications": pool.spec["TagSpecifications"]
                                + fleet.given.get("TagSpecifications", [])},
            min(count, room), lifecycle, fleet=fleet.id, token=fleet.token, extra={key: fleet.id},
        )
    except Refusal as refusal:
        note_error(fleet, pool, lifecycle, refusal.code, refusal.message)
        return 0
    fleet.launched += [(pool, lifecycle, instance) for instance in made]
    for instance in made:
        fleet.note("instanceChange", EventSubType="launched", InstanceId=instance.id)
    return len(made) * pool.weight


def quota_error(world: World, lifecycle: str, kind: str) -> tuple[str, str]:
    try:
        check_quota(world.market, lifecycle, kind, 1_000_000)
    except Refusal as refusal:
        return refusal.code, refusal.message
    return "MaxSpotInstanceCountExceeded", "Max spot instance count exceeded"


def note_error(fleet: Fleet, pool: Pool, lifecycle: str, code: str, message: str) -> None:
    if any(known[0] is pool and known[2] == code for known in fleet.errors):
        return
    fleet.errors.append((pool, lifecycle, code, message))
    named = {
        "MaxSpotInstanceCountExceeded": "spotInstanceCountLimitExceeded",
        "InvalidAMIID.NotFound": "launchSpecUnusable",
    }.get(code, "launchSpecTemporarilyBlacklisted")
    text = f"{pool.kind}, {pool.zone}: {code}: {message}"
    fleet.note("error", EventSubType=named, EventDescription=text)


def begin(world: World, fleet: Fleet) -> None:
    """A new fleet's first launches, at once where nothing says later."""
    world.fleets[fleet.id] = fleet
    if fleet.kind == "instant" or world.settings.fleet_delay == 0:
        fill(world, fleet)
        fleet.state = "active"


def end(world: World, fleet: Fleet, ends_instances: bool) -> str:
    """Ends a fleet, and gives the name of its state from now on."""
    word = "cancelled" if fleet.is_spot_fleet else "deleted"
    fleet.state = f"{word}_{'terminating' if ends_instances else 'running'}"
    if ends_instances:
        code = "Client.UserInitiatedShutdown"
        if fleet.is_spot_fleet:
            code = "Server.SpotInstanceTermination"
        for _, _, instance in list(fleet.launched):
            world.end(instance, code, f"{code}: the fleet {fleet.id} was ended")
    return fleet.state


def tick(world: World) -> None:
    """What fleets do by themselves: begin late, replace what was lost, and expire."""
    now = datetime.now(timezone.utc)
    with world.lock:
        for fleet in list(world.fleets.values()):
            if fleet.ends and now >= fleet.ends and fleet.is_active and fleet.kind != "instant":
                fleet.note("fleetRequestChange", EventSubType="expired")
                end(world, fleet, fleet.ends_instances)
            elif fleet.state == "submitted":
                if (now - fleet.created).total_seconds() >= world.settings.fleet_delay:
                    fill(world, fleet)
                    fleet.state = "active"
            elif fleet.state == "active" and fleet.kind == "maintain":
                fill(world, fleet)
            elif fleet.state.endswith("_terminating") and not any(fleet.live()):
                fleet.state = fleet.state.split("_")[0]
