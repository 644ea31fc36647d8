from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from playground.comfyui.drawing import frames, paint
from playground.comfyui.recipes import Recipe

RECIPE = Recipe(width=160, height=120, seed=42, steps=20, cfg=3.5, prompt="a fox", sampled=True)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 43},
        {"prompt": "a red fox"},
        {"negative": "blurry"},
        {"steps": 4},
        {"cfg": 7.0},
        {"inverted": True},
        {"width": 161},
        *({"loras": ((name, 1.0),)} for name in ("pixel", "line", "watercolour", "neon", "unheard of")),
    ],
    ids=str,
)
def test_a_picture_answers_to_its_request(change):
    changed = paint(replace(RECIPE, **change))
    assert changed.size == (change.get("width", 160), 120)
    assert changed.tobytes() != paint(RECIPE).tobytes()
    assert changed.tobytes() == paint(replace(RECIPE, **change)).tobytes()


def test_pictures_of_a_batch_differ():
    batch = replace(RECIPE, batch=2)
    assert paint(batch, 0).tobytes() != paint(batch, 1).tobytes()


def test_a_colour_in_the_prompt_is_in_the_picture():
    def warmth(prompt: str) -> float:
        red, _, blue = paint(replace(RECIPE, prompt=prompt)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        return red - blue

    assert warmth("an orange sky") > 0 > warmth("a blue sky")


def test_a_stronger_lora_changes_more():
    def distance(strength: float) -> int:
        styled = paint(replace(RECIPE, loras=(("line", strength),)))
        return sum(abs(a - b) for a, b in zip(styled.crop((0, 0, 160, 80)).tobytes(), plain.tobytes(), strict=True))

    plain = paint(RECIPE).crop((0, 0, 160, 80))
    assert 0 == distance(0.0) < distance(0.3) < distance(1.0)


def test_it_says_that_it_is_a_demo_on_every_picture():
    empty = Recipe(width=160, height=120, color=0xFFFFFF)
    marked = paint(empty)
    assert marked.getpixel((80, 10)) == (255, 255, 255)
    assert marked.getpixel((150, 115)) != (255, 255, 255)


def test_an_input_picture_is_edited_and_further_ones_are_visible(tmp_path):
    for name in ("red", "lime", "blue"):
        Image.new("RGB", (50, 50), name).save(tmp_path / f"{name}.png")
    images = tuple(tmp_path / f"{name}.png" for name in ("red", "lime", "blue"))
    one = paint(replace(RECIPE, images=images[:1]))
    assert one.tobytes() != paint(RECIPE).tobytes()
    all_of_them = paint(Recipe(width=100, height=100, images=images))
    assert [all_of_them.getpixel(at) for at in ((10, 10), (95, 5), (95, 25))] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


def test_sizes_are_kept_up_to_8192():
    assert paint(Recipe(width=8192, height=16)).size == (8192, 16)
    assert paint(Recipe(width=16384, height=16)).size == (8192, 8)
    assert paint(Recipe(width=1, height=1)).size == (1, 1)


def test_a_video_moves_and_has_its_frames_and_its_size():
    moving = frames(replace(RECIPE, frames=9))
    assert [frame.size for frame in moving] == [(160, 120)] * 9
    assert moving[0].tobytes() != moving[1].tobytes()
    assert len(frames(Recipe(width=8, height=8, frames=200))) == 121
    assert frames(Recipe(width=1664, height=960, frames=1))[0].size == (832, 480)


def test_a_video_of_a_picture_begins_with_it_and_comes_nearer(tmp_path):
    inner = Image.new("RGB", (400, 400), "red")
    inner.paste("blue", (100, 100, 300, 300))
    inner.save(tmp_path / "start.png")
    first, *_, last = frames(Recipe(width=200, height=200, images=(tmp_path / "start.png",), frames=8))
    assert (first.getpixel((100, 100)), first.getpixel((45, 100))) == ((0, 0, 255), (255, 0, 0))
    assert last.getpixel((45, 100)) == (0, 0, 255)


def test_few_steps_are_enough_for_a_quick_model():
    few = replace(RECIPE, steps=4, quick=True)
    assert paint(few).tobytes() != paint(replace(few, quick=False)).tobytes()
    assert paint(few).tobytes() != paint(replace(few, steps=1)).tobytes()


def test_an_edited_picture_keeps_more_than_one_that_sampling_starts_from(tmp_path):
    Image.new("RGB", (50, 50), "red").save(tmp_path / "red.png")

    def redness(**changes) -> int:
        drawn = paint(replace(RECIPE, prompt="blue", images=(tmp_path / "red.png",), **changes))
        red, _, blue = drawn.crop((0, 0, 160, 80)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        return red - blue

    assert redness(denoise=1.0) < redness(denoise=1.0, reference=True) < redness(denoise=0.2, reference=True)
    assert redness(denoise=0.0) == 255
