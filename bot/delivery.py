"""Results → the message: files under the real limits, embed, buttons."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import aiohttp
import discord

from bot.target import JobMessage
from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind
from core.generators.base import GenerationResult

MAX_FILES = 10
#: Discord takes 25 MiB a request; some of it is not files.
MAX_REQUEST = 24 * 1024 * 1024
_MAX_TEXT = 1900
_ATTEMPTS = 5
_PASSING = (discord.DiscordServerError, aiohttp.ClientError, ConnectionError, TimeoutError)


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
    """What of a result can be posted, and a sentence about what cannot as it is."""

    parcels: tuple[Parcel, ...]
    remark: str | None = None

    @property
    def picture(self) -> str | None:
        """The name of the one picture to show large; None for several, or none."""
        pictures = [p for p in self.parcels if p.source.kind in (MediaKind.IMAGE, MediaKind.ANIMATION)]
        return pictures[0].filename if len(self.parcels) == len(pictures) == 1 else None


async def prepare(result: GenerationResult, limit: int) -> Delivery:
    """Make every file fit under ``limit`` bytes; pictures are encoded anew where they must, in a thread."""
    parcels: list[Parcel] = []
    shrunk = left_out = 0
    for number, file in enumerate(result.files, 1):
        name = f"discomfy_{result.prompt_id[:8]}_{number}"
        if file.size <= limit:
            parcels.append(Parcel(name + file.path.suffix, file.size, file))
            continue
        parcel = await _shrink(file, name, limit) if file.kind is MediaKind.IMAGE else None
        if parcel is None:
            left_out += 1
        else:
            shrunk += 1
            parcels.append(parcel)
    return Delivery(tuple(parcels), _remark(shrunk, left_out))


async def deliver(
    message: JobMessage, delivery: Delivery, texts: Iterable[str], *, embed: discord.Embed, view: discord.ui.View | None
) -> None:
    """Turn the progress message into the result; what does not fit into one request follows in further messages.

    Raises:
        discord.HTTPException: Discord does not take it.
    """
    import stamina  # costs a tenth of the bot's start, and is needed with the first result only

    first, *further = list(_requests(delivery.parcels)) or [()]
    # An edit may be repeated, also when only its answer was lost; discord.py does not repeat all that passes.
    async for attempt in stamina.retry_context(on=_PASSING, attempts=_ATTEMPTS, wait_initial=0.5, wait_max=10.0):
        with attempt:
            await message.edit(embed=embed, files=lambda: [parcel.open() for parcel in first], view=view)
    for parcels in further:
        await message.add(files=lambda parcels=parcels: [parcel.open() for parcel in parcels])
    for text in texts:
        shown = discord.utils.escape_markdown(text)
        if len(shown) <= _MAX_TEXT:
            await message.add(content=shown)
        else:
            await message.add(files=lambda text=text: [discord.File(io.BytesIO(text.encode()), filename="text.txt")])


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
