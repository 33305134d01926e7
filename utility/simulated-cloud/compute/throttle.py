"""AWS's own rates of EC2's calls: token buckets, as its user guide gives them."""

import threading
import time
from typing import Any

from door.refusal import Refusal

# How many calls at once, and how many more a second.
BUCKETS = {
    "RunInstances": (5, 2), "TerminateInstances": (100, 5), "CreateTags": (100, 10),
    "CreateLaunchTemplateVersion": (100, 5), "DescribeSpotFleetRequests": (50, 3),
    "DescribeSpotFleetInstances": (100, 5), "DescribeSpotFleetRequestHistory": (100, 5),
    "AuthorizeSecurityGroupIngress": (50, 5),
}
DESCRIBE, UNFILTERED, MUTATING = (100, 20), (50, 10), (50, 5)


class Throttle:
    """The buckets of one account and region."""

    def __init__(self) -> None:
        self.levels: dict[str, tuple[float, float]] = {}
        self.lock = threading.Lock()

    def take(self, action: str, given: dict[str, Any]) -> None:
        """Takes a token, or refuses the call."""
        key, bucket = action, BUCKETS.get(action)
        if bucket is None and action.startswith("Describe"):
            narrow = any(name != "DryRun" for name in given)
            key, bucket = (action, DESCRIBE) if narrow else (f"{action} of all", UNFILTERED)
        size, refill = bucket or MUTATING
        now = time.monotonic()
        with self.lock:
            level, at = self.levels.get(key, (float(size), now))
            level = min(size, level + (now - at) * refill)
            if level < 1:
                self.levels[key] = (level, now)
                raise Refusal("RequestLimitExceeded", 503, "Request limit exceeded.")
            self.levels[key] = (level - 1, now)
