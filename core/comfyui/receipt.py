"""The answer to a prompt that was posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.comfyui.refusals import as_mapping
from core.comfyui.transport import BROKEN_ANSWER
from core.exceptions import ComfyUIError
from utils.language import phrase


@dataclass(frozen=True, slots=True)
class Receipt:
    """A prompt that the server took. ``number`` is its place in the order of arrival.

    ``node_errors`` is empty unless some outputs of the graph were refused while others run.
    """

    prompt_id: str
    number: float
    node_errors: Mapping[str, Any]


def read_receipt(answer: Any, prompt_id: str | None) -> Receipt:
    """The receipt in an answer; ``prompt_id`` is the id that was asked for, None when any will do.

    Raises:
        ComfyUIError: it is none (``maybe_accepted``), or it is for another id.
    """
    given = answer.get("prompt_id") if isinstance(answer, dict) else None
    if not isinstance(given, str):
        raise ComfyUIError(BROKEN_ANSWER, 200, detail=f"POST /prompt: {answer!r:.500}", maybe_accepted=True)
    if prompt_id is not None and given != prompt_id:
        raise ComfyUIError(
            phrase("This ComfyUI gives jobs ids of its own and cannot be used; ask the bot's owner to update it."),
            200,
            detail=f"{prompt_id} became {given:.100}",
        )
    number = answer.get("number")
    if isinstance(number, bool) or not isinstance(number, int | float):
        number = 0
    return Receipt(given, number, as_mapping(answer.get("node_errors")))
