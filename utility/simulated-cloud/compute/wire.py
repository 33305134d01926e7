"""EC2's protocol, read and written by AWS's own model of it (botocore's)."""

import base64
import functools
from datetime import datetime, timezone
from typing import Any
from xml.sax.saxutils import escape

import botocore.loaders
import botocore.model

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
Shape = botocore.model.Shape


@functools.cache
def service_model() -> botocore.model.ServiceModel:
    loader = botocore.loaders.Loader()
    return botocore.model.ServiceModel(loader.load_service_model("ec2", "service-2"), "ec2")


def read(action: str, form: dict[str, str]) -> dict[str, Any]:
    """The members of a request by the names that AWS's documentation gives them.

    Members that the model doesn't know are left out: the tests of the AWS room hold requests
    against the model.
    """
    tree: dict[str, Any] = {}
    for name, value in form.items():
        node = tree
        *parents, last = name.split(".")
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
    shape = service_model().operation_model(action).input_shape
    return read_structure(shape, tree) if shape else {}


def query_name(shape: Shape, name: str) -> str:
    given = shape.serialization
    if "queryName" in given:
        return given["queryName"]
    name = given.get("name", name)
    return name[0].upper() + name[1:]


def read_structure(shape: Shape, tree: dict[str, Any]) -> dict[str, Any]:
    members = ((name, member, query_name(member, name)) for name, member in shape.members.items())
    return {name: read_value(member, tree[key]) for name, member, key in members if key in tree}


def read_value(shape: Shape, node: Any) -> Any:
    if shape.type_name == "structure":
        return read_structure(shape, node if isinstance(node, dict) else {})
    if shape.type_name == "list":
        places = sorted(node, key=int) if isinstance(node, dict) else []
        return [read_value(shape.member, node[place]) for place in places]
    if shape.type_name in ("integer", "long"):
        return int(node)
    if shape.type_name in ("float", "double"):
        return float(node)
    if shape.type_name == "boolean":
        return node == "true"
    if shape.type_name == "timestamp":
        return datetime.fromisoformat(node.replace("Z", "+00:00"))
    if shape.type_name == "blob":
        return base64.b64decode(node)
    return node


def write(action: str, result: dict[str, Any], request_id: str) -> bytes:
    """The answer to a call."""
    shape = service_model().operation_model(action).output_shape
    parts = [f'<{action}Response xmlns="{NAMESPACE}"><requestId>{request_id}</requestId>']
    if shape:
        write_members(parts, shape, result)
    parts.append(f"</{action}Response>")
    return "".join(parts).encode()


def write_members(parts: list[str], shape: Shape, value: dict[str, Any]) -> None:
    for name, member in shape.members.items():
        item = value.get(name)
        if item is not None:
            write_value(parts, member.serialization.get("name", name), member, item)


def write_value(parts: list[str], tag: str, shape: Shape, value: Any) -> None:
    parts.append(f"<{tag}>")
    if shape.type_name == "structure":
        write_members(parts, shape, value)
    elif shape.type_name == "list":
        item_tag = shape.member.serialization.get("name", "item")
        for item in value:
            write_value(parts, item_tag, shape.member, item)
    elif shape.type_name == "boolean":
        parts.append("true" if value else "false")
    elif shape.type_name == "timestamp":
        parts.append(value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    else:
        parts.append(escape(str(value)))
    parts.append(f"</{tag}>")
