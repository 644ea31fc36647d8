from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.models import PARAMETERS, ROLES, Limit, WorkflowEntry

NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))


def entry(**values: Any) -> WorkflowEntry:
    return WorkflowEntry.model_validate({"file": "flux.json", **values})


def test_only_the_file_is_needed() -> None:
    assert entry() == WorkflowEntry(file="flux.json", name=None, enabled=True, description="", limits={}, defaults={})
    with pytest.raises(ValidationError, match="file"):
        WorkflowEntry.model_validate({"name": "Flux"})


@pytest.mark.parametrize("file", ["flux.json", "Flux 1 (dev).json", "a..b.json", ".hidden.json", "größe.png"])
def test_a_plain_file_name_is_accepted(file: str) -> None:
    assert WorkflowEntry(file=file).file == file


@pytest.mark.parametrize(
    "file",
    ["", " ", ".", "..", "../flux.json", "sub/flux.json", "/etc/passwd", "..\\flux.json", "C:\\flux.json", "a\0b"],
)
def test_a_file_outside_the_folder_is_refused(file: str) -> None:
    with pytest.raises(ValidationError, match="plain file name"):
        WorkflowEntry(file=file)


@given(NUMBERS, NUMBERS)
def test_a_limit_has_its_ends_in_order(low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        with pytest.raises(ValidationError, match="min is greater than max"):
            Limit(min=low, max=high)
    else:
        limit = Limit(min=low, max=high)
        assert all(limit.allows(end) for end in (low, high) if end is not None)


@pytest.mark.parametrize("end", ["min", "max"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_limit_is_a_finite_number(end: str, value: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Limit.model_validate({end: value})


@pytest.mark.parametrize("step", [0, -64])
def test_a_step_goes_up(step: float) -> None:
    assert Limit(step=0.05).step == 0.05
    with pytest.raises(ValidationError):
        Limit(step=step)


@pytest.mark.parametrize(
    ("limit", "inside", "outside"),
    [
        (Limit(min=1), [1, 10**9], [0.99]),
        (Limit(max=8), [-(10**9), 8], [8.01]),
        (Limit(min=4, max=4), [4], [3, 5]),
    ],
)
def test_a_limit_includes_its_ends(limit: Limit, inside: list[float], outside: list[float]) -> None:
    assert all(map(limit.allows, inside))
    assert not any(map(limit.allows, outside))


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_takes_a_limit(name: str) -> None:
    assert entry(limits={name: {"min": 1, "max": 2}}).limits == {name: Limit(min=1, max=2)}


@pytest.mark.parametrize("field", ["limits", "defaults"])
def test_an_unknown_parameter_is_refused_by_name(field: str) -> None:
    with pytest.raises(ValidationError, match="widht"):
        entry(**{field: {"widht": {} if field == "limits" else 1}})


@pytest.mark.parametrize(
    ("name", "given_value", "kept"),
    [
        ("steps", 8, 8),
        ("steps", "8", 8),
        ("steps", 8.0, 8),
        ("seed", 0, 0),
        ("seed", str(2**64 - 1), 2**64 - 1),
        ("cfg", 1, 1.0),
        ("cfg", "3.5", 3.5),
        ("negative_prompt", "blurry", "blurry"),
    ],
)
def test_a_default_gets_the_type_of_its_parameter(name: str, given_value: object, kept: object) -> None:
    default = entry(defaults={name: given_value}).defaults[name]
    assert default == kept
    assert type(default) is PARAMETERS[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", "many"),
        ("steps", 8.5),
        ("steps", True),
        ("steps", None),
        ("cfg", "high"),
        ("cfg", "inf"),
        ("prompt", 3),
    ],
)
def test_a_default_of_the_wrong_type_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        entry(defaults={name: value})


def test_a_default_outside_its_own_limit_is_refused() -> None:
    limits = {"steps": {"min": 4, "max": 12}, "negative_prompt": {"max": 3}}
    assert entry(limits=limits, defaults={"steps": 12, "negative_prompt": "abc"})
    with pytest.raises(ValidationError, match="steps lies outside"):
        entry(limits=limits, defaults={"steps": 13})
    with pytest.raises(ValidationError, match="negative_prompt lies outside"):
        entry(limits=limits, defaults={"negative_prompt": "abcd"})


def test_a_label_counts_before_a_name() -> None:
    assert entry(name="Old").shown_name == "Old"
    assert entry(name="Old", label="New").shown_name == "New"
    assert entry().shown_name is None


@pytest.mark.parametrize("kind", ["image", "edit", "upscale", "video", "audio"])
def test_a_type_is_one_of_a_few(kind: str) -> None:
    assert entry(type=kind).type == kind
    with pytest.raises(ValidationError):
        entry(type=f"{kind}s")


def test_bindings_are_lists_of_places_by_role() -> None:
    bindings = {"positive": "136.text", "images": ["12:3.image", "4.image"], "negative": []}
    assert entry(bindings=bindings).bindings == {
        "positive": ("136.text",),
        "images": ("12:3.image", "4.image"),
        "negative": (),
    }
    assert set(entry(bindings=dict.fromkeys(ROLES, "1.a")).bindings) == set(ROLES)
    with pytest.raises(ValidationError, match="positve"):
        entry(bindings={"positve": "1.text"})


def test_choices_get_the_type_of_their_parameter_and_hold_the_default() -> None:
    made = entry(choices={"upscale_factor": [2, 4]}, defaults={"upscale_factor": 4})
    assert [type(value) for value in made.choices["upscale_factor"]] == [float, float]
    with pytest.raises(ValidationError, match="none of the choices"):
        entry(choices={"upscale_factor": [2, 4]}, defaults={"upscale_factor": 3})
    with pytest.raises(ValidationError, match="steps lies outside"):
        entry(limits={"steps": {"max": 8}}, choices={"steps": [4, 20]})
    with pytest.raises(ValidationError):
        entry(choices={"steps": []})


def test_patterns_for_loras_are_a_list_or_a_single_one() -> None:
    assert entry(loras="flux/*").loras == ("flux/*",)
    assert entry(loras=["a*", "b*"]).loras == ("a*", "b*")
