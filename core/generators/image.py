"""Pictures, and whatever else a workflow's outputs are: a request becomes a graph, the graph a result on disk."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.comfyui.client import ComfyUIClient
from core.comfyui.downloads import MakeRoom, download_results, rerun_outputs
from core.comfyui.events import Event
from core.comfyui.execution import Executor
from core.comfyui.results import ExecutionResult
from core.comfyui.workflows.library import WorkflowLibrary
from core.comfyui.workflows.parameters import MEDIA
from core.exceptions import (
    ComfyUIError,
    FailureReason,
    GenerationError,
    PromptRejectedError,
    WorkflowError,
)
from core.generators.base import BaseGenerator, GenerationRequest, GenerationResult, GeneratorType
from core.generators.requests import make_request
from utils.language import phrase


class ImageGenerator(BaseGenerator):
    """Runs workflows on one server.

    Args:
        client: the server; `initialize` opens it, `shutdown` closes it.
        executor: of the same client.
        library: the workflows, and what the server has for them.
        default_workflow: used by `generate` when none is named.
        outputs: folder for result files.
        make_room: is called when the disk is full, before a file is given up.
        previews: whether newer servers are asked for pictures of the work in progress; older ones send them, or not, as
            they were started.
    """

    def __init__(
        self,
        client: ComfyUIClient,
        executor: Executor,
        library: WorkflowLibrary,
        *,
        default_workflow: str,
        outputs: Path,
        make_room: MakeRoom | None = None,
        previews: bool = False,
    ) -> None:
        self._client = client
        self._executor = executor
        self._library = library
        self._default_workflow = default_workflow
        self._outputs = outputs
        self._make_room = make_room
        self._extra_data = {"preview_method": "auto"} if previews else None

    @property
    def generator_type(self) -> GeneratorType:
        return GeneratorType.IMAGE

    async def initialize(self) -> None:
        await self._client.initialize()

    async def shutdown(self) -> None:
        await self._client.close()

    async def generate(self, prompt: str, **kwargs: Any) -> tuple[bytes, dict[str, Any]]:
        """The first result as bytes, and its metadata: prompt_id, workflow, seed, path, kind, seconds.

        Args:
            prompt: what to paint.
            kwargs: ``workflow`` and any field of `WorkflowParameters`. A seed that is not given is drawn; it is None
                in the metadata where none would act.

        Raises:
            ValidationError: a value is out of range, or the workflow has no place for it.
            WorkflowError, ComfyUIError, GenerationError: as for `prepare` and `run`.
        """
        if self._library.definitions is None:
            await self._library.refresh()
        workflow = self._library.workflows.get(kwargs.pop("workflow", self._default_workflow))
        loras, files = kwargs.pop("loras", None), {name: kwargs.pop(name, None) or () for name in MEDIA}
        values = {name: value for name, value in kwargs.items() if value is not None}
        request = make_request(workflow, prompt, values, loras=loras, **files)
        result = await self.run(await self.prepare(request))
        if not result.files:
            raise GenerationError(phrase("The workflow gave text only."), reason=FailureReason.NO_OUTPUT)
        first = result.files[0]
        return await asyncio.to_thread(first.path.read_bytes), {
            "prompt_id": result.prompt_id,
            "workflow": request.workflow,
            "seed": request.parameters.seed,
            "path": str(first.path),
            "kind": first.kind.value,
            "seconds": result.seconds,
        }

    async def prepare(self, request: GenerationRequest) -> dict[str, Any]:
        """The graph that is sent for this request.

        Raises:
            WorkflowError: the workflow is unknown, broken or switched off, or the server lacks something for it.
        """
        workflow = self._library.workflows.get(request.workflow)
        graph = workflow.build(request.parameters)
        await self._library.approve(graph)
        return graph

    async def run(
        self,
        graph: Mapping[str, Any],
        *,
        prompt_id: str | None = None,
        listener: Callable[[Event], None] = lambda event: None,
    ) -> GenerationResult:
        """Run a graph and bring its results to disk.

        Raises:
            PromptRejectedError, ComfyUIError, GenerationError: as `execute` and `fetch` raise them.
        """
        began = time.monotonic()
        done = await self.execute(graph, prompt_id=prompt_id or str(uuid4()), listener=listener)
        return await self.fetch(done, graph, began=began, listener=listener)

    async def execute(
        self,
        graph: Mapping[str, Any],
        *,
        prompt_id: str,
        listener: Callable[[Event], None] = lambda event: None,
        accepted: Callable[[], None] = lambda: None,
    ) -> ExecutionResult:
        """Run a graph; what it made is on the server then. Arguments and errors are `Executor.run`'s."""
        try:
            return await self._executor.run(
                graph, prompt_id=prompt_id, listener=listener, accepted=accepted, extra_data=self._extra_data
            )
        except PromptRejectedError as exc:
            await self._restate(exc, graph)
            raise

    async def fetch(
        self,
        done: ExecutionResult,
        graph: Mapping[str, Any],
        *,
        began: float,
        listener: Callable[[Event], None] = lambda event: None,
    ) -> GenerationResult:
        """Bring what a run made to disk.

        Args:
            began: `time.monotonic` at its beginning, for the result's ``seconds``.

        Raises:
            ComfyUIError: the server does not give it.
            GenerationError: the disk does not take it; or the server no longer had it, and could not make it anew.
        """
        try:
            return await self._fetch(done, began)
        except ComfyUIError as exc:
            if exc.status_code != 404:
                raise
        # ComfyUI repeated the names of files that are gone: have it write them anew.
        nodes = {output.node for output in done.outputs}
        again = await self._executor.run(rerun_outputs(graph, nodes, done.prompt_id), listener=listener)
        return await self._fetch(replace(again, prompt_id=done.prompt_id), began)

    async def _restate(self, refusal: PromptRejectedError, graph: Mapping[str, Any]) -> None:
        """Raise a refusal in the words of the lists, where something went since the server was asked what it has."""
        await self._library.refresh()
        try:
            await self._library.approve(graph)
        except WorkflowError as exc:
            node, field, detail = refusal.node, refusal.field, refusal.detail
            raise PromptRejectedError(
                exc.message, refusal.status_code, node=node, field=field, detail=detail
            ) from refusal

    async def upload(self, file: bytes | Path, *, extension: str = "png") -> str:
        """Bring a picture, video or sound to the server; the name under which `WorkflowParameters` take it.

        Args:
            extension: of its kind, with or without a dot.

        Raises:
            ComfyUIError: the server cannot be reached or does not take it.
        """
        # A drawn name: what a user calls a file may hold anything, and would meet others of that name.
        kind = re.sub(r"[^a-z0-9]", "", extension.lower())[:8] or "png"
        return await self._client.upload_image(file, f"discomfy_{uuid4().hex}.{kind}")

    async def _fetch(self, done: ExecutionResult, began: float) -> GenerationResult:
        files = await download_results(
            self._client, done.outputs, self._outputs, done.prompt_id, make_room=self._make_room
        )
        texts = tuple(output.text for output in done.outputs if output.text)
        return GenerationResult(done.prompt_id, files, texts, time.monotonic() - began, done.problem)
