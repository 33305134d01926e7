#!/usr/bin/env python3
"""A cloud for tests: moto behind the gate, which checks signatures; and a strict S3 server.

Prints one line of JSON when all of it is up, and ends with everything when its standard input
ends, so that nothing is left running whatever becomes of the test. All ports are chosen free.

usage: cloud.py [--without-s3]       (with the Python of utility/aws-test-tools)

The line: {"gate": port, "faults": port, "moto": port, "s3": port, "key": …, "secret": …, …}. The
gate is the door to EC2 and the rest, and there is a second one for tests of faults; "unguarded" is
the moto behind it. "moto" is one that checks signatures and policies itself, for what that is
worth (it refuses some valid ones, of paths with coded characters); the S3 server is OpenStack
Swift with s3api, which verifies signatures and bodies.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gate

BIN = pathlib.Path(sys.executable).parent
S3_USER, S3_SECRET = "test:tester", "testing-secret-canary"
PIPELINE = "catch_errors proxy-logging s3api tempauth copy slo dlo proxy-logging proxy-server"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(port, process, what):
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(f"cloud: {what} ended with status {process.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"cloud: {what} did not start")


def spawn(command, log, **environment):
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        env={**os.environ, **environment},
    )


def start_moto(folder):
    port = free_port()
    log = open(folder / f"moto-{port}.log", "wb")
    process = spawn([BIN / "python", BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)], log)
    wait_for(port, process, "moto")
    return port, process


def make_user(port):
    """A user who may do everything but delete buckets, with the key to sign by."""
    import boto3

    iam = boto3.client(
        "iam", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
        aws_access_key_id="x", aws_secret_access_key="x",
    )
    iam.create_user(UserName="tester")
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=json.dumps(policy))
    return key["AccessKeyId"], key["SecretAccessKey"]


def ask_for_signatures(port):
    """Has moto check signatures and policies itself from now on."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/moto-api/reset-auth", data=b"0",
        headers={"Content-Type": "text/plain"},
    )
    urllib.request.urlopen(request).close()


def write_swift(folder, ports):
    """The configuration of Swift's four servers on one disk."""
    etc = folder / "etc"
    for name in ("etc", "dev/d1", "cache"):
        (folder / name).mkdir(parents=True)
    (etc / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_prefix = lf\nswift_hash_path_suffix = lf\n"
        "[storage-policy:0]\nname = p0\ndefault = yes\n"
    )
    user = subprocess.check_output(["id", "-un"], text=True).strip()
    default = f"[DEFAULT]\nbind_ip = 127.0.0.1\nuser = {user}\nworkers = 0\nswift_dir = {etc}\n"
    builder = BIN / "swift-ring-builder"
    for name in ("account", "container", "object"):
        ring = etc / f"{name}.builder"
        run = lambda *arguments: subprocess.run(
            [BIN / "python", builder, ring, *arguments], stdout=subprocess.DEVNULL
        )
        run("create", "4", "1", "0")
        run("add", f"r1z1-127.0.0.1:{ports[name]}/d1", "1")
        run("rebalance")
        (etc / f"{name}.conf").write_text(
            f"{default}bind_port = {ports[name]}\ndevices = {folder}/dev\nmount_check = false\n"
            f"recon_cache_path = {folder}/cache\nlog_level = WARNING\ndisable_fallocate = true\n"
            f"[pipeline:main]\npipeline = {name}-server\n"
            f"[app:{name}-server]\nuse = egg:swift#{name}\n"
        )
    filters = "".join(
        f"[filter:{name}]\nuse = egg:swift#{name.replace('-', '_')}\n"
        for name in ("catch_errors", "proxy-logging", "copy", "slo", "dlo")
    )
    account, _, name = S3_USER.partition(":")
    (etc / "proxy.conf").write_text(
        f"{default}bind_port = {ports['proxy']}\n[pipeline:main]\npipeline = {PIPELINE}\n{filters}"
        "[filter:s3api]\nuse = egg:swift#s3api\nlocation = us-east-1\n"
        "allow_multipart_uploads = true\ns3_acl = false\nmin_segment_size = 1048576\n"
        f"[filter:tempauth]\nuse = egg:swift#tempauth\nuser_{account}_{name} = {S3_SECRET} .admin\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\nallow_account_management = true\n"
        "account_autocreate = true\n"
    )


def start_s3(folder):
    ports = {name: free_port() for name in ("account", "container", "object", "proxy")}
    write_swift(folder, ports)
    processes = []
    for name in ports:
        log = open(folder / f"{name}.log", "wb")
        command = [BIN / "python", BIN / f"swift-{name}-server", folder / "etc" / f"{name}.conf"]
        processes.append(spawn(command, log, SWIFT_DIR=str(folder / "etc")))
    for name, process in zip(ports, processes):
        wait_for(ports[name], process, f"swift's {name} server")
    return ports["proxy"], processes


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="loadfleet-cloud-"))
    processes = []
    try:
        moto, process = start_moto(folder)
        processes.append(process)
        asking, process = start_moto(folder)
        processes.append(process)
        key, secret = make_user(moto)
        asking_key, asking_secret = make_user(asking)
        ask_for_signatures(asking)
        doors = [gate.start(("127.0.0.1", moto), {key: secret}) for _ in range(2)]
        ports = [door.server_address[1] for door in doors]
        cloud = {"gate": ports[0], "faults": ports[1], "unguarded": moto}
        cloud |= {"key": key, "secret": secret}
        cloud |= {"moto": asking, "motoKey": asking_key, "motoSecret": asking_secret}
        if "--without-s3" not in sys.argv:
            cloud["s3"], started = start_s3(folder)
            processes += started
            cloud["s3Key"], cloud["s3Secret"] = S3_USER, S3_SECRET
        print(json.dumps(cloud), flush=True)
        sys.stdin.read()
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
