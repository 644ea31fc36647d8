"""Switches of a server that runs as a child process: one JSON object a line in, one with the whole state out."""

from __future__ import annotations

import json
from typing import Any

from .server import ComfyUIServer

_SLOWEST = 60.0
_SAMPLERS = ("KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced")
_FAILS_AFTER = 3


class MisuseError(Exception):
    """A line that asks for what there is not, in a sentence."""


class Control:
    """Reads lines, flips switches. Lines are to be given one after the other."""

    def __init__(self, server: ComfyUIServer) -> None:
        self._server = server
        self._failing = False

    async def answer(self, line: bytes) -> str:
        """Do what a line says; the answer is a line too, with the ``id`` of the asking one, and never an exception."""
        asked: dict[str, object] = {}
        try:
            wishes = _wishes(line)
            asked = {"id": wishes.pop("id")} if "id" in wishes else {}
            for name, value in wishes.items():
                await self._set(name, value)
        except (MisuseError, OSError) as exc:
            return json.dumps({**asked, "error": str(exc)})
        return json.dumps({**asked, **self.state()})

    def state(self) -> dict[str, Any]:
        """Every switch as it stands."""
        settings = self._server.settings
        return {
            "step_seconds": settings.step_seconds,
            "previews": settings.previews,
            "online": self._server.online,
            "failing": self._failing,
        }

    async def _set(self, name: str, value: object) -> None:
        if name == "step_seconds":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _SLOWEST:
                raise MisuseError(f"step_seconds is a number from 0 to {_SLOWEST:g}.")
            self._server.settings.step_seconds = float(value)
        elif name not in ("previews", "online", "failing"):
            raise MisuseError(f"There is no switch {name!r}.")
        elif not isinstance(value, bool):
            raise MisuseError(f"{name} is true or false.")
        elif name == "previews":
            self._server.settings.previews = value
        elif name == "failing":
            self._fail(value)
        elif value != self._server.online:
            await (self._server.revive() if value else self._server.kill())

    def _fail(self, failing: bool) -> None:
        self._failing = failing
        self._server.faults.clear()
        if failing:
            for name in _SAMPLERS:
                self._server.faults.fail_node(name, at_step=_FAILS_AFTER)


def _wishes(line: bytes) -> dict[str, object]:
    try:
        wishes = json.loads(line)
    except ValueError:
        wishes = None
    if not isinstance(wishes, dict):
        raise MisuseError("A line must be a JSON object.")
    return wishes
