"""What the settings may say about one workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    AfterValidator,
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

PARAMETERS: Mapping[str, type[int] | type[float] | type[str]] = {
    "prompt": str,
    "negative_prompt": str,
    "width": int,
    "height": int,
    "steps": int,
    "cfg": float,
    "guidance": float,
    "denoise": float,
    "seed": int,
    "batch_size": int,
    "lora_strength": float,
}
"""The parameters of a workflow that take a default or a limit, with the type of their values."""

_WORDS = {int: "a whole number", float: "a number", str: "text"}
_ADAPTERS = {kind: TypeAdapter(kind, config=ConfigDict(allow_inf_nan=False)) for kind in _WORDS}


def _known_parameter(name: str) -> str:
    if name not in PARAMETERS:
        raise PydanticCustomError("unknown_parameter", "unknown parameter")
    return name


ParameterName = Annotated[str, AfterValidator(_known_parameter)]


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
    enabled: bool = Field(default=True, description="true to offer the workflow, false to hide it")
    description: str = Field(default="", description="a short sentence that users see below the name")
    limits: dict[ParameterName, Limit] = Field(
        default_factory=dict,
        description="an object of ranges by parameter that differ from the usual ones, such as "
        '{"steps": {"min": 4, "max": 12}}',
    )
    defaults: dict[ParameterName, StrictInt | StrictFloat | str] = Field(
        default_factory=dict,
        description="an object of values by parameter that differ from those saved in the workflow, such as "
        '{"steps": 8}',
    )

    @field_validator("file")
    @classmethod
    def _plain_name(cls, file: str) -> str:
        if not file.strip(".") or not file.isprintable() or "/" in file or "\\" in file:
            raise ValueError("must be a plain file name, without a folder")
        return file

    @field_validator("defaults")
    @classmethod
    def _usable(cls, defaults: dict[str, int | float | str], info: ValidationInfo) -> dict[str, object]:
        limits: dict[str, Limit] = info.data.get("limits", {})
        return {name: _checked(name, value, limits.get(name)) for name, value in defaults.items()}


def _checked(name: str, value: int | float | str, limit: Limit | None) -> int | float | str:
    kind = PARAMETERS[name]
    try:
        checked = _ADAPTERS[kind].validate_python(value)
    except ValidationError as exc:
        raise ValueError(f"{name} must be {_WORDS[kind]}") from exc
    size = len(checked) if isinstance(checked, str) else checked
    if limit is not None and not limit.allows(size):
        raise ValueError(f"{name} lies outside the limits of the same workflow")
    return checked
