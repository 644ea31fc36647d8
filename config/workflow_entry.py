"""What the settings may say about one workflow."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from config.section import Section
from config.vocabulary import PARAMETERS, ROLES

_WORDS = {int: "a whole number", float: "a number", str: "text"}
_ADAPTERS = {kind: TypeAdapter(kind, config=ConfigDict(allow_inf_nan=False)) for kind in _WORDS}


def _known_parameter(name: str) -> str:
    if name not in PARAMETERS:
        raise PydanticCustomError("unknown_parameter", "unknown parameter")
    return name


def _known_role(name: str) -> str:
    if name not in ROLES:
        raise ValueError(f"must name roles; the roles are {', '.join(ROLES)}")
    return name


def _list_of_one(value: object) -> object:
    return [value] if isinstance(value, str) else value


ParameterName = Annotated[str, AfterValidator(_known_parameter)]
RoleName = Annotated[str, AfterValidator(_known_role)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_list_of_one)]
Value = StrictInt | StrictFloat | str


class Limit(Section):
    """The range of one parameter; for a text, of its length in characters."""

    min: float | None = Field(default=None, description="the least value allowed; left out, the usual one holds")
    max: float | None = Field(default=None, description="the greatest value allowed; left out, the usual one holds")
    step: float | None = Field(
        default=None, gt=0, description="the number that every value is a multiple of; left out, the usual one holds"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Limit:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is greater than max")
        return self

    def allows(self, size: float) -> bool:
        """Tell whether a number, or the length of a text, lies in the range. ``step`` is not looked at."""
        return (self.min is None or self.min <= size) and (self.max is None or size <= self.max)


class WorkflowEntry(Section):
    """One workflow that users may choose; its key in the settings is the name that commands take."""

    file: str = Field(description="the name of a file in the workflows folder, such as flux_lora.json")
    name: str | None = Field(default=None, description="the name that users see; left out, it is made from the key")
    label: str | None = Field(default=None, description="the same; it counts where both are given")
    enabled: bool = Field(default=True, description="true to offer the workflow, false to hide it")
    nsfw: bool = Field(
        default=False,
        description="true to offer the workflow in age-restricted channels only, false to offer it anywhere",
    )
    description: str = Field(default="", description="a short sentence that users see below the name")
    type: Literal["image", "edit", "upscale", "video", "audio"] | None = Field(
        default=None,
        description="image, edit, upscale, video or audio; left out, it is what the workflow's inputs and outputs say",
    )
    bindings: dict[RoleName, Texts] = Field(
        default_factory=dict,
        description='an object of inputs by role, such as {"positive": "136.text"}, where the graph is to be read '
        "otherwise than it would be; an empty list takes the role away",
    )
    limits: dict[ParameterName, Limit] = Field(
        default_factory=dict,
        description="an object of ranges by parameter that differ from the usual ones, such as "
        '{"steps": {"min": 4, "max": 12}}',
    )
    choices: dict[ParameterName, Annotated[list[Value], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="an object of lists by parameter of the only values that are allowed, such as "
        '{"upscale_factor": [2, 4, 8]}',
    )
    defaults: dict[ParameterName, Value] = Field(
        default_factory=dict,
        description="an object of values by parameter that differ from those saved in the workflow, such as "
        '{"steps": 8}',
    )
    loras: Texts = Field(
        default=(),
        description='a list of patterns for the LoRA files that fit, folders included, such as ["flux/*", "*_f1d*"]; '
        "left out, all do",
    )

    @field_validator("file")
    @classmethod
    def _plain_name(cls, file: str) -> str:
        if not file.strip(".") or not file.isprintable() or "/" in file or "\\" in file:
            raise ValueError("must be a plain file name, without a folder")
        return file

    @field_validator("choices")
    @classmethod
    def _allowed(cls, choices: dict[str, list[Value]], info: ValidationInfo) -> dict[str, list[Value]]:
        limits: dict[str, Limit] = info.data.get("limits", {})
        return {name: [_checked(name, value, limits.get(name)) for value in values] for name, values in choices.items()}

    @field_validator("defaults")
    @classmethod
    def _usable(cls, defaults: dict[str, Value], info: ValidationInfo) -> dict[str, Value]:
        limits: dict[str, Limit] = info.data.get("limits", {})
        choices: dict[str, list[Value]] = info.data.get("choices", {})
        checked = {name: _checked(name, value, limits.get(name)) for name, value in defaults.items()}
        for name, value in checked.items():
            if name in choices and value not in choices[name]:
                raise ValueError(f"{name} is none of the choices of the same workflow")
        return checked

    @property
    def shown_name(self) -> str | None:
        """What users see instead of the key, when something is given."""
        return self.label or self.name


def _checked(name: str, value: Value, limit: Limit | None) -> Value:
    kind = PARAMETERS[name]
    try:
        checked = _ADAPTERS[kind].validate_python(value)
    except ValidationError as exc:
        raise ValueError(f"{name} must be {_WORDS[kind]}") from exc
    size = len(checked) if isinstance(checked, str) else checked
    if limit is not None and not limit.allows(size):
        raise ValueError(f"{name} lies outside the limits of the same workflow")
    return checked
