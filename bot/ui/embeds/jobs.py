"""Jobs in lists: those that are on their way, and those that were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.ui.embeds.colours import COLOUR_DONE, COLOUR_ERROR, COLOUR_RUNNING, COLOUR_WAITING, COLOUR_WARNING
from bot.ui.embeds.generation import doing
from bot.ui.embeds.texts import one_line, page_of, plain
from core.jobs.models import JobState
from core.progress.tracker import ProgressMetrics, ProgressStatus
from utils.language import phrase, say, say_n, together, told

_TITLE, _PROMPT, _SENTENCE = 100, 200, 400
_UNDER_WAY = phrase("Under way; /queue says where it stands.")
_STATES = {
    JobState.STORED: (_UNDER_WAY, COLOUR_RUNNING),
    JobState.POSTED: (_UNDER_WAY, COLOUR_RUNNING),
    JobState.FINISHED: (phrase("Done"), COLOUR_DONE),
    JobState.FAILED: (phrase("Failed"), COLOUR_ERROR),
    JobState.CANCELLED: (phrase("Cancelled"), COLOUR_WAITING),
    JobState.LOST: (phrase("Lost"), COLOUR_ERROR),
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A job that is not over.

    Attributes:
        short: its short id.
        link: where its message is.
    """

    title: str
    prompt: str
    short: str
    link: str | None
    metrics: ProgressMetrics


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many jobs there are, anybody's.

    Attributes:
        on_server: that run or wait on ComfyUI; None when it cannot be reached.
        foreign: how many of those are other programs'.
        waiting: that wait in the bot.
    """

    on_server: int | None
    foreign: int
    waiting: int


def queue(rows: Sequence[QueueRow], crowd: Crowd, *, now: float, page: int, pages: int, total: int) -> discord.Embed:
    """One page of somebody's jobs, and how many others there are; ``page`` counts from 0, ``now`` is a Unix time."""
    embed = discord.Embed(
        title=say("Queue"),
        description=_everybody(crowd) or (None if rows else say("Nothing runs or waits.")),
        colour=COLOUR_WARNING if crowd.on_server is None else COLOUR_RUNNING if rows else COLOUR_WAITING,
    )
    for row in rows:
        embed.add_field(name=plain(one_line(row.title), _TITLE), value=_row(row, now), inline=False)
    if total:
        embed.set_footer(text=_page(say_n("{n} of yours", "{n} of yours", total), page, pages))
    elif crowd.on_server or crowd.waiting:
        embed.set_footer(text=say("None of them is yours"))
    return embed


def _row(row: QueueRow, now: float) -> str:
    metrics = row.metrics
    percentage = f"{metrics.percentage:.0f} % · " if metrics.status is ProgressStatus.RUNNING else ""
    return _lines(_quoted(row.prompt), f"{percentage}{doing(metrics, now)}", named(row.short, row.link))


def _everybody(crowd: Crowd) -> str:
    found = list[str]()
    if crowd.on_server is None:
        found.append(say("ComfyUI cannot be reached; jobs go on when it is back."))
    elif crowd.foreign:
        others = say_n(
            "{n} runs or waits on ComfyUI, {foreign} of them from other programs.",
            "{n} run or wait on ComfyUI, {foreign} of them from other programs.",
            crowd.on_server,
            foreign=crowd.foreign,
        )
        found.append(others)
    elif crowd.on_server:
        found.append(say_n("{n} runs or waits on ComfyUI.", "{n} run or wait on ComfyUI.", crowd.on_server))
    if crowd.waiting:
        found.append(say_n("{n} waits in the bot.", "{n} wait in the bot.", crowd.waiting))
    return told(together(found)) if found else ""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A job that there was.

    Attributes:
        made: when it was asked for, as a Unix time.
        error: why there is no result.
        kept: why the result could not be told.
        thumbnail: the name of an attachment that shows it small.
    """

    title: str
    prompt: str
    short: str
    link: str | None
    made: float
    state: JobState
    error: str | None = None
    kept: str | None = None
    thumbnail: str | None = None


def history(rows: Sequence[HistoryRow], *, page: int, pages: int, total: int) -> list[discord.Embed]:
    """One page of jobs, the newest first, an embed each; ``page`` counts from 0."""
    nothing = discord.Embed(description=say("There is nothing here."), colour=COLOUR_WAITING)
    found = [_past(row) for row in rows] or [nothing]
    found[-1].set_footer(text=_page(say_n("{n} job", "{n} jobs", total), page, pages))
    return found


def _past(row: HistoryRow) -> discord.Embed:
    embed = discord.Embed(
        title=plain(one_line(row.title), _TITLE),
        description=_lines(
            _quoted(row.prompt), *_outcome(row), f"<t:{int(row.made)}:R> · {named(row.short, row.link)}"
        ),
        colour=COLOUR_WARNING if row.kept else _STATES[row.state][1],
    )
    if row.thumbnail:
        embed.set_thumbnail(url=f"attachment://{row.thumbnail}")
    return embed


def _outcome(row: HistoryRow) -> list[str]:
    """What became of it, and what to do where that did not reach anybody."""
    state = told(_STATES[row.state][0])
    lines = [say("{state}: {reason}", state=state, reason=plain(row.error, _SENTENCE)) if row.error else state]
    if row.kept:
        # Translators: the end of a job, which could not be told to whoever asked for it
        kept = [say("Not told: {reason}", reason=plain(row.kept, _SENTENCE))]
        if row.state is JobState.FINISHED:
            # Translators: it is the result
            kept.append(say("`/show {job}` brings it.", job=row.short))
        lines.append(told(together(kept)))
    return lines


def _quoted(prompt: str) -> str:
    return f"> {plain(' '.join(prompt.split()), _PROMPT)}" if prompt.strip() else ""


def named(short: str, link: str | None) -> str:
    """A job by its short id, with the way to its message where there is one."""
    # Translators: a link to the message of a job
    message = say("message")
    return f"`{short}`" + (f" · [{message}]({link})" if link else "")


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _page(text: str, page: int, pages: int) -> str:
    return page_of(text, page, pages) if pages > 1 else text
