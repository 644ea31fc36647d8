"""A gateway session: what was said to a client, so that it can be said again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from playground.discord.permissions import Intent
from playground.discord.protocol import Json

if TYPE_CHECKING:
    from playground.discord.connection import Connection

KEPT_EVENTS = 2000


@dataclass(eq=False)
class Session:
    """Outlives its connections. ``connection`` is None while the client is away."""

    id: str
    intents: Intent
    connection: Connection | None = None
    sequence: int = 0
    log: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))

    def dispatch(self, event: str, data: Json) -> None:
        self.sequence += 1
        frame = orjson.dumps({"op": 0, "t": event, "s": self.sequence, "d": data}).decode()
        self.log.append((self.sequence, frame))
        if self.connection is not None:
            self.connection.send(frame)

    def remembers(self, sequence: int) -> bool:
        """Whether everything after ``sequence`` can still be replayed."""
        oldest = self.log[0][0] if self.log else self.sequence + 1
        return oldest - 1 <= sequence <= self.sequence

    def replay(self, sequence: int, connection: Connection) -> None:
        self.connection = connection
        for number, frame in self.log:
            if number > sequence:
                connection.send(frame)
