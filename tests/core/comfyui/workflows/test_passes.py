"""A refining pass at a strength of 0 is left out of what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters, WorkflowUpdater
from core.comfyui.workflows.workflow import load
from tests.core.comfyui.workflows.graphs import Graph, node, sampler

PASS = {"model", "words", "encode", "refine", "decode"}


def refined(denoise: float = 0.0) -> Graph:
    """An enlarged picture, and a pass over it."""
    return {
        "in": node("LoadImage", image="x.png"),
        "big": node("ImageScaleBy", upscale_method="lanczos", scale_by=2.0, image=["in", 0]),
        "model": node("CheckpointLoaderSimple", ckpt_name="model.safetensors"),
        "words": node("CLIPTextEncode", text="sharp", clip=["model", 1]),
        "encode": node("VAEEncodeTiled", pixels=["big", 0], vae=["model", 2], tile_size=512),
        "refine": sampler(
            denoise=denoise, model=["model", 0], positive=["words", 0], negative=["words", 0],
            latent_image=["encode", 0],
        ),
        "decode": node("VAEDecodeTiled", samples=["refine", 0], vae=["model", 2], tile_size=512),
        "out": node("SaveImage", filename_prefix="x", images=["decode", 0]),
    }  # fmt: skip


def sent(graph: Graph, **values: Any) -> Graph:
    return load("it", graph, None, WorkflowUpdater()).build(WorkflowParameters(**values))


def test_a_pass_that_is_off_goes_with_all_that_only_it_needs() -> None:
    graph = refined()
    after = sent(graph, upscale_factor=4.0)
    assert after == {
        "in": graph["in"],
        "big": node("ImageScaleBy", upscale_method="lanczos", scale_by=4.0, image=["in", 0]),
        "out": node("SaveImage", filename_prefix="x", images=["big", 0]),
    }


def test_a_pass_that_is_switched_on_stays() -> None:
    after = sent(refined(), denoise=0.3)
    assert after.keys() == refined().keys()
    assert after["refine"]["inputs"]["denoise"] == 0.3


def test_a_pass_that_is_switched_off_goes() -> None:
    after = sent(refined(0.4), denoise=0.0)
    assert not PASS & after.keys()


def test_passes_that_follow_upon_each_other_go_together() -> None:
    graph = refined()
    graph |= {
        "again": node("VAEEncode", pixels=["decode", 0], vae=["model", 2]),
        "polish": sampler(
            denoise=0.0, model=["model", 0], positive=["words", 0], negative=["words", 0], latent_image=["again", 0]
        ),
        "picture": node("VAEDecode", samples=["polish", 0], vae=["model", 2]),
        "out": node("SaveImage", filename_prefix="x", images=["picture", 0]),
    }
    after = sent(graph)
    assert after.keys() == {"in", "big", "out"}
    assert after["out"]["inputs"]["images"] == ["big", 0]
    assert sent(graph, denoise=0.3).keys() == graph.keys()


def test_what_others_use_too_stays() -> None:
    graph = refined()
    graph["look"] = node("PreviewAny", source=["model", 0])
    after = sent(graph)
    assert PASS & after.keys() == {"model"}


def test_loras_that_were_put_into_it_go_with_it() -> None:
    after = sent(refined(), loras=(LoraChoice("a"), LoraChoice("b")))
    assert after.keys() == {"in", "big", "out"}


@pytest.mark.parametrize("change", ["empty latent", "kept latent"])
def test_only_what_gives_the_picture_back_is_such_a_pass(change: str) -> None:
    graph = refined()
    if change == "empty latent":
        graph["refine"]["inputs"]["latent_image"] = ["empty", 0]
        graph["empty"] = node("EmptyLatentImage", width=512, height=512, batch_size=1)
    else:
        graph["latent"] = node("SaveLatent", filename_prefix="x", samples=["refine", 0])
    assert bind(graph).passes == ()
    assert sent(graph) == graph


def test_what_acts_on_nothing_but_such_a_pass_is_known() -> None:
    refining = load("it", refined(), None, WorkflowUpdater())
    idle = {"prompt", "seed", "steps", "cfg", "sampler", "scheduler", "loras"}
    assert refining.supported - {"denoise", "images", "upscale_factor"} == idle
    assert refining.idle(None) == refining.idle(0.0) == idle
    assert refining.idle(0.3) == frozenset()
    assert load("it", refined(0.4), None, WorkflowUpdater()).idle(None) == frozenset()


def test_what_acts_on_another_sampler_too_is_not_idle() -> None:
    graph = refined()
    graph["in"] = node("VAEDecode", samples=["first", 0], vae=["model", 2])
    graph["empty"] = node("EmptyLatentImage", width=512, height=512, batch_size=1)
    graph["first"] = node(
        "KSamplerAdvanced", add_noise="enable", noise_seed=5, steps=20, cfg=7.5, sampler_name="euler",
        scheduler="normal", model=["model", 0], positive=["words", 0], negative=["words", 0],
        latent_image=["empty", 0], start_at_step=0, end_at_step=10000, return_with_leftover_noise="disable",
    )  # fmt: skip
    twice = load("it", graph, None, WorkflowUpdater())
    assert not {"encode", "refine"} & twice.build(WorkflowParameters(denoise=0.0)).keys()
    assert twice.idle(0.0) == frozenset()


def test_an_update_of_a_graph_of_ones_own_leaves_it_whole() -> None:
    assert WorkflowUpdater().update(refined(), WorkflowParameters()) == refined()


@pytest.mark.parametrize(("strength", "kind"), [(0.0, "upscale"), (0.5, "upscale"), (0.51, "edit")])
def test_a_light_pass_over_an_enlarged_picture_leaves_it_an_enlargement(strength: float, kind: str) -> None:
    assert load("it", refined(strength), None, WorkflowUpdater()).type == kind
