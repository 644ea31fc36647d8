"""What of a result does not go into the job's message, and how it is known again where it was posted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

import discord

from bot.parcels import VEIL, Delivery, Parcel
from bot.ui.embeds import plain

_MAX_TEXT = 1900


@dataclass(frozen=True, slots=True)
class Piece:
    """A message that follows upon the job's own: files, or one text, which is a file when it is long.

    Attributes:
        number: from 1, in order.
    """

    number: int
    parcels: tuple[Parcel, ...] = ()
    content: str | None = None
    document: tuple[str, str] | None = None

    @property
    def names(self) -> set[str]:
        """Of its files, without their extensions: how they are encoded depends on the limit of the moment."""
        named = [parcel.filename for parcel in self.parcels] + ([self.document[0]] if self.document else [])
        return {stem_of(name) for name in named}

    def open(self) -> list[discord.File]:
        """Its files, to be sent once."""
        files = [parcel.open() for parcel in self.parcels]
        if self.document is not None:
            name, text = self.document
            files.append(discord.File(io.BytesIO(text.encode()), filename=name))
        return files


def prefix_of(job_id: str) -> str:
    """How the names of all files begin that are posted for a job."""
    return f"discomfy_{job_id[:8]}_"


def stem_of(filename: str) -> str:
    """The name of a file that was posted, as far as it does not depend on the configuration of then."""
    return PurePath(filename).stem.removeprefix(VEIL)


def pieces_of(job_id: str, delivery: Delivery) -> list[Piece]:
    """The messages that follow upon the first request of a delivery."""
    pieces = [Piece(number, parcels) for number, parcels in enumerate(delivery.requests[1:], 1)]
    for number, text in enumerate(delivery.texts, len(pieces) + 1):
        shown = plain(text, _MAX_TEXT + 1).strip()
        if len(shown) <= _MAX_TEXT:
            pieces.append(Piece(number, content=shown))
        else:
            pieces.append(Piece(number, document=(f"{prefix_of(job_id)}text{number}.txt", text)))
    return pieces


def as_before(delivery: Delivery, before: Delivery) -> Delivery:
    """A delivery in the requests of an earlier one of the same result, some of which may be posted already."""
    parcels = [parcel for request in delivery.requests for parcel in request]
    names = [{stem_of(parcel.filename) for parcel in request} for request in before.requests]
    together = (tuple(parcel for parcel in parcels if stem_of(parcel.filename) in group) for group in names)
    return replace(delivery, requests=tuple(together))


def missing(pieces: Iterable[Piece], posted: Iterable[discord.Message]) -> Iterator[Piece]:
    """What of the pieces is in none of the messages that were posted for the job."""
    messages = list(posted)
    names = {stem_of(file.filename) for message in messages for file in message.attachments}
    texts = [message.content for message in messages]
    for piece in pieces:
        if piece.content is not None:
            if piece.content in texts:
                texts.remove(piece.content)
            else:
                yield piece
        elif not piece.names <= names:
            yield replace(piece, parcels=tuple(p for p in piece.parcels if stem_of(p.filename) not in names))
