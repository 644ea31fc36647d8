"""How a job ended → whoever asked for it: once, on the job's message or wherever else it can still be said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.draft import summary_of
from bot.ending import ending, prepared
from bot.errors import NOT_TAKEN, UNCHANGEABLE, passes
from bot.parcels import Delivery
from bot.pieces import Piece, as_before, missing, pieces_of, prefix_of, stem_of
from bot.target import JobMessage
from bot.ui import embeds
from core.jobs.models import Job, JobState, Origin
from utils.language import phrase, say
from utils.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.client import ComfyUIBot

log = get_logger(__name__)

#: How many messages back the bot looks for what it may have posted before it was stopped.
_LOOK_BACK = 300
_TOO_LARGE = 413
_CLOSED = (discord.NotFound, discord.Forbidden)

_NOT_TAKEN = phrase("Discord does not take the result; it is kept by the bot's owner.")
_REST_NOT_TAKEN = phrase("Discord does not take all of the result; the rest is kept by the bot's owner.")
_GONE = phrase("The message is gone or closed to the bot.")
_NO_WAY = phrase("The message is gone or closed to the bot, and so are direct messages.")


class Courier:
    """Tells how one job ended; to be closed afterwards.

    Args:
        message: the job's.
        resumed: an earlier process may have told some of it.
    """

    def __init__(self, bot: ComfyUIBot, job: Job, message: JobMessage, *, resumed: bool) -> None:
        self._bot = bot
        self._job = job
        self._message = message
        self._ledger = bot.engine.jobs.ledger
        self._summary = summary_of(job)
        self._unsure = resumed
        # A message without an interaction was posted by an earlier process, as the whole end.
        self._told = resumed and message.origin.application_id is None
        self._asked_in: str | None = None
        self._limit = message.filesize_limit
        self._delivery: Delivery | None = None
        self._begun: Delivery | None = None  # of which the first request is posted

    async def bring(self) -> None:
        """Turn the job's message into its end, post what does not go into it, and write down that it was told.

        After a fault that `passes` it may be called again, and goes on where it was.

        Raises:
            discord.HTTPException, aiohttp.ClientError, OSError: such a fault; nothing is settled.
        """
        while True:
            try:
                if not self._told:
                    await self._tell()
                self._told = True
                await self._tell_rest()
            except NOT_TAKEN as exc:
                self._unsure = True  # it may be the reply only that was lost
                if passes(exc):
                    raise
                if not self._lower_limit(exc):
                    await self._keep(exc)
                    return
            else:
                await self._ledger.delivered(self._job)
                log.info("end told", job=self._job.id, state=self._job.state)
                return

    def close(self) -> None:
        """Let go of the files that were made to be posted."""
        if self._delivery is not None:
            self._delivery.made.close()

    # The job's message

    async def _tell(self) -> None:
        if not self._message.reachable and self._job.state is not JobState.CANCELLED:
            await self._tell_in_private()
            return
        if self._unsure and self._message.old and await self._adopt(self._message.channel):
            return
        try:
            await self._message.edit(content=None, **await self._fields())
        except discord.HTTPException as exc:
            if exc.code in UNCHANGEABLE:
                await self._tell_anew(self._message.channel)
            elif self._job.state is JobState.CANCELLED:
                raise
            elif not self._message.reachable or (isinstance(exc, _CLOSED) and not passes(exc)):
                log.info("end told in private", job=self._job.id, detail=repr(exc))
                await self._tell_in_private()
            else:
                raise

    async def _tell_in_private(self) -> None:
        self._asked_in = self._asked_in or self._place()
        if self._limit > discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES:
            self._prepare_for(discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES)
        await self._tell_anew(await self._bot.create_dm(discord.Object(self._job.owner)))

    async def _tell_anew(self, channel: discord.abc.Messageable) -> None:
        """In a message that takes the place of the job's."""
        if self._unsure and await self._adopt(channel):
            return
        fields = await self._fields()
        files: Callable[[], list[discord.File]] = fields.pop("files")
        reference = None if self._asked_in is not None else self._message.reference
        await self._move_to(await channel.send(**fields, files=files(), **self._nonce(0), **_reply(reference)))

    async def _adopt(self, channel: discord.abc.Messageable) -> bool:
        """Take such a message for the job's that was posted before, where there is one."""
        found = next((message for message in await self._own_messages(channel) if message.embeds), None)
        if found is not None:
            await self._move_to(found)
        return found is not None

    async def _move_to(self, message: discord.Message) -> None:
        guild_id = None if self._asked_in is not None else self._message.origin.guild_id
        former = self._message.origin
        self._message.origin = Origin(
            message.channel.id, guild_id, message.id, private=former.private, locale=former.locale
        )
        await self._ledger.moved(self._job, self._message.origin)

    async def _fields(self, *, remark: str | None = None) -> dict[str, Any]:
        """The message as it is to be: embed, view, and what makes its files."""
        fields = ending(self._bot, self._job, await self._prepared(), remark=remark)
        if self._asked_in is not None:
            embeds.add_origin(fields["embed"], self._asked_in, self._job.id)
        return fields

    async def _prepared(self) -> Delivery:
        if self._delivery is None:
            delivery = await prepared(self._bot, self._job, self._limit)
            self._delivery = delivery if self._begun is None else as_before(delivery, self._begun)
        return self._delivery

    def _prepare_for(self, limit: int) -> None:
        """What was made under another limit is given up."""
        self.close()
        if self._told:
            self._begun = self._begun or self._delivery
        self._limit, self._delivery = limit, None

    def _lower_limit(self, exc: Exception) -> bool:
        """Whether files were too large for a limit that was not known, and there is a lower one to try."""
        if not isinstance(exc, discord.HTTPException) or exc.status != _TOO_LARGE or self._job.result is None:
            return False
        known = (self._message.own_filesize_limit, discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES)
        lower = max((limit for limit in known if limit < self._limit), default=None)
        if lower is not None:
            self._prepare_for(lower)
        return lower is not None

    # What follows upon it

    async def _tell_rest(self) -> None:
        if self._job.result is None:
            return
        pieces = pieces_of(self._job.id, await self._prepared())
        if pieces and self._unsure:
            posted = await self._own_messages(self._message.channel)
            if not {message.id for message in posted}.issuperset(self._job.messages):
                pieces = pieces[len(self._job.messages) :]  # some were deleted since, or may not be read
            pieces = list(missing(pieces, posted))
        for piece in pieces:
            await self._ledger.posted(self._job, await self._post(piece))

    async def _post(self, piece: Piece) -> int:
        """As the bot's own message, which Discord takes once; by the interaction's token, or in private, where it may
        not post.
        """
        message, nonce = self._message, self._nonce(piece.number)
        if not message.origin.fleeting:
            try:
                reply = _reply(message.reference)
                return (await message.channel.send(piece.content, files=piece.open(), **nonce, **reply)).id
            except discord.HTTPException as exc:
                closed = isinstance(exc, _CLOSED) and not passes(exc)
                if not (closed or (message.has_token and exc.status == _TOO_LARGE)):
                    raise
        if message.has_token:
            try:
                return await message.follow_up(files=piece.open, content=piece.content)
            except discord.HTTPException as exc:
                if passes(exc) or exc.status == _TOO_LARGE:
                    raise
        content = piece.content or say("The rest of what was asked for in {place}.", place=self._place())
        private = await self._bot.create_dm(discord.Object(self._job.owner))
        return (await private.send(content, files=piece.open(), **nonce)).id

    async def _own_messages(self, channel: discord.abc.Messageable) -> list[discord.Message]:
        """What was posted for the job beside its message, as far as it may be read."""

        def ours(message: discord.Message) -> bool:
            if message.author != self._bot.user or message.id == self._message.origin.message_id:
                return False
            reference = message.reference
            return (
                message.id in self._job.messages
                or (reference is not None and reference.message_id == self._message.origin.message_id)
                or any(stem_of(file.filename).startswith(prefix_of(self._job.id)) for file in message.attachments)
                or any(embeds.is_from(embed, self._job.id) for embed in message.embeds)
            )

        try:
            return [message async for message in channel.history(limit=_LOOK_BACK) if ours(message)]
        except _CLOSED as exc:
            if passes(exc):
                raise
            return []

    def _nonce(self, number: int) -> dict[str, Any]:
        """What a message is sent with so that Discord takes it once within some minutes; at most 25 characters."""
        return {"nonce": f"{self._job.id.replace('-', '')[:20]}-{number}"}

    # Where it cannot be told

    async def _keep(self, exc: Exception) -> None:
        """It stays in the history, with a reason."""
        files = [str(file.path) for file in self._job.result.files] if self._job.result is not None else []
        log.warning("end not told", job=self._job.id, state=self._job.state, files=files, detail=repr(exc))
        if isinstance(exc, _CLOSED) and not self._told:
            await self._ledger.kept(self._job, _GONE if self._job.state is JobState.CANCELLED else _NO_WAY)
            return
        reason = _REST_NOT_TAKEN if self._told else _NOT_TAKEN
        try:
            if self._told:
                fields = await self._fields(remark=reason)
                await self._message.edit(embed=fields["embed"])
            else:
                embed = embeds.failure(self._summary, reason)
                await self._message.edit(embed=embed, view=None, content=None, files=tuple)
        except NOT_TAKEN as again:
            log.info("nothing said of it", job=self._job.id, detail=repr(again))
        await self._ledger.kept(self._job, reason)

    def _place(self) -> str:
        """Where the job was asked for, in words; nothing is linked that may be gone."""
        origin = self._message.origin
        guild = self._bot.get_guild(origin.guild_id) if origin.guild_id is not None else None
        channel = guild.get_channel_or_thread(origin.channel_id) if guild is not None else None
        if guild is None:
            # Translators: stands in "Asked for in {place}, where it cannot be shown."
            return say("another channel")
        if channel is None:
            return guild.name
        # Translators: a channel of a server: #general in Foxes
        return say("{channel} in {guild}", channel=f"#{channel.name}", guild=guild.name)


def _reply(reference: discord.MessageReference | None) -> dict[str, Any]:
    return {} if reference is None else {"reference": reference}
