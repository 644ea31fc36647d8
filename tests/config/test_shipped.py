from __future__ import annotations

import json

from config.loader import HOME
from config.models import BotConfig


def test_the_shipped_file_loads_and_holds_the_defaults(settings) -> None:
    shipped = settings.load((HOME / "config.json").read_text("utf-8"))
    assert shipped.model_copy(update={"workflows": {}}) == BotConfig()


def test_the_shipped_file_lists_the_shipped_workflows() -> None:
    entries = json.loads((HOME / "config.json").read_text("utf-8"))["workflows"]
    assert {name: (entry["file"], entry["name"], entry["enabled"]) for name, entry in entries.items()} == {
        "flux_lora": ("flux_lora.json", "Flux.1 dev", True),
        "flux_krea_lora": ("flux_krea_lora.json", "Flux.1 Krea dev", True),
        "hidream_lora": ("hidream_lora.json", "HiDream I1", True),
    }
    assert all(entry["description"] for entry in entries.values())


def test_the_shipped_file_shows_every_section_and_no_secret() -> None:
    data = json.loads((HOME / "config.json").read_text("utf-8"))
    assert list(data) == list(BotConfig.model_fields)
    assert not {"token", "api_key", "api_url"} & {key for section in data.values() for key in section}
