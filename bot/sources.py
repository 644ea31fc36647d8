"""The messages that menus were opened on lately.

Discord shows the bot what others wrote in the moment in which a menu is opened, and never again: reading it later takes
a privileged intent. What a form that is open may still ask for is therefore kept, also for a bot that is started anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.shown import Shown, Source
from core.jobs.models import Form
from core.jobs.store import JobStore, StoreError
from utils.logging import get_logger

log = get_logger(__name__)

#: Messages that are remembered, and for how long the addresses of their files are good at the least.
_MOST, _LIFETIME = 500, timedelta(hours=12)
_TOKEN = "menu:"


def is_sources(form: Form) -> bool:
    """Whether what is kept as a form is a message of these."""
    return form.token.startswith(_TOKEN)


class Sources:
    """Remembers the youngest of them.

    Args:
        clock: gives the time.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._noted: OrderedDict[int, tuple[datetime, Source]] = OrderedDict()
        self._kept: OrderedDict[int, None] = OrderedDict()

    def get(self, message_id: int) -> Source | None:
        """A message as it was; None where it is not remembered."""
        expires, source = self._noted.get(message_id, (None, None))
        return source if expires is not None and self._clock() < expires else None

    def note(self, source: Source) -> None:
        """Remember a message as long as this process lasts."""
        self._put(source, self._clock() + _LIFETIME)

    async def keep(self, store: JobStore, source: Source, owner: int) -> None:
        """Remember it beyond that; a store that does not work is logged.

        Args:
            owner: the Discord id of whoever opened the menu.
        """
        expires, _ = self._noted.get(source.message_id, (None, None))
        if expires is None:  # many others were opened meanwhile
            return
        try:
            await store.keep_form(Form(f"{_TOKEN}{source.message_id}", owner, asdict(source), expires))
            self._kept[source.message_id] = None
            while len(self._kept) > _MOST:
                await store.drop_form(f"{_TOKEN}{self._kept.popitem(last=False)[0]}")
        except StoreError as exc:
            log.info("message of a menu not kept", message=source.message_id, detail=exc.detail)

    async def recall(self, store: JobStore) -> None:
        """Remember what an earlier process kept.

        Raises:
            StoreError: the store does not say.
        """
        for form in filter(is_sources, await store.forms()):
            source = _restored(form.content)
            if source is None or form.expires <= self._clock():
                await store.drop_form(form.token)
            else:
                self._put(source, form.expires)
                self._kept[source.message_id] = None

    def _put(self, source: Source, expires: datetime) -> None:
        self._noted.pop(source.message_id, None)
        self._noted[source.message_id] = (expires, source)
        while len(self._noted) > _MOST:
            self._noted.popitem(last=False)


def _restored(content: Mapping[str, Any]) -> Source | None:
    """A message as it was kept; None where another version kept it otherwise."""
    try:
        return Source(**{**content, "files": tuple(Shown(**file) for file in content["files"])})
    except (TypeError, KeyError):
        return None
