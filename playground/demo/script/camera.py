"""Screenshots of the page, by Chromium without a window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from playground.demo.errors import DemoError
from playground.demo.script.chromium import ARGUMENTS, installed
from playground.demo.script.reading import Step
from playground.demo.script.scene import Scene
from playground.discord import PlaygroundError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

_COMPOSER = "#composer-text"
_SIZE = (1120, 760)
_QUALITY = 88
#: Milliseconds: a failure may be slow.
_WITHIN = 30_000.0
#: Until the browser's own player has put its sign of waiting away, in milliseconds.
_PLAYER = 1_500.0
#: All pictures have arrived, and nothing is being laid out any more.
_SETTLED = """async () => {
  const pictures = [...document.images].filter((one) => one.src && one.offsetParent !== null);
  const videos = [...document.querySelectorAll("video")];
  if (!pictures.every((one) => one.complete) || !videos.every((one) => one.readyState > 1 || one.error)) return false;
  await Promise.all([document.fonts.ready, ...pictures.map((one) => one.decode().catch(() => {}))]);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return true;
}"""


class Camera:
    """A window of the page for each look, as the user and at the place of the script's."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address

    async def take(self, step: Step, scene: Scene, out: Path) -> Path:
        """Look at what the user sees, and keep the picture.

        Raises:
            PlaygroundError: what is to be pressed is not there, the page does not come, or it reports an error.
        """
        from playwright.async_api import Error

        width, height = step.get("size") or _SIZE
        context = await self._browser.new_context(
            viewport={"width": int(width), "height": int(height)},
            color_scheme="light" if step.get("scheme") == "light" else "dark",
            reduced_motion="reduce",
            device_scale_factor=1,
        )
        errors: list[str] = []
        try:
            page = await context.new_page()
            page.on("pageerror", lambda error: errors.append(error.message))
            page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
            page.set_default_timeout(_WITHIN)
            await self._enter(page, scene)
            await self._touch(page, step)
            await page.wait_for_function(_SETTLED)
            if await page.locator("video").count():
                await page.wait_for_timeout(_PLAYER)
            data = await page.screenshot(animations="disabled", caret="hide")
        except Error as exc:
            raise PlaygroundError(f"the page cannot be looked at: {exc.message.splitlines()[0]}") from exc
        finally:
            await context.close()
        if errors:
            raise PlaygroundError(f"the page reports: {errors[0]}")
        return _saved(data, out / f"{Path(step.value).name}.webp")

    async def _enter(self, page: Page, scene: Scene) -> None:
        """The page remembers who and where one was over a reload."""
        kept = f"sessionStorage.user = '{scene.who.id}'; sessionStorage.channel = '{scene.where.id}';"
        await page.add_init_script(kept)
        await page.goto(f"{self._address}/")
        seen = scene.who.sees(scene.where)
        if seen:
            await page.wait_for_selector(f'[data-id="{seen[-1].id}"]')

    async def _touch(self, page: Page, step: Step) -> None:
        for name in step.get("press") or []:
            await page.get_by_role("button", name=name).last.click()
        if step.get("typed"):
            await page.locator(_COMPOSER).press_sequentially(step.get("typed"))


@asynccontextmanager
async def open_camera(address: str) -> AsyncIterator[Camera]:
    """Start Chromium.

    Raises:
        DemoError: Playwright or Chromium is not there.
    """
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError as exc:
        raise DemoError('Screenshots need Playwright: pip install "discomfy[demo]", and Chromium.') from exc
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=installed(), args=list(ARGUMENTS))
        except Error as exc:
            raise DemoError("Screenshots need Chromium: install it, or run playwright install chromium.") from exc
        async with browser:
            yield Camera(browser, address)


def _saved(data: bytes, path: Path) -> Path:
    from PIL import Image

    with Image.open(BytesIO(data)) as picture:
        picture.convert("RGB").save(path, "WEBP", quality=_QUALITY, method=6)
    return path
