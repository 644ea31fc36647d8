"""What a frame of the page asks for, read with suspicion."""

from __future__ import annotations

from typing import Any

from playground.discord import PlaygroundError
from playground.discord.clock import as_id
from playground.discord.protocol import Json

_SENTENCE = 300


class Asked:
    """A frame's fields, each of which has to be what it is asked to be.

    Raises:
        PlaygroundError: it is not, by every method.
    """

    def __init__(self, frame: Json) -> None:
        self._frame = frame

    def has(self, key: str) -> bool:
        return self._frame.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        value = self._frame.get(key)
        value = default if value is None else value
        if not isinstance(value, str):
            raise PlaygroundError(f"{key!r} has to be a text")
        return value

    def flag(self, key: str) -> bool:
        value = self._frame.get(key)
        if not isinstance(value, bool):
            raise PlaygroundError(f"{key!r} has to be true or false")
        return value

    def id(self, key: str) -> int:
        return snowflake(self._frame.get(key), key)

    def list(self, key: str) -> list[Any]:
        value = self._frame.get(key)
        value = [] if value is None else value
        if not isinstance(value, list):
            raise PlaygroundError(f"{key!r} has to be a list")
        return value

    def table(self, key: str) -> Json:
        value = self._frame.get(key)
        value = {} if value is None else value
        if not isinstance(value, dict):
            raise PlaygroundError(f"{key!r} has to be an object")
        return value

    def any(self, key: str) -> Any:
        return self._frame.get(key)


def snowflake(value: object, name: str) -> int:
    """An id, which is written as a text of digits."""
    found = as_id(value)
    if found is None:
        raise PlaygroundError(f"{name!r} has to be an id")
    return found


def texts(value: object, name: str) -> list[str]:
    """A list of texts, or one text."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise PlaygroundError(f"{name!r} takes texts")
    return found


def sentence(error: PlaygroundError) -> str:
    """The error as it is shown."""
    text = str(error).strip() or "that does not work"
    text = text if len(text) <= _SENTENCE else text[:_SENTENCE] + "…"
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")
