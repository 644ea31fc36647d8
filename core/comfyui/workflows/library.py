"""The workflows of the folder against the server: which of them can run, and why the others can't."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.comfyui.catalog import Catalog
from core.comfyui.client import ComfyUIClient
from core.comfyui.definitions import DefinitionStore
from core.comfyui.workflows.manager import Workflow, WorkflowManager
from core.comfyui.workflows.preflight import missing, refused
from core.comfyui.workflows.readiness import Readiness, judge
from core.comfyui.workflows.specifications import without_uploads
from core.exceptions import ComfyUIError, WorkflowError
from utils.logging import get_logger

if TYPE_CHECKING:
    from config.models import BotConfig

log = get_logger(__name__)

#: Seconds between two looks at the folder, and at the server's definitions.
LOOK_EVERY = 2.0
_ASK_EVERY = 60.0
#: Seconds that the server is waited for; its answer counts later when it comes later.
_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A workflow as a list shows it.

    Attributes:
        name: its key in the configuration, else the stem of its file.
        workflow: None when its file can't be read.
        problem: why it can't run, or what looks wrong in it; None when all is well.
        ready: whether it is offered, as `judge` says it.
    """

    name: str
    workflow: Workflow | None
    problem: str | None
    ready: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was found of a workflow with some definitions."""

    workflow: Workflow
    definitions: Mapping[str, Any] | None
    readiness: Readiness


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
        self._taking = asyncio.Lock()
        self._away = False
        self._asked_at: float | None = None
        self._definitions: Mapping[str, Any] | None = None
        self._judged: dict[str, _Judged] = {}

    @property
    def definitions(self) -> Mapping[str, Any] | None:
        """The server's node definitions as they were last known; None when they never were."""
        return self._definitions if self._definitions is not None else self.workflows.definitions

    def entries(self) -> list[Entry]:
        """Every workflow that is switched on, those of the configuration first, then what can't be read."""
        read, unread = [], []
        for name, workflow, problem in self.workflows.standing():
            if workflow is None:
                unread.append(Entry(name, None, problem, ready=False))
            else:
                found = self._readiness(workflow)
                read.append(Entry(name, workflow, found.problem or problem, found.ready))
        return read + unread

    def offered(self) -> list[Workflow]:
        """The workflows that can run."""
        return [entry.workflow for entry in self.entries() if entry.workflow is not None and entry.ready]

    async def refresh(self) -> bool:
        """Ask the server for its node definitions; when they have changed, read the workflows anew.

        Returns:
            Whether the server has answered; what was known stays when it has not.
        """
        try:
            async with asyncio.timeout(_PATIENCE):
                definitions = await self.catalog.node_definitions(max_age=0.0)
        except (ComfyUIError, TimeoutError) as exc:
            if not self._away:  # once, not with every look
                log.info("node definitions not read", detail=repr(exc))
            self._away = True
            return False
        self._away = False
        self._asked_at = self._clock()
        async with self._taking:
            await asyncio.to_thread(self._take, definitions)
        return True

    def _take(self, definitions: Mapping[str, Any]) -> None:
        if definitions == self._definitions:
            return
        known = self.definitions
        if known is None or without_uploads(definitions) != without_uploads(known):
            self.workflows.learn(definitions)
            self._store.write(definitions)
        self._definitions = definitions

    async def approve(self, graph: Mapping[str, Any]) -> None:
        """Refuse a graph that the server would refuse, before it is sent. Nothing is known of a server that is away.

        Raises:
            WorkflowError: the server lacks something; the sentence is the one that lists show.
        """
        gaps = missing(graph, self._definitions or {})
        if gaps and await self.refresh():  # nothing was known, or somebody may have brought it a moment ago
            gaps = missing(graph, self._definitions or {})
            if gaps:
                raise WorkflowError(refused(gaps))

    @contextlib.asynccontextmanager
    async def watching(
        self,
        on_change: Callable[[], Awaitable[None]],
        *,
        since: Iterable[Entry] | None = None,
        every: float = LOOK_EVERY,
    ) -> AsyncIterator[None]:
        """Look at the folder and at the server as long as the block lasts, and tell of every change.

        A server that takes its time keeps nobody from noticing a file: each has a task of its own. What became of a
        workflow is logged once. `on_change` is called when a workflow came, went or changed, or can run that couldn't,
        or the other way round.

        Args:
            since: what is known to whoever is told; the workflows of now, unless given.
            every: seconds between two looks.
        """
        tasks = (
            asyncio.create_task(self._watch(on_change, since, every), name="workflows-watch"),
            asyncio.create_task(self._ask(every), name="workflows-ask"),
        )
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            if self._asked_at is None or self._clock() - self._asked_at > _ASK_EVERY:
                await self.refresh()

    async def _watch(
        self, on_change: Callable[[], Awaitable[None]], since: Iterable[Entry] | None, every: float
    ) -> None:
        before = await asyncio.to_thread(self._snapshot) if since is None else _by_name(since)
        while True:
            await asyncio.sleep(every)
            after = await asyncio.to_thread(self._snapshot)
            if after != before:
                _log_changes(before, after)
                before = after
                await _told(on_change)

    def _snapshot(self) -> dict[str, Entry]:
        return _by_name(self.entries())

    def _readiness(self, workflow: Workflow) -> Readiness:
        definitions = self.definitions
        judged = self._judged.get(workflow.name)
        if judged is None or judged.workflow is not workflow or judged.definitions is not definitions:
            judged = self._judged[workflow.name] = _Judged(workflow, definitions, judge(workflow, definitions))
        return judged.readiness


def _by_name(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries}


async def _told(on_change: Callable[[], Awaitable[None]]) -> None:
    try:
        await on_change()
    except Exception:  # a screen that fails must not end the watch
        log.exception("change of workflows not told")


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
async def open_library(
    config: BotConfig, *, client_id: str | None = None
) -> AsyncIterator[tuple[ComfyUIClient, WorkflowLibrary]]:
    """The library of ``config``'s folder and server, and a client of that server, as long as the block lasts."""
    settings = config.comfyui
    client = ComfyUIClient(settings.url, settings.timeout, api_key=settings.api_key, client_id=client_id)
    async with client:
        store = DefinitionStore(config.storage.data)
        manager = WorkflowManager(config.storage.workflows, config.workflows, recall=store.read)
        yield client, WorkflowLibrary(manager, Catalog(client), store)
