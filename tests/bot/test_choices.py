"""Finding names."""

from __future__ import annotations

import pytest

from bot.choices import MAX_LENGTH, best_matches, choice_value, find_name
from bot.errors import UserError

LORAS = ["styles/Watercolour Wash.safetensors", "taiwan.safetensors", "wan_lightning.safetensors", "Fox.safetensors"]


def test_nothing_typed_gives_the_first() -> None:
    assert best_matches("", [str(n) for n in range(60)]) == [str(n) for n in range(25)]


def test_what_contains_the_text_comes_first_in_its_order() -> None:
    assert best_matches("WAN", LORAS)[:2] == ["taiwan.safetensors", "wan_lightning.safetensors"]


def test_what_resembles_the_text_is_found() -> None:
    assert best_matches("watercolor", LORAS)[0] == "styles/Watercolour Wash.safetensors"


@pytest.mark.parametrize(
    "written", ["styles/Watercolour Wash.safetensors", "watercolour wash", "STYLES/watercolour wash.SAFETENSORS"]
)
def test_a_name_is_found_with_and_without_folder_ending_and_capitals(written: str) -> None:
    assert find_name(written, LORAS, kind="LoRA") == "styles/Watercolour Wash.safetensors"


def test_a_name_that_is_none_names_the_nearest() -> None:
    with pytest.raises(UserError, match=r'did you mean "Fox\.safetensors"'):
        find_name("foxx", LORAS, kind="LoRA")


def test_a_name_that_is_several_asks_for_the_whole() -> None:
    with pytest.raises(UserError, match=r'name one in full: "a/fox\.safetensors", "b/fox\.safetensors"'):
        find_name("fox", ["a/fox.safetensors", "b/fox.safetensors"], kind="LoRA")


def test_an_exact_name_goes_before_a_label_of_that_name() -> None:
    labels = {"a": "b", "b": "Portrait"}
    assert find_name("b", labels, kind="workflow", label=labels.__getitem__) == "b"
    assert find_name("portrait", labels, kind="workflow", label=labels.__getitem__) == "b"


def test_a_name_longer_than_discord_takes_is_found_by_its_choice() -> None:
    names = [f"{'folder/' * 20}{n}.safetensors" for n in range(2)] + ["x" * 150]
    assert len(choice_value(names[2])) == MAX_LENGTH
    assert find_name(choice_value(names[2]), names, kind="LoRA") == names[2]
