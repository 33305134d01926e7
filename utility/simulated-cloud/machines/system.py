"""The calls of Linux that Python 3.11 doesn't have: namespaces, mounts, the parent's death."""

import ctypes
import os
import signal

NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_PIDS, NEW_NETWORK = 0x20000000, 0x40000000
PRIVATE, RECURSIVE, BIND = 1 << 18, 16384, 4096
REMOUNT, READ_ONLY = 32, 1
SET_PARENT_DEATH_SIGNAL = 1

LIBC = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    check(LIBC.unshare(flags), "unshare")


def enter(path: str, flags: int = NEW_NETWORK) -> None:
    """Moves this thread into a namespace."""
    namespace = os.open(path, os.O_RDONLY)
    try:
        check(LIBC.setns(namespace, flags), f"setns {path}")
    finally:
        os.close(namespace)


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    arguments = (source.encode(), target.encode(), kind.encode())
    check(LIBC.mount(*arguments, flags, options.encode() or None), f"mount {target}")


def bind(source: str, target: str) -> None:
    mount(source, target, "", BIND | RECURSIVE)


def protect(path: str) -> None:
    """Nothing below the path can be written to from here on."""
    bind(path, path)
    mount("none", path, "", BIND | REMOUNT | READ_ONLY)


def own_mounts() -> None:
    """From here on, mounts of this process are nobody else's."""
    mount("none", "/", "", PRIVATE | RECURSIVE)


def die_with_parent() -> None:
    """The kernel kills this process when its parent's thread ends, whatever ends it."""
    check(LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL), "prctl")
