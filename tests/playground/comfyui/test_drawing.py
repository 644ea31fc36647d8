from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from playground.comfyui.drawing import frames, paint, sketch
from playground.comfyui.models import DEMO_LORAS
from playground.comfyui.recipes import Mask, Recipe

RECIPE = Recipe(width=160, height=120, seed=42, steps=20, cfg=3.5, prompt="a fox", sampled=True)


def distance(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are from each other: 0 the same, 255 black against white."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def mean(picture: Image.Image) -> list[float]:
    """Red, green and blue of a picture as a whole."""
    return ImageStat.Stat(picture).mean


def unmarked(picture: Image.Image) -> Image.Image:
    """The part of a picture where no mark is."""
    return picture.crop((0, 0, picture.width, picture.height * 2 // 3))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture that went in: red, with a blue middle."""
    picture = Image.new("RGB", (400, 300), "red")
    picture.paste("blue", (100, 75, 300, 225))
    picture.save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 43},
        {"prompt": "a red fox"},
        {"negative": "blurry"},
        {"steps": 4},
        {"cfg": 7.0},
        {"guidance": 8.0},
        {"model": "another.safetensors"},
        {"flavour": "heun/karras"},
        {"inverted": True},
        {"width": 161},
        *({"loras": ((name, 1.0),)} for name in (*DEMO_LORAS, "unheard of")),
    ],
    ids=str,
)
def test_a_picture_answers_to_its_request(change):
    changed = paint(replace(RECIPE, **change))
    assert changed.size == (change.get("width", 160), 120)
    assert changed.tobytes() != paint(RECIPE).tobytes()
    assert changed.tobytes() == paint(replace(RECIPE, **change)).tobytes()


def test_two_seeds_and_two_pictures_of_a_batch_are_clearly_different():
    first = paint(RECIPE)
    assert distance(first, paint(replace(RECIPE, seed=43))) > 15
    assert distance(first, paint(replace(RECIPE, batch=2), 1)) > 15


def test_a_colour_in_the_prompt_is_in_the_picture():
    red, _, blue = mean(paint(replace(RECIPE, prompt="an orange sky")))
    cold_red, _, cold_blue = mean(paint(replace(RECIPE, prompt="a blue sky")))
    assert red > blue
    assert cold_red < cold_blue


def test_night_is_darker_than_day():
    night, day = (sum(mean(paint(replace(RECIPE, prompt=f"a forest by {when}")))) for when in ("night", "day"))
    assert night < day * 0.6


def test_a_negative_prompt_takes_out_what_it_names():
    foggy, clear = (paint(replace(RECIPE, prompt="fog at night", negative=unwanted)) for unwanted in ("", "fog"))
    assert sum(mean(foggy)) > sum(mean(clear)) * 1.2


def test_a_higher_cfg_means_more_contrast():
    def contrast(cfg: float) -> float:
        return sum(ImageStat.Stat(paint(replace(RECIPE, cfg=cfg))).stddev)

    assert contrast(2.0) < contrast(6.0) < contrast(15.0)


@pytest.mark.parametrize("lora", DEMO_LORAS)
def test_a_stronger_lora_changes_more(lora):
    plain = unmarked(paint(RECIPE))
    none, some, much = (
        distance(unmarked(paint(replace(RECIPE, loras=((lora, strength),)))), plain) for strength in (0.0, 0.4, 1.0)
    )
    assert 0 == none < some < much
    assert much > 4


def test_a_style_that_the_prompt_names_is_taken_where_no_lora_is():
    plain, watercolour = (paint(replace(RECIPE, prompt=f"galaxy{style}", seed=1)) for style in ("", ", watercolour"))
    assert distance(unmarked(plain), unmarked(watercolour)) > 15
    assert sum(watercolour.getpixel((1, 1))) > sum(plain.getpixel((1, 1))) + 200


def test_more_steps_come_nearer_to_the_finished_picture():
    done = paint(replace(RECIPE, steps=12))
    rough, better = (distance(paint(replace(RECIPE, steps=steps)), done) for steps in (1, 6))
    assert rough > better * 1.5 > 0
    assert distance(paint(replace(RECIPE, steps=30)), done) == 0


def test_few_steps_are_enough_for_a_quick_model():
    few = replace(RECIPE, steps=4, quick=True)
    assert paint(few).tobytes() == paint(replace(few, steps=12)).tobytes()
    assert paint(few).tobytes() != paint(replace(few, steps=1)).tobytes()


def test_previews_sharpen_from_noise_to_the_picture():
    big = replace(RECIPE, width=1024, height=768)
    previews = [sketch(big, progress) for progress in (0.05, 0.3, 0.6, 1.0)]
    assert {preview.size for preview in previews} == {(512, 384)}
    apart = [distance(preview, previews[-1]) for preview in previews]
    assert apart == sorted(apart, reverse=True)
    assert apart[0] > 30
    assert distance(paint(big).resize((512, 384)), previews[-1]) < 12


def test_it_says_that_it_is_a_demo_on_every_picture():
    marked = paint(Recipe(width=160, height=120, color=0xFFFFFF))
    assert marked.getpixel((80, 10)) == (255, 255, 255)
    assert min(marked.crop((110, 95, 160, 120)).convert("L").tobytes()) < 100


def test_an_input_picture_stays_itself_and_further_ones_are_visible(tmp_path):
    for name in ("red", "lime", "blue"):
        Image.new("RGB", (50, 50), name).save(tmp_path / f"{name}.png")
    images = tuple(tmp_path / f"{name}.png" for name in ("red", "lime", "blue"))
    assert paint(replace(RECIPE, images=images[:1], reference=True)).tobytes() != paint(RECIPE).tobytes()
    all_of_them = paint(Recipe(width=100, height=100, images=images))
    assert [all_of_them.getpixel(at) for at in ((10, 10), (86, 14), (86, 40))] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
    ]


def test_an_enlarged_picture_is_the_picture_that_went_in(photo):
    large = paint(Recipe(width=1600, height=1200, images=(photo,)))
    assert large.size == (1600, 1200)
    with Image.open(photo) as before:
        assert distance(unmarked(large.resize((400, 300))), unmarked(before)) < 1


def test_sizes_are_kept_up_to_8192():
    assert paint(Recipe(width=8192, height=16)).size == (8192, 16)
    assert paint(Recipe(width=16384, height=16)).size == (8192, 8)
    assert paint(Recipe(width=1, height=1)).size == (1, 1)


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (16, 400), (400, 16)])
@pytest.mark.parametrize("prompt", ["mountains", "forest", "sea", "desert", "city", "space", "meadow snow", "portrait"])
def test_the_smallest_and_the_narrowest_pictures_are_drawn(prompt, size):
    recipe = replace(RECIPE, width=size[0], height=size[1], prompt=prompt, steps=2)
    assert paint(recipe).size == size
    assert sketch(recipe, 0.5).size[0] > 0


def test_every_style_takes_the_smallest_picture():
    loras = tuple((name, 1.0) for name in DEMO_LORAS)
    assert paint(replace(RECIPE, width=1, height=1, loras=loras)).size == (1, 1)


def test_a_video_moves_smoothly_and_has_its_frames_and_its_size():
    moving = list(frames(replace(RECIPE, frames=9)))
    assert [frame.size for frame in moving] == [(160, 120)] * 9
    apart = [distance(one, other) for one, other in itertools.pairwise(moving)]
    assert 0 < max(apart) < 12
    assert distance(moving[0], moving[-1]) > max(apart)
    assert len(list(frames(Recipe(width=8, height=8, frames=200)))) == 121
    assert next(frames(Recipe(width=1664, height=960, frames=1))).size == (832, 480)


def test_the_frames_of_a_video_that_are_saved_as_pictures_are_its_frames():
    moving = replace(RECIPE, frames=9)
    assert [paint(moving, at).tobytes() for at in (0, 8)] == [list(frames(moving))[at].tobytes() for at in (0, 8)]


def test_an_animated_batch_shows_its_pictures():
    shown = list(frames(replace(RECIPE, batch=2)))
    assert distance(shown[0], shown[1]) > 15


def test_a_video_of_a_picture_begins_with_it_and_comes_nearer(photo):
    first, *_, last = frames(Recipe(width=200, height=150, images=(photo,), frames=8))
    assert (first.getpixel((100, 75)), first.getpixel((44, 75))) == ((0, 0, 255), (255, 0, 0))
    assert last.getpixel((44, 75))[2] > 200


def test_snow_falls_in_a_video():
    one, other = list(frames(replace(RECIPE, prompt="galaxy snow", frames=3)))[1:]
    assert distance(one, other) > 1


def test_an_edited_picture_keeps_more_than_one_that_sampling_starts_from(tmp_path):
    Image.new("RGB", (50, 50), "red").save(tmp_path / "red.png")

    def redness(**changes) -> float:
        drawn = paint(replace(RECIPE, prompt="blue", images=(tmp_path / "red.png",), **changes))
        red, _, blue = mean(unmarked(drawn))
        return red - blue

    assert redness(denoise=1.0) < redness(denoise=1.0, reference=True) < redness(denoise=0.2, reference=True)
    assert redness(denoise=0.0) == 255


def test_strength_is_how_far_it_goes_from_the_picture_to_start_from(photo):
    start = paint(Recipe(width=160, height=120, images=(photo,)))
    apart = [
        distance(unmarked(paint(replace(RECIPE, images=(photo,), denoise=strength))), unmarked(start))
        for strength in (0.0, 0.2, 0.5, 0.7, 1.0)
    ]
    assert apart == sorted(apart)
    assert apart[0] == 0
    assert paint(replace(RECIPE, images=(photo,), denoise=1.0)).tobytes() == paint(RECIPE).tobytes()


@pytest.mark.parametrize(
    "words", ["at night", "at sunset", "in the snow", "add a balloon", "make it green", "as pixel art"]
)
def test_words_change_an_edited_picture_which_stays_recognisable(photo, words):
    plain, said = (
        unmarked(paint(replace(RECIPE, prompt=prompt, images=(photo,), reference=True))) for prompt in ("", words)
    )
    assert 2 < distance(plain, said) < 100


def test_only_what_is_masked_changes(photo, tmp_path):
    mask = Image.new("RGBA", (400, 300), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (200, 0, 400, 300))
    mask.save(tmp_path / "mask.png")
    start = paint(Recipe(width=160, height=120, images=(photo,)))
    masked = Mask(tmp_path / "mask.png", "alpha", inverted=True)
    changed = paint(replace(RECIPE, images=(photo,), mask=masked))
    left, right = (0, 0, 70, 120), (90, 0, 160, 80)
    assert distance(changed.crop(left), start.crop(left)) == 0
    assert distance(changed.crop(right), start.crop(right)) > 20
