#!/usr/bin/env python3
"""A strict gate in front of moto: it checks every signature on the raw bytes, as AWS does and moto
does not (encoding, body hash, clock, scope, expiry), and it injects the faults AWS is known for.

usage: gate.py --target HOST:PORT --keys '{"AKIA…": "secret"}'      prints its own port

POST /_gate/rules  [{"match": {"service", "action", "method", "path"}, "skip": 0, "count": 1,
                     "fault": …}]
    error        code, status, message, headers: an AWS error, the request not applied
    http         status, type, body: an answer that is not AWS's
    latency      seconds: waits before it goes on
    drop         closes the connection, the request not applied
    applied-drop closes the connection after the request was applied
    truncate     bytes: the right length announced, fewer bytes sent
    body200      code, message: an error under the status 200, the request applied
    date         seconds: the gate's clock is off by so much, for its checks and its Date header
GET /_gate/log     every request: service, action, method, path, query, body, fault, status
POST /_gate/reset
"""

import argparse
import hashlib
import hmac
import http.client
import http.server
import json
import re
import threading
import time
import urllib.parse
from datetime import datetime, timedelta, timezone

import sigv4

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)
QUERY_SERVICES = ("sts", "cloudformation")
# moto carries these out in spite of DryRun.
DRY_RUN_IGNORED = {
    "RequestSpotFleet", "DeleteFleets", "DescribeSpotPriceHistory", "DescribeInstanceTypes",
}


class Refusal(Exception):
    def __init__(self, code, status, message, headers=None):
        super().__init__(code)
        self.code, self.status, self.message = code, status, message
        self.headers = headers or {}


class State:
    """What the threads of the gate share."""

    def __init__(self, target, keys):
        self.target, self.keys = target, keys
        self.rules, self.log, self.lock = [], [], threading.Lock()

    def take_rule(self, request):
        """The first rule for the request that is not used up."""
        with self.lock:
            for rule in self.rules:
                match = rule.get("match", {})
                if not all(
                    re.search(value, request[name] or "") if name == "path" else request[name] == value
                    for name, value in match.items()
                ):
                    continue
                if rule.get("skip", 0) > 0:
                    rule["skip"] -= 1
                elif rule.setdefault("count", 1) > 0:
                    rule["count"] -= 1
                    return dict(rule)
        return {}


def error_body(service, refusal):
    """The error as the service's protocol writes it, with its content type."""
    code, message = refusal.code, refusal.message
    if service == "ec2":
        return "text/xml", (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            "</Errors><RequestID>gate</RequestID></Response>"
        )
    if service == "s3":
        return "application/xml", (
            f"<Error><Code>{code}</Code><Message>{message}</Message>"
            "<RequestId>gate</RequestId></Error>"
        )
    if service in QUERY_SERVICES:
        return "text/xml", (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            "<RequestId>gate</RequestId></ErrorResponse>"
        )
    return "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})


def bad_signature(service, message):
    code, status = {
        "ec2": ("AuthFailure", 401), "s3": ("SignatureDoesNotMatch", 403),
        "logs": ("InvalidSignatureException", 400),
    }.get(service, ("SignatureDoesNotMatch", 403))
    return Refusal(code, status, message)


def credential_of(headers, pairs):
    """Key, day, region, service, signed headers, signature, time, and for how long it is good."""
    found = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found:
        return (*found.groups(), headers.get("x-amz-date", ""), None)
    query = {name.decode(): value.decode() for name, value in pairs}
    if "X-Amz-Signature" not in query:
        return None
    key, day, region, service, _ = query["X-Amz-Credential"].split("/")
    return (
        key, day, region, service, query["X-Amz-SignedHeaders"], query["X-Amz-Signature"],
        query["X-Amz-Date"], int(query["X-Amz-Expires"]),
    )


def check_clock(service, date, expires, now):
    stamp = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
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


def check_signature(state, request, headers, body, now):
    pairs = sigv4.query_pairs(request["query"])
    named = {name.lower(): value for name, value in headers}
    credential = credential_of(named, pairs)
    if credential is None:
        raise Refusal("MissingAuthenticationToken", 403, "Request is not signed")
    key, day, region, service, names, given, date, expires = credential
    secret = state.keys.get(key)
    if secret is None:
        code = {"s3": "InvalidAccessKeyId", "ec2": "AuthFailure"}.get(service, "InvalidClientTokenId")
        raise Refusal(code, 401 if service == "ec2" else 403, "The access key id is unknown")
    check_clock(service, date, expires, now)
    signed = names.split(";")
    for name in ["host", *(name for name in named if name.startswith("x-amz-"))]:
        if name not in signed and expires is None:
            raise bad_signature(service, f"The header {name} is not signed")
    payload = hashlib.sha256(body).hexdigest()
    if service == "s3":
        stated = named.get("x-amz-content-sha256") or (expires and "UNSIGNED-PAYLOAD")
        if not stated:
            raise Refusal("InvalidRequest", 400, "Missing header x-amz-content-sha256")
        if re.fullmatch("[0-9a-f]{64}", stated) and stated != payload:
            raise Refusal("XAmzContentSHA256Mismatch", 400, "The body is not the one signed.")
        payload = stated
    pairs = [pair for pair in pairs if pair[0] != b"X-Amz-Signature"]
    canonical = sigv4.canonical_request(
        request["method"], request["path"], pairs, headers, payload, signed, service == "s3"
    )
    wanted = sigv4.signature(secret, date, region, service, canonical)
    if day != date[:8] or not hmac.compare_digest(wanted, given):
        raise bad_signature(service, "The request signature we calculated does not match.")


def describe(method, target, headers, body):
    """What the rules and the log know of a request."""
    path, _, query = target.partition("?")
    named = {name.lower(): value for name, value in headers}
    found = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", named.get("authorization", ""))
    service = found[1] if found else "s3"
    action = named.get("x-amz-target", "").split(".")[-1] or None
    if "form-urlencoded" in named.get("content-type", ""):
        action = dict(urllib.parse.parse_qsl(body.decode())).get("Action")
    elif service == "s3":
        action = s3_action(method, query)
    text = body.decode() if len(body) < 65536 and service != "s3" else ""
    return {
        "service": service, "action": action, "method": method, "path": path, "query": query,
        "body": text, "fault": None, "status": None,
    }


def s3_action(method, query):
    names = {part.split("=")[0] for part in query.split("&")}
    if "uploadId" in names:
        return {
            "PUT": "UploadPart", "POST": "CompleteMultipartUpload",
            "DELETE": "AbortMultipartUpload",
        }.get(method)
    if "uploads" in names:
        return "CreateMultipartUpload" if method == "POST" else "ListMultipartUploads"
    if "list-type" in names:
        return "ListObjectsV2"
    return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}.get(method)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/_gate/"):
            return self.control(body)
        headers = list(self.headers.items())
        request = describe(self.command, self.path, headers, body)
        state = self.server.state
        rule = state.take_rule(request)
        request["fault"] = rule.get("fault")
        state.log.append(request)
        self.clock_offset = rule.get("seconds", 0) if request["fault"] == "date" else 0
        try:
            self.pass_on(request, headers, body, rule)
        except Refusal as refusal:
            request["status"] = refusal.status
            kind, text = error_body(request["service"], refusal)
            if self.command == "HEAD":
                text = ""
            self.answer(refusal.status, {"Content-Type": kind, **refusal.headers}, text.encode())
        except (BrokenPipeError, ConnectionResetError):
            pass

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def control(self, body):
        state = self.server.state
        if self.path == "/_gate/log":
            return self.answer(200, {}, json.dumps(state.log).encode())
        with state.lock:
            state.rules[:] = json.loads(body) if self.path == "/_gate/rules" else []
            if self.path == "/_gate/reset":
                state.log.clear()
        self.answer(200, {}, b"{}")

    def pass_on(self, request, headers, body, rule):
        fault = rule.get("fault")
        if fault == "latency":
            time.sleep(rule["seconds"])
        if fault == "drop":
            return self.hang_up()
        if fault == "http":
            kind = rule.get("type", "text/html")
            return self.answer(rule["status"], {"Content-Type": kind}, rule.get("body", "").encode())
        if fault == "error":
            message = rule.get("message", rule["code"])
            raise Refusal(rule["code"], rule.get("status", 400), message, rule.get("headers"))
        now = datetime.now(timezone.utc) + timedelta(seconds=self.clock_offset)
        check_signature(self.server.state, request, headers, body, now)
        self.refuse_dry_run(request)
        status, reply_headers, reply = self.ask_moto(headers, body)
        request["status"] = status
        if fault == "applied-drop":
            return self.hang_up()
        if fault == "body200":
            refusal = Refusal(rule["code"], 200, rule.get("message", rule["code"]))
            kind, text = error_body(request["service"], refusal)
            return self.answer(200, {"Content-Type": kind}, text.encode())
        self.answer(status, reply_headers, reply, cut=rule.get("bytes") if fault == "truncate" else None)

    def refuse_dry_run(self, request):
        if request["service"] != "ec2" or request["action"] not in DRY_RUN_IGNORED:
            return
        if dict(urllib.parse.parse_qsl(request["body"])).get("DryRun") == "true":
            raise Refusal("DryRunOperation", 412, "Request would have succeeded, but DryRun is set.")

    def ask_moto(self, headers, body):
        connection = http.client.HTTPConnection(*self.server.state.target, timeout=300)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        hop = ("connection", "transfer-encoding", "expect", "content-length")
        for name, value in headers:
            if name.lower() not in hop:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return reply.status, dict(reply.getheaders()), content

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(2)

    def answer(self, status, headers, body, cut=None):
        length = len(body)
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date"):
                self.send_header(name, value)
        offset = getattr(self, "clock_offset", 0)
        self.send_header("Date", self.date_time_string(time.time() + offset))
        self.send_header("Content-Length", str(length))
        if cut is not None:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if cut is None else body[:cut])


class Gate(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


def start(target, keys):
    """Starts a gate on a free port of its own."""
    gate = Gate(("127.0.0.1", 0), Handler)
    gate.state = State(target, keys)
    threading.Thread(target=gate.serve_forever, daemon=True).start()
    return gate


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True)
    parser.add_argument("--keys", type=json.loads, default={})
    arguments = parser.parse_args()
    host, _, port = arguments.target.rpartition(":")
    running = start((host, int(port)), arguments.keys)
    print(running.server_address[1], flush=True)
    threading.Event().wait()
