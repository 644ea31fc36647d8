"""What can be made to go wrong with the demo's processes, on switches of the page."""

from __future__ import annotations

from typing import Any

from playground.demo.bots import DemoBot
from playground.demo.comfyui import DemoComfyUI
from playground.demo.errors import DemoError
from playground.discord import PlaygroundError
from playground.page import Choice, Switch

#: Seconds of a sampling step, by how fast the demo ComfyUI is.
_PACES = {"quick": 0.05, "usual": 0.25, "slow": 1.5}


def bot_switches(bot: DemoBot) -> list[Switch]:
    """It is told to leave, or dies; either way it comes back."""

    async def restart(_: None) -> None:
        await bot.service.restart()

    async def kill(_: None) -> None:
        await bot.service.kill()

    return [
        Switch("bot_restart", "Restart the bot", "It leaves in good order and comes back at once.", "press", restart),
        Switch(
            "bot_kill",
            "Kill the bot",
            "It dies, whatever it is doing, and is started again.",
            "press",
            kill,
        ),
    ]


def comfyui_switches(comfyui: DemoComfyUI) -> list[Switch]:
    """Speed, absence and failure of the demo ComfyUI."""

    async def tell(**switches: Any) -> None:
        try:
            await comfyui.tell(**switches)
        except (TimeoutError, EOFError) as exc:
            raise PlaygroundError("the demo ComfyUI is just being started; try it again in a moment") from exc
        except DemoError as exc:
            raise PlaygroundError(str(exc)) from exc

    def pace() -> str:
        seconds = comfyui.state.get("step_seconds")
        return next((name for name, step in _PACES.items() if step == seconds), "usual")

    return [
        Switch(
            "comfyui_pace",
            "ComfyUI's speed",
            "How long a step takes, from the next one on.",
            "choice",
            lambda value: tell(step_seconds=_PACES[value]),
            pace,
            tuple(Choice(name.capitalize(), name) for name in _PACES),
        ),
        Switch(
            "comfyui_away",
            "ComfyUI is away",
            "It dies at once: what it was doing and what waited there is lost. Off brings it back.",
            "toggle",
            lambda value: tell(online=not value),
            lambda: not comfyui.state.get("online", True),
        ),
        Switch(
            "comfyui_failing",
            "ComfyUI runs out of memory",
            "Every picture fails half-way.",
            "toggle",
            lambda value: tell(failing=value),
            lambda: bool(comfyui.state.get("failing", False)),
        ),
    ]
