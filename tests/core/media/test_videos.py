from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor

from core.media import clips, muxing, videos
from core.media.muxing import CalledOff, Target
from core.media.videos import encode_video
from tests.core.media.clips import COLOURS, GRAPH, animation, noise, noisy, seen, sound, video

TIMES = [0, 100, 600, 650, 2650]


def fitted(path: Path, limit: int, **options: Any) -> tuple[Path, bool | None]:
    moving = path.suffix in (".gif", ".png", ".webp")
    target = path.with_name("fitted.mp4")
    into = Target(target, limit, **{"keep": True, "stop": Event(), **options})
    return target, encode_video(path, into, moving=moving)


def near(pixel: tuple[int, ...], colour: str) -> bool:
    return all(abs(a - b) < 30 for a, b in zip(pixel, ImageColor.getrgb(colour), strict=True))


def test_a_video_is_h264_and_aac_that_begins_at_once(tmp_path: Path):
    source = noisy(tmp_path / "a.mkv", frames=10, sound=True)
    target, smaller = fitted(source, source.stat().st_size // 2)
    assert smaller is False
    assert target.stat().st_size <= source.stat().st_size // 2
    with av.open(str(target)) as container:
        picture, heard = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (picture.width, picture.height, picture.average_rate, picture.frames) == (160, 120, 10, 10)
        assert (heard.codec_context.name, heard.rate, heard.channels) == ("aac", 48_000, 1)
        assert container.duration == pytest.approx(1_000_000, abs=50_000)
        assert heard.duration is not None
        assert heard.time_base is not None
        assert heard.duration * heard.time_base == pytest.approx(1, abs=0.05)
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_sides_become_even(tmp_path: Path):
    target, _ = fitted(animation(tmp_path / "a.gif", [100] * 3, size=(81, 61)), 20_000)
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (80, 60)


def test_frames_of_a_video_keep_their_times_and_colours(tmp_path: Path):
    pictures = [noise((160, 120), colour) for colour in COLOURS]
    source = video(tmp_path / "a.mkv", pictures, times=TIMES)
    target, _ = fitted(source, 100_000)
    frames = seen(target)
    assert [at for at, _ in frames] == TIMES
    assert all(near(pixel, colour) for (_, pixel), colour in zip(frames, COLOURS, strict=True))


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_frames_of_an_animation_keep_their_times_and_colours(tmp_path: Path, name: str):
    target, _ = fitted(animation(tmp_path / name, [100, 500, 50, 2000, 300]), 100_000)
    frames = seen(target)
    assert [at for at, _ in frames] == TIMES
    assert all(near(pixel, colour) for (_, pixel), colour in zip(frames, COLOURS, strict=True))
    with av.open(str(target)) as container:
        assert container.duration == 2_950_000


@pytest.mark.parametrize("count", [2, 12])
def test_a_steady_animation_is_as_long_as_it_was(tmp_path: Path, count: int):
    target, _ = fitted(animation(tmp_path / "a.png", [80] * count), 100_000)
    with av.open(str(target)) as container:
        assert container.duration == 80_000 * count
        assert container.streams.video[0].frames == count


def test_a_frame_of_no_time_is_shown_as_long_as_browsers_show_it(tmp_path: Path):
    target, _ = fitted(animation(tmp_path / "a.gif", [0, 0, 0]), 100_000)
    assert [at for at, _ in seen(target)] == [0, 100, 200]


def test_what_shows_through_is_white(tmp_path: Path):
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    dotted = clear.copy()
    dotted.putpixel((40, 40), (255, 0, 0, 255))
    clear.save(tmp_path / "a.webp", save_all=True, append_images=[dotted], duration=100, lossless=True)
    target, _ = fitted(tmp_path / "a.webp", 20_000)
    assert all(near(pixel, "white") for _, pixel in seen(target))


def test_a_limit_too_small_for_the_pixels_takes_some(tmp_path: Path):
    source = noisy(tmp_path / "a.mp4", frames=20, size=(640, 360), sound=True)
    target, smaller = fitted(source, 30_000)
    assert smaller is True
    assert target.stat().st_size <= 30_000
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert stream.width < 640
        assert stream.width / stream.height == pytest.approx(16 / 9, rel=0.05)
        assert stream.frames == 20
        assert container.streams.audio


def test_an_attempt_that_comes_out_too_large_is_followed_by_a_smaller_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plans: list[int] = []
    plan = videos.plan

    def generous(clip: Any, size: int) -> Any:
        plans.append(size)
        return plan(clip, 3 * size)

    monkeypatch.setattr(videos, "plan", generous)
    source = noisy(tmp_path / "a.mp4", frames=20)
    target, _ = fitted(source, 20_000)
    assert target.stat().st_size <= 20_000
    assert len(plans) > 1
    assert plans == sorted(plans, reverse=True)


def test_what_cannot_be_had_that_small_is_none(tmp_path: Path):
    assert fitted(noisy(tmp_path / "a.mp4"), 3_000)[1] is None


@settings(max_examples=15)
@given(limit=st.integers(1_000, 60_000), frames=st.integers(1, 12), heard=st.booleans())
def test_the_limit_holds(tmp_path: Path, limit: int, frames: int, heard: bool):
    source = noisy(tmp_path / "a.mp4", frames=frames, size=(96, 64), sound=heard, tags={"prompt": GRAPH})
    target, smaller = fitted(source, limit)
    assert smaller is None or target.stat().st_size <= limit


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_prompt_and_workflow_go_with_it_unless_they_are_not_to(tmp_path: Path, name: str, keep: bool):
    source = noisy(tmp_path / name, tags={"prompt": GRAPH, "workflow": "{}"})
    target, _ = fitted(source, 60_000, keep=keep)
    with av.open(str(target)) as container:
        tags = {name.lower(): text for name, text in container.metadata.items()}
    assert tags.get("prompt") == (GRAPH if keep else None)
    assert (b"class_type" in target.read_bytes()) == keep


def test_tags_that_would_take_the_room_of_the_picture_are_left_out(tmp_path: Path):
    target, _ = fitted(noisy(tmp_path / "a.mp4", tags={"prompt": json.dumps("x" * 9_000)}), 60_000)
    assert b"xxxx" not in target.read_bytes()


def test_a_video_without_any_picture_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="no picture"):
        fitted(sound(tmp_path / "a.m4a", "aac"), 60_000)


@pytest.mark.parametrize("content", [b"", b"no video", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n"])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(av.error.FFmpegError):
        fitted(tmp_path / "a.mp4", 60_000)


def test_a_list_that_names_other_files_is_not_followed(tmp_path: Path):
    noisy(tmp_path / "secret.mp4")
    (tmp_path / "a.mp4").write_text(f"ffconcat version 1.0\nfile {tmp_path / 'secret.mp4'}\n")
    with pytest.raises(av.error.FFmpegError):
        fitted(tmp_path / "a.mp4", 60_000)


def test_a_video_that_is_cut_off_is_refused(tmp_path: Path):
    source = noisy(tmp_path / "a.mp4")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(av.error.FFmpegError):
        fitted(source, 60_000)


@pytest.mark.parametrize("name", ["a.gif", "a.mp4"])
def test_frames_that_would_fill_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr(clips, "_MAX_PIXELS", 10_000)
    source = noisy(tmp_path / name) if name == "a.mp4" else animation(tmp_path / name, [100] * 3)
    with pytest.raises(ValueError, match="too large"):
        fitted(source, 60_000)


def test_called_off_it_ends(tmp_path: Path):
    stop = Event()
    stop.set()
    with pytest.raises(CalledOff):
        fitted(noisy(tmp_path / "a.mp4"), 60_000, stop=stop)


def test_it_ends_when_nobody_would_wait_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(muxing, "_PATIENCE", -1)
    with pytest.raises(CalledOff):
        fitted(noisy(tmp_path / "a.mp4"), 60_000)


def test_a_sound_of_an_unknown_kind_is_passed_over_and_an_unknown_picture_refused(tmp_path: Path):
    source = noisy(tmp_path / "a.mkv", sound=True)
    data = source.read_bytes()
    source.write_bytes(data.replace(b"A_AAC", b"A_???"))
    target, smaller = fitted(source, 60_000)
    assert smaller is False
    with av.open(str(target)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    source.write_bytes(data.replace(b"V_MPEG4/ISO/AVC", b"V_?????/ISO/AVC"))
    with pytest.raises(ValueError, match="no picture"):
        fitted(source, 60_000)


@settings(max_examples=10)
@given(
    name=st.sampled_from(["a.mp4", "a.mkv", "a.gif", "a.webp"]),
    wrong=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_a_damaged_video_is_refused_or_taken(tmp_path: Path, name: str, wrong: list[tuple[int, int]]):
    source, size = tmp_path / name, (32, 24)
    made = noisy(source, frames=2, size=size) if name in ("a.mp4", "a.mkv") else animation(source, [50, 90], size=size)
    data = bytearray(made.read_bytes())
    for at, value in wrong:
        data[at % len(data)] = value
    source.write_bytes(data)
    try:
        target, smaller = fitted(source, 30_000)
    except (av.error.FFmpegError, OSError, ValueError):
        return
    assert smaller is None or target.stat().st_size <= 30_000
