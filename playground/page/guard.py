"""Who may ask: the browser on this page, by a name that is this server's own."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from playground.discord.server import LOOPBACK

_OWN = frozenset({"localhost", *LOOPBACK.values()})


class Guard:
    """Keeps out other sites: those that rebind their name to this address, and those that call from a page of theirs.

    Args:
        host: the address that is listened on. Where that is every address, any may be asked for, but names may not.
    """

    def __init__(self, host: str) -> None:
        self._everywhere = host in LOOPBACK
        self._names = _OWN | {host.lower()}
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
