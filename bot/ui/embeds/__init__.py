"""Every embed, as a pure function, by subject; this is the whole list."""

from __future__ import annotations

from bot.ui.embeds.elsewhere import add_origin, is_from
from bot.ui.embeds.generation import Summary, failure, progress, result, setup
from bot.ui.embeds.info import Info, info, info_document
from bot.ui.embeds.jobs import Crowd, HistoryRow, QueueRow, history, named, queue
from bot.ui.embeds.listings import WorkflowRow, help_page, loras, workflows
from bot.ui.embeds.notices import error, notice
from bot.ui.embeds.server import status
from bot.ui.embeds.texts import DESCRIPTION_LIMIT, clip, duration, one_line, page_of, plain, read, tail, written

__all__ = [
    "DESCRIPTION_LIMIT",
    "Crowd",
    "HistoryRow",
    "Info",
    "QueueRow",
    "Summary",
    "WorkflowRow",
    "add_origin",
    "clip",
    "duration",
    "error",
    "failure",
    "help_page",
    "history",
    "info",
    "info_document",
    "is_from",
    "loras",
    "named",
    "notice",
    "one_line",
    "page_of",
    "plain",
    "progress",
    "queue",
    "read",
    "result",
    "setup",
    "status",
    "tail",
    "workflows",
    "written",
]
