"""The words that a LoRA answers to."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from core.comfyui.lora_words import words_of


def tags(**datasets: dict[str, Any]) -> dict[str, str]:
    return {"ss_tag_frequency": orjson.dumps(datasets).decode()}


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({}, ()),
        ({"modelspec.trigger_phrase": "sks dog"}, ("sks dog",)),
        ({"modelspec.trigger_phrase": " sks , SKS,, a\ndog\t"}, ("SKS", "a dog")),
        ({"ss_trigger_words": ["sks", "dog, cat"]}, ("sks", "dog", "cat")),
        ({"modelspec.trigger_phrase": "sks"} | tags(a={"tree": 9}), ("sks",)),
        (tags(a={"sks": 20, "1girl": 12, "tree": 2}), ("sks", "1girl")),
        (tags(a={"sks": 8, "tree": 1}, b={"sks": 8, "sea": 9}), ("sks", "sea")),
        ({"ss_tag_frequency": {"a": {"sks": 3}}}, ("sks",)),
        (tags(**{"10_sks dog": {}}), ("sks dog",)),
        (tags(**{"10_sks dog": {"A dog on a lawn": 1, "A dog at sea": 1}}), ("sks dog",)),
        ({"ss_output_name": "inkwash"}, ("inkwash",)),
        ({"ss_output_name": "My_Ink"}, ()),
    ],
)
def test_the_surest_way_of_telling_them(metadata: dict[str, Any], words: tuple[str, ...]) -> None:
    assert words_of("styles/my_ink.safetensors", metadata) == words


@pytest.mark.parametrize(
    "metadata",
    [
        {"modelspec.trigger_phrase": 5, "ss_trigger_words": [{}, None, 7], "ss_output_name": []},
        {"ss_tag_frequency": "{broken"},
        {"ss_tag_frequency": "[" * 100_000},
        {"ss_tag_frequency": "[1, 2]"},
        {"ss_tag_frequency": '{"a": [1], "b": null, "c": {"x": "9", "y": true, "z": -4, "q": 1e99, "w": {}}}'},
        {"ss_tag_frequency": '"' + "x" * 5_000_000 + '"'},
        {"modelspec.trigger_phrase": "x" * 10_000},
        {"modelspec.trigger_phrase": "\u202e\u200b\x00, \n"},
    ],
    ids=lambda metadata: next(iter(metadata)),
)
def test_what_tells_nothing_is_passed_over(metadata: dict[str, Any]) -> None:
    assert words_of("a.safetensors", metadata) == ()


def test_there_is_an_end_to_them() -> None:
    words = words_of("a.safetensors", {"modelspec.trigger_phrase": ",".join(f"word{n}" for n in range(1_000_000))})
    assert words == tuple(f"word{n}" for n in range(8))
    many = {f"{n}": {f"tag {m}": 2 for m in range(100)} for n in range(3000)}
    assert len(words_of("a.safetensors", tags(**many))) == 8
