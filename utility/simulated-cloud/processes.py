"""Servers of others that the cloud starts beside itself."""

import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from machines import system

BIN = pathlib.Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen | None, what: str) -> None:
    """Returns when the server answers; ends the cloud when the server ended."""
    for _ in range(600):
        if process is not None and process.poll() is not None:
            sys.exit(f"cloud: {what} ended with status {process.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"cloud: {what} did not start")


def spawn(command: list[Any], log: Any, **environment: str) -> subprocess.Popen:
    """Starts a server that does not outlive the cloud. To be called by the main thread only."""
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        env={**os.environ, **environment}, preexec_fn=system.die_with_parent,
    )
