"""The machine images of the simulated cloud, and the parameters that name the newest of them."""

from typing import Any

from moto.ec2.models.amis import Ami

AMAZON, DEBIAN = "137112412989", "136693071363"
# id, name, owner, alias, architecture, parameters, root device.
IMAGES = (
    (
        "ami-0a1a2023c0ffee086", "al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64", AMAZON,
        "amazon", "x86_64",
        (
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        ), "/dev/xvda",
    ),
    (
        "ami-0a1a2023c0ffee064", "al2023-ami-2023.9.20251110.1-kernel-6.1-arm64", AMAZON,
        "amazon", "arm64",
        (
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        ), "/dev/xvda",
    ),
    (
        "ami-0deb1a12000000086", "debian-12-amd64-20251112-2294", DEBIAN, None, "x86_64",
        ("/aws/service/debian/release/12/latest/amd64",), "/dev/xvda",
    ),
    (
        "ami-0deb1a12000000064", "debian-12-arm64-20251112-2294", DEBIAN, None, "arm64",
        ("/aws/service/debian/release/12/latest/arm64",), "/dev/xvda",
    ),
)
PARAMETERS = {name: image[0] for image in IMAGES for name in image[5]}


def install(backend: Any) -> None:
    """Puts the images into moto, in the place of its own thousand."""
    for image, name, owner, alias, architecture, _, device in IMAGES:
        backend.amis[image] = Ami(
            backend, image, name=name, owner_id=owner, owner_alias=alias, public=True,
            virtualization_type="hvm", architecture=architecture, hypervisor="xen",
            description=name, root_device_name=device, root_device_type="ebs",
            region_name=f"{backend.region_name}a",
        )


def parameter(name: str, region: str) -> dict[str, Any] | None:
    """A public parameter, as Systems Manager describes it."""
    image = PARAMETERS.get(name)
    if image is None:
        return None
    return {
        "Name": name, "Type": "String", "Value": image, "Version": 1, "DataType": "text",
        "ARN": f"arn:aws:ssm:{region}::parameter{name}", "LastModifiedDate": 1_762_900_000.0,
    }
