"""What EC2's calls need permission for: the resources each touches, with the tags they have or get.

A launch needs more than one permission: for what it makes (an instance, its volume, its interface),
for what it uses (image, subnet, group, template), to tag what it makes, and to hand on the role.
"""

from collections.abc import Iterator
from typing import Any

from compute.fleet import choices
from compute.launching import resolve, tags_for, template_of
from compute.world import World
from door.authorization import Need
from door.identities import ACCOUNT
from door.policy import Context
from door.refusal import Refusal

# The calls on what is there already: the member that names it, and its kind.
EXISTING = {
    "TerminateInstances": ("InstanceIds", "instance"),
    "StopInstances": ("InstanceIds", "instance"),
    "GetConsoleOutput": ("InstanceId", "instance"),
    "DescribeInstanceAttribute": ("InstanceId", "instance"),
    "CreateImage": ("InstanceId", "instance"),
    "DeleteFleets": ("FleetIds", "fleet"), "ModifyFleet": ("FleetId", "fleet"),
    "DescribeFleetInstances": ("FleetId", "fleet"),
    "DescribeFleetHistory": ("FleetId", "fleet"),
    "CancelSpotFleetRequests": ("SpotFleetRequestIds", "spot-fleet-request"),
    "ModifySpotFleetRequest": ("SpotFleetRequestId", "spot-fleet-request"),
    "DescribeSpotFleetInstances": ("SpotFleetRequestId", "spot-fleet-request"),
    "DescribeSpotFleetRequestHistory": ("SpotFleetRequestId", "spot-fleet-request"),
    "DeleteSecurityGroup": ("GroupId", "security-group"),
    "AuthorizeSecurityGroupIngress": ("GroupId", "security-group"),
    "AuthorizeSecurityGroupEgress": ("GroupId", "security-group"),
    "RevokeSecurityGroupIngress": ("GroupId", "security-group"),
    "RevokeSecurityGroupEgress": ("GroupId", "security-group"),
    "DeleteVolume": ("VolumeId", "volume"), "DeregisterImage": ("ImageId", "image"),
    "DeleteSnapshot": ("SnapshotId", "snapshot"),
}
TEMPLATE_CALLS = ("DeleteLaunchTemplate", "CreateLaunchTemplateVersion")
MADE = {
    "CreateLaunchTemplate": "launch-template", "CreateSecurityGroup": "security-group",
    "CreateImage": "image",
}
PREFIXES = {
    "i": "instance", "vol": "volume", "eni": "network-interface", "lt": "launch-template",
    "sg": "security-group", "fleet": "fleet", "sfr": "spot-fleet-request", "ami": "image",
    "snap": "snapshot", "subnet": "subnet", "vpc": "vpc", "sir": "spot-instances-request",
}


def arn(world: World, kind: str, name: str = "*") -> str:
    owner = "" if kind in ("image", "snapshot") else ACCOUNT
    return f"arn:aws:ec2:{world.region}:{owner}:{kind}/{name}"


def tags_of(world: World, identifier: str) -> dict[str, str]:
    """The tags of anything that EC2 has."""
    if identifier in world.instances:
        return world.instances[identifier].tags
    if identifier in world.fleets:
        return world.fleets[identifier].tags
    return dict(world.backend.tags.get(identifier, {}))


def resource_tags(tags: dict[str, str]) -> Context:
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()} | {
        f"ec2:ResourceTag/{key}": value for key, value in tags.items()
    }


def request_tags(tags: dict[str, str]) -> Context:
    context: Context = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return context | ({"aws:TagKeys": list(tags)} if tags else {})


def needs(world: World, action: str, given: dict[str, Any]) -> Iterator[Need]:
    """Everything that the call needs."""
    if action == "RunInstances":
        return (yield from launch(world, action, action, given, given, None))
    if action in ("CreateFleet", "RequestSpotFleet"):
        return (yield from fleet(world, action, given))
    name = f"ec2:{action}"
    if action in ("CreateTags", "DeleteTags"):
        tags = {tag["Key"]: tag.get("Value", "") for tag in given.get("Tags", [])}
        for identifier in given["Resources"]:
            kind = PREFIXES.get(identifier.split("-")[0], "*")
            context = request_tags(tags) | resource_tags(tags_of(world, identifier))
            yield Need(name, arn(world, kind, identifier), context)
        return None
    if action in MADE:
        yield from make(world, action, MADE[action], given)
    if action == "CreateSecurityGroup" and given.get("VpcId"):
        context = resource_tags(tags_of(world, given["VpcId"]))
        yield Need(name, arn(world, "vpc", given["VpcId"]), context)
    if action in TEMPLATE_CALLS:
        found = template_of(world, given)
        context = resource_tags(tags_of(world, found.id))
        yield Need(name, arn(world, "launch-template", found.id), context)
    if action in EXISTING:
        member, kind = EXISTING[action]
        named = given.get(member) or "*"
        for identifier in named if isinstance(named, list) else [named]:
            context = resource_tags(tags_of(world, identifier))
            yield Need(name, arn(world, kind, identifier), context)
    elif action not in MADE and action not in TEMPLATE_CALLS:
        yield Need(name)
    return None


def make(
    world: World, action: str, kind: str, given: dict[str, Any], context: Context | None = None
) -> Iterator[Need]:
    """Something new, and its tags."""
    tags = tags_for(given, kind)
    yield Need(f"ec2:{action}", arn(world, kind), request_tags(tags) | (context or {}))
    if tags:
        yield tagging(world, action, kind, tags)


def tagging(world: World, action: str, kind: str, tags: dict[str, str]) -> Need:
    context = request_tags(tags) | {"ec2:CreateAction": action}
    return Need("ec2:CreateTags", arn(world, kind), context)


def launch(
    world: World, action: str, maker: str, request: dict[str, Any], given: dict[str, Any],
    override: dict[str, Any] | None,
) -> Iterator[Need]:
    """Instances, by RunInstances or by a fleet that launches with the caller's permissions."""
    spec = resolve(world, request, override)
    spec["TagSpecifications"] = spec["TagSpecifications"] + (
        given.get("TagSpecifications", []) if given is not request else []
    )
    metadata = spec.get("MetadataOptions", {})
    market = "spot" if (spec.get("InstanceMarketOptions") or {}).get("MarketType") == "spot" else (
        "on-demand"
    )
    context: Context = {
        "ec2:InstanceType": spec["InstanceType"], "ec2:InstanceMarketType": market,
        "ec2:MetadataHttpTokens": metadata.get("HttpTokens", "optional"),
        "ec2:MetadataHttpPutResponseHopLimit": metadata.get("HttpPutResponseHopLimit", 1),
    }
    name = f"ec2:{action}"
    if "ProfileArn" in spec:
        context["ec2:InstanceProfile"] = spec["ProfileArn"]
    if "TemplateId" in spec:
        template = arn(world, "launch-template", spec["TemplateId"])
        context |= {"ec2:LaunchTemplate": template, "ec2:IsLaunchTemplateResource": "true"}
        yield Need(name, template, resource_tags(tags_of(world, spec["TemplateId"])))
    yield from make_each(world, action, maker, spec, context)
    yield Need(name, arn(world, "image", spec["ImageId"]), {
        "ec2:Owner": world.backend.amis[spec["ImageId"]].owner_id
    } | resource_tags(tags_of(world, spec["ImageId"])))
    subnet = spec["Subnet"]
    yield Need(name, arn(world, "subnet", subnet.id), resource_tags(tags_of(world, subnet.id)))
    for group in spec["Groups"]:
        yield Need(name, arn(world, "security-group", group), resource_tags(tags_of(world, group)))
    if spec.get("Role") is not None:
        service = {"iam:PassedToService": "ec2.amazonaws.com"}
        yield Need("iam:PassRole", spec["Role"].arn, service)


def make_each(
    world: World, action: str, maker: str, spec: dict[str, Any], context: Context
) -> Iterator[Need]:
    """What a launch makes; tags are those of the call that the caller made."""
    disks = [disk.get("Ebs", {}) for disk in spec.get("BlockDeviceMappings", [])] or [{}]
    volume = {
        "ec2:VolumeSize": disks[0].get("VolumeSize", 8),
        "ec2:Encrypted": str(bool(disks[0].get("Encrypted"))).lower(),
    }
    kinds = {"instance": {}, "volume": volume, "network-interface": {}}
    if context["ec2:InstanceMarketType"] == "spot":
        kinds["spot-instances-request"] = {}
    for kind, extra in kinds.items():
        tags = tags_for(spec, kind)
        yield Need(f"ec2:{action}", arn(world, kind), context | extra | request_tags(tags))
        if tags:
            yield tagging(world, maker, kind, tags)


def fleet(world: World, action: str, given: dict[str, Any]) -> Iterator[Need]:
    """A fleet; an instant one launches, with the caller's permissions, as a part of the call."""
    config = given.get("SpotFleetRequestConfig", given)
    kind = "fleet" if action == "CreateFleet" else "spot-fleet-request"
    yield from make(world, action, kind, config)
    if config.get("IamFleetRole"):
        service = {"iam:PassedToService": "spotfleet.amazonaws.com"}
        yield Need("iam:PassRole", config["IamFleetRole"], service)
    for item in config.get("LaunchTemplateConfigs", []):
        template = item["LaunchTemplateSpecification"]
        found = template_of(world, template)
        context = resource_tags(tags_of(world, found.id))
        yield Need(f"ec2:{action}", arn(world, "launch-template", found.id), context)
        if action != "CreateFleet" or config.get("Type") != "instant":
            continue
        for override in item.get("Overrides") or [{}]:
            try:
                options = list(choices(world, template, override))
            except Refusal:
                continue
            for choice in options:
                yield from fleet_of(world, template, choice)
                yield from launch(
                    world, "RunInstances", action, {"LaunchTemplate": template}, given, choice
                )


def fleet_of(
    world: World, template: dict[str, Any], override: dict[str, Any]
) -> Iterator[Need]:
    """What CreateFleet itself is asked about of the instances it is to launch."""
    spec = resolve(world, {"LaunchTemplate": template}, override)
    context: Context = {"ec2:InstanceType": spec["InstanceType"]}
    if "ProfileArn" in spec:
        context["ec2:InstanceProfile"] = spec["ProfileArn"]
    yield Need("ec2:CreateFleet", arn(world, "instance"), context)
    yield Need("ec2:CreateFleet", arn(world, "volume"))
    yield Need("ec2:CreateFleet", arn(world, "subnet", spec["Subnet"].id))
    yield Need("ec2:CreateFleet", arn(world, "image", spec["ImageId"]))
