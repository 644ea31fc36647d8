"""Who may ask: the browser on this page, by a name that is this server's own."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})


class Guard:
    """Keeps out other sites: those that rebind their name to this address, and those that call from a page of theirs.

    Args:
        host: the address that is listened on. Where that is every address, any may be asked for, but names may not.
        names: further names that the server is known under.
    """

    def __init__(self, host: str, names: Iterable[str] = ()) -> None:
        self._everywhere = host in _EVERYWHERE
        self._names = _LOOPBACK | {host.lower(), *(name.lower() for name in names)}
        if self._everywhere:
            self._names |= {socket.gethostname().lower()}

    def admits(self, request: web.BaseRequest) -> bool:
        origin = request.headers.get("Origin")
        return self._knows(request.host) and (origin is None or _netloc(origin) == request.host.lower())

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (self._everywhere and _is_address(name))


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
