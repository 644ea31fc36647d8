"""A script from its first step to its last."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from playground.demo.errors import DemoError
from playground.demo.script.camera import Camera, open_camera
from playground.demo.script.reading import PICTURE, Script, Step
from playground.demo.script.scene import Scene
from playground.demo.script.transcript import Transcript
from playground.demo.script.verbs import Verbs
from playground.demo.town import Town
from playground.discord import PlaygroundError

TRANSCRIPT = "transcript.md"
_BOT_WITHIN = 60.0


async def play(script: Script, town: Town, address: str, out: Path, say: Callable[[str], None]) -> None:
    """Do every step, and leave transcript and screenshots in a folder.

    Raises:
        DemoError: a step did not work, with its number and what was seen; or there is no browser for screenshots.
    """
    _make(out)
    async with AsyncExitStack() as stack:
        camera = await stack.enter_async_context(open_camera(address)) if script.has_pictures else None
        try:
            await town.server.until_connected(_BOT_WITHIN)
        except TimeoutError:
            raise DemoError(f"The bot was not there within {_BOT_WITHIN:g} s.") from None
        transcript = Transcript(script.title)
        scene = Scene(town.server, script.folder)
        verbs = Verbs(scene, transcript, town.page.switches)
        for step in script.steps:
            try:
                await _do(step, verbs, scene, camera, transcript, out)
            except (PlaygroundError, TimeoutError) as exc:
                failure = f"Step {step.number} ({step.summary}) failed: {exc}"
                transcript.note(f"**{failure}**")
                transcript.save(out / TRANSCRIPT)
                raise DemoError(failure) from exc
        transcript.save(out / TRANSCRIPT)
    say(f"All {len(script.steps)} steps were played; what was seen is in {out / TRANSCRIPT}.")


async def _do(step: Step, verbs: Verbs, scene: Scene, camera: Camera | None, transcript: Transcript, out: Path) -> None:
    if step.verb != PICTURE or camera is None:
        await verbs.do(step)
        return
    scene.enter(step.get("as"), step.get("in"))
    file = await camera.take(step, scene, out)
    transcript.note(f"![{step.get('alt', step.value)}]({file.name})")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise DemoError(f"The folder {folder} cannot be written ({exc.strerror}): name another with --out.") from exc
