"""The network of the instances: one namespace for the VPC, one for each instance.

The VPC's holds a bridge with the gateway of each subnet, and the address at which instances find
AWS's services. No instance reaches this machine's own network, or the Internet.
"""

import os
import socket
import subprocess
import threading
from ipaddress import ip_network

from machines import system

VPC = "vpc"
API_ADDRESS = "100.64.0.10"
METADATA_ADDRESS = "169.254.169.254"


def run(*arguments: str, text: str | None = None) -> None:
    subprocess.run(
        ["ip", *arguments], input=text, text=True, check=True, capture_output=True
    )


def path_of(namespace: str) -> str:
    return f"/run/netns/{namespace}"


def listen_in(
    namespace: str, address: str, port: int, kind: int = socket.SOCK_STREAM, hops: int | None = None
) -> socket.socket:
    """A socket that lives in another network namespace than this process."""
    made: list[socket.socket] = []

    def make() -> None:
        # Only this thread changes namespaces, and it ends here.
        system.enter(path_of(namespace))
        opened = socket.socket(socket.AF_INET, kind)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hops is not None:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)
        opened.bind((address, port))
        if kind == socket.SOCK_STREAM:
            opened.listen(512)
        made.append(opened)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if not made:
        raise OSError(f"cannot listen on {address}:{port} in {namespace}")
    return made[0]


class Network:
    """The VPC and who is in it."""

    def __init__(self) -> None:
        self.subnets: set[str] = set()
        self.lock = threading.Lock()
        run("netns", "add", VPC)
        # Without an address of its own, a bridge takes a new one whenever an instance goes, and the
        # others no longer find it.
        run("-netns", VPC, "-batch", "-", text=(
            "link set lo up\n"
            f"addr add {API_ADDRESS}/32 dev lo\n"
            "link add bridge0 address 02:00:00:00:00:01 type bridge\n"
            "link set bridge0 up\n"
        ))
        subprocess.run(
            ["ip", "netns", "exec", VPC, "sysctl", "-qw", "net.ipv4.ip_forward=1"], check=True
        )

    def add_subnet(self, block: str) -> str:
        """The gateway of a subnet, its first address."""
        network = ip_network(block)
        gateway = str(network.network_address + 1)
        with self.lock:
            if block not in self.subnets:
                self.subnets.add(block)
                address = f"{gateway}/{network.prefixlen}"
                run("-netns", VPC, "addr", "add", address, "dev", "bridge0")
        return gateway

    def add(self, identifier: str, address: str, block: str) -> str:
        """Makes the namespace of an instance, and gives its name."""
        gateway, length = self.add_subnet(block), ip_network(block).prefixlen
        name, link = identifier, f"v{identifier[-12:]}"
        run("netns", "add", name)
        run("-netns", VPC, "-batch", "-", text=(
            f"link add {link} type veth peer name eth0 netns {name}\n"
            f"link set {link} master bridge0 up\n"
        ))
        run("-netns", name, "-batch", "-", text=(
            "link set lo up\n"
            f"addr add {METADATA_ADDRESS}/32 dev lo\n"
            f"addr add {address}/{length} dev eth0\n"
            "link set eth0 up\n"
            f"route add default via {gateway}\n"
        ))
        return name

    @staticmethod
    def remove(name: str) -> None:
        if os.path.exists(path_of(name)):
            run("netns", "delete", name)
