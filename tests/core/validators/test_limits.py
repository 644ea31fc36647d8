"""Ranges, and the sentences that refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.models import Limit
from core.exceptions import ValidationError
from core.validators.limits import DEFAULT_LIMITS, Range


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("prompt", "  a fox ", "a fox"),
        ("prompt", "x" * 500, "x" * 500),
        ("negative_prompt", "", ""),
        ("prompt", "a fox \ud83e", "a fox ?"),
        ("width", 256, 256),
        ("width", 2048.0, 2048),
        ("steps", 1, 1),
        ("cfg", 1, 1.0),
        ("cfg", 20.0, 20.0),
        ("seed", -1, -1),
        ("seed", 0, 0),
        ("seed", 2**64 - 1, 2**64 - 1),
        ("batch_size", 4, 4),
        ("lora_strength", -2, -2.0),
        ("denoise", 0, 0.0),
        ("guidance", 30, 30.0),
    ],
)
def test_what_is_allowed_comes_back_as_its_kind(field: str, value: object, expected: object) -> None:
    checked = DEFAULT_LIMITS[field].check(value)
    assert checked == expected
    assert type(checked) is type(expected)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("prompt", "   ", "Prompt must be 1 to 500 characters long."),
        ("prompt", "x" * 501, "Prompt must be 1 to 500 characters long."),
        ("prompt", None, "Prompt must be 1 to 500 characters long."),
        ("negative_prompt", "x" * 501, "Negative prompt must be at most 500 characters long."),
        ("width", 255, "Width must be between 256 and 2048 in steps of 64."),
        ("width", 300, "Width must be between 256 and 2048 in steps of 64."),
        ("height", 2112, "Height must be between 256 and 2048 in steps of 64."),
        ("width", "512", "Width must be between 256 and 2048 in steps of 64."),
        ("steps", 0, "Steps must be a whole number between 1 and 50."),
        ("steps", 7.5, "Steps must be a whole number between 1 and 50."),
        ("steps", True, "Steps must be a whole number between 1 and 50."),
        ("cfg", 0.99, "CFG must be between 1 and 20."),
        ("cfg", float("nan"), "CFG must be between 1 and 20."),
        ("cfg", float("inf"), "CFG must be between 1 and 20."),
        ("seed", -2, "Seed must be a whole number between 0 and 18446744073709551615, or -1 to draw a seed."),
        ("seed", 10**400, "Seed must be a whole number between 0 and 18446744073709551615, or -1 to draw a seed."),
        ("batch_size", 5, "Batch size must be a whole number between 1 and 4."),
        ("lora_strength", 2.1, "LoRA strength must be between -2 and 2."),
        ("denoise", 1.1, "Strength must be between 0 and 1."),
    ],
)
def test_what_is_not_is_refused_with_what_would_be(field: str, value: object, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DEFAULT_LIMITS[field].check(value)
    assert (refused.value.message, refused.value.field) == (sentence, field)


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [("width", " 512 ", 512), ("cfg", "7,5", 7.5), ("cfg", "7", 7.0), ("seed", "-1", -1), ("prompt", " x ", "x")],
)
def test_typed_values_are_read(field: str, typed: str, expected: object) -> None:
    assert DEFAULT_LIMITS[field].parse(typed) == expected


@pytest.mark.parametrize(("field", "typed"), [("width", "wide"), ("steps", "7.5"), ("cfg", ""), ("seed", "9" * 5000)])
def test_typed_nonsense_is_refused(field: str, typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DEFAULT_LIMITS[field].parse(typed)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("prompt", "1 to 500 characters"),
        ("width", "256 to 2048 in steps of 64"),
        ("cfg", "1 to 20"),
        ("seed", "0 to 18446744073709551615, or -1 to draw a seed"),
    ],
)
def test_ranges_are_told_in_words(field: str, words: str) -> None:
    assert DEFAULT_LIMITS[field].describe() == words


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"max": 4096}, (256, 4096, 64)),
        ({"min": 512, "step": 8}, (512, 2048, 8)),
        ({"min": 1024, "max": 1024}, (1024, 1024, 64)),
    ],
)
def test_an_entry_changes_what_it_says(limit: dict[str, Any], expected: tuple[int, int, int]) -> None:
    changed = DEFAULT_LIMITS.overridden({"width": Limit(**limit)})
    assert (changed["width"].min, changed["width"].max, changed["width"].step) == expected
    assert changed["height"] == DEFAULT_LIMITS["height"]
    assert (DEFAULT_LIMITS["width"].max, DEFAULT_LIMITS["width"].step) == (2048, 64)


def test_an_entry_that_allows_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="allow nothing"):
        DEFAULT_LIMITS.overridden({"steps": Limit(min=60)})


def test_ranges_cannot_be_replaced() -> None:
    with pytest.raises(TypeError):
        DEFAULT_LIMITS["width"] = DEFAULT_LIMITS["height"]  # type: ignore[index]  # that it fails is the point


SAMPLER = replace(DEFAULT_LIMITS["sampler"], choices=("euler", "dpmpp_2m"))
FACTOR = replace(DEFAULT_LIMITS["upscale_factor"], choices=(2.0, 4.0, 8.0))
LENGTH = replace(DEFAULT_LIMITS["length"], step=4, base=1)


def test_choices_are_the_only_values() -> None:
    assert SAMPLER.check(" Euler ") == "euler"
    assert (FACTOR.check(4), FACTOR.parse("8"), type(FACTOR.check(4))) == (4.0, 8.0, float)
    assert (SAMPLER.describe(), FACTOR.describe()) == ("one of euler, dpmpp_2m", "one of 2, 4, 8")


def test_of_many_choices_those_are_named_that_there_is_room_for() -> None:
    many = replace(SAMPLER, choices=tuple(f"a_sampler_of_some_length_{number}" for number in range(40)))
    named = "a_sampler_of_some_length_0, a_sampler_of_some_length_1, … and 38 more"
    assert many.describe() == f"one of {named}"
    with pytest.raises(ValidationError, match=f"^Sampler must be one of {named}.$"):
        many.check("x")
    assert replace(SAMPLER, choices=("a" * 100,)).describe() == f"one of {'a' * 100}"


@pytest.mark.parametrize(
    ("limits", "value", "sentence"),
    [
        (FACTOR, 3, "Factor must be one of 2, 4, 8."),
        (FACTOR, True, "Factor must be one of 2, 4, 8."),
        (SAMPLER, "eulr", 'There is no sampler "eulr"; did you mean "euler"?'),
        (SAMPLER, "z", "Sampler must be one of euler, dpmpp_2m."),
        (SAMPLER, 3, "Sampler must be one of euler, dpmpp_2m."),
        (LENGTH, 80, "Frames must be between 1 and 257 in steps of 4 from 1."),
    ],
)
def test_other_values_are_refused(limits: Range, value: object, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        limits.check(value)
    assert refused.value.message == sentence


def test_steps_may_begin_elsewhere() -> None:
    assert LENGTH.check(81) == 81
    assert LENGTH.narrowed(Limit(step=8)).check(80) == 80


def test_an_entry_gives_choices_within_its_limits() -> None:
    assert DEFAULT_LIMITS.overridden({}, {"upscale_factor": [2, 4]})["upscale_factor"].choices == (2.0, 4.0)
    with pytest.raises(ValidationError, match="Factor must be between 1 and 8"):
        DEFAULT_LIMITS.overridden({}, {"upscale_factor": [16]})
