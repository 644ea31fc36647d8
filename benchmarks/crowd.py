"""People who want pictures: they ask, wait, delete, cancel, try again, and ask once more where nobody answered."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random

from playground.discord import Channel, DiscordServer, Interaction, Message, Permission, User

PICTURE, ALBUM = "picture", "album"
RETRY = "Retry"
RED = 0xED4245
#: Seconds until somebody gives up waiting. What becomes of the job is looked at all the same.
_ANSWER, _THINKING, _RESULT = 4.0, 30.0, 90.0
_MOST_ASKED = 20


class Whim(Enum):
    """What somebody does beside asking for a picture and waiting."""

    NOTHING = auto()
    ALBUM = auto()
    CANCEL = auto()
    DELETE = auto()


#: How many of a hundred do.
_WHIMS = {Whim.NOTHING: 80, Whim.ALBUM: 8, Whim.CANCEL: 6, Whim.DELETE: 6}


class Ask:
    """One /generate; no other has its prompt. ``at`` is in seconds since the epoch."""

    def __init__(self, user: User, place: Channel, prompt: str, interaction: Interaction) -> None:
        self.user, self.place, self.prompt, self.interaction = user, place, prompt, interaction
        self.at = time.time()

    @property
    def message(self) -> Message | None:
        return self.interaction.message

    @property
    def ended(self) -> bool:
        """Whether how it ended can be read, or nothing can any more."""
        message = self.message
        return message is None or bool(message.attachments) or is_red(message)


def is_red(message: Message) -> bool:
    return message.embed is not None and message.embed.get("color") == RED


@dataclass(slots=True)
class Crowd:
    """Everybody, and what they did.

    Args:
        seed: all that they draw depends on it.
        users: how many there are. One of twenty takes no direct messages.

    Attributes:
        asks: every /generate.
        deleted: messages that somebody deleted.
        retries, cancels: how often these were asked for.
    """

    discord: DiscordServer
    seed: int
    users: int
    asks: list[Ask] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    retries: int = 0
    cancels: int = 0

    def __post_init__(self) -> None:
        for number in range(self.users):
            user = self.discord.user(f"user{number}")
            user.permissions |= Permission.MANAGE_MESSAGES
            user.accepts_dms = number % 20 != 19

    async def wish(self, number: int) -> None:
        """One picture for somebody, however often it must be asked for."""
        rng = Random(f"{self.seed} wish {number}")
        user = self.discord.user(f"user{number % self.users}")
        place = user.dm if rng.random() < 0.15 else self.discord.channel(f"studio{rng.randrange(8)}")
        whim = rng.choices(list(_WHIMS), list(_WHIMS.values()))[0]
        workflow = ALBUM if whim is Whim.ALBUM else PICTURE
        for attempt in range(_MOST_ASKED):
            await self.discord.until_connected(120.0)
            ask = await self.ask(user, place, f"wish {number}.{attempt}", workflow)
            if await self._seen_through(ask, whim, rng):
                return
            await asyncio.sleep(rng.uniform(0.5, 2.0))

    async def ask(self, user: User, place: Channel, prompt: str, workflow: str = PICTURE) -> Ask:
        """Type /generate."""
        ask = Ask(user, place, prompt, await user.slash(place, "generate", prompt=prompt, workflow=workflow))
        self.asks.append(ask)
        return ask

    async def _seen_through(self, ask: Ask, whim: Whim, rng: Random) -> bool:
        """Whether it need not be asked for again."""
        if not await self._answered(ask.interaction):
            return False
        if whim in (Whim.DELETE, Whim.CANCEL):
            await asyncio.sleep(rng.uniform(0.0, 1.5))
            if whim is Whim.CANCEL:
                await self._cancel(ask)
            elif await self._delete(ask):
                return True
        while await self._until_ended(ask):
            message = ask.message
            if message is None or message.attachments:
                return True
            if all(button["label"] != RETRY for button in message.buttons):
                return whim is Whim.CANCEL
            await self._retry(ask, message, clicks=2 if rng.random() < 0.3 else 1)
        return ask.message is not None and not ask.message.thinking

    async def _answered(self, interaction: Interaction) -> bool:
        try:
            await interaction.answered(_ANSWER)
        except TimeoutError:
            return False
        return True

    async def _until_ended(self, ask: Ask) -> bool:
        """False when nothing was to be seen for long, or there is no end in sight."""
        try:
            await self.discord.until(lambda: ask.message is None or not ask.message.thinking, _THINKING)
            await self.discord.until(lambda: ask.ended, _RESULT)
        except TimeoutError:
            return False
        return True

    async def _delete(self, ask: Ask) -> bool:
        message = ask.message
        if message is None or message.thinking or not ask.place.in_guild:
            return False
        self.deleted.add(message.id)
        await ask.user.delete(message)
        return True

    async def _cancel(self, ask: Ask) -> None:
        """One of the user's jobs."""
        self.cancels += 1
        try:
            offered = await ask.user.autocomplete(ask.place, "cancel", focused="job", value="")
        except TimeoutError:
            return
        if offered:
            await self._answered(await ask.user.slash(ask.place, "cancel", job=offered[0]["value"]))

    async def _retry(self, ask: Ask, message: Message, *, clicks: int) -> None:
        """Return when the message shows something else, or the bot did not hear."""
        self.retries += 1
        for click in [await ask.user.click(message, RETRY) for _ in range(clicks)]:
            await self._answered(click)
        try:
            await self.discord.until(lambda: ask.message != message, _ANSWER)
        except TimeoutError:
            return
