"""EC2 as its door sees it: parses a call, asks for permission, answers it or hands it to moto."""

import hashlib
import threading
import uuid
from typing import Any

# Imported for the calls that they enter into the table.
from compute import fleet_calls, instance_calls, wire  # noqa: F401
from compute.calls import CALLS
from compute.launching import USER_DATA_LIMIT
from compute.permissions import needs
from compute.settings import Settings
from compute.throttle import Throttle
from compute.world import World
from door.authorization import common_context, require
from door.gate import Answer, Backend
from door.refusal import Refusal
from door.request import Request

OWN = {"i", "fleet", "sfr", "vol"}


class Once:
    """Answers a repeated call with the same token as it was answered the first time."""

    def __init__(self) -> None:
        self.answers: dict[Any, tuple[str, Answer]] = {}
        self.locks: dict[Any, threading.Lock] = {}
        self.lock = threading.Lock()

    def answer(self, key: Any, fingerprint: str, call: Any) -> Answer:
        with self.lock:
            own = self.locks.setdefault(key, threading.Lock())
        with own:
            known = self.answers.get(key)
            if known is None:
                answer = call()
                if answer.status < 300:
                    self.answers[key] = (fingerprint, answer)
                return answer
        if known[0] != fingerprint:
            raise Refusal(
                "IdempotentParameterMismatch", 400,
                "Arguments on this idempotent request are inconsistent with arguments used in "
                "previous request(s).",
            )
        return known[1]


class ComputeService:
    """EC2 of all regions of the account."""

    def __init__(self, settings: Settings, moto: Backend):
        self.settings, self.moto = settings, moto
        self.worlds: dict[str, World] = {}
        self.throttles: dict[str, Throttle] = {}
        self.once, self.lock = Once(), threading.Lock()

    def world(self, region: str) -> World:
        with self.lock:
            if region not in self.worlds:
                self.worlds[region] = World(region, self.settings)
                self.throttles[region] = Throttle()
            return self.worlds[region]

    def authorize(self, request: Request) -> None:
        if request.identity.policies is None:
            return
        given = wire.read(request.action, request.form())
        found = list(needs(self.world(request.region), request.action, given))
        require(request.identity, "ec2", found, common_context(request))

    def answer(self, request: Request) -> Answer:
        form = request.form()
        action = request.action
        given = wire.read(action, form)
        world = self.world(request.region)
        if self.settings.throttled:
            self.throttles[request.region].take(action, given)
        if given.get("DryRun"):
            raise Refusal(
                "DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set."
            )
        token = given.get("ClientToken") or (
            given.get("SpotFleetRequestConfig", {}).get("ClientToken")
        )
        if token is None or action.startswith("Describe"):
            return self._perform(world, action, given, request)
        form.pop("Signature", None)
        fingerprint = hashlib.sha256(repr(sorted(form.items())).encode()).hexdigest()
        return self.once.answer(
            (request.region, action, token), fingerprint,
            lambda: self._perform(world, action, given, request),
        )

    def _perform(
        self, world: World, action: str, given: dict[str, Any], request: Request
    ) -> Answer:
        if action in ("CreateTags", "DeleteTags"):
            return self._tag(world, action, given, request)
        handler = CALLS.get(action)
        if handler is None:
            self._check(world, action, given)
            return self.moto(request)
        return self._written(action, handler(world, given))

    @staticmethod
    def _written(action: str, result: dict[str, Any]) -> Answer:
        body = wire.write(action, result, str(uuid.uuid4()))
        return Answer(200, {"Content-Type": "text/xml;charset=UTF-8"}, body)

    @staticmethod
    def _check(world: World, action: str, given: dict[str, Any]) -> None:
        """What AWS refuses and moto doesn't."""
        if action == "DeleteSecurityGroup":
            group = given.get("GroupId")
            if any(
                group in instance.spec["Groups"] and instance.state != "terminated"
                for instance in list(world.instances.values())
            ):
                raise Refusal(
                    "DependencyViolation", 400, f"resource {group} has a dependent object"
                )
        data = given.get("LaunchTemplateData", {}).get("UserData") or ""
        if len(data) * 3 // 4 > USER_DATA_LIMIT + 2:
            raise Refusal(
                "InvalidUserData.Malformed", 400, "User data is limited to 16384 bytes"
            )

    def _tag(
        self, world: World, action: str, given: dict[str, Any], request: Request
    ) -> Answer:
        """Tags on what is ours; on the rest, moto's."""
        ours = [name for name in given["Resources"] if name.split("-")[0] in OWN]
        if not ours:
            return self.moto(request)
        for name in ours:
            if name in world.fleets:
                tags = world.fleets[name].tags
            elif name.startswith("vol-"):
                tags = next(
                    (i.volume.tags for i in world.instances.values() if i.volume.id == name), {}
                )
            else:
                tags = world.instance(name).tags
            for tag in given["Tags"]:
                if action == "CreateTags":
                    tags[tag["Key"]] = tag.get("Value", "")
                else:
                    tags.pop(tag["Key"], None)
        return self._written(action, {})
