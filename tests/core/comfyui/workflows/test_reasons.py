"""Why each place was read so, in words for a person."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from tests.core.comfyui.workflows.graphs import SAMPLES, edit, guided, node, plain, sampler, two_stages, with_inputs


def why(graph: dict[str, Any], role: str) -> tuple[str, ...]:
    return bind(graph).roles[role].reasons


@pytest.mark.parametrize("make", SAMPLES.values(), ids=SAMPLES.keys())
def test_every_place_has_a_reason_that_names_its_node(make: Any) -> None:
    graph = make()
    for role, binding in bind(graph).roles.items():
        assert len(binding.reasons) == len(binding.places), role
        for place, reason in zip(binding.places, binding.reasons, strict=True):
            assert reason.startswith(f"{place.input_name} of ")
            assert f"({place.node_id})" in reason


def test_a_text_says_where_it_arrives() -> None:
    assert why(plain(), "positive") == ('text of "CLIPTextEncode" (6), which reaches positive of "KSampler" (3)',)
    assert why(plain(), "negative") == ('text of "CLIPTextEncode" (7), which reaches negative of "KSampler" (3)',)
    assert bind(plain()).roles["positive"].reason == "told by the links"


def test_a_value_that_was_followed_says_from_where() -> None:
    assert why(guided(), "positive") == (
        'value of "Prompt" (words), over links to text of "CLIPTextEncode" (text), '
        'which reaches positive of "SamplerCustomAdvanced" (run)',
    )
    assert why(guided(), "steps") == (
        'value of "PrimitiveInt" (count), over links to steps of "BasicScheduler" (sigmas), '
        'which steers "SamplerCustomAdvanced" (run)',
    )
    assert why(guided(), "width") == (
        'width of "EmptySD3LatentImage" (latent), which "SamplerCustomAdvanced" (run) starts from',
        'width of "ModelSamplingFlux" (flow), which holds the same 1024 as width of "EmptySD3LatentImage" (latent)',
    )


def test_a_measured_size_says_of_what() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["scale"] = node("ImageScale", width=640, height=320, image=["in", 0])
    graph["size"] = node("GetImageSize", image=["scale", 0])
    graph = with_inputs(graph, "5", width=["size", 0], height=["size", 1])
    assert why(graph, "width") == (
        'width of "ImageScale" (scale), whose result is measured for width of "EmptyLatentImage" (5), '
        'which "KSampler" (3) starts from',
    )


def test_a_part_that_was_chosen_says_before_which() -> None:
    graph = plain()
    graph["frame"] = node("Text box", "System prompt", text="You obey.")
    graph["words"] = node("Text box", "Prompt", text="a fox")
    graph["join"] = node("Join", text_a=["frame", 0], text_b=["words", 0])
    found = bind(with_inputs(graph, "6", text=["join", 0]))
    assert found.roles["positive"].reason == 'told from "System prompt" (frame) by title and wording'
    unsure = bind(with_inputs(with_inputs(graph, "6", text=["join", 0]), "frame", text="Prompts"))
    assert unsure.refusal is None
    graph["frame"]["_meta"]["title"] = "Other"
    graph["words"]["_meta"]["title"] = "Another"
    graph["frame"]["inputs"]["text"] = "a hare"
    assert bind(with_inputs(graph, "6", text=["join", 0])).roles["positive"].reason == (
        "nothing tells which of them is the user's"
    )


def test_what_was_left_alone_is_said() -> None:
    graph = plain()
    graph["again"] = sampler(steps=8, denoise=0.5, latent_image=["3", 0])
    found = bind(with_inputs(graph, "8", samples=["again", 0]))
    assert (
        found.roles["steps"].reason == '"KSampler" (3) comes first and leads; steps of "KSampler" (again) keeps its 8'
    )
    assert found.roles["seed"].reason == "all of them are written together"


def test_files_and_loras_say_what_they_are_for() -> None:
    assert why(edit(), "images") == (
        'image of "LoadImage" (b), which arrives at image1 of "TextEncodeQwenImageEditPlus" (6)',
        'image of "LoadImage" (a), which arrives at image2 of "TextEncodeQwenImageEditPlus" (6)',
    )
    assert bind(edit()).roles["images"].reason == "in the order in which they arrive"
    assert why(two_stages(), "loras")[0] == (
        'lora_name of "LoraLoaderModelOnly" (fast1), which the workflow is made for: it stays'
    )
    assert why(two_stages(), "fps") == ('fps of "CreateVideo" (video), which makes the video',)


def test_a_node_that_makes_the_result_itself_says_so() -> None:
    graph = {
        "make": node("Paint", prompt="a fox", seed=3),
        "save": node("SaveImage", filename_prefix="x", images=["make", 0]),
    }
    assert why(graph, "positive") == ('prompt of "Paint" (make), which makes the result itself',)
    assert why(graph, "seed") == ('seed of "Paint" (make), which makes the result itself',)
