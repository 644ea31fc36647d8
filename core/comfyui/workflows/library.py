"""The workflows of the folder against the server: which of them can run, and why the others can't."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.comfyui.catalog import Catalog
from core.comfyui.client import ComfyUIClient
from core.comfyui.definitions import DefinitionStore
from core.comfyui.workflows.manager import Workflow, WorkflowManager
from core.comfyui.workflows.parameters import WorkflowParameters
from core.comfyui.workflows.preflight import missing, told, unsent, without_uploads
from core.exceptions import ComfyUIError, ValidationError, WorkflowError
from utils.logging import get_logger

if TYPE_CHECKING:
    from config.models import BotConfig

log = get_logger(__name__)

#: Seconds between two looks at the folder, and at the server's definitions.
LOOK_EVERY = 2.0
_ASK_EVERY = 60.0
#: Definitions that are older than this many seconds are asked for again before a graph is refused by them.
_FRESH = 3.0
_KINDS = {"images": "picture", "masks": "mask", "videos": "video", "audios": "sound"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A workflow as a list shows it.

    Attributes:
        name: its key in the configuration, else the stem of its file.
        workflow: None when its file can't be read.
        problem: why it can't run, or what looks wrong in it; None when all is well.
        ready: whether it is offered. Without a server to compare with, what can be read is.
    """

    name: str
    workflow: Workflow | None
    problem: str | None
    ready: bool


class WorkflowLibrary:
    """What can be offered now. Screens ask it without waiting; `refresh` and `watching` keep it up to date.

    Args:
        manager: the folder.
        catalog: the server.
        store: keeps the node definitions for when the server is away.

    Attributes:
        workflows: the folder, whether a workflow can run or not.
        catalog: the server's lists.
    """

    def __init__(
        self,
        manager: WorkflowManager,
        catalog: Catalog,
        store: DefinitionStore,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.workflows = manager
        self.catalog = catalog
        self._store = store
        self._clock = clock
        self._asked_at: float | None = None
        self._definitions: Mapping[str, Any] | None = None
        self._judged: dict[str, tuple[Workflow, Mapping[str, Any], str | None]] = {}

    @property
    def definitions(self) -> Mapping[str, Any] | None:
        """The server's node definitions as they were last known; None when they never were."""
        return self._definitions if self._definitions is not None else self.workflows.definitions

    def entries(self) -> list[Entry]:
        """Every workflow that is switched on, those of the configuration first, then what can't be read."""
        problems, found = self.workflows.problems(), []
        for workflow in self.workflows.available():
            lack = self._lack(workflow)
            problem = lack or problems.get(workflow.name)
            found.append(Entry(workflow.name, workflow, problem, lack is None))
        read = {entry.name for entry in found}
        return found + [Entry(name, None, text, False) for name, text in problems.items() if name not in read]

    def offered(self) -> list[Workflow]:
        """The workflows that can run."""
        return [entry.workflow for entry in self.entries() if entry.workflow is not None and entry.ready]

    async def refresh(self, *, max_age: float = 0.0) -> bool:
        """Ask the server for its node definitions; when they have changed, read the workflows anew.

        Args:
            max_age: seconds; younger ones will do.

        Returns:
            Whether the server has answered; what was known stays when it has not.
        """
        try:
            definitions = await self.catalog.node_definitions(max_age=max_age)
        except ComfyUIError as exc:
            log.info("node definitions not read", detail=exc.detail or exc.message)
            return False
        self._asked_at = self._clock()
        if definitions != self._definitions:
            await asyncio.to_thread(self._take, definitions)
        return True

    def _take(self, definitions: Mapping[str, Any]) -> None:
        known = self.definitions
        if known is None or without_uploads(definitions) != without_uploads(known):
            self.workflows.learn(definitions)
            self._store.write(definitions)
        self._definitions = definitions

    async def approve(self, workflow: Workflow, parameters: WorkflowParameters, graph: Mapping[str, Any]) -> None:
        """Refuse a graph that the server would refuse, before it is sent. Nothing is known of a server that is away.

        Raises:
            ValidationError: a picture, mask, video or sound that the workflow needs was not given.
            WorkflowError: the server lacks something; the sentence is the one that lists show.
        """
        if self._definitions is None and not await self.refresh():
            return
        refusal = self._refusal(workflow, parameters, graph)
        if refusal is not None and await self.refresh(max_age=_FRESH):
            refusal = self._refusal(workflow, parameters, graph)
            if refusal is not None:
                raise refusal

    @contextlib.asynccontextmanager
    async def watching(
        self, on_change: Callable[[], Awaitable[None]], *, every: float = LOOK_EVERY
    ) -> AsyncIterator[None]:
        """Look at the folder and at the server as long as the block lasts, and tell of every change.

        What became of a workflow is logged once. `on_change` is called when a workflow came, went or changed, or can
        run that couldn't, or the other way round.
        """
        task = asyncio.create_task(self._watch(on_change, every), name="workflows-watch")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self, on_change: Callable[[], Awaitable[None]], every: float) -> None:
        before = await asyncio.to_thread(self._snapshot)
        while True:
            await asyncio.sleep(every)
            if self._asked_at is None or self._clock() - self._asked_at > _ASK_EVERY:
                await self.refresh()
            after = await asyncio.to_thread(self._snapshot)
            if after != before:
                _log_changes(before, after)
                before = after
                await on_change()

    def _snapshot(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries()}

    def _lack(self, workflow: Workflow) -> str | None:
        """What the server lacks to run a workflow as it is saved, in a sentence."""
        definitions = self.definitions
        if definitions is None:
            return None
        judged = self._judged.get(workflow.name)
        if judged is None or judged[0] is not workflow or judged[1] is not definitions:
            gaps = missing(workflow.build(WorkflowParameters()), definitions)
            judged = self._judged[workflow.name] = (workflow, definitions, told(gaps) if gaps else None)
        return judged[2]

    def _refusal(
        self, workflow: Workflow, parameters: WorkflowParameters, graph: Mapping[str, Any]
    ) -> WorkflowError | ValidationError | None:
        definitions = self._definitions or {}
        gaps = missing(graph, definitions)
        if gaps:
            return WorkflowError(f"{told(gaps)}; choose something else, or ask the bot's owner to add it.")
        for role, number in unsent(workflow.bindings, parameters, graph, definitions).items():
            needs = f"{number} more {_KINDS[role]}s" if number > 1 else f"a {_KINDS[role]}"
            return ValidationError(f'The workflow "{workflow.label}" needs {needs} to work on; attach it.', role)
        return None


def _log_changes(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> None:
    for name in before.keys() - after.keys():
        log.info("workflow removed", workflow=name)
    for name, entry in after.items():
        old = before.get(name)
        if entry == old:
            continue
        if entry.problem is not None and (old is None or entry.problem != old.problem):
            log.warning("workflow not usable", workflow=name, problem=entry.problem)
        else:
            log.info("workflow added" if old is None else "workflow changed", workflow=name)


@contextlib.asynccontextmanager
async def open_library(config: BotConfig) -> AsyncIterator[tuple[ComfyUIClient, WorkflowLibrary]]:
    """The library of ``config``'s folder and server, and a client of that server, as long as the block lasts."""
    settings = config.comfyui
    async with ComfyUIClient(settings.url, settings.timeout, api_key=settings.api_key) as client:
        store = DefinitionStore(config.storage.data)
        manager = WorkflowManager(config.storage.workflows, config.workflows, recall=store.read)
        yield client, WorkflowLibrary(manager, Catalog(client), store)
