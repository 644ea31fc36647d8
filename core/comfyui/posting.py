"""Posting a prompt once: an answer that was lost is looked up, never repeated blindly."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from core.comfyui.client import ComfyUIClient, Receipt
from core.comfyui.events import Queued
from core.comfyui.outage import Outage
from core.comfyui.queue_reader import QueueReader
from core.comfyui.results import cancelled_error
from core.comfyui.run import Run
from core.comfyui.subscription import Subscription
from core.exceptions import ComfyUIError
from utils.logging import get_logger

log = get_logger(__name__)

_ATTEMPTS = 3
#: Seconds between look-ups after a POST whose answer was lost: the server may still be at work on it.
_LOOK_UP_PAUSES = (0.0, 0.25, 0.5, 1.0)


async def post(
    client: ComfyUIClient,
    queue: QueueReader,
    outage: Outage,
    run: Run,
    subscription: Subscription,
    graph: Mapping[str, Any],
    extra_data: Mapping[str, Any] | None,
) -> Receipt:
    """Post once, and again only when the server is known not to have it.

    Raises:
        PromptRejectedError, ComfyUIError: as `ComfyUIClient.submit`; nothing was queued.
        GenerationError: it was cancelled, or the server went away for too long while the prompt was looked up.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        if run.cancelled:
            raise cancelled_error(run.prompt_id)
        try:
            receipt = await client.submit(graph, prompt_id=run.prompt_id, extra_data=extra_data)
            run.ticket.accept(receipt.number)
            subscription.deliver(Queued(run.prompt_id))
        except ComfyUIError as exc:
            if not exc.maybe_accepted:
                raise
            log.warning("post unanswered", job=run.prompt_id, attempt=attempt, detail=exc.detail)
            # A 500 is the server's own last word; anything else may have been cut off on the way.
            pauses = _LOOK_UP_PAUSES[:1] if exc.status_code == 500 else _LOOK_UP_PAUSES
            if await _was_accepted(client, queue, outage, run, subscription, pauses):
                subscription.ring()
                return Receipt(run.prompt_id, 0, {})
            if attempt == _ATTEMPTS:
                raise
        else:
            outage.over()
            return receipt
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _was_accepted(
    client: ComfyUIClient,
    queue: QueueReader,
    outage: Outage,
    run: Run,
    subscription: Subscription,
    pauses: tuple[float, ...],
) -> bool:
    async def known() -> bool:
        if subscription.heard:
            return True
        queued = await queue.prompt_ids()
        return run.prompt_id in queued or bool(await client.get_history(run.prompt_id))

    for pause in pauses:
        await asyncio.sleep(pause)
        if await outage.patiently(run.prompt_id, known):
            return True
    return False
