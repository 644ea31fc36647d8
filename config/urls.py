"""Addresses of servers: what is accepted, and how one is shown without its password."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urlsplit


def http_url(value: str) -> str:
    """Return the address of an HTTP server without a trailing slash.

    Any host is accepted: a name without dots, ``host.docker.internal``, an IPv4 or a bracketed IPv6 address; so are
    a port, a path in front of the API, and ``user:password@``.

    Raises:
        ValueError: saying what is wrong, without repeating the value.
    """
    if not value.lower().startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    if not value.isprintable() or " " in value:
        raise ValueError("must not contain blanks or control characters")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as exc:
        raise ValueError("must be an address with a valid host and a port from 1 to 65535") from exc
    if not parts.hostname:
        raise ValueError("must name a host")
    if port == 0:
        raise ValueError("must have a port from 1 to 65535")
    if parts.query or parts.fragment:
        raise ValueError("must not contain ? or #")
    return parts.geturl().rstrip("/")


def database_url(value: str) -> str:
    """Return the address of a database: ``sqlite:///path`` or ``postgresql://user:password@host:port/name``.

    Raises:
        ValueError: saying what is wrong, without repeating the value.
    """
    if not value.lower().startswith(("sqlite:///", "postgresql://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if not value.isprintable():
        raise ValueError("must not contain control characters")
    if value.lower().startswith("postgresql://"):
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError as exc:
            raise ValueError("must be an address with a valid host and a port from 1 to 65535") from exc
        if not host or len(parts.path) < 2:
            raise ValueError("must name a host and a database")
    elif len(value) == len("sqlite:///"):
        raise ValueError("must name a file")
    return value


def without_user_info(url: str) -> str:
    """Return the address with ``user:password@`` taken out, fit for a log or a screen."""
    parts = urlsplit(url)
    return parts._replace(netloc=_host(parts)).geturl()


def password_of(url: str) -> str | None:
    """Return the password inside an address as it was before percent-encoding, or None."""
    password = urlsplit(url).password
    return unquote(password) if password else None


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]
