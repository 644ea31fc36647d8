"""Pictures go to the inputs of a shipped workflow in their order; those without any start from one."""

from __future__ import annotations

import pytest

from core.comfyui.workflows.updater import WorkflowParameters, WorkflowUpdater
from tests.workflows.shipped import SHIPPED, differences, graph_of

NAMES = ("first.png", "second.png", "third.png")
TAKING = [name for name, shipped in SHIPPED.items() if shipped.images]
FREE = [name for name, shipped in SHIPPED.items() if shipped.starts_from_nothing]


@pytest.mark.parametrize("name", TAKING)
def test_pictures_go_in_in_their_order(name: str) -> None:
    graph, places = graph_of(name), SHIPPED[name].images
    after = WorkflowUpdater().update(graph, WorkflowParameters(images=NAMES[: len(places)]))
    assert differences(graph, after) == dict(zip(places, NAMES, strict=False))


@pytest.mark.parametrize("name", ["qwen_image_edit", "qwen_image_edit_2", "qwen_image_edit_3"])
def test_both_sides_of_an_edit_see_all_pictures_in_that_order(name: str) -> None:
    graph, places = graph_of(name), SHIPPED[name].images
    for side in ("prompt", "negative"):
        seen = [graph[side]["inputs"][f"image{number}"][0] for number in range(1, len(places) + 1)]
        first = graph[seen[0]]["inputs"]["image"][0]
        assert [f"{node_id}.image" for node_id in (first, *seen[1:])] == list(places)
        assert f"image{len(places) + 1}" not in graph[side]["inputs"]


@pytest.mark.parametrize("name", TAKING)
def test_more_pictures_than_places_are_told(name: str) -> None:
    few, many = ("x.png",) * len(SHIPPED[name].images), ("x.png",) * (len(SHIPPED[name].images) + 1)
    updater, graph = WorkflowUpdater(), graph_of(name)
    assert updater.unsupported(graph, WorkflowParameters(images=few)) == ()
    assert updater.unsupported(graph, WorkflowParameters(images=many)) == ("images",)


@pytest.mark.parametrize("name", FREE)
def test_what_starts_from_nothing_can_start_from_a_picture(name: str) -> None:
    graph = graph_of(name)
    after = WorkflowUpdater().update(graph, WorkflowParameters(images=NAMES[:1], denoise=0.4))
    (loader,) = (node for node in after.values() if node["class_type"] == "LoadImage")
    assert loader["inputs"]["image"] == "first.png"
    assert after["sampler"]["inputs"]["denoise"] == 0.4
    assert "latent" not in after


def test_a_video_from_words_does_not_take_a_picture_for_its_start() -> None:
    given = WorkflowParameters(images=NAMES[:1])
    assert WorkflowUpdater().unsupported(graph_of("video_wan_t2v"), given) == ("images",)


@pytest.mark.parametrize("name", TAKING)
def test_no_shipped_workflow_has_a_picture_that_every_server_has(name: str) -> None:
    pictures = [node["inputs"]["image"] for node in graph_of(name).values() if node["class_type"] == "LoadImage"]
    assert pictures
    assert "example.png" not in pictures
