"""Keeps secrets out of texts that somebody will read."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

REDACTED = "[redacted]"

_SHORTEST = 4
"""Characters. A shorter secret would blank out half of every text, and protects nothing."""

_SHAPES = (
    r"(?<![\w-])[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}",  # a bot's token: id, time and signature
    r"(?<![\w-])mfa\.[\w-]{20,}",  # a user's token
    r"aW50ZXJhY3Rpb246[\w=-]+",  # an interaction's token: Base64 of "interaction:..."
    r"(?<=/webhooks/)\d+/[\w=-]+",  # an application's or a webhook's id, and its token
    r"(?<=/interactions/)\d+/[\w=-]+",  # an interaction's id and token, of whatever shape
    r"(?<=[\"']token[\"']: [\"'])[^\"']+",  # discord.py writes down whole events when it is told to debug
    r"(?<=[\"']token[\"']:[\"'])[^\"']+",
    r"(?:(?<=[:'\"] Basic )|(?<=['\"]Basic )|(?<=[:'\"] Bearer )|(?<=['\"]Bearer ))[\w.~+/=-]{8,}",  # in a header
    r"(?<=://)[^\s/@?#'\"]+(?=@)",  # user and password inside an address
)


class Redactor:
    """Knows some secrets by heart, and others by their shape."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._pattern = re.compile("|".join(_SHAPES))

    def register(self, value: str) -> None:
        """Have this value replaced from now on, as it is and as it looks in an address or in JSON.

        Values of less than 4 characters are passed over.
        """
        if len(value) < _SHORTEST:
            return
        self._secrets.update((value, quote(value, safe=""), json.dumps(value)[1:-1]))
        longest_first = sorted(self._secrets, key=len, reverse=True)
        self._pattern = re.compile("|".join((*map(re.escape, longest_first), *_SHAPES)))

    def redact(self, text: str) -> str:
        """Replace the known secrets, and what has the shape of a Discord token or of a password in an address."""
        return self._pattern.sub(REDACTED, text)


_of_this_process = Redactor()
register_secret = _of_this_process.register
redact = _of_this_process.redact
