"""Forms that are open when the bot ends: kept with every change, and on their screens again with the next bot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.draft import Draft
from bot.lists import known_loras, preferred, worded
from bot.loras import LoraPick
from bot.sources import is_sources
from bot.ui.base import Opening
from core.comfyui.workflows.parameters import MEDIA
from core.jobs.models import Form, Origin
from core.jobs.store import StoreError
from utils.language import speaking
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from bot.ui.view import SetupView

log = get_logger(__name__)


def form_of(opening: Opening, draft: Draft, offered: Iterable[str], parent: str | None, seconds: float) -> Form:
    """What is kept of a form that closes in so many seconds, and offers workflows of such names.

    A bot that has just begun knows no channel yet, so it could not tell what may be used there.
    """
    origin = {**asdict(opening.origin), "expires_at": None}
    if opening.origin.expires_at is not None:
        origin["expires_at"] = opening.origin.expires_at.isoformat()
    content = {"origin": origin, "draft": asdict(draft), "offered": list(offered), "parent": parent}
    return Form(opening.token, opening.author, content, datetime.now(UTC) + timedelta(seconds=seconds))


async def keep_form(bot: ComfyUIBot, form: Form) -> bool:
    """False when the store does not take it: it is open in this process only then."""
    try:
        await bot.engine.jobs.store.keep_form(form)
    except StoreError as exc:
        log.warning("form not kept", detail=exc.detail)
        return False
    return True


async def drop_form(bot: ComfyUIBot, token: str) -> None:
    """Forget a form that is over."""
    try:
        await bot.engine.jobs.store.drop_form(token)
    except StoreError as exc:
        log.warning("form not forgotten", detail=exc.detail)


async def restore_forms(bot: ComfyUIBot) -> None:
    """Have the forms of an earlier process answer again; those that ran out meanwhile are closed.

    Raises:
        StoreError: the store cannot be read.
    """
    kept = [form for form in await bot.engine.jobs.store.forms() if not is_sources(form)]
    loras = await known_loras(bot) if kept else []
    late = [view.on_timeout() for form in kept if (view := await _restored(bot, form, loras)) is not None]
    await asyncio.gather(*late)


async def _restored(bot: ComfyUIBot, form: Form, loras: list[str]) -> SetupView | None:
    """The form when it is to be closed; else it listens already."""
    from bot.ui.view import SetupView

    try:
        opening = Opening(bot, form.owner, _origin(form.content["origin"]), form.token)
        draft, parent = _draft(form.content["draft"]), form.content["parent"]
        offered = [workflow for workflow in worded(bot) if workflow.name in form.content["offered"]]
    except (KeyError, TypeError, ValueError) as exc:
        log.warning("form of another version", detail=repr(exc))
        await drop_form(bot, form.token)
        return None
    workflow = preferred(bot, offered, draft.workflow)
    if workflow is None:
        return None  # it may be there again with the next start; until then clicks are told that it is closed
    with speaking(opening.origin.locale):
        draft = replace(draft, workflow=workflow.name)
        view = SetupView(bot, opening, draft, loras, parent=parent, offered=offered)
    left = (form.expires - datetime.now(UTC)).total_seconds()
    if left <= 0:
        view.stop()
        return view
    view.timeout = left
    bot._connection.store_view(view, opening.origin.message_id)  # pyright: ignore[reportPrivateUsage] - as an edit does
    return None


def _origin(kept: Mapping[str, Any]) -> Origin:
    names = {field.name for field in fields(Origin)}
    ends = kept["expires_at"]
    values = {name: value for name, value in kept.items() if name in names}
    return Origin(**{**values, "expires_at": None if ends is None else datetime.fromisoformat(ends)})


def _draft(kept: Mapping[str, Any]) -> Draft:
    loras = kept["loras"]
    picked = None if loras is None else tuple(LoraPick(**lora) for lora in loras)
    return Draft(**{**kept, "loras": picked, **{kind: tuple(kept[kind]) for kind in MEDIA}})
