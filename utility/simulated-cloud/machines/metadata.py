"""The instance metadata service (IMDS), version 2 and, where the instance's options allow it, 1.

Each instance has a listener of its own in its own network namespace, so that who asks needs no
looking up.
"""

import http.server
import json
import secrets
import selectors
import socket
import threading
import time
from datetime import datetime, timezone
from typing import Any

from moto.sts.models import sts_backends

from compute.instance import Instance
from compute.world import World
from door.identities import ACCOUNT

LONGEST_TTL = 21600
CREDENTIAL_SECONDS = 21600


def stamp(time_: datetime) -> str:
    return time_.strftime("%Y-%m-%dT%H:%M:%SZ")


class Source:
    """What one instance may know of itself."""

    def __init__(self, world: World, instance: Instance, mac: str):
        self.world, self.instance, self.mac = world, instance, mac
        self.tokens: dict[str, float] = {}
        self.credentials: tuple[float, str] | None = None
        self.lock = threading.Lock()

    def new_token(self, seconds: int) -> str:
        token = secrets.token_urlsafe(40) + "=="
        self.tokens[token] = time.time() + seconds
        return token

    def is_good(self, token: str) -> bool:
        return self.tokens.get(token, 0) > time.time()

    def tree(self) -> dict[str, Any]:
        """All keys below /latest/meta-data, with their values or what makes them."""
        i, region = self.instance, self.world.region
        interface = f"network/interfaces/macs/{self.mac}"
        tree = {
            "ami-id": i.spec["ImageId"], "ami-launch-index": str(i.launch_index),
            "hostname": i.private_name, "local-hostname": i.private_name, "instance-id": i.id,
            "instance-type": i.kind, "instance-life-cycle": i.lifecycle,
            "local-ipv4": i.private_ip, "mac": self.mac, "reservation-id": i.reservation,
            "placement/availability-zone": i.zone, "placement/region": region,
            "security-groups": "\n".join(i.spec["Groups"].values()),
            "services/domain": "amazonaws.com", "services/partition": "aws",
            f"{interface}/subnet-id": i.subnet.id, f"{interface}/vpc-id": i.subnet.vpc_id,
            f"{interface}/local-ipv4s": i.private_ip,
            f"{interface}/subnet-ipv4-cidr-block": i.subnet.cidr_block,
        }
        if i.public_ip:
            tree["public-ipv4"] = i.public_ip
        if i.metadata_options["InstanceMetadataTags"] == "enabled":
            tree |= {f"tags/instance/{key}": value for key, value in i.tags.items()}
        if i.interruption:
            at = stamp(i.interruption)
            tree["spot/instance-action"] = json.dumps({"action": "terminate", "time": at})
            tree["spot/termination-time"] = at
        if i.rebalance:
            notice = {"noticeTime": stamp(i.rebalance)}
            tree["events/recommendations/rebalance"] = json.dumps(notice)
        if i.spec.get("Role") is not None:
            tree[f"iam/security-credentials/{i.spec['Role'].name}"] = self.role_credentials
            tree["iam/info"] = json.dumps({
                "Code": "Success", "InstanceProfileArn": i.spec["ProfileArn"],
            })
        return tree

    def role_credentials(self) -> str:
        with self.lock:
            if self.credentials is None or self.credentials[0] < time.time() + 300:
                session = sts_backends[ACCOUNT]["aws"].assume_role(
                    region_name=self.world.region, role_session_name=self.instance.id,
                    role_arn=self.instance.spec["Role"].arn, policy="",
                    duration=CREDENTIAL_SECONDS, external_id="",
                )
                ends = session.expiration.replace(tzinfo=timezone.utc)
                self.credentials = (ends.timestamp(), json.dumps({
                    "Code": "Success", "LastUpdated": stamp(datetime.now(timezone.utc)),
                    "Type": "AWS-HMAC", "AccessKeyId": session.access_key_id,
                    "SecretAccessKey": session.secret_access_key,
                    "Token": session.session_token, "Expiration": stamp(ends),
                }, indent=2))
            return self.credentials[1]

    def document(self) -> str:
        i = self.instance
        architecture = self.world.backend.amis[i.spec["ImageId"]].architecture
        return json.dumps({
            "accountId": ACCOUNT, "architecture": architecture, "availabilityZone": i.zone,
            "imageId": i.spec["ImageId"], "instanceId": i.id, "instanceType": i.kind,
            "privateIp": i.private_ip, "region": self.world.region, "version": "2017-09-30",
            "pendingTime": stamp(datetime.fromtimestamp(i.launched, timezone.utc)),
        }, indent=2)


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection; `server` is the source of its instance."""

    protocol_version = "HTTP/1.1"
    server: Source

    def log_message(self, *_: Any) -> None:
        pass

    def send(self, status: int, text: str | bytes = "", headers: dict | None = None) -> None:
        body = text.encode() if isinstance(text, str) else text
        self.send_response_only(status)
        self.send_header("Server", "EC2ws")
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        if self.path != "/latest/api/token":
            return self.send(404)
        if self.headers.get("X-Forwarded-For"):
            return self.send(403)
        name = "X-aws-ec2-metadata-token-ttl-seconds"
        given = self.headers.get(name, "")
        if not given.isdigit() or not 1 <= int(given) <= LONGEST_TTL:
            return self.send(400)
        return self.send(200, self.server.new_token(int(given)), {name: given})

    def do_GET(self) -> None:
        source = self.server
        options = source.instance.metadata_options
        token = self.headers.get("X-aws-ec2-metadata-token")
        if options["HttpEndpoint"] == "disabled":
            return self.send(403)
        if token is None and options["HttpTokens"] == "required":
            return self.send(401)
        if token is not None and not source.is_good(token):
            return self.send(401)
        path = self.path.rstrip("/")
        if path == "/latest/user-data":
            data = source.instance.spec["UserDataBytes"]
            return self.send(200, data) if data else self.send(404)
        if path == "/latest/dynamic/instance-identity/document":
            return self.send(200, source.document())
        if not path.startswith("/latest/meta-data"):
            return self.send(404)
        return self.send_key(path.removeprefix("/latest/meta-data").strip("/"))

    def send_key(self, key: str) -> None:
        tree = self.server.tree()
        if key in tree:
            value = tree[key]
            return self.send(200, value() if callable(value) else value)
        prefix = f"{key}/" if key else ""
        rest = [name.removeprefix(prefix) for name in tree if name.startswith(prefix)]
        below = sorted({
            name.split("/")[0] + ("/" if "/" in name else "") for name in rest
        })
        return self.send(200, "\n".join(below)) if below else self.send(404)


class Metadata:
    """Listens for all instances in one thread, and answers each connection in its own."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.lock = threading.Lock()
        self.wake, self.woken = socket.socketpair()
        self.selector.register(self.woken, selectors.EVENT_READ, None)
        threading.Thread(target=self.work, daemon=True).start()

    def add(self, listener: socket.socket, source: Source) -> None:
        with self.lock:
            self.selector.register(listener, selectors.EVENT_READ, source)
        self.wake.send(b"x")

    def remove(self, listener: socket.socket) -> None:
        with self.lock:
            self.selector.unregister(listener)
        listener.close()

    def work(self) -> None:
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    self.woken.recv(64)
                    continue
                try:
                    connection, client = key.fileobj.accept()
                except OSError:
                    continue
                threading.Thread(
                    target=self.serve, args=(connection, client, key.data), daemon=True
                ).start()

    @staticmethod
    def serve(connection: socket.socket, client: Any, source: Source) -> None:
        try:
            Handler(connection, client, source)
        except OSError:
            pass
        finally:
            connection.close()
