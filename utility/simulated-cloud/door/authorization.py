"""What a request needs permission for, and whether its signer has it.

A need is an action of IAM, a resource and what its conditions can ask about, as the Service
Authorization Reference lists them. EC2's, which depend on templates and tags, are in
compute/permissions.py.
"""

import dataclasses
import json
import urllib.parse
from collections.abc import Iterator

from door.identities import ACCOUNT, Identity
from door.policy import Context, allows
from door.refusal import Refusal
from door.request import Request

# What everyone may ask.
FREE = {"GetCallerIdentity"}
S3_ACTIONS = {
    "ListObjectsV2": "ListBucket", "ListObjects": "ListBucket", "HeadBucket": "ListBucket",
    "HeadObject": "GetObject", "UploadPart": "PutObject", "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject", "ListParts": "ListMultipartUploadParts",
    "ListMultipartUploads": "ListBucketMultipartUploads", "ListBuckets": "ListAllMyBuckets",
    "DeleteObjects": "DeleteObject",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
}
DENIALS = {
    "ec2": ("UnauthorizedOperation", "You are not authorized to perform this operation."),
    "s3": ("AccessDenied", ""), "cloudformation": ("AccessDenied", ""),
    "sts": ("AccessDenied", ""), "iam": ("AccessDenied", ""),
}


@dataclasses.dataclass
class Need:
    """An action on a resource, and the values of the keys that conditions may name."""

    action: str
    resource: str = "*"
    context: Context = dataclasses.field(default_factory=dict)


def require(identity: Identity, service: str, needs: list[Need], common: Context) -> None:
    """Refuses the request unless its signer is allowed every need."""
    if identity.policies is None:
        return
    for need in needs:
        if not allows(identity.policies, need.action, need.resource, common | need.context):
            code, opening = DENIALS.get(service, ("AccessDeniedException", ""))
            text = (
                f"{opening} User: {identity.arn} is not authorized to perform: {need.action} on "
                f"resource: {need.resource} because no identity-based policy allows the "
                f"{need.action} action"
            )
            raise Refusal(code, 403 if service in DENIALS else 400, text.strip())


def common_context(request: Request) -> Context:
    """What every request brings along. The door is plain HTTP, and stands for AWS's over TLS."""
    return {
        "aws:SecureTransport": "true", "aws:PrincipalArn": request.identity.arn,
        "aws:PrincipalAccount": ACCOUNT, "aws:RequestedRegion": request.region,
        "aws:SourceAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT,
    }


def authorize(request: Request) -> None:
    """Refuses a request to any service but EC2 that its signer has no permission for."""
    if request.action in FREE:
        return
    reader = {
        "s3": s3_needs, "logs": logs_needs, "ssm": ssm_needs, "scheduler": scheduler_needs,
        "cloudformation": stack_needs, "sts": sts_needs, "iam": iam_needs,
    }.get(request.service)
    if reader is None or request.action is None:
        needs = [Need(f"{request.service}:{request.action}")]
    else:
        needs = list(reader(request))
    require(request.identity, request.service, needs, common_context(request))


def s3_needs(request: Request) -> Iterator[Need]:
    bucket, key = request.bucket_and_key()
    action = f"s3:{S3_ACTIONS.get(request.action, request.action)}"
    if action == "s3:ListAllMyBuckets":
        return (yield Need(action))
    whole = f"arn:aws:s3:::{bucket}"
    context = {
        f"s3:{name}": request.parameters[name]
        for name in ("prefix", "delimiter", "max-keys") if name in request.parameters
    }
    if request.action == "DeleteObjects":
        return (yield Need(action, f"{whole}/*", context))
    yield Need(action, f"{whole}/{key}" if key else whole, context)


def logs_needs(request: Request) -> Iterator[Need]:
    given = json.loads(request.body or b"{}")
    group = given.get("logGroupName") or given.get("logGroupIdentifier")
    arn = f"arn:aws:logs:{request.region}:{ACCOUNT}:log-group:{group or '*'}"
    stream = given.get("logStreamName")
    if stream:
        arn += f":log-stream:{stream}"
    elif group:
        arn += ":*" if request.action == "FilterLogEvents" else ""
    tags = {f"aws:RequestTag/{key}": value for key, value in (given.get("tags") or {}).items()}
    yield Need(f"logs:{request.action}", arn, tags)


def ssm_needs(request: Request) -> Iterator[Need]:
    given = json.loads(request.body or b"{}")
    for name in given.get("Names") or [given.get("Name", "*")]:
        owner = "" if name.startswith("/aws/") else ACCOUNT
        arn = f"arn:aws:ssm:{request.region}:{owner}:parameter/{name.lstrip('/')}"
        yield Need(f"ssm:{request.action}", arn)


def scheduler_needs(request: Request) -> Iterator[Need]:
    name = urllib.parse.unquote(request.path.removeprefix("/schedules/"))
    given = json.loads(request.body or b"{}")
    group = given.get("GroupName") or request.parameters.get("groupName", "default")
    arn = f"arn:aws:scheduler:{request.region}:{ACCOUNT}:schedule/{group}/{name}"
    yield Need(f"scheduler:{request.action}", "*" if request.action == "ListSchedules" else arn)
    role = given.get("Target", {}).get("RoleArn")
    if role:
        yield Need("iam:PassRole", role, {"iam:PassedToService": "scheduler.amazonaws.com"})


def stack_needs(request: Request) -> Iterator[Need]:
    name = request.form().get("StackName", "*")
    arn = name if name.startswith("arn:") else (
        f"arn:aws:cloudformation:{request.region}:{ACCOUNT}:stack/{name}/*"
    )
    yield Need(f"cloudformation:{request.action}", arn)


def sts_needs(request: Request) -> Iterator[Need]:
    yield Need(f"sts:{request.action}", request.form().get("RoleArn", "*"))


def iam_needs(request: Request) -> Iterator[Need]:
    form = request.form()
    for field, kind in (("RoleName", "role"), ("InstanceProfileName", "instance-profile")):
        if field in form:
            arn = f"arn:aws:iam::{ACCOUNT}:{kind}/{form[field]}"
            return (yield Need(f"iam:{request.action}", arn))
    yield Need(f"iam:{request.action}")
