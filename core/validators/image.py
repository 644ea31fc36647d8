"""What comes in about pictures: the parameters of one, and the files that users attach."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pydantic
from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationInfo, field_validator, model_validator

from core.exceptions import ValidationError
from core.validators.file_words import FileWords, PictureWords, SoundWords, VideoWords
from core.validators.limits import DEFAULT_LIMITS, Range
from utils.language import Phrase, commas, phrase

if TYPE_CHECKING:
    import discord

IMAGE_EXTENSIONS = frozenset({"png", "jpg", "jpeg", "webp", "gif", "bmp"})
_MEGABYTE = 1024 * 1024


class PromptParameters(BaseModel):
    """A prompt and its settings, checked against the public ranges, or those of a workflow (`within`).

    Attributes:
        prompt: 1-500 characters, blanks around it removed.
        negative_prompt: up to 500 characters.
        width: 256-2048 pixels, a multiple of 64.
        height: 256-2048 pixels, a multiple of 64.
        steps: 1-50.
        cfg: 1.0-20.0.
        seed: 0 or more; -1 draws one.
        batch_size: 1-4.

    Raises:
        core.exceptions.ValidationError: a value is refused; ``field`` names it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str
    negative_prompt: str = ""
    width: int = 1024
    height: int = 1024
    steps: int = 20
    cfg: float = 7.0
    seed: int = -1
    batch_size: int = 1

    @classmethod
    def within(cls, limits: Mapping[str, Range], **values: Any) -> Self:
        """The parameters checked against other ranges than the public ones."""
        return cls.model_validate(values, context=limits)

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        try:
            return super().model_validate_json(json_data, **options)
        except pydantic.ValidationError as exc:
            raise _refusal(exc, DEFAULT_LIMITS) from exc

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_our_words(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        try:
            return handler(data)
        except pydantic.ValidationError as exc:
            raise _refusal(exc, info.context or DEFAULT_LIMITS) from exc

    @field_validator("*", mode="before")
    @classmethod
    def _keep_truth_out(cls, value: Any, info: ValidationInfo) -> Any:
        """True is no number, though Python counts with it."""
        if isinstance(value, bool):
            raise _range(info).error()
        return value

    @field_validator("*")
    @classmethod
    def _check(cls, value: Any, info: ValidationInfo) -> Any:
        return _range(info).check(value)


def _range(info: ValidationInfo) -> Range:
    return (info.context or DEFAULT_LIMITS)[info.field_name or ""]


def _refusal(exc: pydantic.ValidationError, limits: Mapping[str, Range]) -> ValidationError:
    first = exc.errors(include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else None
    if field is None:
        return ValidationError(phrase("The parameters must be an object with a prompt."), detail=first["msg"])
    if first["type"] == "extra_forbidden":
        return ValidationError(phrase('"{field}" is no parameter of a prompt: leave it out.', field=field), field)
    if first["type"] == "missing":
        return ValidationError(phrase("{label} is missing: say what to make.", label=limits[field].label), field)
    return limits[field].error()


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What was found of an attachment.

    Attributes:
        is_valid: it may be used.
        error_message: what is wrong and what to do, when it may not.
        file_size: bytes.
        extension: of the file's name, in small letters, without the dot; None when it has none.
    """

    is_valid: bool
    error_message: str | None = None
    file_size: int | None = None
    extension: str | None = None


class ImageValidator:
    """Tells from what Discord says of an attachment whether it is a picture that will do. Downloads nothing.

    Args:
        max_size_mb: largest size, in units of 1024 × 1024 bytes.
        allowed_extensions: with or without a dot, in any case; pictures of the common kinds when left out.
    """

    words: ClassVar[FileWords] = PictureWords()
    content_type: ClassVar[str] = "image/"
    extensions: ClassVar[frozenset[str]] = IMAGE_EXTENSIONS

    def __init__(self, max_size_mb: int = 25, allowed_extensions: Set[str] | None = None) -> None:
        self.max_size_mb = max_size_mb
        given = self.extensions if allowed_extensions is None else allowed_extensions
        self.allowed_extensions = frozenset(extension.lower().lstrip(".") for extension in given)

    def validate(self, attachment: discord.Attachment) -> ValidationResult:
        """Check name, declared type and size."""
        extension = PurePath(attachment.filename).suffix.lower().lstrip(".") or None
        error = self._error(extension, attachment.content_type, attachment.size)
        return ValidationResult(error is None, error, attachment.size, extension)

    @property
    def stranger(self) -> Phrase:
        """The sentence for a file that is called one of its kind and is none."""
        return self.words.stranger(self._kinds)

    @property
    def oversized(self) -> Phrase:
        """The sentence for a file that is too large."""
        return self.words.oversized(self.max_size_mb)

    @property
    def _kinds(self) -> str:
        return commas(sorted(self.allowed_extensions))

    def _error(self, extension: str | None, content_type: str | None, size: int) -> Phrase | None:
        if extension not in self.allowed_extensions:
            return self.words.unfit(self._kinds)
        if isinstance(content_type, str) and not content_type.lower().startswith(self.content_type):
            return self.stranger
        if size > self.max_size_mb * _MEGABYTE:
            return self.oversized
        if size <= 0:
            return self.words.empty
        return None


class VideoValidator(ImageValidator):
    """The same for videos."""

    words = VideoWords()
    content_type = "video/"
    extensions = frozenset({"mp4", "mov", "webm", "mkv"})


class AudioValidator(ImageValidator):
    """The same for sounds."""

    words = SoundWords()
    content_type = "audio/"
    extensions = frozenset({"mp3", "wav", "flac", "ogg", "m4a"})


VALIDATORS: Mapping[str, type[ImageValidator]] = {
    "images": ImageValidator,
    "masks": ImageValidator,
    "videos": VideoValidator,
    "audios": AudioValidator,
}
"""By the kind of file, as `WorkflowParameters` calls them."""
