from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.media.budget import Clip, plan, sound_rate

MEGABYTE = 2**20

clips = st.builds(
    Clip,
    width=st.integers(2, 8000),
    height=st.integers(2, 8000),
    duration=st.floats(0.01, 7200),
    frames=st.integers(1, 100_000),
    sound=st.booleans(),
)


@given(clip=clips, size=st.integers(1, 100 * MEGABYTE))
def test_a_plan_is_within_its_budget_and_can_be_encoded(clip: Clip, size: int):
    made = plan(clip, size)
    if made is None:
        return
    assert (made.video + made.sound) * clip.duration / 8 <= size
    assert bool(made.sound) == clip.sound
    assert made.width % 2 == made.height % 2 == 0
    assert 2 <= made.width <= clip.width + 1
    assert 2 <= made.height <= clip.height + 1
    assert made.width * made.height <= 3840 * 2160 * 1.01


def test_bits_are_saved_before_pixels():
    clip = Clip(1920, 1080, 10, 300, sound=True)
    rich, poor, poorest = plan(clip, 25 * MEGABYTE), plan(clip, 10 * MEGABYTE), plan(clip, MEGABYTE)
    assert rich is not None
    assert poor is not None
    assert poorest is not None
    assert rich.video > poor.video > poorest.video
    assert (rich.width, rich.height) == (poor.width, poor.height) == (1920, 1080)
    assert poorest.width < 1920
    assert poorest.width / poorest.height == pytest.approx(16 / 9, rel=0.02)


def test_no_more_bits_are_spent_than_can_be_seen():
    made = plan(Clip(64, 64, 1, 25), 100 * MEGABYTE)
    assert made is not None
    assert made.video < 64 * 64 * 25


def test_a_few_pictures_one_after_the_other_have_as_much_as_many():
    slow, quick = plan(Clip(640, 360, 10, 5), 100_000), plan(Clip(640, 360, 10, 120), 100_000)
    assert slow is not None
    assert quick is not None
    assert slow.width == pytest.approx(quick.width, rel=0.03)


@pytest.mark.parametrize(("size", "sound"), [(10 * MEGABYTE, 128_000), (MEGABYTE, 24_000)])
def test_sound_has_its_share(size: int, sound: int):
    made = plan(Clip(640, 360, 60, 1500, sound=True), size)
    assert made is not None
    assert made.sound == sound


@pytest.mark.parametrize(("duration", "size"), [(3600, MEGABYTE), (1, 100), (0.04, 3000)])
def test_what_would_be_nothing_to_look_at_is_none(duration: float, size: int):
    assert plan(Clip(640, 360, duration, 25), size) is None


@given(duration=st.floats(0.01, 7200), size=st.integers(1, 100 * MEGABYTE))
def test_a_sound_is_within_its_budget(duration: float, size: int):
    rate = sound_rate(duration, size)
    assert rate is None or 24_000 <= rate <= min(256_000, 8 * size / duration)
