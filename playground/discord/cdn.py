"""Attachments: kept, linked to, served."""

from __future__ import annotations

import hmac
import mimetypes
import re
import secrets
from collections import deque
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp

from playground.discord.clock import as_id
from playground.discord.limits import LINK_SECONDS
from playground.discord.model import Attachment, Upload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from playground.discord.clock import Clock, Snowflakes
    from playground.discord.memory import Memory

_RECENT = 16


class Cdn:
    """Holds files until their message lets go of them.

    Links are signed and expire as Discord's do: ``?ex=<hex seconds>&is=<hex seconds>&hm=<signature>``. The key
    is each one's own: other sites in the same browser may guess an id, but no link.
    """

    def __init__(self, clock: Clock, ids: Snowflakes, memory: Memory) -> None:
        self.base = ""
        self._clock = clock
        self._ids = ids
        self._memory = memory
        self._key = secrets.token_bytes(32)
        self._files: dict[int, Attachment] = {}
        self._loose: deque[Attachment] = deque()
        self._loose_size = 0
        self._dropped: deque[Attachment] = deque(maxlen=_RECENT)

    def keep(
        self,
        upload: Upload,
        channel_id: int,
        *,
        description: str | None = None,
        ephemeral: bool = False,
        spoiler: bool = False,
    ) -> Attachment:
        filename = clean_name(upload.filename)
        width, height = picture_size(upload.data)
        file = Attachment(
            id=self._ids.next(),
            channel_id=channel_id,
            filename=filename,
            data=upload.data,
            content_type=mimetypes.guess_type(filename)[0],
            width=width,
            height=height,
            description=description,
            spoiler=spoiler or filename.startswith("SPOILER_"),
            ephemeral=ephemeral,
            cdn=self,
        )
        self._files[file.id] = file
        return file

    def keep_loose(self, upload: Upload, channel_id: int) -> Attachment:
        """Keep what belongs to no message, the newest such files."""
        file = self.keep(upload, channel_id, ephemeral=True)
        self._loose.append(file)
        self._loose_size += file.size
        while self._loose_size > self._memory.files and len(self._loose) > 1:
            oldest = self._loose.popleft()
            self._loose_size -= oldest.size
            self.drop([oldest])
        return file

    def drop(self, files: Iterable[Attachment]) -> None:
        for file in files:
            if self._files.pop(file.id, None) is not None:
                self._dropped.append(file)

    def link(self, file: Attachment) -> str:
        return f"{self.base}/attachments{self.path(file)}"

    def path(self, file: Attachment, every: int = 1) -> str:
        """The end of a link that is signed now, or as of the last multiple of so many seconds."""
        issued = int(self._clock.time()) // every * every
        expires = f"{issued + int(LINK_SECONDS):x}"
        name = quote(file.filename)
        return f"/{file.channel_id}/{file.id}/{name}?ex={expires}&is={issued:x}&hm={self._sign(file.id, expires)}"

    def serve(self, file_id: int, expires: str, signature: str, *, recent: bool = False) -> Attachment | None:
        """The file, or None when it is gone or the link is forged or too old.

        With ``recent`` one of the last that went will do: a client is about to show it.
        """
        if not hmac.compare_digest(self._sign(file_id, expires).encode(), signature.encode()):
            return None
        if int(expires, 16) < self._clock.time():
            return None
        gone = (file for file in self._dropped if recent and file.id == file_id)
        return self._files.get(file_id) or next(gone, None)

    def linked(self, file_id: str, query: Mapping[str, str], *, recent: bool = False) -> Attachment | None:
        """What a link leads to, by the id in its path and its query."""
        known = as_id(file_id)
        if known is None or "ex" not in query or "hm" not in query:
            return None
        return self.serve(known, query["ex"], query["hm"], recent=recent)

    async def download(self, url: str) -> bytes:
        """What a client gets for a link.

        Raises:
            aiohttp.ClientResponseError: the link is dead.
        """
        async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(url) as response:
            return await response.read()

    def _sign(self, file_id: int, expires: str) -> str:
        return hmac.new(self._key, f"{file_id}:{expires}".encode(), sha256).hexdigest()


def clean_name(name: str) -> str:
    """A file name as Discord keeps it: no folders, nothing but letters, digits, ``_``, ``.`` and ``-``."""
    cleaned = re.sub(r"[^\w.\-]", "_", name.replace("\\", "/").rsplit("/", 1)[-1])
    return cleaned if cleaned.strip(".") else "unknown"  # one of dots alone would be a folder in its link


def picture_size(data: bytes) -> tuple[int | None, int | None]:
    """Pixels by its header; None for what is not a picture, as Discord leaves the two out then."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data)) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None, None
