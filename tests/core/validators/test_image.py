"""Parameters of a picture, and pictures that come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from core.exceptions import ValidationError
from core.validators.image import ImageValidator, PromptParameters
from core.validators.limits import DEFAULT_LIMITS


@dataclass
class Attachment:
    """What Discord says of a file."""

    filename: str = "photo.png"
    size: int = 1000
    content_type: str | None = "image/png"


def test_the_values_come_back_as_given() -> None:
    params = PromptParameters(prompt=" a landscape ", width=1024, height=512, steps=30, cfg=7.5, seed=-1, batch_size=1)
    assert params.model_dump() == {
        "prompt": "a landscape", "negative_prompt": "", "width": 1024, "height": 512, "steps": 30, "cfg": 7.5,
        "seed": -1, "batch_size": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "prompt"),
        ({"prompt": " "}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": "x", "width": 1000}, "width"),
        ({"prompt": "x", "height": "tall"}, "height"),
        ({"prompt": "x", "steps": 51}, "steps"),
        ({"prompt": "x", "steps": True}, "steps"),
        ({"prompt": "x", "cfg": None}, "cfg"),
        ({"prompt": "x", "seed": -2}, "seed"),
        ({"prompt": "x", "batch_size": 0}, "batch_size"),
        ({"prompt": "x", "negative_prompt": "y" * 501}, "negative_prompt"),
        ({"prompt": "x", "sampler": "euler"}, "sampler"),
    ],
)
def test_a_refusal_names_the_field_however_the_model_is_made(values: dict[str, Any], field: str) -> None:
    import orjson

    for make in (
        lambda: PromptParameters(**values),
        lambda: PromptParameters.model_validate(values),
        lambda: PromptParameters.model_validate_json(orjson.dumps(values)),
        lambda: PromptParameters.within(DEFAULT_LIMITS, **values),
    ):
        with pytest.raises(ValidationError) as refused:
            make()
        assert refused.value.field == field
        assert "\n" not in refused.value.message


@pytest.mark.parametrize("data", ["{", "[]", '"x"'])
def test_what_is_no_object_is_refused(data: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PromptParameters.model_validate_json(data)
    assert refused.value.field is None


def test_what_was_set_is_known() -> None:
    assert PromptParameters(prompt="x", seed=-1).model_fields_set == {"prompt", "seed"}


def test_a_workflows_ranges_take_the_place_of_the_public_ones() -> None:
    class Wide:
        min, max, step = None, 4096, None

    limits = DEFAULT_LIMITS.overridden({"width": Wide})  # type: ignore[dict-item]  # has what a Limit has
    assert PromptParameters.within(limits, prompt="x", width=4096).width == 4096
    assert PromptParameters.model_validate({"prompt": "x", "width": 4096}, context=limits).width == 4096
    with pytest.raises(ValidationError, match="between 256 and 4096"):
        PromptParameters.within(limits, prompt="x", width=8192)


@pytest.mark.parametrize("name", ["a.png", "A.PNG", "b.jpg", "c.JPEG", "d.webp", "e.gif", "f.bmp", "g.tar.png"])
def test_pictures_are_valid(name: str) -> None:
    result = ImageValidator().validate(Attachment(name))  # type: ignore[arg-type]  # has what is looked at
    assert result.is_valid
    assert result.error_message is None
    assert (result.file_size, result.extension) == (1000, name.rpartition(".")[2].lower())


@pytest.mark.parametrize(
    ("attachment", "said"),
    [
        (Attachment("a.exe"), "send one of"),
        (Attachment("png"), "send one of"),
        (Attachment("a.png", content_type="application/zip"), "whatever its name says"),
        (Attachment("a.png", size=25 * 1024 * 1024 + 1), "larger than 25 MB"),
        (Attachment("a.png", size=0), "empty"),
    ],
)
def test_other_files_are_not(attachment: Attachment, said: str) -> None:
    result = ImageValidator().validate(attachment)  # type: ignore[arg-type]  # has what is looked at
    assert not result.is_valid
    assert result.error_message is not None
    assert said in result.error_message
    assert result.file_size == attachment.size


def test_the_limits_are_the_callers() -> None:
    validator = ImageValidator(max_size_mb=1, allowed_extensions={".TIFF"})
    tiff = Attachment("a.tiff", 1024 * 1024, None)
    assert validator.validate(tiff).is_valid  # type: ignore[arg-type]  # has what is looked at
    assert not validator.validate(Attachment("a.png")).is_valid  # type: ignore[arg-type]  # has what is looked at
