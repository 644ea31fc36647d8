from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.models import BotConfig
from core.engine import Engine, open_engine
from core.generators.base import GenerationRequest
from core.generators.requests import make_request
from core.jobs.store import JobStore
from playground.comfyui import ComfyUIServer


@dataclass
class House:
    """An engine on the scripted server, with one workflow called "fox"."""

    server: ComfyUIServer
    config: BotConfig
    engine: Engine

    @property
    def outputs(self) -> Path:
        return Path(self.config.storage.outputs)

    def request(self, prompt: str = "a red fox", **values: Any) -> GenerationRequest:
        return make_request(self.engine.workflows.get("fox"), prompt, values)


@pytest.fixture
def add_workflow(tmp_path: Path) -> Callable[[str, dict[str, Any]], None]:
    """Puts a graph into the folder of workflows, under a name."""
    folder = tmp_path / "workflows"
    folder.mkdir()

    def add(name: str, graph: dict[str, Any]) -> None:
        (folder / f"{name}.json").write_text(json.dumps(graph))

    return add


@pytest.fixture
def config_of(
    tmp_path: Path, picture: Callable[..., Any], add_workflow: Callable[[str, dict[str, Any]], None]
) -> Callable[..., BotConfig]:
    """Settings for a server's URL; ``storage`` and others replace single values of their sections."""

    def build(url: str, **sections: dict[str, Any]) -> BotConfig:
        add_workflow("fox", picture())
        folders = {"outputs": "results", "workflows": "workflows", "data": "data"}
        storage = {name: str(tmp_path / folder) for name, folder in folders.items()}
        return BotConfig.model_validate(
            {
                "comfyui": {"url": url, **sections.get("comfyui", {})},
                "generation": {"default_workflow": "fox", **sections.get("generation", {})},
                "storage": {**storage, **sections.get("storage", {})},
                "workflows": sections.get("workflows", {"fox": {"file": "fox.json", "name": "Red fox"}}),
            }
        )

    return build


@pytest.fixture
async def build_house(comfyui: ComfyUIServer, config_of: Callable[..., BotConfig]) -> AsyncIterator[Callable[..., Any]]:
    """Opens engines; takes the sections of `config_of`."""
    async with AsyncExitStack() as stack:

        async def build(*, store: JobStore | None = None, **sections: dict[str, Any]) -> House:
            config = config_of(comfyui.url, **sections)
            engine = await stack.enter_async_context(open_engine(config, store=store))
            return House(comfyui, config, engine)

        yield build


@pytest.fixture
async def house(build_house: Callable[..., Any]) -> House:
    return await build_house()


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes out the seconds that the road leaves a server between two looks; what it does stays the same."""
    monkeypatch.setattr("core.comfyui.execution._SECOND_LOOK", 0.01)
    monkeypatch.setattr("core.comfyui.outage._RETRY_WHEN_AWAY", 0.01)
    monkeypatch.setattr("core.comfyui.posting._LOOK_UP_PAUSES", (0.0, 0.0, 0.0, 0.0))
    monkeypatch.setattr("core.comfyui.execution._HISTORY_PAUSES", (0.0,) * 7)
    monkeypatch.setattr("core.comfyui.execution._CANCEL_PAUSES", (0.01,) * 200)
    monkeypatch.setattr("core.comfyui.websocket._BACKOFF", (0.01,))
    monkeypatch.setattr("core.jobs.runner._LOOK_EVERY", 0.01)
    monkeypatch.setattr("core.comfyui.subscription._END_GRACE", 0.01)
