"""The parts of one running server, for the engine and the routes to share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from .catalog import Catalog
from .faults import Faults
from .gates import Gates
from .journal import Journal
from .prompts import PromptQueue
from .settings import Settings
from .sockets import SocketHub
from .storage import Storage
from .studio import Studio


@dataclass(slots=True)
class State:
    """`current_node`: the node that the engine began last, None between prompts. `answering`: requests at work."""

    settings: Settings
    storage: Storage
    catalog: Catalog
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    current_node: str | None = None
    answering: set[asyncio.Task[Any]] = field(default_factory=set)
    gates: Gates = field(init=False)
    queue: PromptQueue = field(init=False)
    sockets: SocketHub = field(init=False)
    studio: Studio = field(init=False)

    def __post_init__(self) -> None:
        self.gates = Gates(self.journal.changed)
        self.queue = PromptQueue(self.journal.changed)
        self.sockets = SocketHub(self.journal.changed, self._greet, lambda: self.features)
        self.studio = Studio(self.settings, self.faults)

    @property
    def features(self) -> dict[str, Any]:
        return {"supports_preview_metadata": True, "max_upload_size": self.settings.max_upload_size}

    @property
    def status(self) -> dict[str, Any]:
        """The data of a ``status`` event, and the body of ``GET /prompt``."""
        return {"status": {"exec_info": {"queue_remaining": self.queue.remaining}}}

    async def announce(self) -> None:
        """Tell every socket how long the queue is."""
        await self.sockets.send(None, "status", self.status)

    def _greet(self, client_id: str) -> list[tuple[str, dict[str, Any]]]:
        """What a new socket hears first. One that comes back in mid-prompt hears of the node, without a prompt id."""
        first: list[tuple[str, dict[str, Any]]] = [("status", self.status | {"sid": client_id})]
        running = self.queue.running
        if running is not None and running.client_id == client_id and self.current_node is not None:
            first.append(("executing", {"node": self.current_node}))
        return first
