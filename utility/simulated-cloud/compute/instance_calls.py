"""EC2's calls about instances and what belongs to them."""

import base64
import re
from datetime import datetime, timezone
from typing import Any

from moto.ec2.models.amis import Ami

from compute import launching
from compute.calls import call, filters_of, pages
from compute.instance import CODES, Instance, tag_list
from compute.market import check_quota
from compute.world import World, new_id
from door.identities import ACCOUNT
from door.refusal import Refusal

CONSOLE_LIMIT = 65536
VALUES = {
    "instance-id": lambda i: i.id, "instance-state-name": lambda i: i.state,
    "instance-state-code": lambda i: str(CODES[i.state]), "instance-type": lambda i: i.kind,
    "image-id": lambda i: i.spec["ImageId"], "subnet-id": lambda i: i.subnet.id,
    "vpc-id": lambda i: i.subnet.vpc_id, "availability-zone": lambda i: i.zone,
    "private-ip-address": lambda i: i.private_ip, "client-token": lambda i: i.client_token or "",
    "instance-lifecycle": lambda i: "spot" if i.lifecycle == "spot" else "",
    "spot-instance-request-id": lambda i: i.spot_request or "",
    "reservation-id": lambda i: i.reservation,
    "iam-instance-profile.arn": lambda i: i.spec.get("ProfileArn", ""),
    "launch-template-id": lambda i: i.spec.get("TemplateId", ""),
}


def wildcard(pattern: str, value: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value) is not None


def fits(world: World, instance: Instance, filters: dict[str, list[str]]) -> bool:
    tags = instance.tags if world.shows_tags(instance) else {}
    for name, wanted in filters.items():
        if name.startswith("tag:"):
            values = [tags[name[4:]]] if name[4:] in tags else []
        elif name == "tag-key":
            values = list(tags)
        elif name in ("instance.group-id", "network-interface.group-id"):
            values = list(instance.spec["Groups"])
        elif name in VALUES:
            values = [VALUES[name](instance)]
        else:
            raise Refusal("InvalidParameterValue", 400, f"The filter '{name}' is invalid")
        if not any(wildcard(pattern, value) for pattern in wanted for value in values):
            return False
    return True


def chosen(world: World, given: dict[str, Any]) -> list[Instance]:
    """The instances that a Describe call asks for."""
    if given.get("InstanceIds"):
        found = [world.instance(identifier) for identifier in given["InstanceIds"]]
    else:
        found = [i for i in list(world.instances.values()) if world.is_visible(i)]
    filters = filters_of(given)
    return [instance for instance in found if fits(world, instance, filters)]


@call
def run_instances(world: World, given: dict[str, Any]) -> dict[str, Any]:
    spec = launching.resolve(world, given)
    market = given.get("InstanceMarketOptions") or spec.get("InstanceMarketOptions") or {}
    lifecycle = "spot" if market.get("MarketType") == "spot" else "on-demand"
    most, least = given.get("MaxCount", 1), given.get("MinCount", 1)
    kind, zone = spec["InstanceType"], spec["Subnet"].availability_zone
    with world.lock:
        check_quota(world.market, lifecycle, kind, most)
        room = world.market.room(lifecycle, kind, zone)
        if room < least:
            raise Refusal(
                "InsufficientInstanceCapacity", 500,
                f"We currently do not have sufficient {kind} capacity in the Availability Zone "
                f"you requested ({zone}).",
            )
        made = launching.make(
            world, spec, min(most, room), lifecycle, token=given.get("ClientToken")
        )
    return {
        "ReservationId": made[0].reservation, "OwnerId": ACCOUNT, "Groups": [],
        "Instances": [instance.describe() for instance in made],
    }


@call
def describe_instances(world: World, given: dict[str, Any]) -> dict[str, Any]:
    page, token = pages(chosen(world, given), given)
    reservations: dict[str, dict[str, Any]] = {}
    for instance in page:
        reservation = reservations.setdefault(instance.reservation, {
            "ReservationId": instance.reservation, "OwnerId": ACCOUNT, "Groups": [],
            "Instances": [],
        })
        reservation["Instances"].append(instance.describe(world.shows_tags(instance)))
    return {"Reservations": list(reservations.values()), "NextToken": token}


@call
def describe_instance_status(world: World, given: dict[str, Any]) -> dict[str, Any]:
    everything = given.get("IncludeAllInstances", False)
    found = [i for i in chosen(world, given) if everything or i.state == "running"]
    page, token = pages(found, given)
    healthy = {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
    return {"NextToken": token, "InstanceStatuses": [
        {
            "InstanceId": i.id, "AvailabilityZone": i.zone,
            "InstanceState": {"Code": CODES[i.state], "Name": i.state},
            "InstanceStatus": healthy, "SystemStatus": healthy,
        } for i in page
    ]}


def change(instance: Instance, before: str) -> dict[str, Any]:
    after = instance.state
    return {
        "InstanceId": instance.id, "PreviousState": {"Code": CODES[before], "Name": before},
        "CurrentState": {"Code": CODES[after], "Name": after},
    }


@call
def terminate_instances(world: World, given: dict[str, Any]) -> dict[str, Any]:
    found = [world.instance(identifier) for identifier in given["InstanceIds"]]
    changes = []
    for instance in found:
        before = instance.state
        code = "Client.UserInitiatedShutdown"
        world.end(instance, code, f"{code}: User initiated shutdown")
        changes.append(change(instance, before))
    return {"TerminatingInstances": changes}


@call
def stop_instances(world: World, given: dict[str, Any]) -> dict[str, Any]:
    found = [world.instance(identifier) for identifier in given["InstanceIds"]]
    changes = []
    for instance in found:
        before = instance.state
        if instance.lifecycle == "spot":
            raise Refusal(
                "UnsupportedOperation", 400,
                f"You can't stop the Spot Instance '{instance.id}' because it is associated with "
                "a one-time Spot Instance request.",
            )
        instance.stopped = True
        for watcher in world.on_end:
            watcher(instance)
        changes.append(change(instance, before))
    return {"StoppingInstances": changes}


@call
def describe_instance_attribute(world: World, given: dict[str, Any]) -> dict[str, Any]:
    instance = world.instance(given["InstanceId"])
    answer: dict[str, Any] = {"InstanceId": instance.id}
    attribute = given["Attribute"]
    if attribute == "userData":
        data = instance.spec.get("UserData")
        answer["UserData"] = {"Value": data} if data else {}
    elif attribute == "instanceInitiatedShutdownBehavior":
        behavior = {"Value": instance.shutdown_behavior}
        answer["InstanceInitiatedShutdownBehavior"] = behavior
    elif attribute == "disableApiTermination":
        answer["DisableApiTermination"] = {"Value": False}
    return answer


@call
def get_console_output(world: World, given: dict[str, Any]) -> dict[str, Any]:
    instance = world.instance(given["InstanceId"])
    output = (world.console(instance) or b"")[-CONSOLE_LIMIT:]
    return {
        "InstanceId": instance.id, "Timestamp": datetime.now(timezone.utc),
        "Output": base64.b64encode(output).decode(),
    }


@call
def describe_spot_instance_requests(world: World, given: dict[str, Any]) -> dict[str, Any]:
    wanted = given.get("SpotInstanceRequestIds")
    found = [
        i for i in list(world.instances.values())
        if i.spot_request and (not wanted or i.spot_request in wanted)
    ]
    page, token = pages(found, given)
    return {"NextToken": token, "SpotInstanceRequests": [
        {
            "SpotInstanceRequestId": i.spot_request, "InstanceId": i.id, "Type": "one-time",
            "State": "active" if i.is_live else "closed", "LaunchedAvailabilityZone": i.zone,
            "CreateTime": datetime.fromtimestamp(i.launched, timezone.utc),
            "Status": {"Code": "fulfilled" if i.is_live else "instance-terminated-by-user"},
            "Tags": tag_list(launching.tags_for(i.spec, "spot-instances-request")),
        } for i in page
    ]}


@call
def cancel_spot_instance_requests(_: World, given: dict[str, Any]) -> dict[str, Any]:
    return {"CancelledSpotInstanceRequests": [
        {"SpotInstanceRequestId": identifier, "State": "cancelled"}
        for identifier in given["SpotInstanceRequestIds"]
    ]}


@call
def describe_volumes(world: World, given: dict[str, Any]) -> dict[str, Any]:
    wanted = given.get("VolumeIds")
    found = [
        i for i in list(world.instances.values())
        if not i.volume.gone and (not wanted or i.volume.id in wanted)
        and all(
            i.volume.tags.get(name[4:]) in values
            for name, values in filters_of(given).items() if name.startswith("tag:")
        )
    ]
    page, token = pages(found, given)
    return {"NextToken": token, "Volumes": [
        {
            "VolumeId": i.volume.id, "Size": i.volume.size, "Encrypted": i.volume.encrypted,
            "AvailabilityZone": i.zone, "VolumeType": "gp3", "Tags": tag_list(i.volume.tags),
            "State": "available" if i.state == "terminated" else "in-use",
        } for i in page
    ]}


@call
def delete_volume(world: World, given: dict[str, Any]) -> dict[str, Any]:
    for instance in list(world.instances.values()):
        if instance.volume.id == given["VolumeId"] and not instance.volume.gone:
            if instance.state != "terminated":
                raise Refusal("VolumeInUse", 400, f"Volume {instance.volume.id} is in use")
            instance.volume.gone = True
            return {}
    raise Refusal(
        "InvalidVolume.NotFound", 400, f"The volume '{given['VolumeId']}' does not exist."
    )


@call
def create_image(world: World, given: dict[str, Any]) -> dict[str, Any]:
    instance = world.instance(given["InstanceId"])
    source = world.backend.amis[instance.spec["ImageId"]]
    identifier = new_id("ami")
    for watcher in world.on_image:
        watcher(instance, identifier)
    image = world.backend.amis[identifier] = Ami(
        world.backend, identifier, name=given["Name"], owner_id=ACCOUNT, owner_alias="self",
        description=given.get("Description"), virtualization_type="hvm", hypervisor="xen",
        architecture=source.architecture, root_device_name="/dev/xvda", root_device_type="ebs",
        region_name=instance.zone, tags=launching.tags_for(given, "image"),
    )
    image.ebs_snapshot.add_tags(launching.tags_for(given, "snapshot"))
    return {"ImageId": identifier}
