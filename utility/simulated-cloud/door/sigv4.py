"""AWS Signature Version 4, read from the wire; it shares no code with what it judges."""

import hashlib
import hmac
import urllib.parse

UNRESERVED = "-._~"


def encode(data: str | bytes, slash: str = "") -> str:
    return urllib.parse.quote(data, safe=UNRESERVED + slash)


def normal_path(path: str) -> str:
    """The path without empty, `.` and `..` segments, as all services but S3 read it."""
    kept = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    ends_open = kept and (path.endswith("/") or path.endswith("/."))
    return "/" + "/".join(kept) + ("/" if ends_open else "")


def query_pairs(query: str) -> list[tuple[bytes, bytes]]:
    """Names and values as bytes."""
    pairs = [part.split("=", 1) + [""] for part in query.split("&")] if query else []
    return [tuple(urllib.parse.unquote_to_bytes(text) for text in pair[:2]) for pair in pairs]


def canonical_request(
    method: str, path: str, pairs: list[tuple[bytes, bytes]], headers: list[tuple[str, str]],
    payload: str, signed: list[str], is_s3: bool,
) -> str:
    """What is signed, as the signer should have put it together."""
    if not is_s3:
        path = encode(normal_path(path), slash="/")
    query = "&".join(f"{n}={v}" for n, v in sorted((encode(n), encode(v)) for n, v in pairs))
    values = {}
    for name, value in headers:
        if name.lower() in signed:
            values.setdefault(name.lower(), []).append(" ".join(value.split()))
    lines = "".join(f"{name}:{','.join(values[name])}\n" for name in sorted(values))
    names = ";".join(sorted(values))
    return "\n".join([method, path, query, lines, names, payload])


def signature(secret: str, time: str, region: str, service: str, canonical: str) -> str:
    day = time[:8]
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    scope = f"{day}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
