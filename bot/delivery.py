"""Results → the message: files, embed, buttons."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Iterable, Sequence

import aiohttp
import discord

from bot.parcels import Delivery, Parcel
from bot.target import JobMessage
from bot.ui.embeds import plain

_MAX_TEXT = 1900
_ATTEMPTS = 5
_PASSING = (discord.DiscordServerError, aiohttp.ClientError, ConnectionError, TimeoutError)


async def deliver(
    message: JobMessage, delivery: Delivery, *, embed: discord.Embed, view: discord.ui.View | None
) -> None:
    """Turn the progress message into the result, with the files of the first request.

    Raises:
        errors.NOT_TAKEN: Discord does not take it, or cannot be reached.
    """
    files = _opener(delivery.requests[0] if delivery.requests else ())
    await _insist(lambda: message.edit(embed=embed, files=files, view=view, content=None))


async def deliver_rest(message: JobMessage, delivery: Delivery) -> None:
    """What does not fit into one request follows in further messages; raises as `deliver`."""
    for parcels in delivery.requests[1:]:
        await _insist(lambda parcels=parcels: message.add(files=_opener(parcels)))
    for text in delivery.texts:
        shown = plain(text, _MAX_TEXT + 1)
        if len(shown) <= _MAX_TEXT:
            await _insist(lambda shown=shown: message.add(content=shown))
        else:
            await _insist(lambda text=text: message.add(files=lambda: [_as_file(text)]))


async def _insist(send: Callable[[], Awaitable[None]]) -> None:
    """Send, and again after what passes: an edit may be repeated, and a file twice is better than none."""
    import stamina  # costs a tenth of the bot's start, and is needed with the first result only

    async for attempt in stamina.retry_context(on=_PASSING, attempts=_ATTEMPTS, wait_initial=0.5, wait_max=10.0):
        with attempt:
            await send()


def _opener(parcels: Iterable[Parcel]) -> Callable[[], Sequence[discord.File]]:
    return lambda: [parcel.open() for parcel in parcels]


def _as_file(text: str) -> discord.File:
    return discord.File(io.BytesIO(text.encode()), filename="text.txt")
