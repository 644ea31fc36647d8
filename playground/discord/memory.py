"""How much is kept."""

from __future__ import annotations

from dataclasses import dataclass

from playground.discord.limits import MIB


@dataclass(frozen=True, slots=True)
class Memory:
    """Bounds of what the server remembers; the oldest goes first. The defaults are more than a test needs.

    ``states`` and ``messages`` are of all channels together, ``files`` are bytes: of messages, and again of what was
    only handed over in forms and commands or lies in the journal of ``requests``.
    """

    requests: int = 20_000
    states: int = 20_000
    messages: int = 5_000
    interactions: int = 5_000
    files: int = 512 * MIB


#: For a server that runs for days: some 100 MB, and its files.
FOR_DAYS = Memory(requests=1_000, states=5_000, messages=2_000, interactions=1_000, files=256 * MIB)
