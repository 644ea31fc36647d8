"""What the server refuses, in Discord's words, and what a human could not have done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from playground.discord.limits import MIB


class PlaygroundError(Exception):
    """The script asked for something that no human could do in Discord's client."""


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    return ", ".join(repr(name) for name in names)


def oversized(name: str, most: int) -> str:
    """What is said of a file that has more bytes than ``most``."""
    return f"{name} is too large: a file has at most {most // MIB} MB here"


class ApiError(Exception):
    """An error answer of the REST API.

    Body: ``{"code", "message"}``, for a bad form also ``"errors"``: a tree of the body's keys, with
    ``{"_errors": [{"code", "message"}]}`` at its leaves.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.body: dict[str, Any] = {"message": message, "code": code, **(extra or {})}
        if errors:
            self.body["errors"] = dict(errors)
        self.headers = dict(headers or {})


def unauthorized() -> ApiError:
    return ApiError(401, 0, "401: Unauthorized")


def unknown_channel() -> ApiError:
    return ApiError(404, 10003, "Unknown Channel")


def unknown_message() -> ApiError:
    return ApiError(404, 10008, "Unknown Message")


def unknown_webhook() -> ApiError:
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    return ApiError(404, 10062, "Unknown interaction")


def already_acknowledged() -> ApiError:
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def invalid_webhook_token() -> ApiError:
    return ApiError(401, 50027, "Invalid Webhook Token")


def missing_access() -> ApiError:
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    return ApiError(403, 50013, "Missing Permissions")


def empty_message() -> ApiError:
    return ApiError(400, 50006, "Cannot send an empty message")


def too_large() -> ApiError:
    return ApiError(413, 40005, "Request entity too large")
