"""What is known of how a result, or anybody's picture, was made: told to the one who asks, and to nobody else."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from bot import roster
from bot.attachments import Remote, fetched
from bot.draft import LORAS, WORKFLOW, strong, summary_of
from bot.errors import UserError
from bot.sight import sees
from bot.target import JobMessage
from bot.ui import embeds
from core.jobs.models import Job
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.particulars import Particulars, UsedLora

_CLOSED = phrase("That is somebody else's job, in a channel that you cannot read; ask whoever made it.")
_NOTHING = phrase("This file does not say how it was made; ask whoever posted it.")
_OF_FILE = phrase("From what is written to the file.")
_TOO_LARGE = phrase("A file that is too large to be attached.")
_NAME = 100


async def tell_of_job(interaction: discord.Interaction[ComfyUIBot], job: Job) -> None:
    """Answer with what is known of a job. The interaction must be acknowledged, as one that only the asker sees.

    Raises:
        UserError: it is not for the asker to know.
        StoreError: the store does not say.
    """
    bot = interaction.client
    if not sees(interaction, job):
        raise UserError(_CLOSED)
    graph = await bot.engine.jobs.store.graph(job.id) or {}
    known, document = await asyncio.to_thread(_read, bot, job, graph)
    info = _info(known, summary_of(job).title, phrase("From the bot's own record. Job {job}", job=job.id))
    info = replace(
        info,
        settings={WORKFLOW: _label(bot, job), **info.settings},
        facts={name: value async for name, value in _facts(interaction, job)},
    )
    # Who has files posted without their graph does not want it handed out.
    handed_out = document if bot.config.generation.posted_metadata == "keep" else None
    await _answer(interaction, info, roster.short(job), handed_out)


async def tell_of_file(interaction: discord.Interaction[ComfyUIBot], file: Remote, kind: str) -> None:
    """The same from what is written to a file.

    Args:
        kind: images or videos.

    Raises:
        UserError, ValidationError: Discord does not give it, it is too large, or it says nothing.
    """
    from core.media.metadata import read_metadata

    bot = interaction.client
    async with fetched(bot, file, kind) as path:
        found = await asyncio.to_thread(read_metadata, path, bot.engine.library.definitions)
    if not found.particulars and found.document is None:
        raise UserError(_NOTHING)
    await _answer(interaction, _info(found.particulars, file.filename, _OF_FILE), "file", found.document)


def _read(bot: ComfyUIBot, job: Job, graph: dict[str, Any]) -> tuple[Particulars, bytes | None]:
    from core.comfyui.workflows.particulars import particulars_of
    from core.media.metadata import document_of

    entry = bot.config.workflows.get(job.request.workflow)
    declared = entry.bindings if entry is not None else None
    definitions = bot.engine.library.definitions
    known = particulars_of(graph, definitions, declared=declared, asked=job.request.parameters)
    return known, document_of(graph) if graph else None


async def _facts(interaction: discord.Interaction[ComfyUIBot], job: Job) -> AsyncIterator[tuple[str, str]]:
    parent = await interaction.client.engine.jobs.get(job.parent) if job.parent is not None else None
    if parent is not None and sees(interaction, parent):
        link = roster.link(parent)
        # Translators: heads the job whose picture this one was made from
        yield phrase("Made from"), embeds.named(roster.short(parent), link)
    # Translators: heads the time at which it was asked for
    yield phrase("Asked for"), f"<t:{int(job.created_at.timestamp())}:f>"
    if job.result is not None:
        # Translators: heads how long it took to make
        yield phrase("Took"), embeds.duration(job.result.seconds)
    if by := summary_of(job).by:
        # Translators: heads the name of whoever asked for it
        yield phrase("By"), embeds.plain(embeds.one_line(by), _NAME)


def _label(bot: ComfyUIBot, job: Job) -> str:
    """What its workflow is called, as long as it is there."""
    name = job.request.workflow
    return next((workflow.label for workflow in bot.engine.library.offered() if workflow.name == name), name)


def _info(known: Particulars, title: str, source: str) -> embeds.Info:
    from core.generators.requests import word

    values = {name: embeds.written(value) for name, value in known.values.items()}
    seed = values.pop("seed", "")
    size = {}
    if "width" in values and "height" in values:
        size = {phrase("Size"): f"{values.pop('width')} × {values.pop('height')}"}
    return embeds.Info(
        title=title,
        source=source,
        texts={word(name): text for name, text in known.texts.items()},
        seed=seed,
        settings={**size, **{word(name): value for name, value in values.items()}},
        lists={LORAS: tuple(map(_lora, known.loras)), phrase("Models"): known.models},
    )


def _lora(lora: UsedLora) -> str:
    return lora.name if lora.strength is None else strong(lora.name, lora.strength)


async def _answer(
    interaction: discord.Interaction[ComfyUIBot], info: embeds.Info, name: str, document: bytes | None
) -> None:
    """Show it, with the graph as a file, and with a text of what has no room in the embed."""
    text = embeds.info_document(info)
    held = {f"info_{name}.txt": text.encode() if text is not None else None, f"workflow_{name}.json": document}
    files = {filename: data for filename, data in held.items() if data is not None}
    fitting = {filename: data for filename, data in files.items() if len(data) <= interaction.filesize_limit}
    if len(fitting) < len(files):
        # Translators: heads a sentence about a file that is not there
        info = replace(info, facts={**info.facts, phrase("Left out"): _TOO_LARGE})
    await JobMessage.of(interaction).edit(
        embed=embeds.info(info),
        files=lambda: [discord.File(io.BytesIO(data), filename=filename) for filename, data in fitting.items()],
    )
