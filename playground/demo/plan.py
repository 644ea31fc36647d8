"""What a demo is to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PORT = 8640


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a bot finds everything: the little Discord and the token for it, ComfyUI, a folder of its own, and one for
    what it makes.
    """

    token: str
    discord: str
    comfyui: str
    home: Path
    outputs: Path


@dataclass(frozen=True, slots=True)
class BotSetup:
    """A bot as a program.

    Args:
        command: the program and its arguments.
        environment: all of its variables, by where everything is.
        files: what lies in its working folder, by name.
    """

    command: tuple[str, ...]
    environment: Callable[[Addresses], Mapping[str, str]]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the command line decides.

    Args:
        bot: the bot with what it is lent of somebody's own settings.
        plain: the bot without, for when it cannot be run with them.
        home: the folder below which everything is written.
        comfyui: the address of a real ComfyUI; None for the demo's own.
        host: the address to listen on.
        port: None for the usual one, or for a free one when a script is played.
        browser: whether the page is opened.
        script: what is played, instead of waiting for people.
        out: where its transcript and pictures go; None for a folder in ``home``.
    """

    bot: BotSetup
    plain: BotSetup
    home: Path
    comfyui: str | None = None
    host: str = "127.0.0.1"
    port: int | None = None
    browser: bool = True
    script: Path | None = None
    out: Path | None = None

    @property
    def backend(self) -> str:
        """What the pictures come from, for people: a real one's address without its password."""
        if self.comfyui is None:
            return "demo ComfyUI"
        parts = urlsplit(self.comfyui)
        return f"ComfyUI at {parts._replace(netloc=parts.netloc.rpartition('@')[2]).geturl()}"

    @property
    def listens_on(self) -> int:
        if self.port is not None:
            return self.port
        return PORT if self.script is None else 0
