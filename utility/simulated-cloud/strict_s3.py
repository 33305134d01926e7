"""A strict S3 server: OpenStack Swift with s3api, which verifies signatures and bodies."""

import pathlib
import subprocess

from processes import BIN, free_port, spawn, wait_for

USER, SECRET = "test:tester", "testing-secret-canary"
PIPELINE = "catch_errors proxy-logging s3api tempauth copy slo dlo proxy-logging proxy-server"


def write_configuration(folder: pathlib.Path, ports: dict[str, int]) -> None:
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
    account, _, name = USER.partition(":")
    (etc / "proxy.conf").write_text(
        f"{default}bind_port = {ports['proxy']}\n[pipeline:main]\npipeline = {PIPELINE}\n{filters}"
        "[filter:s3api]\nuse = egg:swift#s3api\nlocation = us-east-1\n"
        "allow_multipart_uploads = true\ns3_acl = false\nmin_segment_size = 1048576\n"
        f"[filter:tempauth]\nuse = egg:swift#tempauth\nuser_{account}_{name} = {SECRET} .admin\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\nallow_account_management = true\n"
        "account_autocreate = true\n"
    )


def start(folder: pathlib.Path) -> tuple[int, list[subprocess.Popen]]:
    """Starts its four servers on one disk; gives the port of S3, and the processes."""
    ports = {name: free_port() for name in ("account", "container", "object", "proxy")}
    write_configuration(folder, ports)
    processes = []
    for name in ports:
        log = open(folder / f"{name}.log", "wb")
        command = [BIN / "python", BIN / f"swift-{name}-server", folder / "etc" / f"{name}.conf"]
        processes.append(spawn(command, log, SWIFT_DIR=str(folder / "etc")))
    for name, process in zip(ports, processes):
        wait_for(ports[name], process, f"swift's {name} server")
    return ports["proxy"], processes
