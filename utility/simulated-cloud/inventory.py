"""What is there of everything that costs money or has a name; and strangers' things."""

from collections.abc import Iterator
from typing import Any

from moto.cloudformation.models import cloudformation_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.scheduler.models import scheduler_backends
from moto.ssm.models import ssm_backends

from compute import launching
from compute.images import IMAGES
from compute.world import World
from door.identities import ACCOUNT

Entry = dict[str, Any]
STRANGER = {"owner": "someone-else", "Name": "decoy"}


def entry(kind: str, identifier: str, tags: dict[str, str] | None = None, **more: Any) -> Entry:
    return {"kind": kind, "id": identifier, "tags": tags or {}, **more}


def everything(world: World) -> list[Entry]:
    """All that is left in a region, and of the services that have no region."""
    return [
        *compute_entries(world), *network_entries(world), *store_entries(),
        *service_entries(world.region),
    ]


def compute_entries(world: World) -> Iterator[Entry]:
    for instance in list(world.instances.values()):
        if instance.state != "terminated":
            yield entry(
                "instance", instance.id, instance.tags, state=instance.state,
                lifecycle=instance.lifecycle,
            )
        if not instance.volume.gone:
            yield entry("volume", instance.volume.id, instance.volume.tags)
    for fleet in list(world.fleets.values()):
        if fleet.is_active and (fleet.kind != "instant" or any(fleet.live())):
            kind = "spot-fleet-request" if fleet.is_spot_fleet else "fleet"
            yield entry(kind, fleet.id, fleet.tags, state=fleet.state)
    backend = world.backend
    for template in list(backend.launch_templates.values()):
        yield entry("launch-template", template.id, backend.tags.get(template.id))
    public = {image[0] for image in IMAGES}
    for image in list(backend.amis.values()):
        if image.id not in public:
            yield entry("image", image.id, backend.tags.get(image.id))
    for pair in list(backend.key_pairs.values()):
        yield entry("key-pair", pair.name)
    for address in list(backend.addresses):
        yield entry("elastic-ip", address.public_ip)


def network_entries(world: World) -> Iterator[Entry]:
    backend = world.backend
    for groups in list(backend.groups.values()):
        for group in list(groups.values()):
            if not group.is_default:
                yield entry(
                    "security-group", group.id, backend.tags.get(group.id), name=group.name
                )
    for vpc in list(backend.vpcs.values()):
        if str(vpc.is_default).lower() != "true":
            yield entry("vpc", vpc.id, backend.tags.get(vpc.id))


def store_entries() -> Iterator[Entry]:
    store = s3_backends[ACCOUNT]["aws"]
    for bucket in list(store.buckets.values()):
        yield entry("bucket", bucket.name, store.tagger.get_tag_dict_for_resource(bucket.arn))
        for key in list(bucket.keys.keys()):
            yield entry("object", f"{bucket.name}/{key}")
        for upload in list(bucket.multiparts.values()):
            yield entry("upload", f"{bucket.name}/{upload.key_name}")


def service_entries(region: str) -> Iterator[Entry]:
    for group in list(logs_backends[ACCOUNT][region].groups.values()):
        yield entry("log-group", group.name)
    for schedules in list(scheduler_backends[ACCOUNT][region].schedule_groups.values()):
        for schedule in list(schedules.schedules.values()):
            yield entry("schedule", schedule.name)
    for name, values in list(ssm_backends[ACCOUNT][region]._parameters.items()):
        if values and not name.startswith("/aws/"):
            yield entry("parameter", name)
    for stack in list(cloudformation_backends[ACCOUNT][region].stacks.values()):
        if stack.status != "DELETE_COMPLETE":
            yield entry("stack", stack.name, dict(stack.tags or {}), state=stack.status)
    iam = iam_backends[ACCOUNT]["aws"]
    for role in list(iam.roles.values()):
        yield entry("role", role.name)
    for profile in list(iam.instance_profiles.values()):
        yield entry("instance-profile", profile.name)


def add_strangers(world: World, count: int) -> list[str]:
    """Instances of someone else, which nobody but them may end."""
    tags = [{"Key": key, "Value": value} for key, value in STRANGER.items()]
    spec = launching.resolve(world, {
        "ImageId": IMAGES[0][0], "InstanceType": "c5.large",
        "TagSpecifications": [
            {"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")
        ],
    })
    with world.lock:
        boots, world.boots = world.boots, False
        made = launching.make(world, spec | {"Stranger": True}, count, "on-demand")
        world.boots = boots
    return [instance.id for instance in made]
