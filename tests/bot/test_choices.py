"""Finding names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.choices import MAX_LENGTH, Names, choice_value, names_of
from bot.errors import UserError
from utils.language import told

LORAS = ["styles/Watercolour Wash.safetensors", "taiwan.safetensors", "wan_lightning.safetensors", "Fox.safetensors"]


def test_nothing_typed_gives_the_first() -> None:
    assert Names([str(n) for n in range(60)]).matches("") == [str(n) for n in range(25)]


def test_what_contains_the_text_comes_first_in_its_order() -> None:
    assert Names(LORAS).matches("WAN")[:2] == ["taiwan.safetensors", "wan_lightning.safetensors"]


def test_what_resembles_the_text_is_found() -> None:
    assert Names(LORAS).matches("watercolor")[0] == "styles/Watercolour Wash.safetensors"


@pytest.mark.parametrize("typed", ["wan portrait", "portrait wan", "wan portrat", "potrait wann"])
def test_every_word_of_the_text_counts_in_any_order(typed: str) -> None:
    names = [
        f"{model}/{what} v{n}.safetensors" for model in ("wan", "flux") for what in ("neon", "portrait") for n in (1, 2)
    ]
    assert Names(names).matches(typed, 2) == ["wan/portrait v1.safetensors", "wan/portrait v2.safetensors"]


def test_a_name_has_to_resemble_half_of_the_words() -> None:
    assert Names(["a red fox", "an owl, Flux.1 dev"]).matches("rde fox") == ["a red fox"]
    assert Names(["fox", "owl"]).matches("fox much") == ["fox"]


@pytest.mark.parametrize(
    "written", ["styles/Watercolour Wash.safetensors", "watercolour wash", "STYLES/watercolour wash.SAFETENSORS"]
)
def test_a_name_is_found_with_and_without_folder_ending_and_capitals(written: str) -> None:
    assert Names(LORAS).find(written, kind="LoRA") == "styles/Watercolour Wash.safetensors"


def test_a_name_that_is_none_names_the_nearest() -> None:
    with pytest.raises(UserError, match=r'did you mean "Fox\.safetensors"'):
        Names(LORAS).find("foxx", kind="LoRA")


def test_a_name_that_is_several_asks_for_the_whole() -> None:
    with pytest.raises(UserError, match=r'name one in full: "a/fox\.safetensors", "b/fox\.safetensors"') as caught:
        Names(["a/fox.safetensors", "b/fox.safetensors"]).find("fox", kind="LoRA")
    assert "「a/fox.safetensors」、「b/fox.safetensors」" in told(caught.value.message, "ja")


def test_an_exact_name_goes_before_a_label_of_that_name() -> None:
    labels = {"a": "b", "b": "Portrait"}
    assert Names(list(labels)).find("b", kind="workflow", label=labels.__getitem__) == "b"
    assert Names(list(labels)).find("portrait", kind="workflow", label=labels.__getitem__) == "b"


def test_a_name_longer_than_discord_takes_is_found_by_its_choice() -> None:
    names = [f"{'folder/' * 20}{n}.safetensors" for n in range(2)] + ["x" * 150]
    assert len(choice_value(names[2])) == MAX_LENGTH
    assert Names(names).find(choice_value(names[2]), kind="LoRA") == names[2]


few = st.text("ab", max_size=3)


@given(st.lists(st.text("ab", min_size=1, max_size=6), unique=True, max_size=9), few, few)
def test_a_name_with_a_gap_is_the_one_that_begins_and_ends_so(names: list[str], head: str, tail: str) -> None:
    fit = [name for name in names if re.fullmatch(f"{head}.*{tail}", name)]
    assert Names(names).meant(f"{head}…{tail}") == (fit[0] if len(fit) == 1 else None)
    in_folders = [f"folder/{name}.safetensors" for name in names]
    meant = Names(in_folders).meant(f"{head}…{tail}") if head and tail else None
    assert meant == (f"folder/{fit[0]}.safetensors" if len(fit) == 1 and head and tail else None)


def test_a_list_is_prepared_once_as_long_as_it_is_the_same() -> None:
    names = [f"style {n}" for n in range(3)]
    assert names_of(names) is names_of(list(names))
    assert names_of(names) is not names_of(names[:2])


@pytest.mark.parametrize("room", [12, 20, 40, 60])
def test_a_name_is_shortened_so_that_it_is_found_again(room: int) -> None:
    names = Names([f"{'folder/' * 9}{n}{'x' * 40}.safetensors" for n in range(3)] + ["short"])
    for name in names.all:
        short = names.shortened(name, room)
        assert short is not None
        assert len(short) <= room
        assert names.find(short, kind="LoRA") == name
    assert names.shortened(names.all[0], 3) is None
