"""Texts as Automatic1111 writes them, whole and damaged."""

from __future__ import annotations

import time

import pytest

from core.comfyui.workflows.particulars import UsedLora
from core.media.infotext import read_infotext

TEXT = """a fox, <lora:style/ink:0.8> <lora:plain:1>
in the snow
Negative prompt: blurry,
bad hands
Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7.5, Seed: 4294967295, Size: 512x768, Model hash: 1a2b, \
Model: "dream, shaper", Denoising strength: 0.4, Lora hashes: "ink: 1234, plain: 5678", Version: v1.10.1"""


def test_words_values_model_and_loras() -> None:
    found = read_infotext(TEXT)
    assert found.texts == {
        "prompt": "a fox, <lora:style/ink:0.8> <lora:plain:1>\nin the snow",
        "negative_prompt": "blurry,\nbad hands",
    }
    assert found.values == {
        "seed": 4294967295,
        "width": 512,
        "height": 768,
        "steps": 20,
        "cfg": 7.5,
        "sampler": "Euler a",
        "scheduler": "Karras",
        "denoise": 0.4,
    }
    assert found.models == ("dream, shaper",)
    assert found.loras == (UsedLora("style/ink", 0.8), UsedLora("plain", 1.0))


def test_values_without_words() -> None:
    found = read_infotext("Steps: 4, Sampler: LCM, CFG scale: 1, Seed: 7, Size: 64x64")
    assert found.texts == {}
    assert found.values["seed"] == 7


def test_words_that_look_like_a_value_are_words() -> None:
    found = read_infotext("a stair\nSteps: three, and a door")
    assert found.texts == {"prompt": "a stair\nSteps: three, and a door"}
    assert found.values == {}


def test_values_that_are_none_are_left_out() -> None:
    found = read_infotext(f"x\nSteps: many, Sampler: A, CFG scale: nan, Seed: {'9' * 5000}, Size: largexhuge, Model: ")
    assert found.values == {"sampler": "A"}
    assert found.models == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n" * 10_000,
        " " * 199_000 + "x",
        'A: "' * 50_000,
        "A: \\" * 40_000,
        "<lora:" * 30_000,
        "<lora:a:" + "1" * 190_000,
        "Negative prompt:" * 12_000,
        "A-" * 99_000 + ":",
        "\x00\ud800" * 5_000,
    ],
)
def test_hostile_texts_are_read_at_once(text: str) -> None:
    began = time.thread_time()
    found = read_infotext(text)
    assert time.thread_time() - began < 2
    assert not any("\ud800" in words or "\0" in words for words in found.texts.values())
