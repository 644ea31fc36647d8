"""One prompt, run to its end."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from typing import Any

from .derivation import derive, sampling_steps
from .faults import BLOCKED, NodeFault
from .graph import execution_order, needed, signatures
from .outputs import OutputWriter
from .pace import node_seconds, step_seconds, tile_seconds, tiles
from .placing import PlacedNode, place
from .prompts import Prompt
from .recipes import Mask, NodeError, Recipe
from .reporter import Reporter
from .state import State

_TO_SOCKET = "SaveImageWebsocket"
_ALPHA = "alpha"
_fresh = itertools.count()


class _InterruptedRunError(Exception):
    """Somebody interrupted the prompt."""


@dataclass(frozen=True, slots=True)
class Done:
    """What stays of a node that has run: its recipe, and what it showed."""

    recipe: Recipe
    shown: dict[str, list[Any]]


class Execution:
    """Runs one prompt. `cache` (signature to `Done`) outlives it, but holds only what the last prompt had in it."""

    def __init__(self, state: State, prompt: Prompt, cache: dict[str, Done], report: Reporter) -> None:
        self._state = state
        self._prompt = prompt
        self._cache = cache
        self._report = report
        self._writer = OutputWriter(state.storage, state.studio)
        self._nodes = place(prompt.graph, needed(prompt.graph, prompt.outputs), state.catalog)
        self._signatures = signatures(prompt.graph, prompt.outputs, self._stamp)
        self._done: dict[str, Done] = {}
        self._executed: list[str] = []
        self._blocked: set[str] = set()
        self._outputs: dict[str, dict[str, list[Any]]] = {}

    async def run(self) -> dict[str, Any]:
        """Run, and return the history entry."""
        await self._report.message("execution_start", {})
        for signature in self._cache.keys() - set(self._signatures.values()):
            del self._cache[signature]
        cached = [node_id for node_id in self._prompt.graph if self._signatures.get(node_id) in self._cache]
        self._done = {node_id: self._cache[self._signatures[node_id]] for node_id in cached}
        await self._report.message("execution_cached", {"nodes": cached})
        order = execution_order(
            self._prompt.graph, self._prompt.outputs, cached, lambda node_id: self._nodes[node_id].is_output
        )
        succeeded = await self._run_all([self._nodes[node_id] for node_id in order])
        self._state.current_node = None
        return {
            "prompt": self._prompt.wire_without_secrets(),
            "outputs": self._outputs,
            "status": {
                "status_str": "success" if succeeded else "error",
                "completed": succeeded,
                "messages": self._report.messages,
            },
            "meta": {
                node_id: {"node_id": node_id, "display_node": node_id, "parent_node": None, "real_node_id": node_id}
                for node_id in self._outputs
            },
        }

    async def _run_all(self, nodes: list[PlacedNode]) -> bool:
        """Whether every node has run; if not, the client and the history have been told why."""
        for node in nodes:
            try:
                await self._run_node(node)
            except _InterruptedRunError:
                await self._report.message("execution_interrupted", self._where(node))
                return False
            except NodeError as error:
                await self._report.message("execution_error", self._failure(node, error))
                return False
        await self._report.message("execution_success", {})
        return True

    async def _run_node(self, node: PlacedNode) -> None:
        if node.node_id in self._done:
            await self._show(node, self._done[node.node_id].shown)
            await self._report.finish(node.node_id, 1)
            return
        self._state.current_node = node.node_id
        await self._report.begin(node.node_id)
        await asyncio.sleep(0)
        self._check_interrupt()
        total = 1
        if not self._blocked.isdisjoint(source.node_id for source in node.sources.values()):
            self._blocked.add(node.node_id)
        else:
            fault = self._state.faults.take_node(node.node_id, node.class_type)
            if fault is not None and fault.exception_type == BLOCKED:
                await self._block(node, fault)
            else:
                total = await self._try_work(node, fault)
        await self._report.finish(node.node_id, total)

    async def _try_work(self, node: PlacedNode, fault: NodeFault | None) -> int:
        """As `_work`. What a node's values make impossible (a linked number can be anything) fails the node alone."""
        try:
            return await self._work(node, fault)
        except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as exc:
            raise NodeError(str(exc), type(exc).__name__) from exc

    async def _work(self, node: PlacedNode, fault: NodeFault | None) -> int:
        """Do what a node does; returns the total of its progress."""
        if fault is not None and not node.is_sampler:
            raise NodeError(fault.message, fault.exception_type)
        sources = {name: self._done[made.node_id].recipe.output(made.slot) for name, made in node.sources.items()}
        values = node.literals | {name: made.value for name, made in sources.items() if made.value is not None}
        recipe = derive(node.class_type, values, sources, node.is_sampler)
        total = 1
        shown: dict[str, list[Any]] = {}
        if node.is_sampler:
            total = sampling_steps(recipe, values)
            await self._sample(node, recipe, total, fault)
        elif count := tiles(node.class_type, values, sources.get("image", recipe), recipe):
            total = count
            await self._work_in_tiles(node, total)
        elif node.class_type == _TO_SOCKET:
            total = recipe.count
            await self._send_pictures(node, recipe)
        elif node.is_output:
            shown = await self._writer.write(node.class_type, values, recipe, self._prompt)
        elif node.loads is not None:
            recipe = await self._load(node, recipe)
        elif seconds := node_seconds(self._state.settings, node.class_type, recipe):
            await asyncio.sleep(seconds)
        await self._show(node, shown)
        self._done[node.node_id] = self._cache[self._signatures[node.node_id]] = Done(recipe, shown)
        self._executed.append(node.node_id)
        return total

    async def _sample(self, node: PlacedNode, recipe: Recipe, total: int, fault: NodeFault | None) -> None:
        done = node.literals.get("start_at_step", 0)
        for step in range(1, total + 1):
            await asyncio.sleep(step_seconds(self._state.settings, recipe))
            self._check_interrupt()
            if fault is not None and step > fault.at_step:
                break
            image = (
                await self._state.studio.preview(recipe, _share(done + step, recipe, total))
                if self._wants_previews()
                else None
            )
            await self._report.step(node.node_id, step, total, "image/jpeg", image)
        if fault is not None:
            raise NodeError(fault.message, fault.exception_type)

    async def _work_in_tiles(self, node: PlacedNode, total: int) -> None:
        for tile in range(1, total + 1):
            await asyncio.sleep(tile_seconds(self._state.settings, total))
            self._check_interrupt()
            await self._report.step(node.node_id, tile, total)

    async def _send_pictures(self, node: PlacedNode, recipe: Recipe) -> None:
        for index in range(recipe.count):
            picture = await self._state.studio.picture(recipe, index, {})
            await self._report.step(node.node_id, index, recipe.count, "image/png", picture)

    async def _load(self, node: PlacedNode, recipe: Recipe) -> Recipe:
        path = self._state.storage.annotated(node.loads or "")
        if node.class_type == "LoadAudio":
            return replace(recipe, audio=path)
        width, height = await self._state.studio.measure(path)
        sized = replace(recipe, width=width, height=height)
        if node.class_type == "LoadImageMask":
            channel = str(node.literals.get("channel", _ALPHA))
            return replace(sized, mask=Mask(path, channel, inverted=channel == _ALPHA))
        return replace(sized, images=(path,), second=replace(sized, mask=Mask(path, _ALPHA, inverted=True)))

    async def _show(self, node: PlacedNode, shown: dict[str, list[Any]]) -> None:
        if shown:
            self._outputs[node.node_id] = shown
            await self._report.executed(node.node_id, shown)

    async def _block(self, node: PlacedNode, fault: NodeFault) -> None:
        """A branch ends here and the run goes on, although the client is told ``execution_error``."""
        self._blocked.add(node.node_id)
        error = NodeError(f"Execution Blocked: {fault.message}", BLOCKED)
        await self._report.notice("execution_error", self._failure(node, error))

    def _check_interrupt(self) -> None:
        if self._prompt.interrupted:
            raise _InterruptedRunError

    def _wants_previews(self) -> bool:
        settings = self._state.settings
        asked = self._prompt.extra_data.get("preview_method", "none") != "none"
        return settings.previews or (settings.newer and asked)

    def _where(self, node: PlacedNode) -> dict[str, Any]:
        return {"node_id": node.node_id, "node_type": node.class_type, "executed": list(self._executed)}

    def _failure(self, node: PlacedNode, error: NodeError) -> dict[str, Any]:
        """With all the inner matters that the real one tells, so that a client which passes them on is found out."""
        code = f'  File "{self._state.storage.root}/execution.py", line 1, in execute\n    result = run(secret_token)\n'
        inputs = {name: [value] for name, value in node.literals.items()}
        return self._where(node) | {
            "exception_message": f"{error}\n",
            "exception_type": error.exception_type,
            "traceback": [code],
            "current_inputs": inputs | {"model": ["tensor([[0.1254, -0.8810]], device='cuda:0')"]},
            "current_outputs": list(self._done),
        }

    def _stamp(self, node_id: str) -> object:
        """What a node depends on beside its inputs: the file it loads; what goes to the socket is never cached."""
        node = self._nodes[node_id]
        if node.class_type == _TO_SOCKET:
            return next(_fresh)
        path = None if node.loads is None else self._state.storage.annotated(node.loads)
        if path is None or not path.exists():
            return None
        stat = path.stat()
        return stat.st_mtime_ns, stat.st_size


def _share(step: int, recipe: Recipe, total: int) -> float:
    """How far a picture is after a step, of all samplers that work on it one after the other."""
    return min(1.0, step / max(total, recipe.steps or total))
