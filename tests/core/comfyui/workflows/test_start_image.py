"""A picture to start from, put into workflows that were saved to start from nothing."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.start_image import DENOISE
from core.comfyui.workflows.updater import WorkflowParameters, WorkflowUpdater

WORKFLOWS = Path(__file__).parents[4] / "workflows"
SHIPPED = ["flux_lora", "flux_krea_lora", "hidream_lora"]


def graph_of(name: str) -> dict[str, Any]:
    return WorkflowManager(WORKFLOWS, {}).load_workflow(name)


def by_class(graph: dict[str, Any], node_class: str) -> list[tuple[str, dict[str, Any]]]:
    return [(node_id, node["inputs"]) for node_id, node in graph.items() if node["class_type"] == node_class]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_sampler_starts_from_the_picture_at_the_workflow_size(name: str) -> None:
    before = graph_of(name)
    kept = copy.deepcopy(before)
    after = WorkflowUpdater().update(before, WorkflowParameters(images=("cat.png",), width=512, height=768))
    assert before == kept
    ((load, loaded),) = by_class(after, "LoadImage")
    ((scale, scaled),) = by_class(after, "ImageScale")
    ((encode, encoded),) = by_class(after, "VAEEncode")
    ((_, sampler),) = by_class(after, "KSampler")
    ((_, decoder),) = by_class(after, "VAEDecode")
    assert loaded["image"] == "cat.png"
    assert (scaled["image"], scaled["width"], scaled["height"]) == ([load, 0], 512, 768)
    assert (encoded["pixels"], encoded["vae"]) == ([scale, 0], decoder["vae"])
    assert sampler["latent_image"] == [encode, 0]
    assert sampler["denoise"] == DENOISE
    assert not [node for node in after.values() if node["class_type"].startswith("Empty")]


def test_nothing_but_start_and_denoise_changes() -> None:
    before = graph_of("flux_lora")
    after = WorkflowUpdater().update(before, WorkflowParameters(images=("cat.png",)))
    ((sampler, _),) = by_class(before, "KSampler")
    changed = {node_id for node_id in before.keys() & after.keys() if before[node_id] != after[node_id]}
    assert changed == {sampler}
    assert {key for key, value in after[sampler]["inputs"].items() if value != before[sampler]["inputs"][key]} == {
        "latent_image",
        "denoise",
    }


def test_a_batch_repeats_the_picture() -> None:
    after = WorkflowUpdater().update(graph_of("flux_lora"), WorkflowParameters(images=("cat.png",), batch_size=3))
    ((repeat, inputs),) = by_class(after, "RepeatLatentBatch")
    assert inputs["amount"] == 3
    assert by_class(after, "KSampler")[0][1]["latent_image"] == [repeat, 0]


@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_a_chosen_strength_is_kept(strength: float) -> None:
    after = WorkflowUpdater().update(graph_of("flux_lora"), WorkflowParameters(images=("cat.png",), denoise=strength))
    assert by_class(after, "KSampler")[0][1]["denoise"] == strength


def test_an_id_that_is_taken_is_not_used() -> None:
    graph = graph_of("flux_lora")
    taken = {"class_type": "PreviewAny", "inputs": {"source": "x"}}
    graph["start_image_1"] = taken
    after = WorkflowUpdater().update(graph, WorkflowParameters(images=("cat.png",)))
    assert after["start_image_1"] == taken
    assert len(by_class(after, "LoadImage")) == 1


def test_of_several_pictures_the_first_is_the_start() -> None:
    after = WorkflowUpdater().update(graph_of("flux_lora"), WorkflowParameters(images=("cat.png", "dog.png")))
    ((_, loaded),) = by_class(after, "LoadImage")
    assert loaded["image"] == "cat.png"


def test_only_one_picture_has_a_place() -> None:
    updater, graph = WorkflowUpdater(), graph_of("flux_lora")
    assert "images" in updater.supported(graph)
    assert updater.unsupported(graph, WorkflowParameters(images=("a.png",))) == ()
    assert updater.unsupported(graph, WorkflowParameters(images=("a.png", "b.png"))) == ("images",)


@pytest.mark.parametrize("spoil", ["length", "no vae", "denoise", "another latent"])
def test_what_cannot_start_from_a_picture_does_not_offer_it(spoil: str) -> None:
    graph = graph_of("flux_lora")
    ((latent, inputs),) = by_class(graph, "EmptySD3LatentImage")
    ((_, sampler),) = by_class(graph, "KSampler")
    ((decoder, _),) = by_class(graph, "VAEDecode")
    match spoil:
        case "length":
            inputs["length"] = 81
        case "no vae":
            del graph[decoder]["inputs"]["vae"]
        case "denoise":
            sampler["denoise"] = 0.5
        case "another latent":
            graph[latent]["class_type"] = "SomeLatent"
    assert "images" not in WorkflowUpdater().supported(graph)


def test_a_workflow_with_pictures_of_its_own_takes_those() -> None:
    graph = graph_of("flux_lora")
    started = WorkflowUpdater().update(graph, WorkflowParameters(images=("a.png",)))
    again = WorkflowUpdater().update(started, WorkflowParameters(images=("b.png",)))
    assert [inputs["image"] for _, inputs in by_class(again, "LoadImage")] == ["b.png"]
