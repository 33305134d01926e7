"""One instance: what it was made from, and what has become of it."""

import dataclasses
import time
from datetime import datetime, timezone
from typing import Any

from compute.market import architectures
from door.identities import ACCOUNT

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64,
         "stopped": 80}
NEVER = float("inf")


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@dataclasses.dataclass
class Volume:
    """The root volume of an instance."""

    id: str
    size: int
    encrypted: bool
    dies_with_instance: bool
    tags: dict[str, str]
    gone: bool = False


@dataclasses.dataclass(eq=False)
class Instance:
    """Times are those of `time.time()`; states follow from them and are not set."""

    id: str
    spec: dict[str, Any]
    kind: str
    zone: str
    subnet: Any
    private_ip: str
    public_ip: str | None
    lifecycle: str
    tags: dict[str, str]
    volume: Volume
    interface: str
    reservation: str
    launch_index: int = 0
    fleet: str | None = None
    spot_request: str | None = None
    client_token: str | None = None
    launched: float = dataclasses.field(default_factory=time.time)
    running_from: float = NEVER
    ending_from: float = NEVER
    gone_from: float = NEVER
    stopped: bool = False
    reason: tuple[str, str] | None = None
    # The interruption notice, when there is one: when it takes effect, and when it was announced.
    interruption: datetime | None = None
    rebalance: datetime | None = None

    @property
    def state(self) -> str:
        now = time.time()
        if now >= self.gone_from:
            return "terminated"
        if now >= self.ending_from:
            return "shutting-down"
        if self.stopped:
            return "stopped"
        return "running" if now >= self.running_from else "pending"

    @property
    def is_live(self) -> bool:
        return self.state in ("pending", "running")

    @property
    def shutdown_behavior(self) -> str:
        return self.spec.get("InstanceInitiatedShutdownBehavior", "stop")

    @property
    def profile(self) -> str | None:
        """The name of the instance profile."""
        given = self.spec.get("IamInstanceProfile") or {}
        return given.get("Name") or (given.get("Arn") or "").split("/")[-1] or None

    @property
    def metadata_options(self) -> dict[str, Any]:
        return {
            "State": "applied", "HttpTokens": "optional", "HttpPutResponseHopLimit": 1,
            "HttpEndpoint": "enabled", "HttpProtocolIpv6": "disabled",
            "InstanceMetadataTags": "disabled",
        } | self.spec.get("MetadataOptions", {})

    @property
    def private_name(self) -> str:
        region = self.zone[:-1]
        suffix = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
        return f"ip-{self.private_ip.replace('.', '-')}.{suffix}"

    def describe(self, show_tags: bool = True) -> dict[str, Any]:
        """The instance as DescribeInstances shows it."""
        state = self.state
        shown = {
            "InstanceId": self.id, "ImageId": self.spec["ImageId"], "InstanceType": self.kind,
            "State": {"Code": CODES[state], "Name": state},
            "LaunchTime": datetime.fromtimestamp(self.launched, timezone.utc),
            "AmiLaunchIndex": self.launch_index, "Architecture": architectures(self.kind)[0],
            "Placement": {"AvailabilityZone": self.zone, "Tenancy": "default"},
            "MetadataOptions": self.metadata_options, "ClientToken": self.client_token or "",
            "EbsOptimized": False, "RootDeviceType": "ebs", "RootDeviceName": "/dev/xvda",
            "VirtualizationType": "hvm", "Hypervisor": "xen", "Monitoring": {"State": "disabled"},
            "SourceDestCheck": True, "ProductCodes": [], "PrivateDnsName": "",
            "PublicDnsName": "", "StateTransitionReason": "",
            "SecurityGroups": self._groups(), "Tags": tag_list(self.tags) if show_tags else [],
        }
        if self.lifecycle == "spot":
            shown |= {"InstanceLifecycle": "spot", "SpotInstanceRequestId": self.spot_request}
        if self.reason:
            shown["StateReason"] = {"Code": self.reason[0], "Message": self.reason[1]}
            shown["StateTransitionReason"] = self.reason[1]
        if state != "terminated":
            shown |= self._network()
        return shown

    def _groups(self) -> list[dict[str, str]]:
        return [
            {"GroupId": group, "GroupName": name} for group, name in self.spec["Groups"].items()
        ]

    def _network(self) -> dict[str, Any]:
        """What only an instance that is there has."""
        shown = {
            "SubnetId": self.subnet.id, "VpcId": self.subnet.vpc_id,
            "PrivateIpAddress": self.private_ip, "PrivateDnsName": self.private_name,
            "BlockDeviceMappings": [{
                "DeviceName": "/dev/xvda",
                "Ebs": {
                    "VolumeId": self.volume.id, "Status": "attached",
                    "DeleteOnTermination": self.volume.dies_with_instance,
                },
            }],
            "NetworkInterfaces": [{
                "NetworkInterfaceId": self.interface, "SubnetId": self.subnet.id,
                "VpcId": self.subnet.vpc_id, "PrivateIpAddress": self.private_ip,
                "Status": "in-use", "Groups": self._groups(),
            }],
        }
        if self.public_ip:
            shown["PublicIpAddress"] = self.public_ip
        if self.profile:
            arn = f"arn:aws:iam::{ACCOUNT}:instance-profile/{self.profile}"
            shown["IamInstanceProfile"] = {"Arn": self.spec.get("ProfileArn", arn), "Id": "AIPA"}
        return shown
