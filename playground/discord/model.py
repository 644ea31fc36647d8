"""People, places and files of the little Discord."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.discord.limits import TIER_FILE_BYTES
from playground.discord.permissions import MEMBER, Permission
from playground.discord.protocol import ChannelKind, Context

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.discord.cdn import Cdn
    from playground.discord.message import Message
    from playground.discord.world import World


#: Of humans, 0xRRGGBB: dark enough for white letters.
COLOURS = (0x4752C4, 0x1F7A4D, 0xA63A50, 0x8A5A00, 0x6B3FA0, 0x0F6E84)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in somebody's hands: what a user attaches, or what a request carried."""

    filename: str
    data: bytes = field(repr=False)


@dataclass(eq=False)
class Account:
    """Anybody with an id: a human or the bot. ``colour`` is 0xRRGGBB."""

    id: int
    name: str
    bot: bool = False
    permissions: Permission = MEMBER
    locale: str = "en-US"
    accepts_dms: bool = True
    attachment_size_limit: int | None = None
    colour: int = 0x6B7280

    @property
    def display_name(self) -> str:
        return self.name if self.bot else self.name.title()

    @property
    def moderator(self) -> bool:
        return bool(self.permissions & (Permission.MANAGE_MESSAGES | Permission.ADMINISTRATOR))


@dataclass(eq=False, slots=True)
class Guild:
    """The one guild. ``premium_tier`` 2 allows files of 50 MiB, 3 of 100 MiB."""

    id: int
    name: str
    premium_tier: int = 0

    @property
    def file_limit(self) -> int:
        """Bytes of a file that its boosts allow; 0 when they add nothing."""
        return TIER_FILE_BYTES.get(self.premium_tier, 0)


@dataclass(eq=False, slots=True)
class Channel:
    """A place for messages."""

    id: int
    name: str
    kind: ChannelKind
    world: World = field(repr=False)
    parent: Channel | None = None
    recipient: Account | None = None
    nsfw: bool = False
    topic: str = ""
    bot_permissions: Permission = MEMBER
    closed_to: set[Account] = field(default_factory=set)

    @property
    def in_guild(self) -> bool:
        return self.kind in (ChannelKind.TEXT, ChannelKind.THREAD)

    @property
    def age_restricted(self) -> bool:
        """A thread is what its parent is."""
        return self.nsfw or (self.parent is not None and self.parent.nsfw)

    @property
    def context(self) -> Context:
        if self.in_guild:
            return Context.GUILD
        return Context.BOT_DM if self.kind is ChannelKind.DM else Context.PRIVATE

    @property
    def messages(self) -> tuple[Message, ...]:
        """What everybody here sees, oldest first."""
        return tuple(m for m in self.world.messages_in(self) if m.viewer is None)

    async def until(self, predicate: Callable[[Message], bool], timeout: float = 30.0) -> Message:
        """Wait for a message here that fits as it is now, ephemeral ones included; the newest such."""

        def fitting() -> Message | None:
            return next((m for m in reversed(self.world.messages_in(self)) if predicate(m)), None)

        def seen() -> str:
            return f"#{self.name} has {[m.summary for m in self.world.messages_in(self)]}"

        found = await self.world.pulse.until(fitting, timeout, seen)
        assert found is not None
        return found

    def set_bot_permissions(self, permissions: Permission) -> None:
        """What the bot may do here from now on; without VIEW_CHANNEL the place is closed to it."""
        self.bot_permissions = permissions
        self.world.announce_channel("CHANNEL_UPDATE", self)

    def restrict(self, nsfw: bool = True) -> None:
        """Make it age-restricted, or open to all."""
        self.nsfw = nsfw
        self.world.announce_channel("CHANNEL_UPDATE", self)

    def close_to(self, account: Account) -> None:
        """Nobody with that account sees the place any more."""
        self.closed_to.add(account)
        self.world.announce_channel("CHANNEL_UPDATE", self)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that Discord keeps. Width and height are pixels, None for what is not a picture."""

    id: int
    channel_id: int
    filename: str
    data: bytes = field(repr=False)
    content_type: str | None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    spoiler: bool = False
    ephemeral: bool = False
    cdn: Cdn = field(repr=False, compare=False, kw_only=True)

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def url(self) -> str:
        """A link signed now; the CDN stops serving it a day later."""
        return self.cdn.link(self)

    async def read(self) -> bytes:
        """Download it, as a client would."""
        return await self.cdn.download(self.url)
