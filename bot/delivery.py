"""Results → the message: files under the real limits, embed, buttons."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import aiohttp
import discord

from bot.target import JobMessage
from bot.ui.embeds import plain
from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind
from core.generators.base import GenerationResult

MAX_FILES = 10
#: Discord takes 25 MiB a request; some of it is not files.
MAX_REQUEST = 24 * 1024 * 1024
_MAX_TEXT = 1900
_ATTEMPTS = 5
_PASSING = (discord.DiscordServerError, aiohttp.ClientError, ConnectionError, TimeoutError)
#: What Discord's clients show inside an embed.
_SHOWN = (".png", ".jpg", ".jpeg", ".webp", ".gif")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file that may be posted: where its bytes are, and what it is called there."""

    filename: str
    size: int
    source: ResultFile
    data: bytes | None = None

    def open(self) -> discord.File:
        return discord.File(self.source.path if self.data is None else io.BytesIO(self.data), filename=self.filename)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What of a result is posted, and a sentence about what cannot be as it is.

    Attributes:
        requests: the files in order, as many together as Discord takes in one request.
    """

    requests: tuple[tuple[Parcel, ...], ...]
    texts: tuple[str, ...] = ()
    remark: str | None = None

    @property
    def picture(self) -> str | None:
        """The name of the one picture to show large; None for several, or none."""
        parcels = [parcel for request in self.requests for parcel in request]
        if len(parcels) != 1 or not parcels[0].filename.endswith(_SHOWN):
            return None
        return parcels[0].filename


async def prepare(result: GenerationResult, limit: int) -> Delivery:
    """Make every file fit under ``limit`` bytes; pictures are encoded anew where they must, in a thread."""
    parcels: list[Parcel] = []
    shrunk = left_out = 0
    for number, file in enumerate(result.files, 1):
        name = f"discomfy_{result.prompt_id[:8]}_{number}"
        if file.size <= limit:
            parcels.append(Parcel(name + file.path.suffix.lower(), file.size, file))
            continue
        parcel = await _shrink(file, name, limit) if file.kind is MediaKind.IMAGE else None
        if parcel is None:
            left_out += 1
        else:
            shrunk += 1
            parcels.append(parcel)
    texts = tuple(text for text in result.texts if text.strip())
    return Delivery(tuple(_requests(parcels)), texts, _remark(shrunk, left_out))


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


async def _shrink(file: ResultFile, name: str, limit: int) -> Parcel | None:
    from core.media.fit import fit_image

    fitted = await asyncio.to_thread(fit_image, file.path, limit)
    return None if fitted is None else Parcel(name + fitted[1], len(fitted[0]), file, fitted[0])


def _remark(shrunk: int, left_out: int) -> str | None:
    parts = []
    if shrunk:
        parts.append("Shown smaller than it is to fit Discord's limit; the original is kept by the bot.")
    if left_out:
        parts.append(f"{left_out} of the files are too large for Discord and are kept by the bot's owner.")
    return " ".join(parts) or None


def _requests(parcels: Iterable[Parcel]) -> Iterator[tuple[Parcel, ...]]:
    """The files in order, as many a request as Discord takes."""
    group: list[Parcel] = []
    size = 0
    for parcel in parcels:
        if group and (len(group) == MAX_FILES or size + parcel.size > MAX_REQUEST):
            yield tuple(group)
            group, size = [], 0
        group.append(parcel)
        size += parcel.size
    if group:
        yield tuple(group)
