#!/usr/bin/env python3
"""The simulated cloud: moto, and in its place our own EC2, behind a gate that checks signatures and
permissions. docs/simulated-cloud.md tells how to use it; `run` starts it.

usage: cloud.py [--boot] [--for-tests] [--shell] [--grace SECONDS]   (with aws-test-tools' Python)

Prints one line of JSON when all of it is up, and ends with everything when its standard input ends,
or on SIGTERM or SIGINT. All ports are chosen free.

--boot        instances boot; launch.py starts us so, in namespaces of our own
--for-tests   also a second door, with faults of its own; the port of the moto behind both; a moto
              that checks signatures and policies itself, for what that is worth; and a strict S3
              server (OpenStack Swift with s3api)
--shell       prints lines for a shell's `eval` in place of JSON
--grace N     how long an instance may take to shut down (5)
"""

import argparse
import itertools
import json
import logging
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request
from typing import Any

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import strict_s3  # noqa: E402
from agents import Agents  # noqa: E402
from compute import fleet  # noqa: E402
from compute.settings import Settings  # noqa: E402
from controls import Control  # noqa: E402
from door.gate import Gate  # noqa: E402
from door.identities import ACCOUNT, AccountIdentities  # noqa: E402
from machines.host import Host, NoHost  # noqa: E402
from processes import BIN, free_port, spawn, wait_for  # noqa: E402
from schedules import run_due  # noqa: E402
from services import Services  # noqa: E402

REGION = "us-east-1"
TICK = 0.2
# Whom the cloud's key belongs to.
OPERATOR = "tester"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
# What the user of the moto that checks policies itself may not do, to see it refuse.
NO_REMOVAL = {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}


def start_moto() -> int:
    """moto in this process, so that our EC2 can use its networks, templates and roles."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    port = free_port()
    ThreadedMotoServer("127.0.0.1", port, verbose=False).start()
    wait_for(port, None, "moto")
    return port


def make_operator(name: str = OPERATOR) -> tuple[str, str]:
    """A user with a key who may do everything, in this process's moto."""
    from moto.iam.models import iam_backends

    iam = iam_backends[ACCOUNT]["aws"]
    iam.create_user(REGION, name)
    key = iam.create_access_key(name)
    document = {"Version": "2012-10-17", "Statement": [EVERYTHING]}
    iam.put_user_policy(name, "all", json.dumps(document))
    return key.access_key_id, key.secret_access_key


def tick(services: Services) -> None:
    """What happens by itself: fleets and schedules."""
    done: set[str] = set()
    while True:
        time.sleep(TICK)
        try:
            for world in list(services.compute.worlds.values()):
                fleet.tick(world)
            run_due(services.compute, done)
        except Exception:  # noqa: BLE001 - a fault of one tick must not end all others
            traceback.print_exc()


def start_checking_moto(folder: pathlib.Path) -> tuple[dict[str, Any], subprocess.Popen]:
    """A moto that checks signatures and policies itself, and a user of it."""
    import boto3

    port = free_port()
    with open(folder / "moto.log", "wb") as log:
        command = [BIN / "python", BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
        process = spawn(command, log)
    wait_for(port, process, "moto")
    iam = boto3.client(
        "iam", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION,
        aws_access_key_id="x", aws_secret_access_key="x",
    )
    iam.create_user(UserName=OPERATOR)
    key = iam.create_access_key(UserName=OPERATOR)["AccessKey"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING, NO_REMOVAL]})
    iam.put_user_policy(UserName=OPERATOR, PolicyName="all", PolicyDocument=policy)
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/moto-api/reset-auth", data=b"0",
        headers={"Content-Type": "text/plain"},
    )
    urllib.request.urlopen(request).close()
    secret = key["SecretAccessKey"]
    return {"moto": port, "motoKey": key["AccessKeyId"], "motoSecret": secret}, process


def start_extras(
    services: Services, identities: AccountIdentities, folder: pathlib.Path
) -> tuple[dict[str, Any], list[subprocess.Popen]]:
    """What only tests of the AWS room need."""
    second = Gate(identities, services.answer)
    second.authorize, second.control = services.authorize, refuse_control
    told: dict[str, Any] = {"faults": second.start().port, "unguarded": services.moto_port}
    more, process = start_checking_moto(folder)
    port, processes = strict_s3.start(folder)
    told |= more | {"s3": port, "s3Key": strict_s3.USER, "s3Secret": strict_s3.SECRET}
    return told, [process, *processes]


def make_folder(boots: bool) -> pathlib.Path:
    """A folder for the files of others' servers; removes those that a killed cloud left."""
    if boots:
        return pathlib.Path(tempfile.mkdtemp(dir="/run"))
    place = pathlib.Path(tempfile.gettempdir())
    for left in place.glob("loadfleet-cloud-*-*"):
        if not pathlib.Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return pathlib.Path(tempfile.mkdtemp(prefix=f"loadfleet-cloud-{os.getpid()}-", dir=place))


def refuse_control(path: str, _: Any) -> Any:
    raise ValueError(f"no such control: {path}")


def environment_of(port: int, key: str, secret: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def tell(told: dict[str, Any], environment: dict[str, str], as_shell: bool) -> None:
    if as_shell:
        for name, value in environment.items():
            print(f"export {name}='{value}'")
        sys.stdout.flush()
    else:
        print(json.dumps(told | {"environment": environment}), flush=True)


def wait_for_end() -> None:
    """Until standard input ends, or a signal asks."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())

    def read() -> None:
        while os.read(0, 4096):
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    for flag in ("--boot", "--for-tests", "--shell"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--grace", type=float, default=5)
    arguments = parser.parse_args()
    services = Services(start_moto(), Settings())
    key, secret = make_operator()
    identities = AccountIdentities()
    world = services.compute.world(REGION)
    gate = Gate(identities, services.answer)
    gate.authorize = services.authorize
    numbers = itertools.count(2)
    host = Host(world, gate, arguments.grace) if arguments.boot else NoHost()
    gate.control = Control(
        services.compute, world, Agents(world), host,
        lambda: make_operator(f"{OPERATOR}-{next(numbers)}"),
    )
    gate.start()
    threading.Thread(target=tick, args=(services,), daemon=True).start()
    told: dict[str, Any] = {
        "gate": gate.port, "key": key, "secret": secret, "boots": arguments.boot,
    }
    folder, processes = None, []
    try:
        if arguments.for_tests:
            folder = make_folder(arguments.boot)
            more, processes = start_extras(services, identities, folder)
            told |= more
        tell(told, environment_of(gate.port, key, secret), arguments.shell)
        wait_for_end()
    finally:
        for process in processes:
            process.kill()
            process.wait()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
