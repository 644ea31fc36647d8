"""An interaction: what a user did, and all that became of it."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.discord import wire
from playground.discord.limits import ANSWER_SECONDS, TOKEN_SECONDS
from playground.discord.message import Message, Origin
from playground.discord.model import Account, Channel
from playground.discord.permissions import MEMBER
from playground.discord.protocol import Callback, CommandKind, InteractionKind, Json

if TYPE_CHECKING:
    from playground.discord.modal import Modal
    from playground.discord.world import World


@dataclass(eq=False)
class Interaction:
    """Both Discord's record of it and the handle that a test holds. ``form_of`` opened the form that this one sends."""

    world: World = field(repr=False)
    kind: InteractionKind
    user: Account
    channel: Channel
    data: Json
    source: Message | None = None
    trigger: Origin | None = None
    form_of: Interaction | None = None
    id: int = field(init=False)
    token: str = field(init=False)
    created_at: float = field(init=False)
    response_type: Callback | None = None
    answered_at: float | None = None
    modal: Modal | None = None
    choices: list[Json] | None = None
    late: bool = False
    original_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    seen_states: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.id = self.world.ids.next()
        # Discord's have this shape too, and programs may tell them by it.
        shape = f"interaction:{self.id}:{secrets.token_urlsafe(48)}"
        self.token = urlsafe_b64encode(shape.encode()).decode().strip("=")
        self.created_at = self.world.clock.time()
        self.seen_states = 0 if self.source is None else self.world.histories.count(self.source.id)

    @property
    def name(self) -> str:
        """What a person calls it: ``/generate``, or the custom id of a button or form."""
        if "name" not in self.data:
            return str(self.data["custom_id"])
        return f"/{self.data['name']}" if self.data["type"] == CommandKind.SLASH else str(self.data["name"])

    @property
    def expired(self) -> bool:
        """Whether the 3 s for the first answer are over."""
        return self.world.clock.time() > self.created_at + ANSWER_SECONDS

    @property
    def token_expired(self) -> bool:
        return self.world.clock.time() > self.created_at + TOKEN_SECONDS

    @property
    def failed(self) -> bool:
        """The user reads "did not respond": there was no answer in time."""
        return self.response_type is None and (self.late or self.expired)

    @property
    def message(self) -> Message | None:
        """The message that it stands for, as it is now: its answer, or the clicked one if the answer edits that."""
        return None if self.original_id is None else self.world.message(self.original_id)

    @property
    def edits(self) -> tuple[Message, ...]:
        """Every state of ``message`` since the interaction."""
        if self.original_id is None:
            return ()
        is_source = self.source is not None and self.original_id == self.source.id
        return tuple(self.world.history(self.original_id, self.seen_states if is_source else 0))

    @property
    def followups(self) -> tuple[Message, ...]:
        """Those that are still there, as they are now."""
        found = (self.world.message(message_id) for message_id in self.followup_ids)
        return tuple(message for message in found if message is not None)

    async def answered(self, timeout: float = 30.0) -> Interaction:
        """Wait for the first callback.

        Raises:
            TimeoutError: there was none.
        """
        await self.world.pulse.until(lambda: self.response_type is not None, timeout, self._seen)
        return self

    async def until(self, predicate: Callable[[Message], bool], timeout: float = 30.0) -> Message:
        """Wait for a state of ``message`` that fits; one that is past already counts. The first such."""

        def fitting() -> Message | None:
            return next((state for state in self.edits if predicate(state)), None)

        found = await self.world.pulse.until(fitting, timeout, self._seen)
        assert found is not None
        return found

    def origin(self) -> Origin:
        """For the messages that answer it."""
        return Origin(
            self.id,
            int(self.kind),
            self.user,
            str(self.data.get("name", "")),
            original_id=self.original_id,
            trigger=self.trigger,
            clicked_id=self.source.id if self.kind is InteractionKind.COMPONENT and self.source else None,
        )

    def payload(self) -> Json:
        """INTERACTION_CREATE."""
        world, channel = self.world, self.channel
        member = wire.full_member(self.user)
        app_permissions = channel.bot_permissions if channel.in_guild else MEMBER
        body: Json = {
            "id": str(self.id),
            "application_id": str(world.application_id),
            "type": int(self.kind),
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(channel.id),
            "channel": wire.channel(channel, world.bot),
            "app_permissions": str(int(app_permissions)),
            "locale": self.user.locale,
            "entitlements": [],
            "authorizing_integration_owners": wire.installers(channel, self.user),
            "context": int(channel.context),
            "attachment_size_limit": world.file_limit(channel, self.user),
        }
        if channel.in_guild:
            body["guild_id"] = str(world.guild.id)
            body["guild"] = {"id": str(world.guild.id), "locale": "en-US", "features": []}
            body["guild_locale"] = "en-US"
            body["member"] = member
        else:
            body["user"] = member["user"]
        if self.source is not None:
            current: Any = world.message(self.source.id) or self.source
            body["message"] = wire.message(current)
        return body

    def _seen(self) -> str:
        answer = "no answer" if self.response_type is None else self.response_type.name
        states = [state.summary for state in self.edits[-3:]]
        return f"{self.user.name}'s {self.name}: {answer}; last states {states}; followups {len(self.followup_ids)}"
