"""Where the values of a graph are, shape by shape."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from tests.core.comfyui.workflows.graphs import edit, guided, node, plain, sampler, two_stages, upscale, with_inputs


def places(graph: dict[str, Any], *roles: str, info: dict[str, Any] | None = None) -> dict[str, list[str]]:
    found = bind(graph, info).to_dict()
    return {role: found.get(role, []) for role in roles}


def test_a_sampler_with_its_neighbours() -> None:
    assert bind(plain()).to_dict() == {
        "positive": ["6.text"],
        "negative": ["7.text"],
        "seed": ["3.seed"],
        "steps": ["3.steps"],
        "cfg": ["3.cfg"],
        "denoise": ["3.denoise"],
        "sampler": ["3.sampler_name"],
        "scheduler": ["3.scheduler"],
        "width": ["5.width"],
        "height": ["5.height"],
        "batch_size": ["5.batch_size"],
    }


def test_a_sampler_in_parts_with_values_in_primitives() -> None:
    assert bind(guided()).to_dict() == {
        "positive": ["words.value"],
        "seed": ["noise.noise_seed"],
        "steps": ["count.value"],
        "guidance": ["guide.guidance"],
        "denoise": ["sigmas.denoise"],
        "sampler": ["which.sampler_name"],
        "scheduler": ["sigmas.scheduler"],
        "width": ["latent.width", "flow.width"],
        "height": ["latent.height", "flow.height"],
        "batch_size": ["latent.batch_size"],
    }


def test_two_stages_have_one_seed_and_both_loras() -> None:
    found = bind(two_stages())
    assert found.to_dict()["seed"] == ["first.noise_seed"]
    assert found.to_dict()["steps"] == ["first.steps", "second.steps"]
    assert found.to_dict()["length"] == ["cond.length"]
    assert found.to_dict()["fps"] == ["video.fps"]
    assert [str(model.model.node_id) for model in found.models] == ["12:1", "12:2"]
    assert [(loader.file, loader.needed) for loader in found.loras] == [
        ("lightx2v_high.safetensors", True),
        ("lightx2v_low.safetensors", True),
    ]


def test_pictures_come_in_the_order_of_the_inputs_that_take_them() -> None:
    assert places(edit(), "images", "positive") == {"images": ["b.image", "a.image"], "positive": ["6.prompt"]}


def test_a_graph_without_words_is_a_graph() -> None:
    found = bind(upscale())
    assert found.to_dict() == {"images": ["in.image"]}
    assert found.refusal is None
    assert found.outputs == (("out", "image"),)


def test_titles_do_not_decide_what_is_positive() -> None:
    graph = plain()
    graph["6"]["_meta"] = {"title": "Negative Prompt"}
    graph["7"]["_meta"] = {"title": "Positive Prompt"}
    assert places(graph, "positive", "negative") == {"positive": ["6.text"], "negative": ["7.text"]}


def test_conditioning_is_walked_by_its_slots() -> None:
    graph = plain()
    graph["net"] = node("ControlNetLoader", control_net_name="c")
    graph["apply"] = node(
        "ControlNetApplyAdvanced", strength=1, positive=["6", 0], negative=["7", 0], control_net=["net", 0]
    )
    crossed = with_inputs(graph, "3", positive=["apply", 1], negative=["apply", 0])
    assert places(crossed, "positive", "negative") == {"positive": ["7.text"], "negative": ["6.text"]}


def test_nothing_matters_behind_a_zeroed_conditioning() -> None:
    graph = plain()
    graph["zero"] = node("ConditioningZeroOut", conditioning=["7", 0])
    assert places(with_inputs(graph, "3", negative=["zero", 0]), "negative") == {"negative": []}


def test_what_is_reached_as_positive_is_not_negative_too() -> None:
    assert places(with_inputs(plain(), "3", negative=["6", 0]), "positive", "negative") == {
        "positive": ["6.text"],
        "negative": [],
    }


@pytest.mark.parametrize(
    ("encoder", "expected"),
    [
        (
            node("CLIPTextEncodeSDXL", width=8, height=8, text_g="a", text_l="b", clip=["4", 1]),
            ["text_g", "text_l"],
        ),
        (node("CLIPTextEncodeFlux", clip_l="a", t5xxl="b", guidance=3.5, clip=["4", 1]), ["clip_l", "t5xxl"]),
        (node("TextEncodeQwenImageEdit", prompt="a", clip=["4", 1]), ["prompt"]),
        (node("CLIPTextEncodeLumina2", system_prompt="superior", user_prompt="a", clip=["4", 1]), ["user_prompt"]),
        (node("SomebodysEncoder", caption="a", clip=["4", 1]), ["caption"]),
    ],
)
def test_every_kind_of_encoder_is_known_by_its_texts(encoder: dict[str, Any], expected: list[str]) -> None:
    found = bind({**plain(), "6": encoder})
    assert found.to_dict()["positive"] == [f"6.{name}" for name in expected]
    assert found.refusal is None


def test_an_encoder_of_both_texts_gives_each_to_its_side() -> None:
    graph = plain()
    del graph["7"]
    graph["6"] = node("WanVideoTextEncode", positive_prompt="a", negative_prompt="b", t5=["4", 1])
    graph["3"] = node(
        "WanVideoSampler", seed=1, steps=9, cfg=6.0, model=["4", 0], text_embeds=["6", 0], image_embeds=["5", 0]
    )
    assert places(graph, "positive", "negative", "seed", "width") == {
        "positive": ["6.positive_prompt"],
        "negative": ["6.negative_prompt"],
        "seed": ["3.seed"],
        "width": ["5.width"],
    }


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


def test_a_partner_node_carries_everything_itself() -> None:
    graph = {
        "make": node("FluxProUltraImageNode", prompt="a fox", prompt_upsampling=False, seed=3, raw=False),
        "save": node("SaveImage", filename_prefix="x", images=["make", 0]),
    }
    assert bind(graph).to_dict() == {"positive": ["make.prompt"], "seed": ["make.seed"]}


def test_a_mask_of_a_picture_is_a_mask() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["hole"] = node("LoadImageMask", image="m.png", channel="red")
    graph["5"] = node("VAEEncodeForInpaint", pixels=["in", 0], mask=["in", 1], vae=["4", 2])
    assert places(graph, "images", "masks") == {"images": ["in.image"], "masks": ["in.image"]}
    assert places(with_inputs(graph, "5", mask=["hole", 0]), "masks") == {"masks": ["hole.image"]}


def test_definitions_settle_what_names_cannot() -> None:
    graph = plain()
    graph["6"] = node("Odd", scribble="a fox in the snow", clip=["4", 1])
    assert bind(graph).refusal is not None
    info = {"Odd": {"input": {"required": {"clip": ["CLIP"], "scribble": ["STRING", {}]}}, "output": ["CONDITIONING"]}}
    assert places(graph, "positive", info=info) == {"positive": ["6.scribble"]}


def test_the_largest_seed_is_the_smallest_that_all_take() -> None:
    info = {"KSampler": {"input": {"required": {"seed": ["INT", {"max": 1000}]}}}}
    assert bind(plain()).seed_limit == 2**32 - 1
    assert bind(plain(), info).seed_limit == 1000
