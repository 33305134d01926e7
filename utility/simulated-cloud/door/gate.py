"""A strict gate in front of the cloud: it checks every signature on the raw bytes and every
permission, injects the faults AWS is known for, and hands on what it lets through.

GET  /_gate/log             every request: service, action, method, path, query, body, fault, status
GET  /_gate/held?seconds=N  the requests being held, as soon as there is one; [] after N seconds
                            (both with key=K: those that this access key signed)
POST /_gate/rules           sets the rules of faults (door/faults.py), and forgets those before
POST /_gate/more-rules      adds to them, for who shares the cloud with others
POST /_gate/reset           forgets rules and log
"""

import dataclasses
import http.server
import json
import select
import ssl
import threading
import time
import traceback
import urllib.parse
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from door.faults import Faults
from door.identities import Identities
from door.refusal import Refusal, error_body
from door.request import Request
from door.signatures import check_signature

HOP_HEADERS = ("content-length", "transfer-encoding", "connection", "date")


@dataclasses.dataclass
class Answer:
    """Status, headers and body of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes


Backend = Callable[[Request], Answer]
Control = Callable[[str, str, Any], Any]


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    server: "Gate"
    clock_offset = 0.0

    def log_message(self, *_: Any) -> None:
        pass

    def handle_any(self) -> None:
        body = self.read_body()
        path, _, query = self.path.partition("?")
        if path.startswith("/_") and self.server.control is not None:
            return self.answer_control(path, query, body)
        request = Request(self.command, path, query, list(self.headers.items()), body)
        seen = request.summary()
        rule = self.server.faults.record(seen)
        self.clock_offset = rule.get("seconds", 0) if seen["fault"] == "date" else 0
        try:
            self.pass_on(request, seen, rule)
        except Refusal as refusal:
            seen["status"] = refusal.status
            self.refuse(request.service, refusal)
        except OSError:
            # The client went away.
            self.close_connection = True
        except Exception:  # noqa: BLE001 - a fault of the cloud itself is an answer too
            traceback.print_exc()
            seen["status"] = 500
            self.refuse(request.service, Refusal("InternalError", 500, "a fault of the cloud"))
        return None

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def pass_on(self, request: Request, seen: dict[str, Any], rule: dict[str, Any]) -> None:
        fault = rule.get("fault")
        if fault == "latency":
            time.sleep(rule["seconds"])
        if fault == "drop":
            return self.hang_up()
        if fault == "hold":
            return self.hold(seen)
        if fault == "http":
            kind = {"Content-Type": rule.get("type", "text/html")}
            return self.send(Answer(rule["status"], kind, rule.get("body", "").encode()))
        if fault == "error":
            raise Refusal(
                rule["code"], rule.get("status", 400), rule.get("message", ""), rule.get("headers")
            )
        now = datetime.now(timezone.utc) + timedelta(seconds=self.clock_offset)
        request.identity = check_signature(self.server.identities, request, now)
        seen["caller"] = request.identity.arn
        if self.server.authorize is not None:
            self.server.authorize(request)
        answer = self.server.backend(request)
        seen["status"] = answer.status
        if fault == "applied-drop":
            return self.hang_up()
        if fault == "applied-hold":
            return self.hold(seen)
        if fault == "body200":
            return self.refuse(request.service, Refusal(rule["code"], 200, rule.get("message", "")))
        return self.send(answer, cut=rule.get("bytes") if fault == "truncate" else None)

    def answer_control(self, path: str, query: str, body: bytes) -> None:
        parameters = dict(urllib.parse.parse_qsl(query))
        given = json.loads(body) if body else parameters
        try:
            status, result = 200, self.server.answer_control(path, given)
        except (KeyError, ValueError) as error:
            status, result = 400, {"error": f"{type(error).__name__}: {error}"}
        except Exception as error:  # noqa: BLE001 - as above
            traceback.print_exc()
            status, result = 500, {"error": f"{type(error).__name__}: {error}"}
        self.send(Answer(status, {"Content-Type": "application/json"}, json.dumps(result).encode()))

    def refuse(self, service: str, refusal: Refusal) -> None:
        kind, text = error_body(service, refusal)
        body = b"" if self.command == "HEAD" else text.encode()
        self.send(Answer(refusal.status, {"Content-Type": kind, **refusal.headers}, body))

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(2)

    def hold(self, seen: dict[str, Any]) -> None:
        """Waits until the client ends the connection."""
        self.server.faults.hold(seen)
        select.select([self.connection], [], [])
        self.close_connection = True

    def send(self, answer: Answer, cut: int | None = None) -> None:
        length = str(len(answer.body))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            if name.lower() not in HOP_HEADERS:
                self.send_header(name, value)
        self.send_header("Date", self.date_time_string(time.time() + self.clock_offset))
        self.send_header("Content-Length", length)
        if cut is not None:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:cut])


class Gate(http.server.ThreadingHTTPServer):
    """A door with faults of its own; several doors may lead to one cloud."""

    daemon_threads = True
    request_queue_size = 512
    authorize: Callable[[Request], None] | None = None
    control: Control | None = None

    def __init__(self, identities: Identities, backend: Backend, port: int = 0):
        super().__init__(("127.0.0.1", port), Handler)
        self.identities, self.backend, self.faults = identities, backend, Faults()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def start(self) -> "Gate":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or breaks off its handshake, is its own affair."""

    def answer_control(self, path: str, given: Any) -> Any:
        faults = self.faults
        if path == "/_gate/log":
            return faults.log_of(given.get("key"))
        if path == "/_gate/held":
            return faults.wait_for_hold(float(given.get("seconds", 0)), given.get("key"))
        if path == "/_gate/rules":
            return faults.set_rules(given)
        if path == "/_gate/more-rules":
            return faults.add_rules(given)
        if path == "/_gate/reset":
            return faults.reset()
        return self.control(path, given)


class InnerGate(Gate):
    """The door as instances see it: in their network, over TLS or not, and without controls."""

    def __init__(self, outer: Gate, listener: Any, context: ssl.SSLContext | None):
        http.server.HTTPServer.__init__(
            self, listener.getsockname(), Handler, bind_and_activate=False
        )
        self.socket.close()
        self.socket = context.wrap_socket(
            listener, server_side=True, do_handshake_on_connect=False
        ) if context else listener
        self.identities, self.backend, self.faults = outer.identities, outer.backend, outer.faults
        self.authorize = outer.authorize
