"""What messages were and are, as long as there is room."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.discord.memory import Memory
    from playground.discord.message import Message


class Histories:
    """Every state of every message, deleted ones included. What is past is forgotten first, the oldest before all."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._states: dict[int, deque[Message]] = {}
        self._forgotten: Counter[int] = Counter()
        self._past: deque[int] = deque()
        self._uses: Counter[int] = Counter()
        self._count = 0
        self._size = 0

    def __iter__(self) -> Iterator[list[Message]]:
        """The states of each, the oldest message first."""
        return iter([list(states) for states in self._states.values()])

    def of(self, message_id: int, after: int = 0) -> list[Message]:
        """The states of a message, without the first so many."""
        skipped = max(0, after - self._forgotten[message_id])
        return list(self._states.get(message_id, ()))[skipped:]

    def count(self, message_id: int) -> int:
        """How many there have been."""
        return self._forgotten[message_id] + len(self._states.get(message_id, ()))

    def add(self, state: Message) -> None:
        """A message is new, or is now so."""
        states = self._states.setdefault(state.id, deque())
        if states:
            self._past.append(state.id)
        states.append(state)
        self._count += 1
        for file in state.attachments:
            self._size += 0 if self._uses[file.id] else file.size
            self._uses[file.id] += 1

    def end(self, message_id: int) -> None:
        """A message is gone: all of it is past."""
        if message_id in self._states:
            self._past.append(message_id)

    def make_room(self) -> bool:
        """Forget what is past, until the rest has room; False when even that has none."""
        while self._full and self._past:
            self._forget(self._past.popleft())
        return not self._full

    @property
    def _full(self) -> bool:
        return self._count > self._memory.states or self._size > self._memory.files

    def _forget(self, message_id: int) -> None:
        states = self._states[message_id]
        state = states.popleft()
        self._count -= 1
        self._forgotten[message_id] += 1
        for file in state.attachments:
            self._uses[file.id] -= 1
            if not self._uses[file.id]:
                del self._uses[file.id]
                self._size -= file.size
        if not states:
            del self._states[message_id], self._forgotten[message_id]
