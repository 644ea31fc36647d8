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
        "sdxl": ("sdxl.json", "Stable Diffusion XL", True),
        "qwen_image": ("qwen_image.json", "Qwen-Image", True),
        "z_image_turbo": ("z_image_turbo.json", "Z-Image Turbo", True),
        "flux_kontext_edit": ("flux_kontext_edit.json", "Flux.1 Kontext dev", True),
        "qwen_image_edit": ("qwen_image_edit.json", "Qwen-Image-Edit", True),
        "qwen_image_edit_2": ("qwen_image_edit_2.json", "Qwen-Image-Edit, 2 pictures", True),
        "qwen_image_edit_3": ("qwen_image_edit_3.json", "Qwen-Image-Edit, 3 pictures", True),
        "upscale": ("upscale.json", "Upscale", True),
        "video_wan_i2v": ("video_wan_i2v.json", "Wan 2.2, from a picture", True),
        "video_wan_t2v": ("video_wan_t2v.json", "Wan 2.2, from words", True),
    }
    assert all(entry["description"] for entry in entries.values())


def test_the_shipped_file_shows_every_section_and_no_secret() -> None:
    data = json.loads((HOME / "config.json").read_text("utf-8"))
    assert list(data) == list(BotConfig.model_fields)
    assert not {"token", "api_key", "api_url"} & {key for section in data.values() for key in section}
