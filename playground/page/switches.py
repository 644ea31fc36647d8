"""The switches that need nothing but the little Discord."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from playground.discord import DiscordServer
from playground.discord.faults import Fault, Faults
from playground.page.faults import Choice, Switch

#: What the bot asks for again and again. Its logging in and its files are left alone.
_TRAFFIC = ("/channels/*", "/webhooks/*", "/interactions/*")
_RETRY_AFTER = 1.5
_SLOW_SECONDS = 1.0
_EVERY = {"off": 0, "some": 3, "all": 1}


def discord_switches(server: DiscordServer) -> list[Switch]:
    """Everything that can go wrong with Discord itself, at a click."""
    faults = server.faults
    limits = _Armed(
        faults,
        lambda value: [
            faults.rate_limit(_RETRY_AFTER, path=path, times=None, every=_EVERY[value])
            for path in _TRAFFIC
            if _EVERY[value]
        ],
        "off",
    )
    slow = _Armed(
        faults, lambda value: [faults.delay(_SLOW_SECONDS, path=path, times=None) for path in _TRAFFIC if value], False
    )
    return [
        Switch(
            "gateway_drop",
            "Drop the gateway",
            "Cuts the bot's connection to Discord. It comes back by itself.",
            "press",
            lambda _: server.drop_gateway(),
        ),
        Switch(
            "gateway_refuse",
            "Drop the gateway and refuse once",
            "Cuts the connection and turns the bot away once when it comes back.",
            "press",
            partial(_refuse, server),
        ),
        Switch(
            "rate_limit",
            "Rate limits",
            f"Discord answers 429: the bot has to wait {_RETRY_AFTER} s and ask again.",
            "choice",
            limits.set,
            limits.read,
            (Choice("Off", "off"), Choice("Every third request", "some"), Choice("Every request", "all")),
        ),
        Switch(
            "slow",
            "Slow Discord",
            f"Every request of the bot takes {_SLOW_SECONDS:g} s.",
            "toggle",
            slow.set,
            slow.read,
        ),
    ]


class _Armed:
    """Faults that are armed as long as a switch stands so."""

    def __init__(self, switchboard: Faults, arm: Callable[[Any], list[Fault]], value: Any) -> None:
        self._switchboard = switchboard
        self._arm = arm
        self._value = value
        self._faults: list[Fault] = []

    def read(self) -> Any:
        return self._value

    def set(self, value: Any) -> None:
        for fault in self._faults:
            self._switchboard.disarm(fault)
        self._faults = self._arm(value)
        self._value = value


async def _refuse(server: DiscordServer, _: None) -> None:
    server.refuse_gateway()
    await server.drop_gateway()
