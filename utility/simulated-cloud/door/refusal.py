"""Errors of AWS, and how the protocol of each service writes them."""

import json
from xml.sax.saxutils import escape

QUERY_SERVICES = ("sts", "cloudformation", "iam", "sns")


class Refusal(Exception):
    """An answer that is an error of AWS: its code, HTTP status, message and headers."""

    def __init__(
        self, code: str, status: int = 400, message: str = "", headers: dict | None = None
    ):
        super().__init__(f"{code}: {message}")
        self.code, self.status, self.message = code, status, message or code
        self.headers = headers or {}


def error_body(service: str, refusal: Refusal) -> tuple[str, str]:
    """The content type and the text of an error in the service's protocol."""
    code, message = escape(refusal.code), escape(refusal.message)
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    if service == "ec2":
        return "text/xml", (
            f"<Response><Errors>{error}</Errors><RequestID>gate</RequestID></Response>"
        )
    if service == "s3":
        return "application/xml", error.replace("</Error>", "<RequestId>gate</RequestId></Error>")
    if service in QUERY_SERVICES:
        return "text/xml", (
            f"<ErrorResponse>{error}<RequestId>gate</RequestId></ErrorResponse>"
        )
    text = json.dumps({"__type": refusal.code, "message": refusal.message})
    return "application/x-amz-json-1.1", text
