"""What instances cost and where there is room for them."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from compute.settings import ON_DEMAND_QUOTA, SPOT_QUOTA
from door.refusal import Refusal

if TYPE_CHECKING:
    from compute.world import World

# USD for a vCPU and hour, near AWS's list prices for Linux in us-east-1.
VCPU_PRICES = {
    "c5": 0.0425, "c5a": 0.0385, "c5d": 0.048, "c5n": 0.054, "c6a": 0.03825, "c6g": 0.034,
    "c6gn": 0.0432, "c6i": 0.0425, "c6in": 0.0567, "c7a": 0.05132, "c7g": 0.036125,
    "c7i": 0.044625, "m5": 0.048, "m5a": 0.043, "m5n": 0.0595, "m6a": 0.0432, "m6g": 0.0385,
    "m6i": 0.048, "m7a": 0.05796, "m7g": 0.0408, "m7i": 0.0504, "r5": 0.063, "r6g": 0.0504,
    "r6i": 0.063, "r7g": 0.05355,
}
# Burstable types are priced by size.
T3_PRICES = {
    "nano": 0.0052, "micro": 0.0104, "small": 0.0208, "medium": 0.0416, "large": 0.0832,
    "xlarge": 0.1664, "2xlarge": 0.3328,
}
T_FACTORS = {"t3": 1.0, "t3a": 0.904, "t4g": 0.808, "t2": 1.115}
OTHER_VCPU_PRICE = 0.06
ZONES = "abcdef"


def vcpus(kind: str) -> int:
    return INSTANCE_TYPES[kind]["VCpuInfo"]["DefaultVCpus"]


def architectures(kind: str) -> list[str]:
    return INSTANCE_TYPES[kind]["ProcessorInfo"]["SupportedArchitectures"]


def on_demand_price(kind: str) -> float:
    """USD an hour."""
    family, _, size = kind.partition(".")
    if family in T_FACTORS and size in T3_PRICES:
        return round(T3_PRICES[size] * T_FACTORS[family], 6)
    return round(VCPU_PRICES.get(family, OTHER_VCPU_PRICE) * vcpus(kind), 6)


class Market:
    """Prices and capacity of one region."""

    def __init__(self, world: "World"):
        self.world = world

    def spot_price(self, kind: str, zone: str) -> float:
        """USD an hour: a share of the on-demand price that is the pool's own and never changes."""
        prices = self.world.settings.prices
        given = prices.get(f"{kind}/{zone}", prices.get(kind))
        if given is not None:
            return given
        digest = hashlib.sha256(f"{kind}/{zone}".encode()).digest()
        return round(on_demand_price(kind) * (0.30 + 0.25 * digest[0] / 255), 6)

    def room(self, lifecycle: str, kind: str, zone: str) -> int:
        """How many more instances a pool has."""
        capacity = self.world.settings.capacity
        live = [i for i in self.world.live() if i.lifecycle == lifecycle] if capacity else []
        for key, pool in (
            (f"{lifecycle}/{kind}/{zone}", lambda i: i.kind == kind and i.zone == zone),
            (f"{lifecycle}/{kind}", lambda i: i.kind == kind),
            (f"{lifecycle}/*", lambda i: True),
        ):
            if key in capacity:
                return max(0, capacity[key] - sum(1 for instance in live if pool(instance)))
        return 1_000_000

    def quota_room(self, lifecycle: str) -> float:
        """How many more vCPUs the quota allows."""
        code = SPOT_QUOTA if lifecycle == "spot" else ON_DEMAND_QUOTA
        used = sum(vcpus(i.kind) for i in self.world.live() if i.lifecycle == lifecycle)
        return self.world.settings.quotas[code] - used

    def history(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """The answer to DescribeSpotPriceHistory: the price of each pool, an hour old."""
        filters = {item["Name"]: item["Values"] for item in given.get("Filters", [])}
        kinds = given.get("InstanceTypes") or filters.get("instance-type") or []
        products = (
            given.get("ProductDescriptions") or filters.get("product-description")
            or ["Linux/UNIX"]
        )
        zones = [f"{self.world.region}{letter}" for letter in ZONES]
        if given.get("AvailabilityZone"):
            zones = [given["AvailabilityZone"]]
        zones = [zone for zone in zones if zone in filters.get("availability-zone", [zone])]
        at = datetime.now(timezone.utc) - timedelta(hours=1)
        return [
            {
                "AvailabilityZone": zone, "InstanceType": kind, "ProductDescription": product,
                "SpotPrice": f"{self.spot_price(kind, zone):.6f}", "Timestamp": at,
            }
            for kind in kinds or sorted(VCPU_KINDS) if kind in INSTANCE_TYPES
            for zone in zones for product in products
        ]


VCPU_KINDS = [
    kind for kind in INSTANCE_TYPES if kind.partition(".")[0] in VCPU_PRICES | T_FACTORS
]


def within(limits: dict[str, Any] | None, value: float) -> bool:
    limits = limits or {}
    return limits.get("Min", 0) <= value <= limits.get("Max", float("inf"))


def types_for(requirements: dict[str, Any], wanted_architectures: Iterable[str]) -> Iterator[str]:
    """The instance types that fit the requirements, the cheapest first.

    Reads what can be asked of vCPUs, memory, names, generations, bare metal and burstable types.
    """
    allowed = requirements.get("AllowedInstanceTypes") or ["*"]
    excluded = requirements.get("ExcludedInstanceTypes") or []
    generations = requirements.get("InstanceGenerations")

    def named(kind: str, patterns: list[str]) -> bool:
        return any(
            re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), kind) for pattern in patterns
        )

    for kind in sorted(INSTANCE_TYPES, key=lambda kind: (on_demand_price(kind), kind)):
        facts = INSTANCE_TYPES[kind]
        if not within(requirements.get("VCpuCount"), vcpus(kind)):
            continue
        if not within(requirements.get("MemoryMiB"), facts["MemoryInfo"]["SizeInMiB"]):
            continue
        if not named(kind, allowed) or named(kind, excluded):
            continue
        if facts["BareMetal"] and requirements.get("BareMetal", "excluded") == "excluded":
            continue
        burstable = facts["BurstablePerformanceSupported"]
        if burstable and requirements.get("BurstablePerformance", "excluded") == "excluded":
            continue
        generation = "current" if facts["CurrentGeneration"] else "previous"
        if generations and generation not in generations:
            continue
        if "spot" in facts["SupportedUsageClasses"] and set(wanted_architectures) & set(
            architectures(kind)
        ):
            yield kind


def check_quota(market: Market, lifecycle: str, kind: str, count: int) -> None:
    if market.quota_room(lifecycle) >= vcpus(kind) * count:
        return
    if lifecycle == "spot":
        raise Refusal("MaxSpotInstanceCountExceeded", 400, "Max spot instance count exceeded")
    raise Refusal(
        "VcpuLimitExceeded", 400,
        "You have requested more vCPU capacity than your current vCPU limit allows for the "
        "instance bucket that the specified instance type belongs to.",
    )
