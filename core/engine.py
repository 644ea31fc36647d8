"""Everything that generates, put together from the configuration: for the bot, the command line and programs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.comfyui.catalog import Catalog
from core.comfyui.client import ComfyUIClient
from core.comfyui.execution import Executor
from core.comfyui.websocket import EventSocket
from core.comfyui.workflows.library import WorkflowLibrary, open_library
from core.comfyui.workflows.manager import WorkflowManager
from core.generators.image import ImageGenerator
from core.jobs.service import JobService
from core.jobs.store import JobStore, MemoryJobStore
from utils.files import cleanup_old_files
from utils.logging import get_logger

if TYPE_CHECKING:
    from config.models import BotConfig

log = get_logger(__name__)

_SWEEP_EVERY = 600.0


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts that screens and programs talk to."""

    client: ComfyUIClient
    catalog: Catalog
    workflows: WorkflowManager
    library: WorkflowLibrary
    generator: ImageGenerator
    jobs: JobService


@contextlib.asynccontextmanager
async def open_engine(config: BotConfig, *, store: JobStore | None = None) -> AsyncIterator[Engine]:
    """An engine for ``config.comfyui``'s server. It opens whether or not that server is there."""
    settings = config.comfyui
    outputs = Path(config.storage.outputs)

    async with contextlib.AsyncExitStack() as stack:
        client, library = await stack.enter_async_context(open_library(config))
        socket = await stack.enter_async_context(EventSocket(client, silence_timeout=settings.silence_timeout))
        executor = Executor(client, socket, offline_timeout=settings.offline_timeout, job_timeout=settings.job_timeout)
        generator = ImageGenerator(
            client,
            executor,
            library,
            default_workflow=config.generation.default_workflow,
            outputs=outputs,
        )
        jobs = await stack.enter_async_context(JobService(generator, executor, store or MemoryJobStore()))
        if config.storage.max_files:
            await stack.enter_async_context(_kept_small(outputs, config.storage.max_files))
        yield Engine(client, library.catalog, library.workflows, library, generator, jobs)


@contextlib.asynccontextmanager
async def _kept_small(folder: Path, max_files: int) -> AsyncIterator[None]:
    """Remove the oldest files beyond ``max_files`` now and every ten minutes, off the event loop."""

    async def sweep() -> None:
        while True:
            try:
                await asyncio.to_thread(cleanup_old_files, folder, max_files)
            except OSError as exc:
                log.warning("old results stay", detail=repr(exc))
            await asyncio.sleep(_SWEEP_EVERY)

    task = asyncio.create_task(sweep(), name="outputs-sweep")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
