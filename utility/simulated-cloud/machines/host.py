"""Brings registered instances to life and lays them to rest."""

import base64
import email
import gzip
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import traceback
from typing import Any

from compute.instance import Instance
from compute.world import World
from door.gate import Gate, InnerGate
from machines.metadata import Metadata, Source
from machines.names import make_certificate, serve_names
from machines.network import (
    API_ADDRESS,
    METADATA_ADDRESS,
    VPC,
    Network,
    listen_in,
)

FOLDER = "/run/instances"
HERE = pathlib.Path(__file__).resolve().parent
POWERED_OFF = 42
AT_ONCE = 4
NOT_A_SCRIPT = "#!/bin/bash\necho 'cloud-init: the user-data is no script and is passed over'\n"


class NoHost:
    """Where instances are registered only."""

    def has(self, _: str) -> bool:
        return False

    def kill(self, _: str) -> None:
        pass

    def shop(self) -> str:
        raise ValueError("no instance boots here, so nobody could visit a shop")

    def run(self, identifier: str, _: str) -> Any:
        raise ValueError(f"{identifier} did not boot: this cloud registers instances only")


def script_of(data: bytes) -> str:
    """The shell script in user-data, as cloud-init finds it: plain, zipped, or a part of MIME."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data.lstrip().lower().startswith((b"content-type: multipart", b"mime-version:")):
        parts = [
            part.get_payload(decode=True) for part in email.message_from_bytes(data).walk()
            if part.get_content_type() == "text/x-shellscript"
        ]
        data = b"\n".join(parts)
    text = data.decode(errors="replace")
    if not text:
        return ""
    return text if text.startswith("#!") else NOT_A_SCRIPT


class Machine:
    """An instance that boots or booted: its process, network and files."""

    def __init__(self, instance: Instance):
        self.instance = instance
        self.folder = f"{FOLDER}/{instance.id}"
        self.process: subprocess.Popen | None = None
        self.listener: socket.socket | None = None
        self.ended = threading.Event()


class Host:
    """All machines of one cloud. Runs in namespaces of its own (launch.py), so it need not tidy up
    at its end."""

    def __init__(self, world: World, door: Gate, grace: float):
        self.world, self.grace = world, grace
        self.machines: dict[str, Machine] = {}
        self.slots = threading.Semaphore(AT_ONCE)
        self.network, self.metadata = Network(), Metadata()
        os.makedirs(FOLDER)
        context, self.certificate = make_certificate(world.region, FOLDER)
        for port, secure in ((80, None), (443, context)):
            InnerGate(door, listen_in(VPC, API_ADDRESS, port), secure).start()
        serve_names(listen_in(VPC, API_ADDRESS, 53, socket.SOCK_DGRAM))
        world.boots = True
        world.on_launch.append(self.launched)
        world.on_end.append(self.ending)
        world.on_image.append(self.keep_image)
        world.console = self.console

    def has(self, identifier: str) -> bool:
        machine = self.machines.get(identifier)
        return machine is not None and machine.process is not None and not machine.ended.is_set()

    def launched(self, instance: Instance) -> None:
        if instance.spec.get("Stranger"):
            return
        machine = self.machines[instance.id] = Machine(instance)
        threading.Thread(target=self.live, args=(machine,), daemon=True).start()

    def live(self, machine: Machine) -> None:
        """From boot to end."""
        instance = machine.instance
        try:
            with self.slots:
                if not instance.is_live:
                    return
                self.boot(machine)
        except (OSError, subprocess.CalledProcessError, KeyError, ValueError):
            traceback.print_exc()
            code = "Server.InternalError"
            self.world.end(instance, code, f"{code}: Internal error on launch")
            self.world.is_gone(instance)
            return
        self.world.is_running(instance)
        if not instance.is_live:
            self.ending(instance)
        status = machine.process.wait()
        machine.ended.set()
        self.lay_to_rest(machine)
        if status == POWERED_OFF and instance.state == "running":
            self.world.powered_off(instance)
        elif not instance.stopped:
            self.world.is_gone(instance)

    def boot(self, machine: Machine) -> None:
        instance, folder = machine.instance, machine.folder
        data = base64.b64decode(instance.spec.get("UserData") or "")
        instance.spec = instance.spec | {"UserDataBytes": data}
        network = self.network.add(instance.id, instance.private_ip, instance.subnet.cidr_block)
        os.makedirs(folder)
        pathlib.Path(folder, "console").touch()
        mac = self.mac_of(network)
        hops = instance.metadata_options["HttpPutResponseHopLimit"]
        machine.listener = listen_in(network, METADATA_ADDRESS, 80, hops=hops)
        self.metadata.add(machine.listener, Source(self.world, instance, mac))
        image = instance.spec["ImageId"]
        layer = f"{FOLDER}/{image}"
        dead = image in self.world.settings.dead_images
        settings = {
            "folder": folder, "network": f"/run/netns/{network}", "grace": self.grace,
            "hostname": instance.private_name.split(".")[0], "private_ip": instance.private_ip,
            "name_server": API_ADDRESS, "certificate": self.certificate,
            "layers": [layer] if os.path.exists(layer) else [],
            "script": "" if dead else script_of(data),
        }
        path = f"{folder}/settings.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(settings, file)
        with open(f"{folder}/guest.log", "wb") as log:
            machine.process = subprocess.Popen(
                [sys.executable, "-S", str(HERE / "guest.py"), path], stdin=subprocess.PIPE,
                stdout=log, stderr=log, start_new_session=True,
            )

    @staticmethod
    def mac_of(network: str) -> str:
        text = subprocess.run(
            ["ip", "-netns", network, "-json", "link", "show", "eth0"], check=True,
            capture_output=True, text=True,
        ).stdout
        return json.loads(text)[0]["address"]

    def ending(self, instance: Instance) -> None:
        """The power button, and after the grace the plug."""
        machine = self.machines.get(instance.id)
        if machine is None:
            self.world.is_gone(instance)
            return
        if machine.process is None:
            return
        try:
            machine.process.stdin.write(b"acpi\n")
            machine.process.stdin.flush()
        except OSError:
            pass

        def pull() -> None:
            if not machine.ended.wait(2 * self.grace + 5):
                machine.process.kill()

        threading.Thread(target=pull, daemon=True).start()

    def kill(self, identifier: str) -> None:
        machine = self.machines.get(identifier)
        if machine is not None and machine.process is not None:
            machine.process.kill()
            machine.ended.wait(10)

    def lay_to_rest(self, machine: Machine) -> None:
        """Frees what an ended instance held, except for its console."""
        if machine.listener is not None:
            self.metadata.remove(machine.listener)
        self.network.remove(machine.instance.id)
        if not machine.instance.stopped:
            for name in ("upper", "work", "root"):
                shutil.rmtree(f"{machine.folder}/{name}", ignore_errors=True)

    def console(self, instance: Instance) -> bytes | None:
        path = pathlib.Path(FOLDER, instance.id, "console")
        return path.read_bytes() if path.exists() else None

    def keep_image(self, instance: Instance, image: str) -> None:
        """What an instance wrote becomes a layer of the instances of its image."""
        subprocess.run(
            ["cp", "-a", f"{FOLDER}/{instance.id}/upper", f"{FOLDER}/{image}"], check=True
        )
        for name in ("var/lib/cloud", "run", "tmp"):
            shutil.rmtree(f"{FOLDER}/{image}/{name}", ignore_errors=True)

    def shop(self) -> str:
        """Starts the shop of `make demo` in the instances' network; gives its URL."""
        process = subprocess.Popen(
            [
                "ip", "netns", "exec", VPC, sys.executable, str(HERE.parents[1] / "demo-target"),
                "--host", API_ADDRESS, "--port", "0", "--with-parent",
            ], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )
        return f"http://{API_ADDRESS}:{int(process.stdout.readline())}"

    def run(self, identifier: str, command: str) -> Any:
        """Runs a command inside an instance, for tests."""
        machine = self.machines[identifier]
        first = pathlib.Path(f"/proc/{machine.process.pid}/task/{machine.process.pid}/children")
        pid = first.read_text(encoding="ascii").split()[0]
        done = subprocess.run(
            [
                "nsenter", "--target", pid, "--net", "--mount", "--pid", "--uts", "--ipc",
                "chroot", f"{machine.folder}/root", "/bin/bash", "-c", command,
            ], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )
        return {"status": done.returncode, "output": done.stdout + done.stderr}
