"""The page of all commands is what the command tree says."""

from __future__ import annotations

from pathlib import Path

from bot.reference import reference, shipped

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


async def test_the_page_is_up_to_date(tmp_path: Path) -> None:
    made = await reference(shipped(str(tmp_path)))
    assert PAGE.read_text("utf-8") == made, "run: python -m bot.reference > docs/commands.md"


async def test_everything_is_on_the_page(tmp_path: Path) -> None:
    from bot.menus import MENUS
    from bot.ui.result import RESULT_BUTTONS

    page = await reference(shipped(str(tmp_path)))
    for name in ("generate", "editflux", "editqwen", "upscale", "animate", "queue", "cancel", "history", "show"):
        assert f"## /{name}\n" in page
    for label in (*(menu.name for menu in MENUS.values()), *(getattr(b, "label", "") for b in RESULT_BUTTONS)):
        assert f"| {label} |" in page
    assert "| `prompt` (required) | text | 1 to " in page
