"""A body under examination."""

from __future__ import annotations

from typing import Any

from playground.discord.errors import ApiError

Path = tuple[str | int, ...]


class Form:
    """Collects refusals by their place in the body and raises them together, as Discord does."""

    def __init__(self) -> None:
        self._errors: dict[str, Any] = {}

    def refuse(self, path: Path, code: str, message: str) -> None:
        place = self._errors
        for key in path:
            place = place.setdefault(str(key), {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def required(self, path: Path) -> None:
        self.refuse(path, "BASE_TYPE_REQUIRED", "This field is required")

    def choices(self, path: Path, allowed: object) -> None:
        self.refuse(path, "BASE_TYPE_CHOICES", f"Value must be one of {allowed}.")

    def text(self, path: Path, value: Any, longest: int, shortest: int = 0, *, optional: bool = True) -> str:
        """The string at ``path``; "" when it is missing or was refused."""
        if value is None:
            if not optional:
                self.required(path)
            return ""
        if not isinstance(value, str):
            self.refuse(path, "BASE_TYPE_STRING", "Could not interpret value as string.")
            return ""
        self._length(path, len(value), shortest, longest)
        return value

    def items(self, path: Path, value: Any, most: int, least: int = 0, *, optional: bool = True) -> list[Any]:
        """The list at ``path``; empty when it is missing or was refused."""
        if value is None:
            if not optional:
                self.required(path)
            return []
        if not isinstance(value, list):
            self.refuse(path, "BASE_TYPE_LIST", "Only iterables may be used in a ListType")
            return []
        self._length(path, len(value), least, most)
        return value

    def integer(self, path: Path, value: Any, low: int, high: int) -> int | None:
        """The integer at ``path``; None when it is missing or was refused."""
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        if not low <= value <= high:
            code = "NUMBER_TYPE_MIN" if value < low else "NUMBER_TYPE_MAX"
            self.refuse(path, code, f"int value should be between {low} and {high}.")
            return None
        return value

    def mapping(self, path: Path, value: Any) -> dict[str, Any]:
        """The object at ``path``; empty when it is missing or was refused."""
        if value is not None and not isinstance(value, dict):
            self.refuse(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return value if isinstance(value, dict) else {}

    def check(self) -> None:
        """Raises:
        ApiError: 50035 "Invalid Form Body" with everything that was refused.
        """
        if self._errors:
            raise ApiError(400, 50035, "Invalid Form Body", errors=self._errors)

    def _length(self, path: Path, length: int, least: int, most: int) -> None:
        if least <= length <= most:
            return
        if least:
            self.refuse(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            self.refuse(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
