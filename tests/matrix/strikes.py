"""What goes wrong, as it is made to happen and, as far as it passes, undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from errno import ENOSPC
from typing import Any

import pytest

from core.comfyui.client import ComfyUIClient
from playground.discord import Permission
from playground.discord.rest import Request
from tests.matrix.scene import PATIENCE, End, Scene
from tests.matrix.stages import ADDED, FINISHED, POSTED, POSTING, RUNNING, SENT, WAITING, Stage

Strike = Callable[[Scene, Stage], Awaitable[None]]

_TOKEN_SECONDS = 16 * 60.0


# -- the bot dies ------------------------------------------------------------------------------------------------


async def _kill(scene: Scene) -> None:
    await scene.bot.kill()
    scene.let_requests_go()


async def _arrived(scene: Scene, stage: Stage) -> None:
    """The bot knows that ComfyUI has the job, where that is what the stage says."""
    if stage in (WAITING, RUNNING):
        await scene.asked["ada"].until(lambda m: "before this one" in m.text or "step" in m.text, PATIENCE)


async def _back(scene: Scene, stage: Stage) -> None:
    """Start it again. What the user sees already it has to find out about: that is waited for."""
    seen = len(_looks(scene, stage))
    await scene.bot.start()
    if stage.after_effect:
        await scene.discord.until(lambda: len(_looks(scene, stage)) > seen, PATIENCE)


def _looks(scene: Scene, stage: Stage) -> list[Request]:
    """Where the files are Discord's already: edits to what a message is, or looks at what messages there are."""
    if stage in (ADDED, SENT):
        return scene.answered("GET", "/channels/*/messages")
    return scene.answered("PATCH", "*", files=True)


async def killed(scene: Scene, stage: Stage) -> None:
    await _kill(scene)
    await _back(scene, stage)


async def killed_twice(scene: Scene, stage: Stage) -> None:
    """The second time as soon as it is there again."""
    await _kill(scene)
    await scene.bot.start()
    await scene.bot.kill()
    await _back(scene, stage)


async def terminated(scene: Scene, stage: Stage) -> None:
    await scene.bot.stop()
    scene.let_requests_go()
    await _back(scene, stage)


async def killed_and_finished_unseen(scene: Scene, stage: Stage) -> None:
    await _kill(scene)
    scene.let_work_go()
    comfyui = scene.comfyui
    await comfyui.wait_for(lambda: set(comfyui.accepted) <= comfyui.history.keys(), PATIENCE)
    await _back(scene, stage)


async def killed_with_comfyui(scene: Scene, stage: Stage) -> None:
    await _arrived(scene, stage)
    await _kill(scene)
    await scene.comfyui.kill()
    scene.let_work_go()
    await scene.comfyui.revive()
    await _back(scene, stage)


async def killed_for_long(scene: Scene, stage: Stage) -> None:
    await _kill(scene)
    scene.discord.clock.advance(_TOKEN_SECONDS)
    await _back(scene, stage)


async def killed_and_refused(scene: Scene, stage: Stage) -> None:
    await _kill(scene)
    scene.discord.refuse_gateway()
    await _back(scene, stage)


# -- ComfyUI dies, or is not heard -------------------------------------------------------------------------------


async def comfyui_restarted(scene: Scene, stage: Stage) -> None:
    await _arrived(scene, stage)
    await scene.comfyui.kill()
    scene.let_work_go()
    await scene.comfyui.revive()


async def sockets_dropped(scene: Scene, stage: Stage) -> None:
    await scene.comfyui.drop_sockets()


async def sockets_mute(scene: Scene, stage: Stage) -> None:
    """Not a word any more on the socket that there is."""
    scene.comfyui.go_silent()


async def comfyui_stopped(scene: Scene, stage: Stage) -> None:
    """Stopped as by SIGSTOP, until the bot has asked what is the matter and waited in vain."""
    gate = scene.comfyui.pause_request("*", "/", every=True)
    scene.comfyui.go_silent(new_sockets=True)
    await gate.reached(PATIENCE)
    scene.comfyui.speak()
    gate.release()


def comfyui_answers(status: int | None) -> Strike:
    """ComfyUI answers with a status; None: with a reset connection, half a file, or what is no JSON."""

    async def strike(scene: Scene, stage: Stage) -> None:
        faults = scene.comfyui.faults
        if stage in (POSTING, POSTED) and status is None:
            faults.reset_next_prompt(accept=stage is POSTED)
        elif stage in (POSTING, POSTED) and status is not None:
            faults.fail_next_prompt(status, accept=stage is POSTED)
        elif stage is FINISHED and status is None:
            faults.truncate_view()
        elif stage is FINISHED and status is not None:
            faults.refuse("/view", status, times=1)
        else:
            if status is None:
                faults.garbage("/queue", times=2)
            else:
                faults.refuse("/queue", status, times=2)
            await scene.comfyui.drop_sockets()  # so that it is asked

    return strike


# -- Discord goes away -------------------------------------------------------------------------------------------


def gateway_dropped(code: int | None) -> Strike:
    async def strike(scene: Scene, stage: Stage) -> None:
        await scene.discord.drop_gateway(code)

    return strike


async def session_invalid(scene: Scene, stage: Stage) -> None:
    await scene.discord.invalidate_session()


async def gateway_refused(scene: Scene, stage: Stage) -> None:
    scene.discord.refuse_gateway(2)
    await scene.discord.drop_gateway(1001)


def requests(arm: Callable[..., Any], **how: Any) -> Strike:
    """Two requests to Discord, at an upload those that bring the files."""

    async def strike(scene: Scene, stage: Stage) -> None:
        arm(scene.discord.faults, **how, **(stage.upload or {"path": "/webhooks/*"}), times=2)

    return strike


# -- there is nowhere to say it ----------------------------------------------------------------------------------


async def token_dead(scene: Scene, stage: Stage) -> None:
    scene.discord.clock.advance(_TOKEN_SECONDS)


async def messages_deleted(scene: Scene, stage: Stage) -> None:
    await scene.clear_channel()


async def channel_deleted(scene: Scene, stage: Stage) -> None:
    scene.discord.delete_channel(scene.channel)


async def channel_closed(scene: Scene, stage: Stage) -> None:
    scene.channel.set_bot_permissions(Permission(0))


async def channel_closed_and_token_dead(scene: Scene, stage: Stage) -> None:
    await channel_closed(scene, stage)
    await token_dead(scene, stage)


async def unreachable(scene: Scene, stage: Stage) -> None:
    for name in ("ada", "bob"):
        scene.user(name).accepts_dms = False
    await channel_deleted(scene, stage)


# -- the disk is full --------------------------------------------------------------------------------------------


async def disk_full(scene: Scene, stage: Stage) -> None:
    """Until everybody has been told."""

    async def full(*_: Any, **__: Any) -> int:
        raise OSError(ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ComfyUIClient, "stream_output", full)
        scene.let_requests_go()
        scene.let_work_go()
        await scene.told(dict.fromkeys(scene.asked, End.FAILED))
