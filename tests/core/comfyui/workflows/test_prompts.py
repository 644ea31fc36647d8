"""Which text is the prompt, and when nothing tells."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.updater import WorkflowParameters, WorkflowUpdater
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.graphs import node, plain, sampler, with_inputs


def joined(first: dict[str, Any] | str, second: dict[str, Any] | str, title: str = "Concatenate") -> dict[str, Any]:
    """`plain` whose prompt is put together from two parts; a node is linked, a text is written in."""
    graph = plain()
    parts: dict[str, Any] = {}
    for name, part in (("string_a", first), ("string_b", second)):
        if isinstance(part, dict):
            graph[name] = part
        parts[name] = [name, 0] if isinstance(part, dict) else part
    graph["join"] = node("StringConcatenate", title, delimiter=" ", **parts)
    return with_inputs(graph, "6", text=["join", 0])


def text(title: str, value: str) -> dict[str, Any]:
    return node("PrimitiveStringMultiline", title, value=value)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (joined(text("System prompt", "You obey."), text("Prompt", "a fox")), "string_b.value"),
        (joined(text("String (Trigger Word)", "sks"), text("String (Prompt)", "a fox")), "string_b.value"),
        (joined("relight, ", text("Prompt", "a fox")), "string_b.value"),
        (joined(text("Prompt", "a fox"), ", best quality"), "string_a.value"),
        (joined(text("A", "You are an assistant that paints."), text("B", "a fox")), "string_b.value"),
        (joined("", "a fox"), "join.string_b"),
    ],
)
def test_titles_and_wording_tell_the_users_part(graph: dict[str, Any], expected: str) -> None:
    found = bind(graph)
    assert found.to_dict()["positive"] == [expected]
    assert found.refusal is None


def test_a_text_that_a_language_model_writes_begins_with_its_prompt() -> None:
    graph = plain()
    graph["writer"] = node("SomeChat", prompt="describe a fox", system_prompt="You are a poet.", seed=1)
    found = bind(with_inputs(graph, "6", text=["writer", 0]))
    assert found.to_dict()["positive"] == ["writer.prompt"]


def test_a_caption_that_is_computed_has_no_place_and_is_no_error() -> None:
    graph = plain()
    graph["in"] = node("LoadImage", image="a.png")
    graph["see"] = node("Captioner", image=["in", 0])
    found = bind(with_inputs(graph, "6", text=["see", 0]))
    assert "positive" not in found.roles
    assert found.refusal is None


def test_what_is_chosen_from_a_list_is_no_rival_of_what_is_written() -> None:
    kind = node("CustomCombo", choice="music", index=0, option1="music", option2="noise", option3="")
    found = bind(joined(kind, "a fox"))
    assert found.to_dict()["positive"] == ["join.string_b"]
    assert found.refusal is None


def test_what_is_sung_has_its_description_beside_it() -> None:
    graph = plain()
    graph["6"] = node("Sings", style="soft jazz", lyrics="la la", mode="all of it", clip=["4", 1])
    found = bind(graph).to_dict()
    assert (found["positive"], found["lyrics"]) == (["6.style"], ["6.lyrics"])


def answering() -> dict[str, Any]:
    """A language model, loaded like a text encoder, and its answer."""
    return {
        "clip": node("CLIPLoader", clip_name="model.safetensors", type="any"),
        "ask": node("TextGenerate", prompt="what is a fox?", sampling_mode__seed=3, clip=["clip", 0]),
        "show": node("PreviewAny", source=["ask", 0]),
    }


def test_a_language_model_that_answers_is_asked_by_its_prompt() -> None:
    assert bind(answering()).to_dict() == {"positive": ["ask.prompt"], "seed": ["ask.sampling_mode.seed"]}


def test_it_is_no_rival_of_a_sampler() -> None:
    graph = plain() | {name: made for name, made in answering().items() if name != "show"}
    graph["keep"] = node("SaveText", text=["ask", 0])
    assert bind(graph).to_dict() == bind(plain()).to_dict()


def seeking() -> dict[str, Any]:
    """What words say is looked for in a picture; nothing samples."""
    return {
        "4": node("CheckpointLoaderSimple", ckpt_name="segments.safetensors"),
        "6": node("CLIPTextEncode", text="person", clip=["4", 1]),
        "in": node("LoadImage", image="a.png"),
        "find": node("SegmentDetect", threshold=0.5, model=["4", 0], image=["in", 0], conditioning=["6", 0]),
        "show": node("MaskPreview", mask=["find", 0]),
    }


def test_what_is_looked_for_is_the_prompt_where_there_is_no_other() -> None:
    found = bind(seeking())
    assert found.to_dict()["positive"] == ["6.text"]
    assert found.models == ()
    graph = seeking()
    graph["make"] = node("FluxProUltraImageNode", prompt="a fox", seed=3, mask=["find", 0])
    graph["show"] = node("SaveImage", filename_prefix="x", images=["make", 0])
    assert bind(graph).to_dict()["positive"] == ["make.prompt"]


def test_two_that_look_for_different_things_are_no_prompt() -> None:
    graph = seeking()
    graph["7"] = node("CLIPTextEncode", text="dog", clip=["4", 1])
    graph["too"] = node("SegmentDetect", threshold=0.5, model=["4", 0], image=["in", 0], conditioning=["7", 0])
    graph["more"] = node("MaskPreview", mask=["too", 0])
    found = bind(graph)
    assert "positive" not in found.roles
    assert found.refusal is None


def areas() -> dict[str, Any]:
    graph = plain()
    graph["more"] = node("CLIPTextEncode", text="a blue sky", clip=["4", 1])
    graph["both"] = node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["more", 0])
    return with_inputs(graph, "3", positive=["both", 0])


def two_pictures() -> dict[str, Any]:
    graph = plain()
    graph["words"] = node("CLIPTextEncode", text="a hare", clip=["4", 1])
    graph["other"] = sampler(positive=["words", 0])
    graph["decode"] = node("VAEDecode", samples=["other", 0], vae=["4", 2])
    graph["keep"] = node("SaveImage", filename_prefix="y", images=["decode", 0])
    return graph


@pytest.mark.parametrize("graph", [areas(), two_pictures(), joined("a fox", "a hare")])
def test_texts_of_equal_rank_make_the_workflow_unusable(graph: dict[str, Any]) -> None:
    found = bind(graph)
    assert "positive" in found.ambiguous
    assert found.refusal is not None
    assert found.refusal.role == "positive"
    with pytest.raises(WorkflowError, match="could be the prompt"):
        WorkflowUpdater().update(graph, WorkflowParameters(prompt="mine"))
    assert WorkflowUpdater().update(graph, WorkflowParameters(steps=9))["3"]["inputs"]["steps"] == 9


def test_a_prompt_that_nothing_tells_is_not_run_unseen() -> None:
    graph = plain()
    graph["6"] = node("Odd", scribble="a fox in the snow", clip=["4", 1])
    found = bind(graph)
    assert found.refusal is not None
    assert (found.refusal.node, found.refusal.field) == ("Odd", "scribble")


def test_pictures_that_say_the_same_all_get_the_prompt() -> None:
    found = bind(with_inputs(two_pictures(), "words", text="a fox"))
    assert found.to_dict()["positive"] == ["6.text", "words.text"]
    assert found.refusal is None


def test_base_and_refiner_both_get_it_although_they_word_it_differently() -> None:
    graph = plain()
    graph["refiner"] = node("CheckpointLoaderSimple", ckpt_name="refiner.safetensors")
    graph["words"] = node("CLIPTextEncode", text="a fine fox", clip=["refiner", 1])
    graph["refine"] = sampler(denoise=0.3, model=["refiner", 0], positive=["words", 0], latent_image=["3", 0])
    found = bind(with_inputs(graph, "8", samples=["refine", 0]))
    assert found.to_dict()["positive"] == ["6.text", "words.text"]
    assert found.refusal is None


@pytest.mark.parametrize(("cfg", "inert"), [(1, True), (1.0, True), (1.5, False)])
def test_a_negative_under_a_cfg_of_one_cannot_act(cfg: float, inert: bool) -> None:
    graph = with_inputs(plain(), "3", cfg=cfg)
    assert ("negative" in bind(graph).inert) is inert
    assert ("negative_prompt" in WorkflowUpdater().supported(graph)) is not inert


def test_denoise_cannot_act_where_all_starts_empty() -> None:
    graph = plain()
    assert "denoise" not in WorkflowUpdater().supported(graph)
    graph["in"] = node("LoadImage", image="a.png")
    graph["5"] = node("VAEEncode", pixels=["in", 0], vae=["4", 2])
    assert "denoise" in WorkflowUpdater().supported(graph)
