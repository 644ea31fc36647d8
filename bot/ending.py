"""How a job ended, as a message: the embed, the buttons, and the files that go into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.draft import summary_of
from bot.parcels import Delivery, folder_of_made, prepare
from bot.restriction import is_veiled
from bot.ui import embeds
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.models import Job

_NOTHING = phrase("It came to nothing; try again.")


async def prepared(bot: ComfyUIBot, job: Job, limit: int) -> Delivery:
    """What of a job's result is posted where a file may have ``limit`` bytes; to be closed afterwards."""
    if job.result is None:
        return Delivery(())
    return await prepare(
        job.result,
        limit,
        metadata=bot.config.generation.posted_metadata,
        veiled=is_veiled(bot, job),
        within=folder_of_made(bot.config),
    )


def ending(bot: ComfyUIBot, job: Job, delivery: Delivery, *, remark: str | None = None) -> dict[str, Any]:
    """The message of a job that is over: embed, view, and what makes its files.

    Args:
        remark: said in place of the delivery's.
    """
    from bot.ui.buttons import retry_view
    from bot.ui.result import PostView

    summary, result = summary_of(job), job.result
    parcels = delivery.requests[0] if delivery.requests else ()
    if result is None:
        embed = embeds.failure(summary, job.error or _NOTHING)
        view = retry_view(job)
    else:
        problem = result.problem.message if result.problem is not None else None
        embed = embeds.result(
            summary, result.seconds, picture=delivery.picture, remark=remark or delivery.remark, problem=problem
        )
        view = PostView(bot, job)
    return {
        "embed": embed,
        "view": view if view.children else None,
        "files": lambda: [parcel.open() for parcel in parcels],
    }
