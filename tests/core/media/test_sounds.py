from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.media import sounds
from core.media.muxing import CalledOff, Target
from core.media.sounds import encode_sound
from tests.core.media.clips import GRAPH, noisy, sound


def heard(path: Path, limit: int, **options: Any) -> tuple[Path, bool]:
    target = path.with_name("fitted.m4a")
    return target, encode_sound(path, Target(target, limit, **{"keep": True, "stop": Event(), **options}))


@pytest.mark.parametrize(("layout", "channels"), [("mono", 1), ("stereo", 2), ("5.1", 2)])
def test_a_sound_is_aac_of_the_same_length(tmp_path: Path, layout: str, channels: int):
    source = sound(tmp_path / "a.wav", "pcm_s16le", 2.0, layout=layout)
    target, done = heard(source, 40_000)
    assert done
    assert target.stat().st_size <= 40_000
    with av.open(str(target)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.channels) == ("aac", channels)
        assert container.duration == pytest.approx(2_000_000, abs=60_000)


@settings(max_examples=15)
@given(limit=st.integers(1_000, 60_000), tenths=st.integers(1, 20))
def test_a_sound_holds_the_limit(tmp_path: Path, limit: int, tenths: int):
    target, done = heard(sound(tmp_path / "a.wav", "pcm_s16le", tenths / 10), limit)
    assert not done or target.stat().st_size <= limit


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize(("name", "codec"), [("a.flac", "flac"), ("a.ogg", "libopus"), ("a.mp3", "libmp3lame")])
def test_tags_of_a_sound_go_with_it_unless_they_are_not_to(tmp_path: Path, name: str, codec: str, keep: bool):
    source = sound(tmp_path / name, codec, 2.0, tags={"prompt": GRAPH})
    target, done = heard(source, 50_000, keep=keep)
    assert done
    assert (b"class_type" in target.read_bytes()) == keep


def test_a_sound_that_is_none_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="nothing to hear"):
        heard(noisy(tmp_path / "a.mp4"), 60_000)
    (tmp_path / "a.mp3").write_bytes(b"no sound")
    with pytest.raises(av.error.FFmpegError):
        heard(tmp_path / "a.mp3", 60_000)


def test_a_sound_is_called_off(tmp_path: Path):
    stop = Event()
    stop.set()
    with pytest.raises(CalledOff):
        heard(sound(tmp_path / "a.wav", "pcm_s16le"), 60_000, stop=stop)


def test_a_sound_that_comes_out_too_large_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rate = sounds.sound_rate
    monkeypatch.setattr(sounds, "sound_rate", lambda duration, size: rate(duration, 3 * size))
    target, done = heard(sound(tmp_path / "a.wav", "pcm_s16le", 2.0), 20_000)
    assert done
    assert target.stat().st_size <= 20_000
