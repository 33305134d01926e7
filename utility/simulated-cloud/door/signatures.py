"""Checks signatures on the raw bytes of a request, as AWS does and moto does not: encoding, hash of
the body, clock, scope and expiry."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from door import sigv4
from door.identities import Identities, Identity
from door.refusal import Refusal
from door.request import Request

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)
UNKNOWN_KEY = {"s3": "InvalidAccessKeyId", "ec2": "AuthFailure"}
BAD_SIGNATURE = {
    "ec2": ("AuthFailure", 401), "logs": ("InvalidSignatureException", 400),
}


class Claim(NamedTuple):
    """What a request says about its own signature."""

    key: str
    day: str
    region: str
    service: str
    signed: str
    signature: str
    time: str
    expires: int | None
    token: str | None


def bad_signature(service: str, message: str) -> Refusal:
    code, status = BAD_SIGNATURE.get(service, ("SignatureDoesNotMatch", 403))
    return Refusal(code, status, message)


def claim_of(request: Request) -> Claim:
    """Reads the signature from the header or, of a presigned request, from the query."""
    found = AUTHORIZATION.fullmatch(request.named.get("authorization", ""))
    if found:
        time = request.named.get("x-amz-date", "")
        return Claim(*found.groups(), time, None, request.named.get("x-amz-security-token"))
    query = request.parameters
    if "X-Amz-Signature" not in query:
        raise Refusal("MissingAuthenticationToken", 403, "Request is not signed")
    key, day, region, service, _ = query["X-Amz-Credential"].split("/")
    return Claim(
        key, day, region, service, query["X-Amz-SignedHeaders"], query["X-Amz-Signature"],
        query["X-Amz-Date"], int(query["X-Amz-Expires"]), query.get("X-Amz-Security-Token"),
    )


def check_clock(service: str, date: str, expires: int | None, now: datetime) -> None:
    try:
        stamp = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise bad_signature(service, "X-Amz-Date is missing or no date") from None
    if expires is not None:
        if now > stamp + timedelta(seconds=expires):
            raise Refusal("AccessDenied", 403, "Request has expired")
        return
    window = 900 if service in ("s3", "ec2") else 300
    if abs((now - stamp).total_seconds()) <= window:
        return
    if service == "s3":
        raise Refusal("RequestTimeTooSkewed", 403, "The difference between the times is too large.")
    if service == "ec2":
        raise Refusal("RequestExpired", 400, "Request has expired.")
    raise bad_signature(service, f"Signature expired: {date}")


def payload_hash(request: Request, claim: Claim) -> str:
    """The hash that is signed, after holding the body against it."""
    actual = hashlib.sha256(request.body).hexdigest()
    if claim.service != "s3":
        return actual
    stated = request.named.get("x-amz-content-sha256")
    if not stated:
        if claim.expires is None:
            raise Refusal("InvalidRequest", 400, "Missing header x-amz-content-sha256")
        return "UNSIGNED-PAYLOAD"
    if re.fullmatch("[0-9a-f]{64}", stated) and stated != actual:
        raise Refusal("XAmzContentSHA256Mismatch", 400, "The body is not the one signed.")
    return stated


def check_signature(identities: Identities, request: Request, now: datetime) -> Identity:
    """Who signed the request; refuses it unless the signature is right in every byte."""
    claim = claim_of(request)
    service = claim.service
    identity = identities.find(claim.key)
    if identity is None:
        code = UNKNOWN_KEY.get(service, "InvalidClientTokenId")
        raise Refusal(code, 401 if service == "ec2" else 403, "The access key id is unknown")
    check_clock(service, claim.time, claim.expires, now)
    signed = claim.signed.split(";")
    for name in ["host", *(name for name in request.named if name.startswith("x-amz-"))]:
        if name not in signed and claim.expires is None:
            raise bad_signature(service, f"The header {name} is not signed")
    payload = payload_hash(request, claim)
    pairs = [
        pair for pair in sigv4.query_pairs(request.query) if pair[0] != b"X-Amz-Signature"
    ]
    canonical = sigv4.canonical_request(
        request.method, request.path, pairs, request.headers, payload, signed, service == "s3"
    )
    wanted = sigv4.signature(identity.secret, claim.time, claim.region, service, canonical)
    if claim.day != claim.time[:8] or not hmac.compare_digest(wanted, claim.signature):
        raise bad_signature(service, "The request signature we calculated does not match.")
    check_session(service, identity, claim, now)
    return identity


def check_session(service: str, identity: Identity, claim: Claim, now: datetime) -> None:
    """Credentials of a role come with a token, and end."""
    if identity.token is None:
        return
    if claim.token is None or not hmac.compare_digest(claim.token, identity.token):
        code = {"s3": "InvalidToken", "ec2": "AuthFailure"}.get(service, "InvalidClientTokenId")
        raise Refusal(code, 403, "The security token included in the request is invalid.")
    if identity.expiration is not None and now > identity.expiration:
        code = "RequestExpired" if service == "ec2" else "ExpiredToken"
        raise Refusal(code, 400, "The security token included in the request is expired")
