"""What a test or a person may set of the simulated cloud while it runs."""

import dataclasses
from typing import Any

SPOT_QUOTA, ON_DEMAND_QUOTA = "L-34B43A08", "L-1216C47A"


@dataclasses.dataclass
class Settings:
    """All times are in seconds."""

    # From launch to running, where instances do not really boot; and from running to gone.
    pending: float = 0.0
    stopping: float = 0.0
    # For how long a new instance is unknown to Describe calls, and shown without its tags.
    slow_ids: float = 0.0
    slow_tags: float = 0.0
    # From the request of a fleet that is not `instant` to its first instances.
    fleet_delay: float = 0.0
    # How long an interruption is announced before it comes.
    notice: float = 120.0
    # How long terminated instances are still listed.
    remembered: float = 3600.0
    # Instances there is room for, by pool: "spot/c5.large/us-east-1a", "spot/c5.large", "spot/*",
    # "on-demand/*"; the most special key counts, and what has none has room for all.
    capacity: dict[str, int] = dataclasses.field(default_factory=dict)
    # Quotas in vCPUs, by code.
    quotas: dict[str, float] = dataclasses.field(
        default_factory=lambda: {SPOT_QUOTA: 20_000.0, ON_DEMAND_QUOTA: 20_000.0}
    )
    # Spot prices in USD an hour, by "c5.large/us-east-1a" or "c5.large".
    prices: dict[str, float] = dataclasses.field(default_factory=dict)
    # Images whose instances run but never start their user-data.
    dead_images: list[str] = dataclasses.field(default_factory=list)
    # Whether calls are throttled by AWS's own rates.
    throttled: bool = False

    def change(self, values: dict[str, Any]) -> dict[str, Any]:
        """Sets some values, and gives all of them."""
        known = {field.name for field in dataclasses.fields(self)}
        unknown = sorted(values.keys() - known)
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        for name, value in values.items():
            setattr(self, name, value)
        return dataclasses.asdict(self)
