"""What a graph says it was told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.comfyui.workflows.parameters import WorkflowParameters
from core.comfyui.workflows.particulars import Particulars, UsedLora, particulars, particulars_of


def node(node_class: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": node_class, "inputs": inputs}


def graph(**more: Any) -> dict[str, Any]:
    """Words → picture, by a checkpoint with a LoRA."""
    return {
        "a": node("CheckpointLoaderSimple", ckpt_name="xl/base.safetensors"),
        "b": node(
            "LoraLoader",
            model=["a", 0],
            clip=["a", 1],
            lora_name="ink.safetensors",
            strength_model=0.8,
            strength_clip=0.5,
        ),
        "7:1": node("CLIPTextEncode", text="a fox\nin the snow", clip=["b", 1]),
        "7:2": node("CLIPTextEncode", text="blurry", clip=["b", 1]),
        "c": node("EmptyLatentImage", width=512, height=768, batch_size=2),
        "d": node(
            "KSampler",
            model=["b", 0],
            positive=["7:1", 0],
            negative=["7:2", 0],
            latent_image=["c", 0],
            seed=2**64 - 1,
            steps=20,
            cfg=7.5,
            sampler_name="euler",
            scheduler="karras",
            denoise=1.0,
        ),
        "e": node("VAELoader", vae_name="fine.pt"),
        "f": node("VAEDecode", samples=["d", 0], vae=["e", 0]),
        "g": node("SaveImage", images=["f", 0], filename_prefix="x"),
        **more,
    }


def test_words_values_models_and_loras() -> None:
    found = particulars_of(graph())
    assert found.texts == {"prompt": "a fox\nin the snow", "negative_prompt": "blurry"}
    assert found.values == {
        "seed": 2**64 - 1,
        "width": 512,
        "height": 768,
        "steps": 20,
        "cfg": 7.5,
        "sampler": "euler",
        "scheduler": "karras",
        "batch_size": 2,
    }
    assert found.models == ("xl/base.safetensors", "fine.pt")
    assert found.loras == (UsedLora("ink.safetensors", 0.8),)


def test_what_was_asked_for_counts_before_what_is_read() -> None:
    asked = WorkflowParameters(prompt="an owl", seed=5)
    found = particulars_of(graph(), asked=asked)
    assert (found.texts["prompt"], found.values["seed"], found.values["steps"]) == ("an owl", 5, 20)


def test_what_was_asked_for_is_told_where_the_graph_cannot_be_read() -> None:
    assert particulars_of({}, asked=WorkflowParameters(prompt="an owl")).texts == {"prompt": "an owl"}


def test_declared_places_count_as_far_as_they_fit() -> None:
    declared = {"positive": ["7:2.text"]}
    assert particulars_of(graph(), declared=declared).texts["prompt"] == "blurry"
    assert particulars_of(graph(), declared={"positive": ["gone.text"]}).texts["prompt"] == "a fox\nin the snow"


def test_loras_of_other_loaders() -> None:
    several = node(
        "Power Loader",
        model=["b", 0],
        clip=["b", 1],
        lora_1={"on": True, "lora": "one.safetensors", "strength": 0.4},
        lora_2={"on": False, "lora": "off.safetensors", "strength": 1},
        lora_3={"lora": "bare.safetensors"},
    )
    stack = node("Stack", model=["h", 0], lora_02="stacked.safetensors", strength=2)
    written = graph(h=several, i=stack)
    written["d"]["inputs"]["model"] = ["i", 0]
    assert particulars_of(written).loras == (
        UsedLora("ink.safetensors", 0.8),
        UsedLora("stacked.safetensors", 2),
        UsedLora("one.safetensors", 0.4),
        UsedLora("bare.safetensors"),
    )


def test_a_strength_that_is_computed_is_not_told() -> None:
    written = graph(z=node("Computed"))
    written["b"]["inputs"]["strength_model"] = ["z", 0]
    assert particulars_of(written).loras == (UsedLora("ink.safetensors"),)


@pytest.mark.parametrize(
    "strange",
    [
        {},
        {"1": {}},
        {"1": {"class_type": 7, "inputs": {}}},
        {"1": node("A", x=["1", 0])},
        {"1": node("A", x=["gone", 0])},
        {"nodes": [], "links": []},
    ],
)
def test_what_is_no_graph_tells_nothing(strange: Any) -> None:
    assert not particulars_of(strange)


texts = st.text("aD7:. \n\0\ud800狐", max_size=12)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
places = [(node_id, name) for node_id, entry in graph().items() for name in entry["inputs"]]


@given(st.dictionaries(st.sampled_from(places), anything, max_size=6))
def test_strange_values_end_in_what_can_be_shown(strange: dict[tuple[str, str], Any]) -> None:
    written = graph()
    for (node_id, name), value in strange.items():
        written[node_id]["inputs"][name] = value
    found = particulars_of(written)
    told = (*found.texts.values(), *found.values.values(), *found.models, *(lora.name for lora in found.loras))
    assert all(isinstance(value, str | int | float) for value in told)
    assert all(value.encode() for value in told if isinstance(value, str) if value)


def test_nothing_is_told_that_cannot_be_sent() -> None:
    found = particulars(
        {"prompt": "a\0b\ud800\r\nc", "sampler": "x\ny", "steps": True, "cfg": float("nan"), "seed": 10**50},
        ["\0model"],
        [UsedLora("l\ud800", float("inf"))],
    )
    assert found == Particulars({"prompt": "ab\nc"}, {"sampler": "x y"}, ("model",), (UsedLora("l"),))
