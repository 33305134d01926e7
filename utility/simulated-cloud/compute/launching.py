"""From a request and a launch template to instances."""

import base64
import copy
import ipaddress
import itertools
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.iam.models import iam_backends

from compute import images
from compute.instance import Instance, Volume
from compute.market import architectures
from compute.world import World, new_id
from door.identities import ACCOUNT
from door.refusal import Refusal

USER_DATA_LIMIT = 16384
PUBLIC = (str(ip) for ip in itertools.cycle(ipaddress.ip_network("203.0.113.0/24").hosts()))
SHARED = {
    "LaunchTemplate", "LaunchTemplateSpecification", "MinCount", "MaxCount", "ClientToken",
    "DryRun",
}


def template_of(world: World, given: dict[str, Any]) -> Any:
    """moto's launch template, by id or name."""
    backend, name = world.backend, given.get("LaunchTemplateName")
    identifier = given.get("LaunchTemplateId")
    if identifier in backend.launch_templates:
        return backend.launch_templates[identifier]
    if name in backend.launch_template_name_to_ids:
        return backend.launch_templates[backend.launch_template_name_to_ids[name]]
    if identifier:
        raise Refusal(
            "InvalidLaunchTemplateId.NotFound", 400,
            f"The specified launch template, with template ID {identifier}, does not exist.",
        )
    raise Refusal(
        "InvalidLaunchTemplateName.NotFoundException", 400,
        f"The specified launch template, with template name {name}, does not exist.",
    )


def version_of(world: World, given: dict[str, Any]) -> Any:
    template = template_of(world, given)
    number = given.get("Version", "$Default")
    try:
        return template.get_version(number)
    except (ServiceException, ValueError):
        raise Refusal(
            "InvalidLaunchTemplateId.VersionNotFound", 400,
            f"Could not find the specified version {number} for the launch template {template.id}.",
        ) from None


def tags_for(spec: dict[str, Any], kind: str) -> dict[str, str]:
    return {
        tag["Key"]: tag.get("Value", "")
        for item in spec.get("TagSpecifications", []) if item.get("ResourceType") == kind
        for tag in item.get("Tags", [])
    }


def resolve(
    world: World, request: dict[str, Any], override: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What an instance is made from: the template, over it the request, over that the override."""
    given = request.get("LaunchTemplate") or request.get("LaunchTemplateSpecification")
    spec: dict[str, Any] = {}
    if given:
        version = version_of(world, given)
        spec = copy.deepcopy(dict(version.data))
        if spec.get("UserData"):
            spec["UserData"] = str(spec["UserData"])
        spec["TemplateId"], spec["TemplateVersion"] = version.template.id, version.number
    specifications = spec.get("TagSpecifications", []) + request.get("TagSpecifications", [])
    spec |= {key: value for key, value in request.items() if key not in SHARED}
    spec["TagSpecifications"] = specifications
    for key in ("InstanceType", "ImageId", "SubnetId"):
        if (override or {}).get(key):
            spec[key] = override[key]
    zone = (override or {}).get("AvailabilityZone") or (
        ((override or {}).get("Placement") or spec.get("Placement") or {}).get("AvailabilityZone")
    )
    if zone:
        spec["Zone"] = zone
    for interface in spec.get("NetworkInterfaces", []):
        if interface.get("DeviceIndex", 0) == 0:
            spec.setdefault("SubnetId", interface.get("SubnetId"))
            spec["SecurityGroupIds"] = interface.get("Groups", [])
            spec["Public"] = interface.get("AssociatePublicIpAddress")
    return complete(world, spec)


def complete(world: World, spec: dict[str, Any]) -> dict[str, Any]:
    """Checks what the launch names, and puts objects in the place of names."""
    spec["ImageId"] = resolve_image(world, spec.get("ImageId"))
    kind = spec.setdefault("InstanceType", "m1.small")
    if kind not in INSTANCE_TYPES:
        raise Refusal("InvalidParameterValue", 400, f"Invalid value '{kind}' for InstanceType.")
    image = world.backend.amis[spec["ImageId"]]
    if image.architecture not in architectures(kind):
        raise Refusal(
            "InvalidParameterValue", 400,
            f"The architecture '{','.join(architectures(kind))}' of the specified instance type "
            f"does not match the architecture '{image.architecture}' of the specified AMI.",
        )
    spec["Subnet"] = subnet_of(world, spec)
    spec["Groups"] = groups_of(world, spec)
    check_profile(spec)
    if len(base64.b64decode(spec.get("UserData") or "")) > USER_DATA_LIMIT:
        raise Refusal("InvalidParameterValue", 400, "User data is limited to 16384 bytes")
    return spec


def resolve_image(world: World, given: str | None) -> str:
    if given and given.startswith("resolve:ssm:"):
        name = given.removeprefix("resolve:ssm:")
        given = images.PARAMETERS.get(name)
        if given is None:
            raise Refusal("InvalidParameterValue", 400, f"Parameter {name} not found")
    if given not in world.backend.amis:
        code = "InvalidAMIID.NotFound" if given else "MissingParameter"
        raise Refusal(code, 400, f"The image id '[{given}]' does not exist")
    return given


def subnet_of(world: World, spec: dict[str, Any]) -> Any:
    if spec.get("SubnetId"):
        try:
            return world.backend.get_subnet(spec["SubnetId"])
        except ServiceException:
            raise Refusal(
                "InvalidSubnetID.NotFound", 400,
                f"The subnet ID '{spec['SubnetId']}' does not exist",
            ) from None
    defaults = world.backend.get_default_subnets()
    zone = spec.get("Zone") or min(defaults, default=None)
    if zone not in defaults:
        raise Refusal("MissingInput", 400, "No subnets found for the default VPC.")
    return defaults[zone]


def groups_of(world: World, spec: dict[str, Any]) -> dict[str, str]:
    """The names of the security groups by their ids."""
    vpc = spec["Subnet"].vpc_id
    if not spec.get("SecurityGroupIds"):
        group = world.backend.get_default_security_group(vpc)
        return {group.id: group.name}
    found = {}
    for identifier in spec["SecurityGroupIds"]:
        group = world.backend.get_security_group_from_id(identifier)
        if group is None:
            raise Refusal(
                "InvalidGroup.NotFound", 400, f"The security group '{identifier}' does not exist"
            )
        if group.vpc_id != vpc:
            raise Refusal(
                "InvalidParameter", 400,
                f"Security group {identifier} and subnet {spec['Subnet'].id} belong to different "
                "networks.",
            )
        found[group.id] = group.name
    return found


def check_profile(spec: dict[str, Any]) -> None:
    given = spec.get("IamInstanceProfile") or {}
    name = given.get("Name") or (given.get("Arn") or "").split("/")[-1]
    if not name:
        return
    profile = iam_backends[ACCOUNT]["aws"].instance_profiles
    found = next((item for item in profile.values() if item.name == name), None)
    if found is None:
        raise Refusal(
            "InvalidParameterValue", 400,
            f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM "
            "Instance Profile name",
        )
    spec["ProfileArn"], spec["Role"] = found.arn, found.roles[0] if found.roles else None


def root_volume(spec: dict[str, Any]) -> Volume:
    disks = [disk.get("Ebs", {}) for disk in spec.get("BlockDeviceMappings", [])]
    disk = disks[0] if disks else {}
    return Volume(
        new_id("vol"), disk.get("VolumeSize", 8), bool(disk.get("Encrypted")),
        disk.get("DeleteOnTermination", True), tags_for(spec, "volume"),
    )


def make(
    world: World, spec: dict[str, Any], count: int, lifecycle: str, *,
    fleet: str | None = None, token: str | None = None, extra: dict[str, str] | None = None,
) -> list[Instance]:
    """Launches instances; whoever calls has looked at capacity and quota."""
    subnet, reservation = spec["Subnet"], new_id("r")
    tags = tags_for(spec, "instance") | (extra or {})
    if "TemplateId" in spec:
        tags["aws:ec2launchtemplate:id"] = spec["TemplateId"]
        tags["aws:ec2launchtemplate:version"] = str(spec["TemplateVersion"])
    public = spec.get("Public")
    if public is None:
        public = str(subnet.map_public_ip_on_launch).lower() == "true"
    made = []
    for index in range(count):
        identifier = new_id("i")
        try:
            address = subnet.get_available_subnet_ip(identifier)
        except StopIteration:
            raise Refusal(
                "InsufficientFreeAddressesInSubnet", 400,
                f"There are not enough free addresses in subnet '{subnet.id}'.",
            ) from None
        made.append(Instance(
            identifier, spec, spec["InstanceType"], subnet.availability_zone, subnet, address,
            next(PUBLIC) if public else None, lifecycle, dict(tags), root_volume(spec),
            new_id("eni"), reservation, index, fleet,
            f"sir-{identifier[-8:]}" if lifecycle == "spot" else None, token,
        ))
    world.add(made)
    return made
