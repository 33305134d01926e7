"""A request as it came over the wire, and what it asks of which service."""

import dataclasses
import re
import urllib.parse
from typing import Any

from door.refusal import QUERY_SERVICES as OTHER_QUERY_SERVICES

QUERY_SERVICES = ("ec2", *OTHER_QUERY_SERVICES)

# What a part of a query makes of a request to S3, by method; the first that fits counts.
S3_PARTS = (
    ("uploadId", {
        "PUT": "UploadPart", "POST": "CompleteMultipartUpload", "GET": "ListParts",
        "DELETE": "AbortMultipartUpload",
    }),
    ("uploads", {"POST": "CreateMultipartUpload", "GET": "ListMultipartUploads"}),
    ("delete", {"POST": "DeleteObjects"}),
    ("list-type", {"GET": "ListObjectsV2"}),
    ("location", {"GET": "GetBucketLocation"}),
    ("lifecycle", {
        "GET": "GetBucketLifecycleConfiguration", "PUT": "PutBucketLifecycleConfiguration",
        "DELETE": "DeleteBucketLifecycle",
    }),
)
S3_OBJECT = {
    "PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject",
}
S3_BUCKET = {
    "PUT": "CreateBucket", "GET": "ListObjects", "HEAD": "HeadBucket", "DELETE": "DeleteBucket",
}
SCHEDULER = {
    "POST": "CreateSchedule", "GET": "GetSchedule", "PUT": "UpdateSchedule",
    "DELETE": "DeleteSchedule",
}


@dataclasses.dataclass
class Request:
    """One request, its path and query as they were sent."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    service: str = "s3"
    action: str | None = None
    region: str = "us-east-1"
    key: str | None = None
    identity: Any = None

    def __post_init__(self) -> None:
        self.named = {name.lower(): value for name, value in self.headers}
        self.parameters = dict(urllib.parse.parse_qsl(self.query, keep_blank_values=True))
        scope = self.named.get("authorization") or self.parameters.get("X-Amz-Credential", "")
        found = re.search(r"(?:Credential=|^)([^/=]+)/\d{8}/([^/]+)/([^/]+)/aws4_request", scope)
        if found:
            self.key, self.region, self.service = found.groups()
        self.action = self._action()

    def _action(self) -> str | None:
        target = self.named.get("x-amz-target")
        if target:
            return target.split(".")[-1]
        # By service, not by type of content: curl calls all data a form.
        if self.service in QUERY_SERVICES:
            return self.form().get("Action")
        if self.service == "scheduler":
            if self.path == "/schedules":
                return "ListSchedules"
            return SCHEDULER.get(self.method) if self.path.startswith("/schedules/") else None
        return self._s3_action() if self.service == "s3" else None

    def _s3_action(self) -> str | None:
        for part, actions in S3_PARTS:
            if part in self.parameters and self.method in actions:
                return actions[self.method]
        bucket, key = self.bucket_and_key()
        if not bucket:
            return "ListBuckets"
        return (S3_OBJECT if key else S3_BUCKET).get(self.method)

    def form(self) -> dict[str, str]:
        """The fields of a form, as the query protocols send them."""
        text = self.body.decode(errors="replace")
        return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))

    def bucket_and_key(self) -> tuple[str, str]:
        """The bucket and the key that S3 is asked for, in a path or in the host's name."""
        host = self.named.get("host", "").split(":")[0]
        path = urllib.parse.unquote(self.path.removeprefix("/"))
        found = re.fullmatch(r"(.+)\.s3[.-].*amazonaws\.com", host)
        if found:
            return found[1], path
        bucket, _, key = path.partition("/")
        return bucket, key

    def summary(self) -> dict[str, Any]:
        """What the log keeps of the request, and what the rules of faults look at."""
        short = len(self.body) < 65536 and self.service != "s3"
        return {
            "service": self.service, "action": self.action, "method": self.method,
            "path": self.path, "query": self.query, "fault": None, "status": None,
            "body": self.body.decode(errors="replace") if short else "",
            "caller": None, "key": self.key,
        }
