"""The stages of a job: how it is brought to each of them, and kept there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp

from tests.bot.graphs import paint
from tests.matrix.scene import PATIENCE, End, Scene

Reach = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True, eq=False)
class Stage:
    """Where a job stands.

    Attributes:
        reach: has Ada ask for a picture, and returns when her job stands there and can go no further.
        eve: has it stand right before: whatever strikes the very request that the stage is about is armed then.
        upload: the request with files that it stands at, if it does: what `Faults.hold` and its like take.
        after_effect: Discord has the files, and the bot does not know.
        workflow: what Ada asks for.
        end: where she finds the result, if nothing else goes wrong.
    """

    name: str
    reach: Reach
    eve: Reach
    upload: Mapping[str, Any] | None = None
    after_effect: bool = False
    workflow: str = "paint"
    end: End = End.MESSAGE


async def _stored(scene: Scene) -> None:
    """Bob's job has the only place."""
    gate = scene.comfyui.pause("progress")
    scene.work.append(gate)
    await scene.ask("bob")
    await gate.reached(PATIENCE)
    await (await scene.ask()).until(lambda message: bool(message.embeds), PATIENCE)


async def _posting(scene: Scene) -> None:
    """The prompt is on its way to ComfyUI."""
    gate = scene.comfyui.pause_request("POST", "/prompt")
    scene.requests.append(gate)
    await scene.ask()
    await gate.reached(PATIENCE)


async def _posted(scene: Scene) -> None:
    """ComfyUI has the prompt, and the bot does not know."""
    answer = scene.comfyui.pause_request("POST", "/prompt", after_effect=True)
    gate = scene.comfyui.pause("progress")
    scene.requests.append(answer)
    scene.work.append(gate)
    await scene.ask()
    await answer.reached(PATIENCE)
    await gate.reached(PATIENCE)


async def _waiting(scene: Scene) -> None:
    """Somebody else's prompt runs before it."""
    foreign = str(uuid4())
    gate = scene.comfyui.pause("progress", prompt_id=foreign)
    scene.work.append(gate)
    async with aiohttp.ClientSession() as session:
        body = {"prompt": paint(), "prompt_id": foreign}
        async with session.post(f"{scene.comfyui.url}/prompt", json=body) as response:
            assert response.status == 200
    await gate.reached(PATIENCE)
    reply = await scene.ask()
    await scene.comfyui.wait_for(lambda: bool(scene.comfyui.pending), PATIENCE)
    await reply.until(lambda message: bool(message.embeds), PATIENCE)


async def _running(scene: Scene, workflow: str = "paint") -> None:
    """ComfyUI is at work on it."""
    gate = scene.comfyui.pause("progress", skip=1)
    scene.work.append(gate)
    await scene.ask(workflow=workflow)
    await gate.reached(PATIENCE)


async def _finished(scene: Scene) -> None:
    """ComfyUI is done with it, and its file is on the way to the bot."""
    gate = scene.comfyui.pause_request("GET", "/view")
    scene.requests.append(gate)
    await scene.ask()
    await gate.reached(PATIENCE)


async def _orphaned(scene: Scene) -> None:
    """ComfyUI is at work on it, and its message is gone."""
    await _running(scene)
    await scene.clear_channel()


def _upload(name: str, eve: Reach, upload: Mapping[str, Any], *, after_effect: bool = False, **other: Any) -> Stage:
    async def reach(scene: Scene) -> None:
        hold = scene.discord.faults.hold(**upload, after_effect=after_effect)
        scene.requests.append(hold)
        await eve(scene)
        scene.let_work_go()
        await hold.reached(PATIENCE)

    return Stage(name, reach, eve, upload, after_effect, **other)


_many = partial(_running, workflow="many")
_EDIT = {"method": "PATCH", "files": True}
_POST = {"method": "POST", "path": "/channels/*/messages", "files": True}

STORED = Stage("stored", _stored, _stored)
POSTING = Stage("posting", _posting, _stored)
POSTED = Stage("posted", _posted, _stored)
WAITING = Stage("waiting", _waiting, _waiting)
RUNNING = Stage("running", _running, _running)
FINISHED = Stage("finished", _finished, _running)
#: The result goes into the job's message.
UPLOADING = _upload("uploading", _running, _EDIT)
UPLOADED = _upload("uploaded", _running, _EDIT, after_effect=True)
#: The eleventh file and the twelfth take a message of their own.
ADDING = _upload("adding", _many, _POST, workflow="many")
ADDED = _upload("added", _many, _POST, after_effect=True, workflow="many")
#: The job's message is gone, and the result is sent in private.
SENDING = _upload("sending", _orphaned, _POST, end=End.DM)
SENT = _upload("sent", _orphaned, _POST, after_effect=True, end=End.DM)

UPLOADS = frozenset({UPLOADING, UPLOADED, ADDING, ADDED, SENDING, SENT})
STAGES = (STORED, POSTING, POSTED, WAITING, RUNNING, FINISHED, UPLOADING, UPLOADED, ADDING, ADDED, SENDING, SENT)
