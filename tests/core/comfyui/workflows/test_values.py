"""Where numbers are: past switches, through measured pictures, and what follows them."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from tests.core.comfyui.workflows.graphs import node, plain, sampler, two_stages, with_inputs


def places(graph: dict[str, Any], *roles: str) -> dict[str, list[str]]:
    found = bind(graph).to_dict()
    return {role: found.get(role, []) for role in roles}


def test_the_branch_that_is_off_does_not_count() -> None:
    graph = plain()
    graph["few"] = node("PrimitiveInt", value=4)
    graph["many"] = node("PrimitiveInt", value=30)
    graph["fast"] = node("PrimitiveBoolean", value=False)
    graph["which"] = node("ComfySwitchNode", switch=["fast", 0], on_true=["few", 0], on_false=["many", 0])
    graph = with_inputs(graph, "3", steps=["which", 0])
    assert places(graph, "steps") == {"steps": ["many.value"]}
    assert places(with_inputs(graph, "fast", value=True), "steps") == {"steps": ["few.value"]}


def test_a_computed_value_has_no_place_and_is_no_error() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["size"] = node("GetImageSize", image=["in", 0])
    found = bind(with_inputs(graph, "5", width=["size", 0], height=["size", 1]))
    assert not {"width", "height"} & found.roles.keys()
    assert found.problems == ()


def test_a_size_that_is_measured_is_found_where_it_is_made() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["scale"] = node("ImageScale", width=640, height=320, image=["in", 0])
    graph["size"] = node("GetImageSize", image=["scale", 0])
    graph = with_inputs(graph, "5", width=["size", 0], height=["size", 1])
    assert places(graph, "width", "height") == {"width": ["scale.width"], "height": ["scale.height"]}


def test_a_second_pass_keeps_its_own_settings() -> None:
    graph = plain()
    graph["up"] = node("LatentUpscale", width=1024, height=1536, samples=["3", 0])
    graph["again"] = sampler(steps=8, denoise=0.5, seed=9, latent_image=["up", 0])
    found = bind(with_inputs(graph, "8", samples=["again", 0]))
    assert found.to_dict() | {"cfg": []} == {
        **bind(plain()).to_dict(),
        "seed": ["3.seed", "again.seed"],
        "cfg": [],
        "sampler": ["3.sampler_name", "again.sampler_name"],
        "scheduler": ["3.scheduler", "again.scheduler"],
    }
    assert [str(place) for place in found.roles["steps"].others] == ["again.steps"]
    assert found.ambiguous == {"steps", "denoise"}


def test_the_largest_seed_is_the_smallest_that_all_take() -> None:
    info = {"KSampler": {"input": {"required": {"seed": ["INT", {"max": 1000}]}}}}
    assert bind(plain()).seed_limit == 2**32 - 1
    assert bind(plain(), info).seed_limit == 1000


def test_index_switches_and_reroutes_are_passed() -> None:
    graph = plain()
    graph["other"] = node("EmptyLatentImage", width=64, height=64, batch_size=1)
    graph["which"] = node("ImpactSwitch", select=12, input1=["other", 0], input12=["5", 0], input2=["other", 0])
    graph["bend"] = node("Reroute (rgthree)", value=["which", 0])
    assert places(with_inputs(graph, "3", latent_image=["bend", 0]), "width") == {"width": ["5.width"]}


def test_a_switch_that_is_set_by_a_computed_value_is_no_guess() -> None:
    graph = plain()
    graph["math"] = node("Compare", a=["4", 0])
    graph["which"] = node("ComfySwitchNode", switch=["math", 0], on_true=["6", 0], on_false=["7", 0])
    found = bind(with_inputs(graph, "3", steps=["which", 0]))
    assert "steps" not in found.roles


def test_an_upscaling_sampler_has_a_factor() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["3"] = node(
        "UltimateSDUpscale", image=["in", 0], model=["4", 0], positive=["6", 0], negative=["7", 0], vae=["4", 2],
        upscale_by=2.0, seed=1, steps=20, cfg=8.0, sampler_name="euler", scheduler="normal", denoise=0.2,
    )  # fmt: skip
    graph["9"] = node("SaveImage", filename_prefix="x", images=["3", 0])
    assert places(graph, "upscale_factor", "denoise", "images", "positive") == {
        "upscale_factor": ["3.upscale_by"],
        "denoise": ["3.denoise"],
        "images": ["in.image"],
        "positive": ["6.text"],
    }


def test_a_size_that_acts_only_as_custom_is_no_place() -> None:
    def graph(preset: str) -> dict[str, Any]:
        make = node("Seedream", prompt="a", size_preset=preset, width=8, height=8, seed=1)
        return {"make": make, "save": node("SaveImage", filename_prefix="x", images=["make", 0])}

    assert places(graph("2048x2048"), "width") == {"width": []}
    assert places(graph("Custom"), "width") == {"width": ["make.width"]}


def test_frames_come_in_the_order_of_time() -> None:
    graph = two_stages()
    graph["last"] = node("LoadImage", image="end.png")
    inputs = graph["cond"]["inputs"]
    graph["cond"]["inputs"] = {"end_image": ["last", 0], **inputs}
    assert places(graph, "images") == {"images": ["img.image", "last.image"]}


def test_twins_of_a_frame_rate_and_a_length_follow() -> None:
    graph = two_stages()
    graph["sound"] = node("LTXVEmptyLatentAudio", frames_number=81, frame_rate=16, batch_size=1)
    graph["both"] = node("LTXVConcatAVLatent", video_latent=["cond", 2], audio_latent=["sound", 0])
    graph["first"]["inputs"]["latent_image"] = ["both", 0]
    assert places(graph, "fps", "length") == {
        "fps": ["video.fps", "sound.frame_rate"],
        "length": ["cond.length", "sound.frames_number"],
    }
    graph["sound"]["inputs"].update(frame_rate=25)
    assert places(graph, "fps") == {"fps": ["video.fps"]}


def test_a_value_that_equals_nothing_leads_all_the_same() -> None:
    graph = with_inputs(plain(), "3", cfg=float("nan"))
    assert places(graph, "cfg") == {"cfg": ["3.cfg"]}


@pytest.mark.parametrize("slot", [-7, 9])
@pytest.mark.parametrize("names", [["INT"], [None], 5])
def test_an_output_that_is_not_there_is_no_value(slot: int, names: Any) -> None:
    info = {"Count": {"input": {"required": {}}, "output": ["INT"], "output_name": names}}
    graph = plain()
    graph["count"] = node("Count", a=["5", 0], b=1)
    assert "steps" not in bind(with_inputs(graph, "3", steps=["count", slot]), info).roles
