"""Everything that generates, put together from the configuration: for the bot, the command line and programs."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.urls import without_user_info
from core.comfyui.catalog import Catalog
from core.comfyui.client import ComfyUIClient
from core.comfyui.execution import Executor
from core.comfyui.websocket import EventSocket
from core.comfyui.workflows.library import WorkflowLibrary, open_library
from core.comfyui.workflows.manager import WorkflowManager
from core.generators.image import ImageGenerator
from core.jobs.service import JobService
from core.jobs.store import JobStore, MemoryJobStore
from core.retention import Retention
from utils.retention import Limits

if TYPE_CHECKING:
    from config.models import BotConfig, StorageConfig

_GIGABYTE = 10**9


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts that screens and programs talk to."""

    client: ComfyUIClient
    catalog: Catalog
    workflows: WorkflowManager
    library: WorkflowLibrary
    generator: ImageGenerator
    jobs: JobService
    retention: Retention


@contextlib.asynccontextmanager
async def open_engine(config: BotConfig, *, store: JobStore | None = None) -> AsyncIterator[Engine]:
    """An engine for ``config.comfyui``'s server. It opens whether or not that server is there."""
    settings = config.comfyui
    outputs = Path(config.storage.outputs)
    kept = store or MemoryJobStore()
    retention = _retention(config.storage, kept)

    async with contextlib.AsyncExitStack() as stack:
        client, library = await stack.enter_async_context(open_library(config, client_id=kept.client_id))
        socket = await stack.enter_async_context(EventSocket(client, silence_timeout=settings.silence_timeout))
        executor = Executor(client, socket, offline_timeout=settings.offline_timeout, job_timeout=settings.job_timeout)
        generator = ImageGenerator(
            client,
            executor,
            library,
            default_workflow=config.generation.default_workflow,
            outputs=outputs,
            make_room=retention.sweep,
            previews=config.progress.previews,
        )
        jobs = await stack.enter_async_context(
            JobService(
                generator,
                executor,
                kept,
                concurrency=settings.concurrency,
                retries=settings.retries,
                server=without_user_info(settings.url),
            )
        )
        await stack.enter_async_context(retention)
        yield Engine(client, library.catalog, library.workflows, library, generator, jobs, retention)


def _retention(storage: StorageConfig, store: JobStore) -> Retention:
    async def needed() -> set[str]:
        return {job.id for job in (*await store.unfinished(), *await store.owed())}

    limits = Limits(storage.max_files, storage.max_days, round(storage.max_gigabytes * _GIGABYTE))
    return Retention(Path(storage.outputs), limits, needed)
