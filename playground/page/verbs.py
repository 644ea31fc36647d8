"""What the page can ask for: each verb is something that a user does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playground.discord import Channel, DiscordServer, Interaction, Message, PlaygroundError, User
from playground.discord.limits import ANSWER_SECONDS, CONTENT
from playground.discord.locales import LOCALES
from playground.discord.protocol import Json
from playground.page import view
from playground.page.asked import Asked, snowflake, texts
from playground.page.audience import Audience
from playground.page.faults import Switch
from playground.page.filling import Filling
from playground.page.screen import Screen
from playground.page.uploads import Uploads

#: How long choices are waited for.
COMPLETION_SECONDS = ANSWER_SECONDS

Verb = Callable[[User, Asked], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Backend:
    """The ComfyUI behind the bot, as the page calls it."""

    label: str
    demo: bool

    @property
    def notice(self) -> str:
        """Says that nothing here is real, or what is."""
        pictures = "the pictures are drawn by a demo ComfyUI" if self.demo else f"the pictures come from {self.label}"
        return f"This is a demo: a small Discord on this computer, in which {pictures}."


class Verbs:
    """One method each. Who has not entered may do nothing else."""

    def __init__(
        self, server: DiscordServer, audience: Audience, uploads: Uploads, switches: list[Switch], comfyui: Backend
    ) -> None:
        self._server = server
        self._world = server.world
        self._audience = audience
        self._uploads = uploads
        self._switches = switches
        self._comfyui = comfyui
        self._verbs: dict[str, Verb] = {
            "history": self.history,
            "say": self.say,
            "delete": self.delete,
            "slash": self.slash,
            "complete": self.complete,
            "menu": self.menu,
            "click": self.click,
            "select": self.select,
            "submit": self.submit,
            "close": self.close,
            "locale": self.locale,
            "fault": self.fault,
            "channel_nsfw": self.channel_nsfw,
        }

    async def obey(self, screen: Screen, verb: str, asked: Asked) -> Any:
        """Do it.

        Raises:
            PlaygroundError: nobody could do that.
        """
        if verb == "enter":
            return self.enter(screen, asked)
        if verb not in self._verbs:
            raise PlaygroundError(f"the playground does not know {verb[:40]!r}")
        if screen.user is None:
            raise PlaygroundError("enter first")
        return await self._verbs[verb](screen.user, asked)

    def enter(self, screen: Screen, asked: Asked) -> Json:
        """Everything that this user sees; from here on the window is told what changes.

        Who is of no known id is found by name, as somebody was in a demo before this one; else it is the first user.
        """
        users = self._server.users
        if not users:
            raise PlaygroundError("there is nobody here yet")
        of_id = [user for user in users if str(user.id) == asked.any("user")]
        user = (of_id or [user for user in users if user.display_name == asked.any("name")] or users)[0]
        seen = self._everything(user)
        screen.enter(user)
        return seen

    async def history(self, user: User, asked: Asked) -> list[Json]:
        before = asked.id("before") if asked.has("before") else None
        return view.history(user, self._channel(user, asked), before)

    async def say(self, user: User, asked: Asked) -> Json:
        files = [self._uploads.look(key) for key in asked.list("files")]
        answered = self._message(user, asked, "reply_to") if asked.has("reply_to") else None
        said = await user.say(self._channel(user, asked), asked.text("content", ""), *files, reply_to=answered)
        self._uploads.sent(files)
        return {"message": str(said.id)}

    async def delete(self, user: User, asked: Asked) -> None:
        await user.delete(self._message(user, asked))

    async def slash(self, user: User, asked: Asked) -> Json:
        command, place, filling = self._command(user, asked)
        options = filling.options(command, asked.table("options"))
        return self._sent(await user.slash(place, command, **options), filling)

    async def complete(self, user: User, asked: Asked) -> list[Json]:
        """The choices for what is being typed; none when the bot does not answer in time."""
        command, place, filling = self._command(user, asked)
        focused, value = asked.text("focused"), asked.text("value", "")
        others = {name: given for name, given in asked.table("options").items() if name != focused}
        options = filling.options(command, others, typing=True)
        try:
            choices = await user.complete(
                place, command, options, focused=focused, value=value, timeout=COMPLETION_SECONDS
            )
        except TimeoutError:
            return []
        return [view.choice(choice, user.locale) for choice in choices]

    async def menu(self, user: User, asked: Asked) -> Json:
        name = asked.text("command")
        if asked.has("message"):
            return self._sent(await user.context_menu(self._message(user, asked), name))
        target = self._user(asked.id("target_user"))
        return self._sent(await user.context_menu(target, name, channel=self._channel(user, asked)))

    async def click(self, user: User, asked: Asked) -> Json:
        message = self._message(user, asked)
        return self._sent(await user.click(message, custom_id=asked.text("custom_id")))

    async def select(self, user: User, asked: Asked) -> Json:
        message = self._message(user, asked)
        values = texts(asked.list("values"), "values")
        return self._sent(await user.select(message, asked.text("custom_id"), values))

    async def submit(self, user: User, asked: Asked) -> Json:
        opened = self._form(user, asked)
        if self._world.sending(opened):
            raise PlaygroundError("the form is on its way already")
        filling = Filling(self._world, user, opened.channel, self._uploads)
        return self._sent(await user.submit(opened, filling.form(opened, asked.table("values"))), filling)

    async def close(self, user: User, asked: Asked) -> None:
        user.close(self._form(user, asked))

    async def locale(self, user: User, asked: Asked) -> Json:
        user.speak(asked.text("locale"))
        return self._everything(user)

    async def fault(self, user: User, asked: Asked) -> None:
        name = asked.text("name")
        switch = next((switch for switch in self._switches if switch.name == name), None)
        if switch is None:
            raise PlaygroundError(f"there is no switch {name[:40]!r}")
        try:
            await switch.flip(asked.any("value"))
        finally:
            self._audience.changed_faults()

    async def channel_nsfw(self, user: User, asked: Asked) -> None:
        place = self._channel(user, asked)
        if not place.in_guild or place.parent is not None:
            raise PlaygroundError("only a channel of the server can be age-restricted")
        place.restrict(asked.flag("nsfw"))

    def _everything(self, user: User) -> Json:
        direct = user.dm
        found = [place for place in self._world.channels.values() if user.finds(place)]
        return {
            "user": view.user(user),
            "users": [view.user(one) for one in self._server.users],
            "bot": view.bot(self._server),
            "guild": {"id": str(self._world.guild.id), "name": self._world.guild.name},
            "channels": view.channels(user),
            "commands": view.commands(user),
            "messages": {str(place.id): view.history(user, place) for place in found},
            "modals": [view.modal(opened) for opened in self._world.forms.values() if opened.user is user],
            "faults": [switch.shown for switch in self._switches],
            "comfyui": {"label": self._comfyui.label, "demo": self._comfyui.demo},
            "notice": self._comfyui.notice,
            "limits": {"file": self._world.file_limit(direct, user), "content": CONTENT},
            "locales": sorted(LOCALES),
        }

    def _user(self, user_id: int) -> User:
        found = next((user for user in self._server.users if user.id == user_id), None)
        if found is None:
            raise PlaygroundError("there is nobody of that id")
        return found

    def _channel(self, user: User, asked: Asked) -> Channel:
        found = self._world.channels.get(asked.id("channel"))
        if found is None or not user.finds(found):
            raise PlaygroundError("that channel is not there")
        return found

    def _message(self, user: User, asked: Asked, key: str = "message") -> Message:
        """What others alone see does not exist."""
        found = self._world.message(asked.id(key))
        if found is None or not user.may_read(found):
            raise PlaygroundError("the message is gone")
        return found

    def _form(self, user: User, asked: Asked) -> Interaction:
        opened = self._world.forms.get(snowflake(asked.any("interaction"), "interaction"))
        if opened is None or opened.user is not user:
            raise PlaygroundError("that form is no longer open")
        return opened

    def _command(self, user: User, asked: Asked) -> tuple[str, Channel, Filling]:
        place = self._channel(user, asked)
        command = asked.text("command").strip()
        if not command:
            raise PlaygroundError("a command has a name")
        return command, place, Filling(self._world, user, place, self._uploads)

    def _sent(self, interaction: Interaction, filling: Filling | None = None) -> Json:
        if filling is not None:
            self._uploads.sent(filling.used)
        return {"interaction": str(interaction.id)}
