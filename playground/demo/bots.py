"""The bot as a process: unchanged, and with nothing of its user's own but what it is lent."""

from __future__ import annotations

from collections.abc import Callable

from playground.demo.child import Child
from playground.demo.keeping import Keeper
from playground.demo.plan import Addresses, BotSetup
from playground.demo.service import Service

#: How a program ends that was set up wrongly.
MISUSED = 2


class DemoBot:
    """Runs a bot; one that cannot be run with what it is lent is run without."""

    def __init__(
        self, setup: BotSetup, plain: BotSetup, addresses: Addresses, keeper: Keeper, say: Callable[[str], None]
    ) -> None:
        self._setup = setup
        self._plain = plain
        self._addresses = addresses
        self._say = say
        self.service = Service("The bot", self._launch, keeper, say, self._mend)

    async def _launch(self) -> Child:
        home = self._addresses.home
        for name, content in self._setup.files.items():
            (home / name).write_text(content, "utf-8")
        return await Child.start(self._setup.command, home, self._setup.environment(self._addresses))

    def _mend(self, status: int, line: str) -> bool:
        if status != MISUSED or self._setup is self._plain:
            return False
        self._setup = self._plain
        self._say(f"The bot does without your own workflow settings, since they have a mistake ({line}).")
        return True
