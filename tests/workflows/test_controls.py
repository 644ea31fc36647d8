"""Every control of every shipped workflow acts at its place, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.updater import WorkflowParameters, WorkflowUpdater
from tests.workflows.shipped import SHIPPED, differences, graph_of, workflow_of

VALUES: dict[str, Any] = {
    "prompt": "a red fox",
    "negative_prompt": "fog",
    "seed": 9,
    "steps": 6,
    "cfg": 3.0,
    "guidance": 2.0,
    "denoise": 0.5,
    "sampler": "heun",
    "scheduler": "beta",
    "width": 512,
    "height": 768,
    "batch_size": 3,
    "length": 33,
    "fps": 24.0,
    "upscale_factor": 4.0,
}
CONTROLS = [(name, parameter) for name, shipped in SHIPPED.items() for parameter in shipped.places]
PREPARED = [(name, "cfg") for name in ("z_image_turbo", "video_wan_i2v", "video_wan_t2v")]
PREPARED += [(name, "batch_size") for name in ("video_wan_i2v", "video_wan_t2v")]


@pytest.mark.parametrize("name", SHIPPED)
def test_what_acts_is_all_that_is_exposed(name: str) -> None:
    shipped = SHIPPED[name]
    exposed = (
        shipped.places.keys() | {"loras"} | ({"images"} if shipped.images or shipped.starts_from_nothing else set())
    )
    assert WorkflowUpdater().supported(graph_of(name)) == exposed
    assert workflow_of(name).supported == exposed - {parameter for key, parameter in PREPARED if key == name}


@pytest.mark.parametrize(("name", "parameter"), CONTROLS)
def test_a_control_acts_at_its_place_and_nowhere_else(name: str, parameter: str) -> None:
    graph, places = graph_of(name), SHIPPED[name].places[parameter]
    after = WorkflowUpdater().update(graph, WorkflowParameters(**{parameter: VALUES[parameter]}))
    changed = differences(graph, after)
    assert changed.keys() == set(places)
    assert changed[places[0]] == VALUES[parameter]
    assert WorkflowUpdater().values(after)[parameter] == VALUES[parameter]
    assert graph == graph_of(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_all_controls_at_once_act_as_they_do_alone(name: str) -> None:
    graph, shipped = graph_of(name), SHIPPED[name]
    given = {parameter: VALUES[parameter] for parameter in shipped.places}
    together = differences(graph, WorkflowUpdater().update(graph, WorkflowParameters(**given)))
    assert together.keys() == {place for places in shipped.places.values() for place in places}


@pytest.mark.parametrize("name", ["video_wan_i2v", "video_wan_t2v"])
@pytest.mark.parametrize(("steps", "handover"), [(2, 1), (4, 2), (6, 3), (12, 6)])
def test_the_stages_of_a_video_share_the_steps_as_before(name: str, steps: int, handover: int) -> None:
    after = WorkflowUpdater().update(graph_of(name), WorkflowParameters(steps=steps))
    high, low = (after[f"sampler_{stage}"]["inputs"] for stage in ("high", "low"))
    assert (high["steps"], high["start_at_step"], high["end_at_step"]) == (steps, 0, handover)
    assert (low["steps"], low["start_at_step"], low["end_at_step"]) == (steps, handover, steps)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_negative_is_offered_only_where_words_reach_that_side(name: str) -> None:
    zeroed = any(node["class_type"] == "ConditioningZeroOut" for node in graph_of(name).values())
    assert ("negative_prompt" in workflow_of(name).supported) is not zeroed
