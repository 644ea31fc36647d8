"""The demo, from its first process to its last."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from playground.demo.bots import DemoBot
from playground.demo.browser import open_page
from playground.demo.comfyui import DemoComfyUI
from playground.demo.errors import DemoError
from playground.demo.ground import address_of, folder, listening
from playground.demo.keeping import kept
from playground.demo.plan import Addresses, Plan
from playground.demo.script.reading import read_script
from playground.demo.signals import ended_by_signals
from playground.speech import say as aloud

if TYPE_CHECKING:
    from playground.demo.service import Service
    from playground.demo.town import Town

API = "/api/v10"


async def run_demo(plan: Plan, say: Callable[[str], None] = aloud) -> None:
    """Run it until a signal ends it, or to the end of its script.

    Args:
        say: tells people one sentence.

    Raises:
        DemoError: it cannot run, or the script does not hold; and why.
    """
    services: list[Service] = []

    def hurry() -> None:
        for service in services:
            service.strike()

    if plan.script is None and plan.out is not None:
        raise DemoError("--out is for what a script makes: name one with --script.", misused=True)
    script = None if plan.script is None else read_script(plan.script)
    with ended_by_signals(hurry):
        async with AsyncExitStack() as stack:
            address, town = await _opened(plan, services, stack, say)
            if script is not None:
                from playground.demo.script.playing import play

                await play(script, town, address, plan.out or plan.home / "script", say)
                return
            if plan.browser:
                open_page(f"{address}/")
            await asyncio.Event().wait()
    if script is not None:
        raise DemoError("The script was ended before its last step.")


async def _opened(
    plan: Plan, services: list[Service], stack: AsyncExitStack, say: Callable[[str], None]
) -> tuple[str, Town]:
    """Start everything; ``stack`` ends it, children first, while there is a Discord to say goodbye to.

    The children begin first as well: they take longest, and the little Discord is imported while they do.
    """

    async def stop() -> None:
        await asyncio.gather(*(service.stop() for service in services))

    listener = stack.enter_context(listening(plan.host, plan.listens_on))
    home = stack.enter_context(folder(plan.home))
    keeper = await stack.enter_async_context(kept(home))
    token, address = secrets.token_urlsafe(24), address_of(listener)
    comfyui = None if plan.comfyui else DemoComfyUI(home / "comfyui", keeper, say)
    url = comfyui.url if comfyui else plan.comfyui or ""
    addresses = Addresses(token, f"{address}{API}", url, home / "bot", home / "outputs")
    bot = DemoBot(plan.bot, plan.plain, addresses, keeper, say)
    services += [bot.service, *([comfyui.service] if comfyui else [])]
    stack.push_async_callback(stop)
    await asyncio.gather(*(service.start() for service in services))

    from playground.demo.town import founded

    town = await stack.enter_async_context(founded(plan, listener, token, bot, comfyui))
    stack.push_async_callback(stop)
    other = f"a {plan.backend}" if comfyui else plan.backend
    say(f"The demo is at {address}/ (the bot, between a little Discord and {other}); Ctrl-C ends it.")
    return address, town
