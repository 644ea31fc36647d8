from __future__ import annotations

import sys
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from playground.comfyui.encoding import NOTICE, media, png, preview
from playground.comfyui.recipes import NodeError, Recipe

RECIPE = Recipe(width=160, height=120, seed=42, steps=20, cfg=3.5, prompt="a fox", sampled=True)


def test_texts_become_chunks():
    picture = Image.open(BytesIO(png(RECIPE, 0, {"prompt": {"1": "käse"}})))
    assert picture.text == {"prompt": '{"1": "k\\u00e4se"}', "Comment": NOTICE}
    assert "Demo" in NOTICE


def test_previews_are_jpegs_as_large_as_a_real_servers():
    early, late = (preview(replace(RECIPE, width=1024, height=1024), progress) for progress in (0.1, 1.0))
    for content in (early, late):
        assert (Image.open(BytesIO(content)).format, Image.open(BytesIO(content)).size) == ("JPEG", (512, 512))
        assert 20_000 < len(content) < 200_000


def test_animations_have_their_frames():
    for kind in ("webp", "png"):
        shown = Image.open(BytesIO(media(replace(RECIPE, frames=3), kind, 8.0)))
        assert (shown.format, shown.n_frames) == (kind.upper(), 3)


def test_an_animation_lasts_as_long_as_its_frames_at_their_rate():
    shown = Image.open(BytesIO(media(replace(RECIPE, frames=33), "webp", 16.0)))
    durations = []
    for at in range(shown.n_frames):
        shown.seek(at)
        shown.load()
        durations.append(shown.info["duration"])
    assert sum(durations) == round(33 * 1000 / 16)


def sizes_of(movie: bytes) -> int:
    """How many frames a movie has, by its own table."""
    return int.from_bytes(movie[movie.index(b"stsz") + 12 :][:4], "big")


def test_an_mp4_is_h264_with_its_frames_and_says_that_it_is_a_demo():
    pytest.importorskip("av")
    movie = media(replace(RECIPE, frames=3), "mp4", 8.0)
    assert b"avc1" in movie
    assert NOTICE.encode() in movie
    assert sizes_of(movie) == 3
    assert media(replace(RECIPE, frames=3), "webm", 8.0)[:4] == bytes.fromhex("1a45dfa3")


@pytest.fixture
def without_av(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)


def test_without_pyav_an_mp4_is_an_av1_movie_with_one_video_track(without_av):
    movie = media(replace(RECIPE, frames=3), "mp4", 8.0)
    assert movie[4:12] == b"ftypisom"
    assert b"avis" not in movie[:64]
    assert b"hdlr\0\0\0\0\0\0\0\0vide" in movie
    assert b"av01" in movie
    assert sizes_of(movie) == 3


def test_what_only_pyav_can_make_fails_with_what_to_do(without_av):
    with pytest.raises(NodeError, match=r"install discomfy\[video\]"):
        media(RECIPE, "webm", 8.0)


@pytest.mark.parametrize("kind", ["mp4", "webp"])
def test_a_video_that_nobody_waits_for_any_more_ends_between_two_frames(kind):
    asked: list[bool] = []

    def stopped() -> bool:
        asked.append(len(asked) == 2)
        return asked[-1]

    with pytest.raises(InterruptedError):
        media(replace(RECIPE, frames=100), kind, 8.0, stopped)
    assert len(asked) == 3
