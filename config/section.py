"""What all sections of the settings have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator

from config.urls import database_url, http_url, without_user_info

HttpUrl = Annotated[str, AfterValidator(http_url)]
"""The address of a server, without a trailing slash. Its field's name ends in ``url``."""


DatabaseUrl = Annotated[str, AfterValidator(database_url)]
"""The address of a database."""


class Section(BaseModel):
    """A frozen part of the settings that refuses unknown keys and shows no password."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _tidy(cls, value: object, info: ValidationInfo) -> object:
        """Take an empty text for None where None is allowed, and keep true and false from passing as 1 and 0."""
        annotation = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and annotation is not bool:
            raise ValueError("must not be true or false")
        if isinstance(value, str) and not value.strip() and type(None) in get_args(annotation):
            return None
        return value

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        for name, value in super().__repr_args__():
            is_url = name is not None and name.endswith("url") and isinstance(value, str)
            yield name, without_user_info(value) if is_url else value
