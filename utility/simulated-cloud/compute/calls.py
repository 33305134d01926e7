"""The table of EC2's calls that the simulated cloud answers itself, and what all of them share."""

import base64
from collections.abc import Callable
from typing import Any

from compute.world import World
from door.refusal import Refusal

Handler = Callable[[World, dict[str, Any]], dict[str, Any]]
CALLS: dict[str, Handler] = {}
# What a repeated ClientToken must not do twice.
MAKES = {"RunInstances", "CreateFleet", "RequestSpotFleet"}


def call(handler: Handler) -> Handler:
    """Enters a function as the answer to the call of its name: run_instances, RunInstances."""
    CALLS["".join(part.capitalize() for part in handler.__name__.split("_"))] = handler
    return handler


def pages(items: list[Any], given: dict[str, Any]) -> tuple[list[Any], str | None]:
    """The page that is asked for, and the token of the next."""
    try:
        start = int(base64.b64decode(given.get("NextToken") or "MA=="))
    except ValueError:
        raise Refusal("InvalidPaginationToken", 400, "The pagination token is invalid.") from None
    limit = given.get("MaxResults") or len(items) or 1
    rest = start + limit
    token = base64.b64encode(str(rest).encode()).decode() if rest < len(items) else None
    return items[start:rest], token


def filters_of(given: dict[str, Any]) -> dict[str, list[str]]:
    return {item["Name"]: item.get("Values", []) for item in given.get("Filters", [])}
