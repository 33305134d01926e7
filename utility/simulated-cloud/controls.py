"""What one may ask of the cloud beside AWS's calls; `control` is its command.

GET  /_cloud/instances            id, state, private_ip, tags, booted
GET  /_cloud/left                 everything that costs money or has a name (inventory.py)
GET  /_cloud/console?id=          an instance's console
POST /_cloud/settings  {…}        sets some of compute/settings.py, gives all
POST /_cloud/interrupt {id, seconds}   the spot notice now, the end when the seconds are over
POST /_cloud/rebalance {id}       the rebalance recommendation
POST /_cloud/kill      {id}       the instance is gone at once, without notice
POST /_cloud/exec      {id, command}   runs a command in an instance that booted
POST /_cloud/shop                 a small web shop to put load on, where instances reach it; its URL
POST /_cloud/strangers {count}    instances of someone else; gives their ids
POST /_cloud/operator             another user who may do everything; gives its key and secret
POST /_cloud/agent     {…}        what instances put into S3 when they run (agents.py)
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import inventory
from agents import Agents
from compute.service import ComputeService
from compute.world import World


class Control:
    """Answers `/_cloud/…`, for one region."""

    def __init__(
        self, compute: ComputeService, world: World, agents: Agents, host: Any,
        make_operator: Callable[[], tuple[str, str]],
    ):
        self.compute, self.world, self.agents, self.host = compute, world, agents, host
        self.make_operator = make_operator
        self.actions = {
            name.removeprefix("do_"): getattr(self, name)
            for name in dir(self) if name.startswith("do_")
        }

    def __call__(self, path: str, given: Any) -> Any:
        name = path.removeprefix("/_cloud/")
        if name not in self.actions:
            raise ValueError(f"no such control: {path}")
        return self.actions[name](given or {})

    def do_instances(self, _: Any) -> Any:
        return [
            {
                "id": i.id, "state": i.state, "private_ip": i.private_ip, "type": i.kind,
                "tags": i.tags, "lifecycle": i.lifecycle, "booted": self.host.has(i.id),
            } for i in list(self.world.instances.values())
        ]

    def do_left(self, given: Any) -> Any:
        region = given.get("region")
        return inventory.everything(self.compute.world(region) if region else self.world)

    def do_console(self, given: Any) -> Any:
        output = self.world.console(self.world.instances[given["id"]]) or b""
        return output.decode(errors="replace")

    def do_settings(self, given: Any) -> Any:
        return self.world.settings.change(given)

    def do_interrupt(self, given: Any) -> Any:
        instance = self.world.instances[given["id"]]
        seconds = float(given.get("seconds", self.world.settings.notice))
        instance.interruption = datetime.now(timezone.utc) + timedelta(seconds=seconds)
        code = "Server.SpotInstanceTermination"
        text = f"{code}: Instance terminated due to a Spot interruption"

        def come() -> None:
            time.sleep(seconds)
            self.world.end(instance, code, text)

        threading.Thread(target=come, daemon=True).start()
        return {"time": instance.interruption.isoformat()}

    def do_rebalance(self, given: Any) -> Any:
        self.world.instances[given["id"]].rebalance = datetime.now(timezone.utc)

    def do_kill(self, given: Any) -> Any:
        instance = self.world.instances[given["id"]]
        code = "Server.SpotInstanceTermination"
        instance.reason = (code, f"{code}: Instance terminated without notice")
        self.host.kill(instance.id)
        self.world.is_gone(instance)

    def do_exec(self, given: Any) -> Any:
        return self.host.run(given["id"], given["command"])

    def do_shop(self, _: Any) -> Any:
        return self.host.shop()

    def do_strangers(self, given: Any) -> Any:
        return inventory.add_strangers(self.world, int(given.get("count", 50)))

    def do_operator(self, _: Any) -> Any:
        return dict(zip(("key", "secret"), self.make_operator()))

    def do_agent(self, given: Any) -> Any:
        self.agents.rules = given.get("objects", [])
        self.agents.delay = float(given.get("delay", 0))
