"""Faults on a switch: the page lists them and flips them, whoever puts the demo together says what they do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.discord import PlaygroundError
from playground.discord.errors import listed
from playground.discord.protocol import Json


@dataclass(frozen=True, slots=True)
class Choice:
    """One position of a switch that has several."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that can be made to go wrong.

    ``read`` tells the position: a bool of a toggle, a choice's value, None of what is only pressed. ``set`` is given
    the new one (None for a press), checked, and may be awaited; a PlaygroundError of it is shown.
    """

    name: str
    label: str
    about: str
    kind: Literal["toggle", "press", "choice"]
    set: Callable[[Any], Awaitable[None] | None] = field(repr=False)
    read: Callable[[], Any] = field(default=lambda: None, repr=False)
    choices: tuple[Choice, ...] = ()

    @property
    def shown(self) -> Json:
        shown: Json = {
            "name": self.name,
            "label": self.label,
            "about": self.about,
            "kind": self.kind,
            "value": self.read(),
        }
        if self.choices:
            shown["choices"] = [{"label": choice.label, "value": choice.value} for choice in self.choices]
        return shown

    async def flip(self, value: Any) -> None:
        """Raises:
        PlaygroundError: it has no such position.
        """
        if self.kind == "press":
            value = None
        elif self.kind == "toggle" and not isinstance(value, bool):
            raise PlaygroundError(f"{self.label!r} is switched on or off")
        elif self.kind == "choice" and value not in [choice.value for choice in self.choices]:
            raise PlaygroundError(f"{self.label!r} is one of {listed(choice.label for choice in self.choices)}")
        done = self.set(value)
        if done is not None:
            await done
