"""Results → what of them is posted: files under the real limit, in the requests that they go in."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import discord

from core.media.posting import Change, NotPosted, Posting, Reason
from core.media.worker import in_worker
from utils.language import Phrase, phrase, phrase_n, together, told
from utils.logging import get_logger

if TYPE_CHECKING:
    from config.models import BotConfig
    from core.generators.base import GenerationResult

log = get_logger(__name__)

MAX_FILES = 10
#: Discord takes 25 MiB a request; some of it is not files.
MAX_REQUEST = 24 * 1024 * 1024
#: How the name of a file begins that is shown to those only who click on it.
VEIL = "SPOILER_"
_SCALED = phrase("Shown smaller than it is to fit Discord's limit; the original is kept by the bot.")
_COMPRESSED = phrase("Compressed to fit Discord's limit; the original is kept by the bot.")
#: Of so many files that are left out.
_LEFT_OUT: Mapping[Reason, Callable[[int], Phrase]] = {
    Reason.TOO_LARGE: lambda n: phrase_n(
        "{n} file is too large for Discord, and kept by the bot's owner.",
        "{n} files are too large for Discord, and kept by the bot's owner.",
        n,
    ),
    Reason.NOTES: lambda n: phrase_n(
        "{n} file is kept by the bot's owner, because the workflow in it cannot be taken out.",
        "{n} files are kept by the bot's owner, because the workflow in them cannot be taken out.",
        n,
    ),
    Reason.GONE: lambda n: phrase_n(
        "{n} file is no longer on the bot's disk: generate it again.",
        "{n} files are no longer on the bot's disk: generate them again.",
        n,
    ),
}
#: What Discord's clients show inside an embed.
_SHOWN = (".png", ".jpg", ".jpeg", ".webp", ".gif")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file that may be posted: where it is, and what it is called there."""

    filename: str
    size: int
    path: Path

    def open(self) -> discord.File:
        return discord.File(self.path, filename=self.filename)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What of a result is posted, and a sentence about what cannot be as it is.

    Attributes:
        requests: the files in order, as many together as Discord takes in one request.
        made: to be closed when it was posted: the files that were made for it go then.
    """

    requests: tuple[tuple[Parcel, ...], ...]
    texts: tuple[str, ...] = ()
    remark: str | None = None
    made: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    @property
    def picture(self) -> str | None:
        """The name of the one picture to show large; None for several, or none. An embed veils nothing."""
        parcels = [parcel for request in self.requests for parcel in request]
        name = parcels[0].filename if len(parcels) == 1 else ""
        return name if name.endswith(_SHOWN) and not name.startswith(VEIL) else None


def folder_of_made(config: BotConfig) -> Path:
    """Where the bot makes the files that it posts. One bot has it at a time, and empties it at its start: one that is
    killed leaves them.
    """
    return Path(config.storage.data) / "made"


async def prepare(
    result: GenerationResult,
    limit: int,
    *,
    metadata: Literal["keep", "strip"] = "keep",
    veiled: bool = False,
    within: Path | None = None,
) -> Delivery:
    """Make every file of a result fit under ``limit`` bytes; what must be encoded anew is, in a thread.

    A file that cannot be posted is left out. Originals are not touched.

    Args:
        metadata: ``strip`` to post nothing of what was written to the files, prompt and graph included.
        veiled: they are shown to those only who click on them.
        within: the folder for what is made, which need not be there; None for the system's.
    """
    parcels: list[Parcel] = []
    counted: Counter[Change | Reason] = Counter()
    with ExitStack() as made:
        folder = _Folder(made, within)
        for number, file in enumerate(result.files, 1):
            posting = Posting(file.path, file.kind, limit, metadata == "keep", folder)
            try:
                ready = await asyncio.to_thread(posting.whole) or await in_worker(posting.fitted)
            except NotPosted as exc:
                log.warning("file not posted", job=result.prompt_id, file=file.path.name, detail=str(exc))
                counted[exc.reason] += 1
                continue
            counted[ready.change] += 1
            name = f"{VEIL if veiled else ''}discomfy_{result.prompt_id[:8]}_{number}{ready.extension}"
            parcels.append(Parcel(name, ready.size, ready.path))
        texts = tuple(text for text in result.texts if text.strip())
        return Delivery(tuple(_requests(parcels)), texts, _remark(counted), made.pop_all())


class _Folder:
    """A folder of its own, made when it is asked for, and gone when ``stack`` is closed."""

    def __init__(self, stack: ExitStack, within: Path | None) -> None:
        self._stack = stack
        self._within = within
        self._path: Path | None = None

    def __call__(self) -> Path:
        if self._path is None:
            if self._within is not None:
                self._within.mkdir(parents=True, exist_ok=True)
            made = TemporaryDirectory(prefix="discomfy-", dir=self._within, ignore_cleanup_errors=True)
            self._path = Path(self._stack.enter_context(made))
        return self._path


def _remark(counted: Counter[Change | Reason]) -> str | None:
    parts = []
    if counted[Change.SCALED]:
        parts.append(_SCALED)
    elif counted[Change.COMPRESSED]:
        parts.append(_COMPRESSED)
    parts += [sentence(count) for reason, sentence in _LEFT_OUT.items() if (count := counted[reason])]
    return told(together(parts)) or None


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
