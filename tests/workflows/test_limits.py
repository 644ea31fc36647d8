"""What the shipped workflows let people choose, once the definitions of a server's nodes are known."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.preflight import missing
from core.exceptions import ValidationError
from playground.comfyui import ComfyUIServer
from tests.workflows.shipped import FOLDER, SHIPPED, configured

ALLOWED: list[tuple[str, str, list[Any], list[Any]]] = [
    ("qwen_image", "width", [1328, 928, 1664], [1330, 2064]),
    ("z_image_turbo", "steps", [4, 8, 16], [3, 17]),
    ("video_wan_i2v", "width", [480, 640, 1280], [650, 1296]),
    ("video_wan_t2v", "height", [480, 832], [490]),
    ("video_wan_t2v", "length", [5, 33, 81, 121], [1, 34, 80, 125]),
    ("video_wan_i2v", "steps", [2, 4, 12], [1, 13]),
    ("video_wan_i2v", "fps", [8, 16.0, 24], [5, 60]),
    ("sdxl", "sampler", ["euler", "dpmpp_2m"], ["unheard of"]),
    ("sdxl", "scheduler", ["karras"], ["unheard of"]),
    ("upscale", "upscale_factor", [2, 4, 8], [1, 3, 16]),
    ("upscale", "denoise", [0, 0.3, 0.6], [0.7]),
]


@pytest.fixture
async def taught() -> WorkflowManager:
    """The shipped workflows, as they are read when the demo server is known."""
    manager = WorkflowManager(FOLDER, configured().workflows)
    async with (
        ComfyUIServer(draw=False) as server,
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/object_info") as answer,
    ):
        manager.learn(await answer.json())
    return manager


@pytest.mark.parametrize(("name", "parameter", "allowed", "refused"), ALLOWED)
async def test_limits_are_those_of_model_and_node(
    taught: WorkflowManager, name: str, parameter: str, allowed: list[Any], refused: list[Any]
) -> None:
    limit = taught.get(name).limits[parameter]
    assert [limit.check(value) for value in allowed] == allowed
    for value in refused:
        with pytest.raises(ValidationError):
            limit.check(value)


async def test_nothing_is_missing_on_the_demo_server_and_what_is_saved_is_allowed(taught: WorkflowManager) -> None:
    assert taught.problems() == {}
    assert {workflow.name for workflow in taught.available()} == SHIPPED.keys()
    for workflow in taught.available():
        assert missing(workflow.graph(), taught.definitions or {}) == []
        for parameter, value in workflow.defaults.items():
            if parameter in workflow.limits:
                assert workflow.limits[parameter].check(value) == value
