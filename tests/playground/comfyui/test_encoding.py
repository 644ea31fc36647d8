from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from PIL import Image

from playground.comfyui.encoding import moving, png, preview
from playground.comfyui.recipes import Recipe

RECIPE = Recipe(width=160, height=120, seed=42, steps=20, cfg=3.5, prompt="a fox", sampled=True)


def test_texts_become_chunks():
    picture = Image.open(BytesIO(png(RECIPE, 0, {"prompt": {"1": "käse"}})))
    assert picture.text == {"prompt": '{"1": "k\\u00e4se"}'}


def test_previews_grow_towards_the_picture():
    early, late = (Image.open(BytesIO(preview(RECIPE, progress))) for progress in (0.1, 1.0))
    assert early.format == late.format == "JPEG"
    assert len(preview(RECIPE, 0.1)) > len(preview(RECIPE, 1.0))


def test_animations_have_their_frames():
    for kind in ("webp", "png"):
        shown = Image.open(BytesIO(moving(replace(RECIPE, frames=3), kind, 8.0)))
        assert (shown.format, shown.n_frames) == (kind.upper(), 3)


def test_an_animation_lasts_as_long_as_its_frames_at_their_rate():
    shown = Image.open(BytesIO(moving(replace(RECIPE, frames=33), "webp", 16.0)))
    durations = []
    for at in range(shown.n_frames):
        shown.seek(at)
        shown.load()
        durations.append(shown.info["duration"])
    assert sum(durations) == round(33 * 1000 / 16)


def test_an_mp4_is_a_movie_with_one_video_track():
    movie = moving(replace(RECIPE, frames=3), "mp4", 8.0)
    assert movie[4:12] == b"ftypisom"
    assert b"avis" not in movie[:64]
    assert b"hdlr\0\0\0\0\0\0\0\0vide" in movie
    assert b"av01" in movie
    sizes = movie[movie.index(b"stsz") + 4 :]
    assert int.from_bytes(sizes[8:12], "big") == 3
