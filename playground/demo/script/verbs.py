"""What a step does: each verb is something that a person does, by the same people whom tests hold in their hands."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from playground.demo.script.reading import PICTURE, VERBS, Step
from playground.demo.script.scene import Scene
from playground.demo.script.transcript import Transcript, told
from playground.discord import Interaction, Message, PlaygroundError
from playground.discord.errors import listed
from playground.page import Switch

#: Seconds: to a first answer, a little more than Discord gives; to what is waited for.
_ANSWERED_WITHIN, _WITHIN = 4.0, 60.0


class Verbs:
    """Does steps on a scene, and writes down what was done and seen."""

    def __init__(self, scene: Scene, transcript: Transcript, switches: Iterable[Switch]) -> None:
        self._scene = scene
        self._transcript = transcript
        self._switches = {switch.name: switch for switch in switches}
        #: All but the screenshot, which is no act of anybody's.
        self._verbs: dict[str, Callable[[Step], Awaitable[None]]] = {
            verb: getattr(self, verb) for verb in VERBS if verb != PICTURE
        }

    async def do(self, step: Step) -> None:
        """Do a step, but for a screenshot.

        Raises:
            PlaygroundError, TimeoutError: it cannot be done, or did not come; what was seen.
        """
        self._scene.enter(step.get("as"), step.get("in"))
        if step.verb:
            await self._verbs[step.verb](step)

    async def say(self, step: Step) -> None:
        scene = self._scene
        files = [scene.value(one) for one in step.get("files", [])]
        answered = step.get("reply_to")
        scene.act()
        message = await scene.who.say(
            scene.where, step.value, *files, reply_to=None if answered is None else scene.message(answered)
        )
        scene.call(message, None)
        self._did(f"says “{step.value}”" + "".join(f" {told(one)}" for one in step.get("files", [])))

    async def slash(self, step: Step) -> None:
        options = step.get("options", {})
        values = {name: self._scene.value(value) for name, value in options.items()}
        self._did(f"types `/{step.value}{_written(options)}`")
        await self._begin(step, self._scene.who.slash(self._scene.where, step.value, **values))

    async def complete(self, step: Step) -> None:
        option, typed = step.get("option", ""), step.get("typed", "")
        values = {name: self._scene.value(value) for name, value in step.get("options", {}).items()}
        offered = await self._scene.who.complete(
            self._scene.where, step.value, values, focused=option, value=typed, timeout=_ANSWERED_WITHIN
        )
        self._did(f"types “{typed}” as {option} of `/{step.value}` and is offered:")
        self._transcript.note("  " + ", ".join(choice["name"] for choice in offered) if offered else "  nothing")

    async def menu(self, step: Step) -> None:
        message = self._scene.message(step.get("on"))
        self._did(f"opens the menu of the message and takes “{step.value}”")
        await self._begin(step, self._scene.who.context_menu(message, step.value))

    async def click(self, step: Step) -> None:
        message = self._scene.message(step.get("on"))
        self._did(f"clicks “{step.value}”")
        await self._begin(step, self._scene.who.click(message, step.value))

    async def select(self, step: Step) -> None:
        message, values = self._scene.message(step.get("on")), step.get("values", [])
        self._did(f"chooses {told(values)} as “{step.value}”")
        await self._begin(step, self._scene.who.select(message, step.value, values))

    async def fill(self, step: Step) -> None:
        opened = self._opened()
        values = {label: self._scene.value(value) for label, value in step.value.items()}
        assert opened.modal is not None
        said = "; ".join(f"{label}: {told(value)}" for label, value in step.value.items())
        self._did(f"fills in “{opened.modal.title}” ({said or 'as it is'}) and sends it")
        await self._begin(step, self._scene.who.submit(opened, values))

    async def close(self, step: Step) -> None:
        self._did("closes the form")
        self._scene.who.close(self._opened())

    async def wait(self, step: Step) -> None:
        """A message that is new or was changed since the last action; of several the newest."""
        wanted, scene = step.value, self._scene

        def fitting() -> Message | None:
            return next((message for message in reversed(scene.news()) if _fits(message, wanted)), None)

        def seen() -> str:
            return f"seen was {[message.summary for message in scene.news()[-3:]] or 'nothing new'}"

        found = await scene.server.world.pulse.until(fitting, step.get("within", _WITHIN), seen)
        assert found is not None
        scene.call(found, step.get("called"))
        if not step.get("quiet"):
            self._transcript.seen(found)

    async def expect(self, step: Step) -> None:
        message = self._scene.message(step.get("on"))
        if step.value not in message.text:
            raise PlaygroundError(f"{step.value!r} is not in {message.summary}")

    async def absent(self, step: Step) -> None:
        message = self._scene.message(step.get("on"))
        if step.value in message.text:
            raise PlaygroundError(f"{step.value!r} is in {message.summary}")

    async def delete(self, step: Step) -> None:
        await self._scene.who.delete(self._scene.message(step.value))
        self._did("deletes the message")

    async def gone(self, step: Step) -> None:
        """The message that was called so is deleted."""
        message = self._scene.message(step.value)
        server = self._scene.server
        await server.world.pulse.until(
            lambda: server.message(message.id) is None,
            step.get("within", _WITHIN),
            lambda: f"there is {message.summary}",
        )
        self._transcript.note(f"The message “{step.value}” is gone.")

    async def bot(self, step: Step) -> None:
        """It is online, or offline."""
        server, online = self._scene.server, step.value == "online"
        await server.world.pulse.until(
            lambda: server.connected is online, step.get("within", _WITHIN), lambda: f"the bot is not {step.value}"
        )
        self._transcript.note(f"The bot is {step.value}.")

    async def language(self, step: Step) -> None:
        self._scene.who.speak(step.value)
        self._did(f"sets the language to {step.value}")

    async def fault(self, step: Step) -> None:
        switch = self._switches.get(step.value)
        if switch is None:
            raise PlaygroundError(f"there is no switch {step.value!r}, but {listed(sorted(self._switches))}")
        self._scene.act()
        await switch.flip(step.get("value"))
        stands = step.get("value")
        self._did(f"“{switch.label}”" + ("" if stands is None else f" is set to {told(stands)}"))

    async def _begin(self, step: Step, action: Awaitable[Interaction]) -> None:
        self._scene.act()
        self._scene.last = begun = await action
        if step.get("answer", True):
            await begun.answered(_ANSWERED_WITHIN)

    def _opened(self) -> Interaction:
        last = self._scene.last
        if last is None or last.modal is None:
            raise PlaygroundError("no form is open")
        return last

    def _did(self, what: str) -> None:
        self._transcript.action(self._scene.who, self._scene.where, what)


def _written(options: Mapping[str, Any]) -> str:
    return "".join(f" {name}: {told(value)}" for name, value in options.items())


def _fits(message: Message, wanted: Mapping[str, Any]) -> bool:
    texts = wanted.get("text", [])
    labels = {button.get("label") for button in message.buttons if not button.get("disabled")}
    return (
        message.author.bot
        and not message.thinking
        and all(text in message.text for text in ([texts] if isinstance(texts, str) else texts))
        and re.search(wanted.get("matches", ""), message.text) is not None
        and len(message.attachments) >= wanted.get("files", 0)
        and labels.issuperset(wanted.get("buttons", ()))
        and bool(message.selects) >= bool(wanted.get("select"))
        and ("private" not in wanted or message.ephemeral == wanted["private"])
    )
