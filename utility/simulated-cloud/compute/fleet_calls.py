"""EC2's calls about fleets, spot fleets and the market."""

import re
from datetime import datetime, timezone
from typing import Any

from compute import fleet as fleets
from compute.calls import call, filters_of, pages
from compute.fleet import Fleet, Pool
from compute.instance import tag_list
from compute.launching import tags_for
from compute.market import types_for
from compute.world import World
from door.refusal import Refusal

FLEET_ID = re.compile(r"(fleet|sfr)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def find(world: World, identifier: str, is_spot_fleet: bool) -> Fleet:
    fleet = world.fleets.get(identifier)
    if fleet is None or fleet.is_spot_fleet != is_spot_fleet:
        code = "InvalidSpotFleetRequestId.NotFound" if is_spot_fleet else "InvalidFleetId.NotFound"
        raise Refusal(code, 400, f"The fleet ID '{identifier}' does not exist")
    return fleet


def kebab(name: str) -> str:
    """Spot fleets spell strategies in camel case."""
    return re.sub(r"([A-Z])", r"-\1", name).lower()


# EC2 fleets


@call
def create_fleet(world: World, given: dict[str, Any]) -> dict[str, Any]:
    wanted = given["TargetCapacitySpecification"]
    total = wanted["TotalTargetCapacity"]
    on_demand = wanted.get("OnDemandTargetCapacity", 0)
    spot = wanted.get("SpotTargetCapacity", 0)
    if wanted.get("DefaultTargetCapacityType") == "on-demand":
        on_demand = total - spot
    spot = total - on_demand
    fleet = Fleet(
        fleets.new_fleet_id(False), given.get("Type", "maintain"), instance_tags_only(given),
        tags_for(given, "fleet"), fleets.pools_of(world, given["LaunchTemplateConfigs"]), spot,
        on_demand, given.get("SpotOptions", {}).get("AllocationStrategy", "lowest-price"),
        given.get("OnDemandOptions", {}).get("AllocationStrategy", "lowest-price"),
        given.get("ValidUntil"), given.get("TerminateInstancesWithExpiration", False),
        given.get("ClientToken"), False,
    )
    with world.lock:
        fleets.begin(world, fleet)
        least = given.get("SpotOptions", {}).get("MinTargetCapacity", 0)
        if fleet.kind == "instant" and fleet.fulfilled("spot") < least:
            fleets.end(world, fleet, True)
            fleet.launched = []
    answer: dict[str, Any] = {"FleetId": fleet.id}
    if fleet.kind == "instant":
        answer |= {"Instances": instance_groups(fleet), "Errors": error_list(fleet)}
    return answer


def instance_tags_only(given: dict[str, Any]) -> dict[str, Any]:
    """What CreateFleet says of its instances is tags alone, and of instant fleets only."""
    kinds = ("instance", "volume", "network-interface", "spot-instances-request")
    items = [i for i in given.get("TagSpecifications", []) if i["ResourceType"] in kinds]
    if items and given.get("Type", "maintain") != "instant":
        raise Refusal(
            "InvalidParameterValue", 400,
            "Only fleets of type instant take tags for instances; put them into the template.",
        )
    return given | {"TagSpecifications": items}


def pool_shown(pool: Pool) -> dict[str, Any]:
    return {
        "LaunchTemplateSpecification": {
            "LaunchTemplateId": pool.spec["TemplateId"],
            "Version": str(pool.spec["TemplateVersion"]),
        },
        "Overrides": pool.override | {
            "InstanceType": pool.kind, "SubnetId": pool.spec["Subnet"].id,
            "AvailabilityZone": pool.zone,
        },
    }


def instance_groups(fleet: Fleet) -> list[dict[str, Any]]:
    groups: dict[tuple[int, str], dict[str, Any]] = {}
    for pool, lifecycle, instance in fleet.launched:
        group = groups.setdefault((id(pool), lifecycle), {
            "LaunchTemplateAndOverrides": pool_shown(pool), "Lifecycle": lifecycle,
            "InstanceIds": [], "InstanceType": pool.kind,
        })
        group["InstanceIds"].append(instance.id)
    return list(groups.values())


def error_list(fleet: Fleet) -> list[dict[str, Any]]:
    return [
        {
            "LaunchTemplateAndOverrides": pool_shown(pool), "Lifecycle": lifecycle,
            "ErrorCode": code, "ErrorMessage": message,
        } for pool, lifecycle, code, message in fleet.errors
    ]


@call
def describe_fleets(world: World, given: dict[str, Any]) -> dict[str, Any]:
    if given.get("FleetIds"):
        found = [find(world, identifier, False) for identifier in given["FleetIds"]]
    else:
        # Instant fleets are shown to those only who know their ids.
        found = [
            f for f in world.fleets.values() if not f.is_spot_fleet and f.kind != "instant"
        ]
    filters = filters_of(given)
    found = [f for f in found if f.state in filters.get("fleet-state", [f.state])]
    page, token = pages(found, given)
    return {"NextToken": token, "Fleets": [describe(fleet) for fleet in page]}


def describe(fleet: Fleet) -> dict[str, Any]:
    shown = {
        "FleetId": fleet.id, "FleetState": fleet.state.replace("cancelled", "deleted"),
        "CreateTime": fleet.created, "Type": fleet.kind, "ClientToken": fleet.token,
        "ActivityStatus": activity(fleet), "FulfilledCapacity": fleet.fulfilled(),
        "FulfilledOnDemandCapacity": fleet.fulfilled("on-demand"),
        "TargetCapacitySpecification": {
            "TotalTargetCapacity": fleet.target, "OnDemandTargetCapacity": fleet.on_demand_target,
            "SpotTargetCapacity": fleet.spot_target,
            "DefaultTargetCapacityType": "spot" if fleet.spot_target else "on-demand",
        },
        "TerminateInstancesWithExpiration": fleet.ends_instances, "ValidUntil": fleet.ends,
        "LaunchTemplateConfigs": fleet.given["LaunchTemplateConfigs"],
        "Tags": tag_list(fleet.tags), "Errors": error_list(fleet),
    }
    if fleet.kind == "instant":
        shown["Instances"] = instance_groups(fleet)
    return shown


def activity(fleet: Fleet) -> str:
    if fleet.state == "submitted":
        return "pending_fulfillment"
    if not fleet.is_active:
        return "pending_termination"
    if fleet.fulfilled() >= fleet.target:
        return "fulfilled"
    return "error" if fleet.errors else "pending_fulfillment"


@call
def describe_fleet_instances(world: World, given: dict[str, Any]) -> dict[str, Any]:
    fleet = find(world, given["FleetId"], False)
    active, token = active_instances(fleet, given)
    return {"FleetId": fleet.id, "ActiveInstances": active, "NextToken": token}


def active_instances(
    fleet: Fleet, given: dict[str, Any]
) -> tuple[list[dict[str, Any]], str | None]:
    page, token = pages([item[2] for item in fleet.live()], given)
    return [
        {
            "InstanceId": i.id, "InstanceType": i.kind, "SpotInstanceRequestId": i.spot_request,
            "InstanceHealth": "healthy",
        } for i in page
    ], token


def history(fleet: Fleet, given: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    return {
        "HistoryRecords": [
            {"EventType": kind, "Timestamp": at, "EventInformation": event}
            for at, kind, event in fleet.history if at >= given["StartTime"]
        ], "StartTime": given["StartTime"], "LastEvaluatedTime": now,
    }


@call
def describe_fleet_history(world: World, given: dict[str, Any]) -> dict[str, Any]:
    fleet = find(world, given["FleetId"], False)
    return history(fleet, given) | {"FleetId": fleet.id}


@call
def delete_fleets(world: World, given: dict[str, Any]) -> dict[str, Any]:
    return end_fleets(
        world, given["FleetIds"], given["TerminateInstances"], False,
        ("FleetId", "SuccessfulFleetDeletions", "UnsuccessfulFleetDeletions", "FleetState"),
    )


def end_fleets(
    world: World, identifiers: list[str], ends_instances: bool, is_spot_fleet: bool,
    names: tuple[str, str, str, str],
) -> dict[str, Any]:
    """Ends fleets; those that it can't are in the answer, not an error of the call."""
    key, good, bad, state = names
    prefix = "fleetRequest" if is_spot_fleet else "fleet"
    ended, failed = [], []
    with world.lock:
        for identifier in identifiers:
            fleet, code = world.fleets.get(identifier), None
            if not FLEET_ID.fullmatch(identifier):
                code = f"{prefix}IdMalformed"
            elif fleet is None or fleet.is_spot_fleet != is_spot_fleet:
                code = f"{prefix}IdDoesNotExist"
            elif not fleet.is_active and not fleet.state.endswith("_running"):
                code = "fleetRequestNotInCancellableState" if is_spot_fleet else (
                    "fleetNotInDeletableState"
                )
            if code or fleet is None:
                message = f"The fleet {identifier} can't be ended"
                failed.append({key: identifier, "Error": {"Code": code, "Message": message}})
                continue
            if fleet.kind == "instant" and not ends_instances:
                raise Refusal(
                    "InvalidParameterCombination", 400,
                    "NoTerminateInstances option is not supported for instant fleet",
                )
            before = fleet.state
            after = fleets.end(world, fleet, ends_instances)
            ended.append(
                {key: identifier, f"Current{state}": after, f"Previous{state}": before}
            )
    return {good: ended, bad: failed}


@call
def modify_fleet(world: World, given: dict[str, Any]) -> dict[str, Any]:
    fleet = find(world, given["FleetId"], False)
    wanted = given.get("TargetCapacitySpecification")
    return modify(world, fleet, wanted and wanted["TotalTargetCapacity"])


def modify(world: World, fleet: Fleet, target: int | None) -> dict[str, Any]:
    if fleet.kind != "maintain" or not fleet.is_active:
        raise Refusal(
            "FleetNotInModifiableState", 400, f"The fleet {fleet.id} can't be modified."
        )
    with world.lock:
        if target is not None:
            fleet.spot_target = max(0, target - fleet.on_demand_target)
            surplus = int(fleet.fulfilled() - target)
            for _, _, instance in list(fleet.live("spot"))[:max(0, surplus)]:
                world.end(instance, "Server.SpotInstanceTermination", "the fleet was made smaller")
            fleets.fill(world, fleet)
    return {"Return": True}


# Spot fleets


@call
def request_spot_fleet(world: World, given: dict[str, Any]) -> dict[str, Any]:
    config = given["SpotFleetRequestConfig"]
    if not config.get("LaunchTemplateConfigs"):
        raise Refusal(
            "InvalidSpotFleetRequestConfig", 400,
            "The simulated cloud takes spot fleets with launch templates only.",
        )
    for item in config.get("TagSpecifications", []):
        if item["ResourceType"] != "spot-fleet-request":
            raise Refusal(
                "InvalidParameterValue", 400,
                f"The value for `ResourceType` must be `spot-fleet-request`, but got "
                f"`{item['ResourceType']}` instead.",
            )
    on_demand = config.get("OnDemandTargetCapacity", 0)
    templates = config["LaunchTemplateConfigs"]
    fleet = Fleet(
        fleets.new_fleet_id(True), config.get("Type", "maintain"),
        config | {"TagSpecifications": []}, tags_for(config, "spot-fleet-request"),
        fleets.pools_of(world, templates), config["TargetCapacity"] - on_demand, on_demand,
        kebab(config.get("AllocationStrategy", "lowestPrice")),
        kebab(config.get("OnDemandAllocationStrategy", "lowestPrice")), config.get("ValidUntil"),
        config.get("TerminateInstancesWithExpiration", False), config.get("ClientToken"), True,
    )
    with world.lock:
        fleets.begin(world, fleet)
    return {"SpotFleetRequestId": fleet.id}


@call
def describe_spot_fleet_requests(world: World, given: dict[str, Any]) -> dict[str, Any]:
    if given.get("SpotFleetRequestIds"):
        found = [find(world, identifier, True) for identifier in given["SpotFleetRequestIds"]]
    else:
        found = [fleet for fleet in world.fleets.values() if fleet.is_spot_fleet]
    page, token = pages(found, given)
    return {"NextToken": token, "SpotFleetRequestConfigs": [
        {
            "SpotFleetRequestId": f.id, "SpotFleetRequestState": f.state, "CreateTime": f.created,
            "ActivityStatus": activity(f), "Tags": tag_list(f.tags),
            "SpotFleetRequestConfig": f.given | {"FulfilledCapacity": f.fulfilled()},
        } for f in page
    ]}


@call
def describe_spot_fleet_instances(world: World, given: dict[str, Any]) -> dict[str, Any]:
    fleet = find(world, given["SpotFleetRequestId"], True)
    active, token = active_instances(fleet, given)
    return {"SpotFleetRequestId": fleet.id, "ActiveInstances": active, "NextToken": token}


@call
def describe_spot_fleet_request_history(world: World, given: dict[str, Any]) -> dict[str, Any]:
    fleet = find(world, given["SpotFleetRequestId"], True)
    return history(fleet, given) | {"SpotFleetRequestId": fleet.id}


@call
def modify_spot_fleet_request(world: World, given: dict[str, Any]) -> dict[str, Any]:
    return modify(
        world, find(world, given["SpotFleetRequestId"], True), given.get("TargetCapacity")
    )


@call
def cancel_spot_fleet_requests(world: World, given: dict[str, Any]) -> dict[str, Any]:
    return end_fleets(
        world, given["SpotFleetRequestIds"], given["TerminateInstances"], True,
        (
            "SpotFleetRequestId", "SuccessfulFleetRequests", "UnsuccessfulFleetRequests",
            "SpotFleetRequestState",
        ),
    )


# The market


@call
def describe_spot_price_history(world: World, given: dict[str, Any]) -> dict[str, Any]:
    page, token = pages(world.market.history(given), given)
    return {"SpotPriceHistory": page, "NextToken": token or ""}


@call
def get_instance_types_from_instance_requirements(
    _: World, given: dict[str, Any]
) -> dict[str, Any]:
    kinds = list(types_for(given["InstanceRequirements"], given["ArchitectureTypes"]))
    page, token = pages(kinds, given)
    return {"InstanceTypes": [{"InstanceType": kind} for kind in page], "NextToken": token}


@call
def get_spot_placement_scores(world: World, given: dict[str, Any]) -> dict[str, Any]:
    return {"SpotPlacementScores": [{"Region": world.region, "Score": 9}]}
