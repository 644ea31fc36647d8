"""A generation: the form before it, its progress, its result, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import discord

from bot.ui.embeds.colours import COLOUR_DONE, COLOUR_ERROR, COLOUR_RUNNING, COLOUR_WAITING, COLOUR_WARNING
from bot.ui.embeds.texts import clip, duration, heading, one_line, plain
from core.progress.tracker import ProgressMetrics, ProgressStatus
from utils.language import say, say_n, told

_PROMPT_SHOWN = 1000
_SETTING_SHOWN, _SETTINGS_SHOWN = 320, 1500
_BAR = 20


@dataclass(frozen=True, slots=True)
class Summary:
    """What a job was asked for, as the user sees it: the prompt, and name → value of everything else.

    Attributes:
        by: the name of whoever asked; shown only where others may read of it.
        parent: the short id of the job whose result it goes on from; empty where there is none.
        parent_link: where that one's message was then.
    """

    title: str
    prompt: str
    settings: Mapping[str, str]
    by: str = ""
    parent: str = ""
    parent_link: str = ""


def setup(summary: Summary, *, hint: str) -> discord.Embed:
    """The form before a job."""
    embed = discord.Embed(title=_title(summary), description=_prompt(summary), colour=COLOUR_WAITING)
    for name, value in summary.settings.items():
        embed.add_field(name=heading(name), value=plain(one_line(value), _SETTING_SHOWN))
    embed.set_footer(text=hint)
    return embed


def progress(summary: Summary, metrics: ProgressMetrics, *, now: float, asked: float | None = None) -> discord.Embed:
    """A job on its way; ``now``, and when it was ``asked`` for, are Unix times.

    Nothing in it changes with the clock alone: times are Discord's own relative timestamps, which count by
    themselves, so that a message is edited only when something happened.
    """
    waiting = metrics.status is ProgressStatus.WAITING
    # Translators: {when} is a time that Discord writes: 2 minutes ago
    since = say("Asked for {when}", when=f"<t:{int(asked)}:R>") if asked is not None else ""
    colour = COLOUR_WAITING if waiting else COLOUR_RUNNING
    return _embed(summary, colour, _bar(metrics.percentage), doing(metrics, now), since)


def result(
    summary: Summary,
    seconds: float,
    *,
    picture: str | None = None,
    remark: str | None = None,
    problem: str | None = None,
) -> discord.Embed:
    """A job that is done; ``picture`` is the name of an attachment to show large."""
    embed = _embed(summary, COLOUR_WARNING if problem else COLOUR_DONE, took=duration(seconds))
    for name, text in ((say("Incomplete"), problem), (say("Note"), remark)):
        if text:
            embed.add_field(name=name, value=plain(text, 1024), inline=False)
    if picture:
        embed.set_image(url=f"attachment://{picture}")
    return embed


def failure(summary: Summary, sentence: str) -> discord.Embed:
    """A job that came to nothing."""
    return _embed(summary, COLOUR_ERROR, plain(sentence, 1024))


def _embed(summary: Summary, colour: discord.Colour, *lines: str, took: str = "") -> discord.Embed:
    """Between the prompt and what it was asked for stands what is to be said of it now."""
    all_lines = (_prompt(summary), *lines, _settings(summary, took), _parent(summary))
    return discord.Embed(title=_title(summary), description="\n".join(filter(None, all_lines)), colour=colour)


def _title(summary: Summary) -> str:
    return plain(one_line(summary.title), 256)


def _prompt(summary: Summary) -> str:
    return f"> {plain(' '.join(summary.prompt.split()), _PROMPT_SHOWN)}" if summary.prompt else ""


def _parent(summary: Summary) -> str:
    if not summary.parent:
        return ""
    named = f"`{summary.parent}`"
    linked = f"[{named}]({summary.parent_link})" if summary.parent_link else named
    # Translators: the job whose result this one goes on from
    return "-# " + say("From {job}", job=linked)


def _settings(summary: Summary, took: str = "") -> str:
    """What a job was asked for in one quiet line, and how long it took; what the title says is not said again."""
    named = [
        f"{heading(name)} {plain(one_line(value), _SETTING_SHOWN)}"
        for name, value in summary.settings.items()
        if told(value) != told(summary.title)
    ]
    line = " · ".join(part for part in (*named, took) if part)
    return f"-# {clip(line, _SETTINGS_SHOWN)}" if line else ""


def _bar(percentage: float) -> str:
    filled = round(_BAR * percentage / 100)
    return f"`{'█' * filled}{'░' * (_BAR - filled)}` {percentage:.0f} %"


def doing(metrics: ProgressMetrics, now: float) -> str:
    """Where a job stands, and when it should be done; ``now`` is a Unix time."""
    if not metrics.online:
        return say("ComfyUI cannot be heard just now; the job goes on when it is back.")
    if metrics.status is ProgressStatus.WAITING:
        return _waiting(metrics.queue_position) + _until(metrics.remaining, now)
    phase = plain(metrics.phase, 100)
    if metrics.total_steps:
        phase = say("{phase}, step {step} of {steps}", phase=phase, step=metrics.step, steps=metrics.total_steps)
    return phase + _until(metrics.remaining, now)


def _waiting(position: int | None) -> str:
    if position is None:
        return say("Waiting for ComfyUI")
    if position == 0:
        return say("Next in line")
    return say_n("Waiting: {n} before this one", "Waiting: {n} before this one", position)


def _until(remaining: float | None, now: float) -> str:
    """When it should be done, to 5 seconds: an estimate that jitters would cost an edit each time."""
    if remaining is None:
        return ""
    done_at = 5 * round((now + remaining) / 5)
    # Translators: {when} is a time that Discord writes: in 2 minutes, or 2 seconds ago where it takes longer
    return " · " + say("due {when}", when=f"<t:{done_at}:R>")
