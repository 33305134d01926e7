"""A cloud for tests: starts the real command, and asks it as any client of AWS would."""

import contextlib
import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

FOLDER = pathlib.Path(__file__).resolve().parent.parent
ROOT = FOLDER.parent.parent
IMAGE = "ami-0a1a2023c0ffee086"
# A test fails by its assertion, not by a client that tries again on its own.
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=30)


class Cloud:
    """A running cloud; ends with `close()`."""

    def __init__(self, *arguments: str):
        self.process = subprocess.Popen(
            [str(FOLDER / "run"), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the cloud did not start")
        self.told = json.loads(line)
        self.url = f"http://127.0.0.1:{self.told['gate']}"

    def client(
        self, service: str, key: str | None = None, secret: str | None = None,
        token: str | None = None,
    ) -> Any:
        return boto3.client(
            service, endpoint_url=self.url, region_name="us-east-1", config=ONE_ATTEMPT,
            aws_access_key_id=key or self.told["key"],
            aws_secret_access_key=secret or self.told["secret"], aws_session_token=token,
        )

    def control(self, action: str, **given: Any) -> Any:
        return self.post(f"_cloud/{action}", given)

    def rules(self, *rules: dict[str, Any]) -> None:
        self.post("_gate/rules", list(rules))

    def post(self, path: str, given: Any) -> Any:
        request = urllib.request.Request(f"{self.url}/{path}", json.dumps(given).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def close(self) -> int:
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(30)


@contextlib.contextmanager
def failing(code: str) -> Any:
    """Holds if what is inside fails with the code of AWS."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        found = error.response["Error"]["Code"]
        if found != code:
            raise AssertionError(f"expected {code}, got {error}") from error
    else:
        raise AssertionError(f"expected {code}, but it was done")


def until(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """What the condition gives, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def tags(kind: str, **values: str) -> dict[str, Any]:
    pairs = {f"loadfleet:{key}": value for key, value in values.items()}
    return {
        "ResourceType": kind,
        "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()],
    }


def template(ec2: Any, name: str, **data: Any) -> str:
    """A launch template, by its id."""
    data = {
        "ImageId": IMAGE, "InstanceType": "c5.large",
        "TagSpecifications": [tags("instance", fleet=name), tags("volume", fleet=name)],
    } | data
    made = ec2.create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData=data,
        TagSpecifications=[tags("launch-template", fleet=name)],
    )
    return made["LaunchTemplate"]["LaunchTemplateId"]


def fleet_request(identifier: str, count: int, **more: Any) -> dict[str, Any]:
    return {
        "Type": "instant",
        "LaunchTemplateConfigs": [{
            "LaunchTemplateSpecification": {"LaunchTemplateId": identifier, "Version": "$Latest"},
            "Overrides": [{"InstanceType": kind} for kind in ("c5.large", "c6i.large", "m5.large")],
        }],
        "TargetCapacitySpecification": {
            "TotalTargetCapacity": count, "DefaultTargetCapacityType": "spot",
        },
        "SpotOptions": {"AllocationStrategy": "price-capacity-optimized"},
    } | more


def ids_of(fleet: dict[str, Any]) -> list[str]:
    return sorted(i for group in fleet["Instances"] for i in group["InstanceIds"])


def states(ec2: Any, identifiers: list[str]) -> list[str]:
    answer = ec2.describe_instances(InstanceIds=identifiers)
    return [
        instance["State"]["Name"]
        for reservation in answer["Reservations"] for instance in reservation["Instances"]
    ]
