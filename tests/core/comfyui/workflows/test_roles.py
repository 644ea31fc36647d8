"""Where the values of a graph are, shape by shape."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from tests.core.comfyui.workflows.graphs import edit, guided, node, plain, two_stages, upscale, with_inputs


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


def test_a_preprocessor_that_samples_is_not_the_users() -> None:
    graph = guided()
    graph["in"] = node("LoadImage", image="a.png")
    graph["pixels"] = node("VAEEncode", pixels=["in", 0], vae=["vae", 0])
    graph["no noise"] = node("DisableNoise")
    graph["lotus"] = node("LotusConditioning")
    graph["depth guider"] = node("BasicGuider", model=["unet", 0], conditioning=["lotus", 0])
    graph["one"] = node("BasicScheduler", scheduler="normal", steps=1, denoise=1.0, model=["unet", 0])
    graph["depth"] = node(
        "SamplerCustomAdvanced", noise=["no noise", 0], guider=["depth guider", 0], sampler=["which", 0],
        sigmas=["one", 0], latent_image=["pixels", 0],
    )  # fmt: skip
    graph["picture"] = node("VAEDecode", samples=["depth", 0], vae=["vae", 0])
    graph["net"] = node("ControlNetApply", strength=1, conditioning=["guide", 0], image=["picture", 0])
    graph["guider"]["inputs"]["conditioning"] = ["net", 0]
    assert places(graph, "steps", "images", "positive") == {
        "steps": ["count.value"],
        "images": ["in.image"],
        "positive": ["words.value"],
    }


def test_a_node_that_shows_its_own_text_is_an_output() -> None:
    bound = bind({"1": node("PreviewAny", source="hello")})
    assert bound.refusal is None
    assert bound.outputs == (("1", "text"),)
    assert bind({"1": node("PreviewAny")}).refusal is not None
