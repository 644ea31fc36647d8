"""Results → what of them is posted: files under the real limit, in the requests that they go in."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import discord

from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind
from core.generators.base import GenerationResult

MAX_FILES = 10
#: Discord takes 25 MiB a request; some of it is not files.
MAX_REQUEST = 24 * 1024 * 1024
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
