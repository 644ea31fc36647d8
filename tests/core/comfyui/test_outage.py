"""A server that does not answer: for how long it is asked again."""

from __future__ import annotations

import asyncio

import pytest

from core.comfyui.outage import Outage
from core.exceptions import ComfyUIError, FailureReason, GenerationError


async def test_what_is_never_answered_ends_though_others_are_answered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.comfyui.outage._RETRY_WHEN_AWAY", 0.0)
    outage = Outage(0.05)

    async def never() -> None:
        outage.over()  # another was answered
        raise ComfyUIError("ComfyUI refused the request (status 500).", 500)

    with pytest.raises(GenerationError) as caught:
        await asyncio.wait_for(outage.patiently("id", never), 30)
    assert caught.value.reason is FailureReason.OFFLINE


async def test_what_is_answered_in_the_end_is_had(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.comfyui.outage._RETRY_WHEN_AWAY", 0.0)
    refusals = iter([True, True, False])

    async def third() -> str:
        if next(refusals):
            raise ComfyUIError("ComfyUI cannot be reached; try again when it is back.")
        return "answer"

    assert await Outage(60.0).patiently("id", third) == "answer"
