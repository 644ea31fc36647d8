"""The workflows against the server: what is offered, what is refused, and what is noticed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from config.models import WorkflowEntry
from core.comfyui.catalog import Catalog
from core.comfyui.client import ComfyUIClient
from core.comfyui.definitions import DefinitionStore
from core.comfyui.workflows.library import WorkflowLibrary
from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.parameters import WorkflowParameters
from core.exceptions import WorkflowError
from playground.comfyui import ComfyUIServer
from tests.core.comfyui.workflows.editor.samples import file
from tests.core.comfyui.workflows.editor.samples import node as saved_node
from tests.core.comfyui.workflows.graphs import node
from utils.files import write_atomically

LACKS = 'ComfyUI lacks model file "sd_xl_base_1.0.safetensors" in models/checkpoints.'
INVERT = {
    "1": node("LoadImage", image="saved.png"),
    "2": node("ImageInvert", image=["1", 0]),
    "3": node("SaveImage", images=["2", 0], filename_prefix="inverted"),
}


@dataclass
class Shelf:
    """A folder of workflows, a server, and the library of both. Its clock stands still until it is set."""

    folder: Path
    data: Path
    server: ComfyUIServer
    library: WorkflowLibrary
    now: float = 1000.0

    def put(self, name: str, graph: Any) -> None:
        """Save a file, whole at once: otherwise the watch may see half of it."""
        content = graph if isinstance(graph, bytes) else orjson.dumps(graph)
        write_atomically(self.folder / f"{name}.json", content)

    def entries(self) -> dict[str, tuple[bool, str | None]]:
        return {entry.name: (entry.ready, entry.problem) for entry in self.library.entries()}

    def offered(self) -> list[str]:
        return [workflow.name for workflow in self.library.offered()]

    async def approve(self, name: str, **values: Any) -> None:
        workflow, parameters = self.library.workflows.get(name), WorkflowParameters(**values)
        await self.library.approve(workflow.build(parameters))

    def asked(self) -> int:
        return self.server.count("GET", "/object_info")


@pytest.fixture
async def open_shelf(comfyui: ComfyUIServer, tmp_path: Path, picture: Any) -> AsyncIterator[Callable[..., Shelf]]:
    """Puts shelves up, on one folder with the workflow "fox" in it; takes the entries of a configuration."""
    folder, data = tmp_path / "workflows", tmp_path / "data"
    folder.mkdir()
    async with ComfyUIClient(comfyui.url) as client:

        def build(entries: dict[str, WorkflowEntry] | None = None) -> Shelf:
            store = DefinitionStore(data)
            manager = WorkflowManager(folder, entries or {}, recall=store.read)
            shelf = Shelf(
                folder, data, comfyui, WorkflowLibrary(manager, Catalog(client), store, clock=lambda: shelf.now)
            )
            shelf.put("fox", picture())
            return shelf

        yield build


@pytest.fixture
def shelf(open_shelf: Callable[..., Shelf]) -> Shelf:
    return open_shelf()


async def test_without_a_server_all_that_can_be_read_is_offered(shelf: Shelf) -> None:
    await shelf.server.kill()
    shelf.put("broken", b"{")
    assert await shelf.library.refresh() is False
    assert shelf.library.definitions is None
    assert shelf.offered() == ["fox"]
    assert shelf.entries()["fox"] == (True, None)
    assert shelf.entries()["broken"] == (False, "The file broken.json is not valid JSON: save it again.")
    await shelf.approve("fox")


async def test_what_the_server_lacks_is_told_and_not_offered(shelf: Shelf) -> None:
    shelf.server.set_models("checkpoints", [])
    shelf.put("invert", INVERT)
    assert await shelf.library.refresh() is True
    assert shelf.entries() == {"fox": (False, LACKS), "invert": (True, None)}
    assert shelf.offered() == ["invert"]


async def test_what_looks_wrong_is_told_and_offered(open_shelf: Callable[..., Shelf], picture: Any) -> None:
    entry = WorkflowEntry(file="fox.json", defaults={"guidance": 3.0})
    shelf = open_shelf({"main": entry})
    await shelf.library.refresh()
    ((ready, problem),) = shelf.entries().values()
    assert ready
    assert problem is not None
    assert "guidance has no place" in problem


async def test_configured_workflows_come_first_and_those_that_cannot_be_read_last(
    open_shelf: Callable[..., Shelf],
) -> None:
    shelf = open_shelf({"main": WorkflowEntry(file="fox.json"), "off": WorkflowEntry(file="off.json", enabled=False)})
    shelf.put("a", INVERT)
    shelf.put("b", b"{")
    shelf.put("off", INVERT)
    assert list(shelf.entries()) == ["main", "a", "b"]


async def test_a_server_that_went_away_leaves_what_was_known(shelf: Shelf) -> None:
    shelf.server.set_models("checkpoints", [])
    await shelf.library.refresh()
    await shelf.server.kill()
    assert await shelf.library.refresh() is False
    assert shelf.entries()["fox"] == (False, LACKS)


async def test_what_a_server_has_is_known_after_a_restart_without_it(open_shelf: Callable[..., Shelf]) -> None:
    first = open_shelf()
    of_the_editor = file(
        saved_node(1, "LoadImage", ["a.png", "image"], outputs=("IMAGE", "MASK")),
        saved_node(2, "SaveImage", ["made"], {"images": (1, 0)}, types={"images": "IMAGE"}),
    )
    first.put("saved", of_the_editor)
    assert "start ComfyUI once" in str(first.entries()["saved"][1])
    first.server.set_models("checkpoints", [])
    await first.library.refresh()
    assert first.entries()["saved"] == (True, None)
    await first.server.kill()
    second = open_shelf()
    assert await second.library.refresh() is False
    assert second.entries() == {"fox": (False, LACKS), "saved": (True, None)}
    await second.approve("fox")  # what is known from before refuses nothing


async def test_many_refresh_at_once_and_the_files_are_read_once(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    learnt = []
    learn = shelf.library.workflows.learn
    monkeypatch.setattr(shelf.library.workflows, "learn", lambda known: (learnt.append(True), learn(known)))
    assert await asyncio.gather(*(shelf.library.refresh() for _ in range(10))) == [True] * 10
    assert (shelf.asked(), len(learnt)) == (1, 1)
    assert shelf.entries()["fox"] == (True, None)


async def test_definitions_that_stay_the_same_cost_nothing(shelf: Shelf) -> None:
    await shelf.library.refresh()
    fox = shelf.library.workflows.get("fox")
    await shelf.library.refresh()
    assert shelf.library.workflows.get("fox") is fox


async def test_a_picture_that_somebody_sent_does_not_have_everything_read_anew(shelf: Shelf) -> None:
    await shelf.library.refresh()
    fox, kept = shelf.library.workflows.get("fox"), (shelf.data / "object_info.json").stat()
    (shelf.server.input_dir / "sent.png").write_bytes(b"x")
    await shelf.library.refresh()
    assert "sent.png" in str(shelf.library.definitions)
    assert shelf.library.workflows.get("fox") is fox
    assert (shelf.data / "object_info.json").stat().st_mtime_ns == kept.st_mtime_ns


async def test_what_was_brought_a_moment_ago_is_looked_for_before_a_refusal(shelf: Shelf) -> None:
    shelf.server.set_models("checkpoints", [])
    with pytest.raises(WorkflowError) as caught:
        await shelf.approve("fox")
    assert caught.value.message.startswith(LACKS.removesuffix("."))
    shelf.server.set_models("checkpoints", ["sd_xl_base_1.0.safetensors"])
    await shelf.approve("fox")
    assert shelf.entries()["fox"] == (True, None)


async def test_what_is_fine_is_approved_without_asking(shelf: Shelf) -> None:
    await shelf.approve("fox")
    asked = shelf.asked()
    await shelf.approve("fox", steps=5)
    assert shelf.asked() == asked == 1


async def test_a_lack_is_told_by_the_server_itself_when_it_does_not_answer_now(shelf: Shelf) -> None:
    shelf.server.set_models("checkpoints", [])
    await shelf.library.refresh()
    await shelf.server.kill()
    await shelf.approve("fox")


@pytest.fixture
def looks(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Grows by one with every look."""
    counted: list[None] = []
    entries = shelf.library.entries

    def look() -> Any:
        found = entries()
        counted.append(None)
        return found

    monkeypatch.setattr(shelf.library, "entries", look)
    return counted


@dataclass
class Watch:
    """Counts the changes that are told; `change` waits for the next one."""

    told: int = 0

    def __post_init__(self) -> None:
        self._next = asyncio.Event()

    async def __call__(self) -> None:
        self.told += 1
        self._next.set()

    async def change(self) -> None:
        async with asyncio.timeout(30):
            await self._next.wait()
        self._next.clear()


async def test_files_that_come_change_and_go_are_noticed(shelf: Shelf, looks: list[None], until: Any) -> None:
    watch = Watch()
    await shelf.library.refresh()
    async with shelf.library.watching(watch, every=0.001):
        await until(lambda: len(looks) > 3)
        assert watch.told == 0
        shelf.put("new", INVERT)
        await watch.change()
        assert shelf.offered() == ["fox", "new"]
        shelf.put("new", {**INVERT, "4": node("PreviewImage", images=["2", 0])})
        await watch.change()
        (shelf.folder / "new.json").unlink()
        await watch.change()
        assert shelf.offered() == ["fox"]
        seen = len(looks)
        await until(lambda: len(looks) > seen + 3)
    assert watch.told == 3


async def test_a_file_that_broke_is_told_once_and_keeps_its_last_good_version(
    shelf: Shelf, looks: list[None], until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    watch = Watch()
    async with shelf.library.watching(watch, every=0.001):
        await until(lambda: looks)
        shelf.put("fox", b"{ broken")
        await watch.change()
        seen = len(looks)
        await until(lambda: len(looks) > seen + 3)
        assert shelf.offered() == ["fox"]
        (told,) = [record for record in caplog.records if record.message == "workflow not usable"]
        problem = "The file fox.json is not valid JSON: save it again."
        assert vars(told)["fields"] == {"workflow": "fox", "problem": problem}
        shelf.put("fox", INVERT)
        await watch.change()
    assert watch.told == 2
    assert shelf.entries()["fox"] == (True, None)


async def test_the_server_is_asked_now_and_then_and_what_became_ready_is_told(
    shelf: Shelf, looks: list[None], until: Any
) -> None:
    watch = Watch()
    shelf.server.set_models("checkpoints", [])
    await shelf.library.refresh()
    assert shelf.offered() == []
    async with shelf.library.watching(watch, every=0.001):
        shelf.server.set_models("checkpoints", ["sd_xl_base_1.0.safetensors"])
        await until(lambda: len(looks) > 3)
        assert (shelf.asked(), watch.told) == (1, 0)
        shelf.now += 61
        await watch.change()
        assert shelf.offered() == ["fox"]
        shelf.server.set_models("checkpoints", [])
        shelf.now += 61
        await watch.change()
        assert shelf.offered() == []
    assert (shelf.asked(), watch.told) == (3, 2)


async def test_what_changes_on_the_server_and_in_no_workflow_is_told_to_nobody(
    shelf: Shelf, looks: list[None], until: Any
) -> None:
    watch = Watch()
    await shelf.library.refresh()
    fox = shelf.library.workflows.get("fox")
    async with shelf.library.watching(watch, every=0.001):
        shelf.server.set_models("upscale_models", ["new.pth"])
        shelf.now += 61
        await until(lambda: shelf.library.workflows.get("fox") is not fox)
        seen = len(looks)
        await until(lambda: len(looks) > seen + 3)
    assert (shelf.asked(), watch.told) == (2, 0)


async def test_who_is_told_may_fail_and_is_told_again(
    shelf: Shelf, looks: list[None], until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch()

    async def broken() -> None:
        await watch()
        raise RuntimeError("no screen")

    async with shelf.library.watching(broken, every=0.001):
        await until(lambda: looks)
        shelf.put("new", INVERT)
        await watch.change()
        (shelf.folder / "new.json").unlink()
        await watch.change()
    assert caplog.text.count("RuntimeError: no screen") == 2


async def test_a_server_that_takes_its_time_keeps_nobody_from_noticing_a_file(
    shelf: Shelf, looks: list[None], until: Any
) -> None:
    watch = Watch()
    gate = shelf.server.pause_request("GET", "/object_info")
    async with shelf.library.watching(watch, every=0.001):
        await gate.reached()
        await until(lambda: looks)
        shelf.put("new", INVERT)
        await watch.change()
        assert shelf.offered() == ["fox", "new"]
        gate.release()


async def test_a_server_that_stays_away_is_told_once(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    def told() -> int:
        return caplog.messages.count("node definitions not read")

    await shelf.server.kill()
    assert [await shelf.library.refresh() for _ in range(3)] == [False] * 3
    assert told() == 1
    await shelf.server.revive()
    assert await shelf.library.refresh() is True
    await shelf.server.kill()
    assert await shelf.library.refresh() is False
    assert told() == 2


async def test_what_changed_before_the_watch_began_is_told_to_who_does_not_know_it(shelf: Shelf) -> None:
    watch, known = Watch(), shelf.library.entries()
    shelf.put("new", INVERT)
    async with shelf.library.watching(watch, since=known, every=0.001):
        await watch.change()
    assert watch.told == 1


async def test_watching_ends_with_its_block(shelf: Shelf) -> None:
    async with shelf.library.watching(Watch(), every=0.001):
        pass
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("workflows-")] == []
