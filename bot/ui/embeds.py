"""Every embed, as a pure function. Discord's limits on texts are kept here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from core.progress.tracker import ProgressMetrics, ProgressStatus

DESCRIPTION_LIMIT = 4096
_PROMPT_SHOWN = 1000
_BAR = 20
_COLOUR_WAITING = discord.Colour(0x747F8D)
_COLOUR_RUNNING = discord.Colour(0x5865F2)
_COLOUR_DONE = discord.Colour(0x3BA55D)
_COLOUR_WARNING = discord.Colour(0xFAA61A)
_COLOUR_ERROR = discord.Colour(0xED4245)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a job was asked for, as the user sees it: the prompt, and name → value of everything else."""

    title: str
    prompt: str
    settings: Mapping[str, str]


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, an ellipsis for the rest."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def tail(name: str, limit: int) -> str:
    """At most ``limit`` characters of a name on one line: the end of a long file name tells more than its folders."""
    name = one_line(name)
    return name if len(name) <= limit else "…" + name[1 - limit :]


def plain(text: str, limit: int) -> str:
    """Somebody's text as text: markdown and mentions do nothing, at most ``limit`` characters."""
    return clip(discord.utils.escape_mentions(discord.utils.escape_markdown(text)), limit)


def one_line(text: str) -> str:
    """Without line breaks, and a dash for what has nothing to read: Discord refuses empty names and values."""
    return " ".join(text.split()) or "–"


def error(sentence: str) -> discord.Embed:
    """What went wrong and what to do next."""
    return discord.Embed(description=plain(sentence, DESCRIPTION_LIMIT), colour=_COLOUR_ERROR)


def notice(sentence: str) -> discord.Embed:
    """Something worth saying that is no error."""
    return discord.Embed(description=plain(sentence, DESCRIPTION_LIMIT), colour=_COLOUR_WAITING)


def progress(summary: Summary, metrics: ProgressMetrics, *, now: float, began: float | None = None) -> discord.Embed:
    """A job on its way; ``now``, and when it ``began``, are Unix times.

    Nothing in it changes with the clock alone: times are Discord's own relative timestamps, which count by
    themselves, so that a message is edited only when something happened.
    """
    waiting = metrics.status is ProgressStatus.WAITING
    since = f"Started <t:{int(began)}:R>" if began is not None else ""
    lines = [_prompt(summary), _bar(metrics.percentage), _doing(metrics, now), since]
    embed = discord.Embed(
        title=_title(summary),
        description="\n".join(line for line in lines if line),
        colour=_COLOUR_WAITING if waiting else _COLOUR_RUNNING,
    )
    _add_settings(embed, summary)
    return embed


def result(
    summary: Summary,
    seconds: float,
    *,
    picture: str | None = None,
    remark: str | None = None,
    problem: str | None = None,
) -> discord.Embed:
    """A job that is done; ``picture`` is the name of an attachment to show large."""
    embed = discord.Embed(
        title=_title(summary),
        description=_prompt(summary),
        colour=_COLOUR_WARNING if problem else _COLOUR_DONE,
    )
    _add_settings(embed, summary)
    embed.add_field(name="Time", value=duration(seconds))
    for name, text in (("Incomplete", problem), ("Note", remark)):
        if text:
            embed.add_field(name=name, value=plain(text, 1024), inline=False)
    if picture:
        embed.set_image(url=f"attachment://{picture}")
    return embed


def failure(summary: Summary, sentence: str) -> discord.Embed:
    """A job that came to nothing."""
    embed = discord.Embed(
        title=_title(summary),
        description=f"{_prompt(summary)}\n{plain(sentence, 1024)}",
        colour=_COLOUR_ERROR,
    )
    _add_settings(embed, summary)
    return embed


def setup(summary: Summary, *, hint: str) -> discord.Embed:
    """The form before a job."""
    embed = discord.Embed(title=_title(summary), description=_prompt(summary), colour=_COLOUR_WAITING)
    _add_settings(embed, summary)
    embed.set_footer(text=hint)
    return embed


def loras(names: Sequence[str], *, page: int, pages: int, total: int, search: str | None) -> discord.Embed:
    """One page of the LoRA list; ``page`` counts from 0."""
    found = f' matching "{one_line(clip(search, 100))}"' if search else ""
    listing = "\n".join(f"`{tail(name.replace('`', chr(39)), 150)}`" for name in names)
    embed = discord.Embed(
        title="LoRAs",
        description=clip(listing, DESCRIPTION_LIMIT) or plain(f"There are none{found}.", DESCRIPTION_LIMIT),
        colour=_COLOUR_RUNNING,
    )
    embed.set_footer(text=f"{total}{found} · page {page + 1} of {pages}")  # a footer knows no markdown
    return embed


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A workflow in a list: what it is called, what it can be told, and what is wrong with it."""

    label: str
    name: str
    kind: str
    inputs: tuple[str, ...]
    ready: bool
    problem: str | None


def workflows(rows: Sequence[WorkflowRow], *, page: int, pages: int, total: int) -> discord.Embed:
    """One page of the list of workflows; ``page`` counts from 0."""
    embed = discord.Embed(
        title="Workflows",
        description=None if rows else "There are none; save one into the bot's workflows folder.",
        colour=_COLOUR_RUNNING if all(row.ready for row in rows) else _COLOUR_WARNING,
    )
    for row in rows:
        kind = f" · {row.kind}" if row.kind else ""
        told = [", ".join(row.inputs)] if row.inputs else []
        state = "" if row.ready else "Can't run. "
        wrong = [f"{state}{row.problem}"] if row.problem else []
        embed.add_field(
            name=plain(one_line(f"{row.label}{kind}"), 256),
            value=plain("\n".join([*told, *wrong]) or row.name, 500),
            inline=False,
        )
    embed.set_footer(text=f"{total} · page {page + 1} of {pages}")
    return embed


def status(
    stats: Mapping[str, Any] | None, *, queue: int | None, comfyui_ms: float | None, discord_ms: float, started: float
) -> discord.Embed:
    """Bot and server; ``stats`` is ``GET /system_stats``, None when the server is away. ``started`` is a Unix time."""
    online = stats is not None
    embed = discord.Embed(title="Status", colour=_COLOUR_DONE if online else _COLOUR_ERROR)
    system = (stats or {}).get("system") or {}
    embed.add_field(
        name="ComfyUI",
        value=f"online, version {plain(str(system.get('comfyui_version', 'unknown')), 50)}"
        if online
        else "cannot be reached; new jobs are refused until it is back",
    )
    for device in ((stats or {}).get("devices") or [])[:8]:
        embed.add_field(name=clip(f"Device {device.get('type', '')}".strip(), 256), value=_device(device))
    if queue is not None:
        embed.add_field(name="Queue", value="empty" if queue == 0 else f"{queue} running or waiting")
    latency = f"Discord {_milliseconds(discord_ms)}"
    if comfyui_ms is not None:
        latency += f", ComfyUI {_milliseconds(comfyui_ms)}"
    embed.add_field(name="Latency", value=latency)
    embed.add_field(name="Up since", value=f"<t:{int(started)}:R>")
    return embed


def help_page(commands: Sequence[tuple[str, str]], workflows: Sequence[tuple[str, str]]) -> discord.Embed:
    """Commands and workflows, each with a line about it."""
    embed = discord.Embed(
        title="DisComfy",
        description="Type /generate with a prompt, choose what you like, and press Generate.",
        colour=_COLOUR_RUNNING,
    )
    for name, rows in (("Commands", commands), ("Workflows", workflows)):
        if rows:
            lines = [f"**{plain(one_line(title), 80)}** {plain(about, 120)}".strip() for title, about in rows]
            embed.add_field(name=name, value=_fitting(lines, 1024), inline=False)
    return embed


def written(value: object) -> str:
    """A value as people write it: 2 and not 2.0."""
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def duration(seconds: float) -> str:
    """``8.4 s``, ``1 min 5 s``, ``2 h 3 min``."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _fitting(lines: Sequence[str], limit: int) -> str:
    """As many whole lines as there is room for, and how many more there are."""
    for shown in range(len(lines), 0, -1):
        more = [f"… and {len(lines) - shown} more"] if shown < len(lines) else []
        text = "\n".join([*lines[:shown], *more])
        if len(text) <= limit:
            return text
    return clip(lines[0], limit)


def _title(summary: Summary) -> str:
    return plain(one_line(summary.title), 256)


def _prompt(summary: Summary) -> str:
    return f"> {plain(' '.join(summary.prompt.split()), _PROMPT_SHOWN)}" if summary.prompt else ""


def _add_settings(embed: discord.Embed, summary: Summary) -> None:
    for name, value in summary.settings.items():
        embed.add_field(name=name, value=plain(one_line(value), 200))


def _bar(percentage: float) -> str:
    filled = round(_BAR * percentage / 100)
    return f"`{'█' * filled}{'░' * (_BAR - filled)}` {percentage:.0f} %"


def _doing(metrics: ProgressMetrics, now: float) -> str:
    if not metrics.online:
        return "ComfyUI cannot be heard just now; the job goes on when it is back."
    if metrics.status is ProgressStatus.WAITING:
        return _waiting(metrics.queue_position) + _until(metrics.remaining, now)
    step = f", step {metrics.step} of {metrics.total_steps}" if metrics.total_steps else ""
    return plain(metrics.phase, 100) + step + _until(metrics.remaining, now)


def _waiting(position: int | None) -> str:
    if position is None:
        return "Waiting for ComfyUI"
    return "Next in line" if position == 0 else f"Waiting: {position} before this one"


def _until(remaining: float | None, now: float) -> str:
    """When it should be done, to 5 seconds: an estimate that jitters would cost an edit each time."""
    if remaining is None:
        return ""
    done_at = 5 * round((now + remaining) / 5)
    return f" · done <t:{done_at}:R>"


def _device(device: Mapping[str, Any]) -> str:
    name = plain(one_line(str(device.get("name") or "unknown")), 200)
    total, free = device.get("vram_total"), device.get("vram_free")
    if not isinstance(total, int) or not isinstance(free, int) or total <= 0:
        return name
    return f"{name}\n{_gib(free)} of {_gib(total)} GiB free"


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f}"


def _milliseconds(value: float) -> str:
    return f"{value:.0f} ms" if value == value else "unknown"  # discord.py says NaN before the first heartbeat
