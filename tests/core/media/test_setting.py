from __future__ import annotations

import pytest

from config.errors import ConfigError
from config.models import BotConfig
from core.media import setting
from core.media.setting import check_metadata_setting


def config(metadata: str) -> BotConfig:
    return BotConfig.model_validate({"generation": {"posted_metadata": metadata}})


@pytest.mark.parametrize(("metadata", "installed"), [("keep", True), ("keep", False), ("strip", True)])
def test_what_can_be_done_is_taken(monkeypatch: pytest.MonkeyPatch, metadata: str, installed: bool):
    monkeypatch.setattr(setting, "can_encode_video", lambda: installed)
    check_metadata_setting(config(metadata))


def test_to_strip_without_what_it_takes_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(setting, "find_spec", lambda name: None)
    with pytest.raises(ConfigError) as refused:
        check_metadata_setting(config("strip"))
    assert refused.value.key == "generation.posted_metadata"
    assert 'pip install "discomfy[video]", or set it to keep' in str(refused.value)
