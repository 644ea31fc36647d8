"""What a demo stands on: a folder and a port of its own."""

from __future__ import annotations

import errno
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from random import sample

from playground.demo.errors import DemoError

#: What one demo leaves and the next one has no use for: the people and channels that it is about are new ones.
FLEETING = ("bot", "comfyui")
LOCK = "demo.lock"
#: Below those that outgoing connections get: who knocks there while nobody listens is not connected to itself.
_LASTING = range(20_000, 32_000)


@contextmanager
def folder(home: Path) -> Iterator[Path]:
    """Keep a folder to this demo as long as the block lasts, emptied of what an earlier one left; it is absolute.

    Raises:
        DemoError: another demo has it, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    home = home.absolute()
    lock = FileLock(home / LOCK)
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise DemoError("Another demo runs in this folder: use that one, or end it first.") from None
    except OSError as exc:
        raise DemoError(f"The folder {home} cannot be written ({exc.strerror}): start the demo in another.") from exc
    try:
        for name in FLEETING:
            _emptied(home / name)
        yield home
    finally:
        lock.release()


def _emptied(path: Path) -> None:
    try:
        if path.exists():
            shutil.rmtree(path)
        path.mkdir()
    except OSError as exc:
        raise DemoError(f"{path} cannot be emptied ({exc.strerror}): remove it, then start the demo again.") from exc


def listening(host: str, port: int) -> socket.socket:
    """A socket on which people may knock already, although nobody opens yet. Port 0 takes a free one.

    Raises:
        DemoError: it is taken, or not to be had; or there is no host, which a socket would take for all of them.
    """
    if not host:
        raise DemoError("--host needs an address, such as 127.0.0.1.", misused=True)
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as exc:
        if isinstance(exc, OSError) and exc.errno == errno.EADDRINUSE:
            raise DemoError(f"Port {port} is taken: choose another one with --port.") from exc
        raise DemoError(f"Nothing can listen on {host}, port {port}: choose others with --host and --port.") from exc


def lasting_port() -> int:
    """A free one that a server can leave and come back to."""
    for port in sample(_LASTING, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DemoError("No port is free for the demo ComfyUI: end some of the programs that listen.")


def address_of(listener: socket.socket) -> str:
    """How this machine calls what listens there; a socket that listens everywhere is found by its own name."""
    host, port = listener.getsockname()[:2]
    found = ip_address(host.partition("%")[0])
    if found.is_unspecified:
        host = "::1" if found.version == 6 else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
