"""The page of all settings is what the models say."""

from __future__ import annotations

from pathlib import Path

from config.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run: python -m config.reference > docs/configuration.md"


def test_the_page_names_variables_as_they_are_read() -> None:
    page = reference()
    assert "`DISCORD_TOKEN`" in page
    assert "`COMFYUI__TIMEOUT`" in page
    assert "DISCORD__TOKEN" not in page
