"""A browser window on the page, and what a person does in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import ConsoleMessage, Locator, Page
    from playwright.async_api._generated import LocatorAssertions

#: Milliseconds: a failure may be slow, what works is not waited for.
PATIENCE = 60_000
#: What a browser itself writes down when a server is away; nothing that a page could keep quiet.
AWAY = re.compile(r"WebSocket connection to .* failed|net::ERR_(CONNECTION|SOCKET|EMPTY)")


def expect(found: Locator) -> LocatorAssertions:
    """What should be seen there before long. Playwright is imported when there is a browser only."""
    from playwright.async_api import expect as see

    see.set_options(timeout=PATIENCE)
    return see(found)


class Window:
    """One page of one user. ``problems`` are errors of the console and of scripts."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    async def open(self) -> None:
        await self.page.goto(self.address)
        await expect(self.page.locator(".channel[aria-current]")).to_be_visible()

    # Places

    @property
    def box(self) -> Locator:
        return self.page.locator("#composer-text")

    @property
    def command(self) -> Locator:
        return self.page.locator(".command")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message")

    @property
    def last(self) -> Locator:
        return self.messages.last

    @property
    def modal(self) -> Locator:
        return self.page.locator("dialog.modal")

    @property
    def menu(self) -> Locator:
        return self.page.get_by_role("menu")

    def option(self, name: str) -> Locator:
        """The field of an option of the command that is being typed."""
        return self.page.locator(f".chip[data-option={name}]").locator("textarea, button").first

    def suggestion(self, label: str) -> Locator:
        return self.page.locator(".suggestion").filter(has=self.page.get_by_text(label, exact=True))

    def button(self, label: str) -> Locator:
        """Of the newest message that has one."""
        return self.messages.get_by_role("button", name=label, exact=True).last

    # Doings

    async def type_command(self, name: str, **options: str) -> None:
        """Type a command as far as Enter, the required options first."""
        await self.box.fill("")
        await self.box.press_sequentially(f"/{name} ")
        await expect(self.command).to_be_visible()
        for option, value in options.items():
            if not await self.option(option).count():
                await self.page.locator(".finder").press_sequentially(f"{option}:")
            await self.option(option).fill(value)

    async def send(self) -> None:
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def say(self, words: str) -> None:
        await self.box.fill(words)
        await self.box.press("Enter")

    async def become(self, name: str) -> None:
        """Switch to another user."""
        await self.page.locator(".me-button").click()
        await self.page.locator(".person", has_text=name).click()
        await expect(self.page.locator(".me-name")).to_have_text(name)

    async def go(self, channel: str) -> None:
        await self.page.locator(".channel", has_text=channel).click()
        await expect(self.page.locator(".place-name")).to_have_text(channel)

    async def faults(self, rules: list[str] | None = None) -> list[dict[str, Any]]:
        """Serious faults that axe-core finds in what is there now, by all of its rules or some."""
        from axe_playwright_python.async_playwright import Axe

        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules is not None:
            options["runOnly"] = rules
        results = await Axe().run(self.page, options=options)
        return [
            {"id": found["id"], "nodes": [node["html"][:200] for node in found["nodes"][:3]]}
            for found in results.response["violations"]
            if found["impact"] in ("serious", "critical")
        ]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not AWAY.search(message.text):
            self.problems.append(message.text)
