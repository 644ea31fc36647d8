from __future__ import annotations

import pytest

from playground.comfyui.pace import node_seconds, step_seconds, tile_seconds, tiles
from playground.comfyui.recipes import Recipe
from playground.comfyui.settings import Settings

MEGAPIXEL = Recipe(width=1024, height=1024)
PACED = Settings(step_seconds=0.25, paced=True)
FLUX = (
    "UNETLoader",
    "DualCLIPLoader",
    "VAELoader",
    "CLIPTextEncode",
    "FluxGuidance",
    "ConditioningZeroOut",
    "VAEDecode",
)


def test_a_picture_of_flux_takes_as_long_as_with_a_gpu():
    seconds = 20 * step_seconds(PACED, MEGAPIXEL) + sum(node_seconds(PACED, name, MEGAPIXEL) for name in FLUX)
    assert 4 < seconds < 8


@pytest.mark.parametrize(
    ("recipe", "factor"),
    [
        (Recipe(width=512, height=512), 0.5),
        (Recipe(width=1024, height=1024, batch=4), 2.0),
        (Recipe(width=16, height=16), 0.5),
        (Recipe(width=8192, height=8192, batch=64), 6.0),
    ],
)
def test_larger_ones_take_longer_within_bounds(recipe, factor):
    assert step_seconds(PACED, recipe) == pytest.approx(0.25 * factor)


def test_a_server_that_is_not_paced_takes_only_its_steps():
    settings = Settings(step_seconds=0.25)
    assert step_seconds(settings, Recipe(width=8192, height=8192)) == 0.25
    assert [node_seconds(settings, name, MEGAPIXEL) for name in FLUX] == [0.0] * len(FLUX)
    assert tile_seconds(settings, 9) == 0.0


def test_very_many_tiles_take_no_longer_than_many():
    assert tile_seconds(PACED, 9) == pytest.approx(0.1)
    assert 1135 * tile_seconds(PACED, 1135) == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("class_type", "values", "size", "count"),
    [
        ("ImageUpscaleWithModel", {}, (512, 512), 1),
        ("ImageUpscaleWithModel", {}, (1024, 1024), 9),
        ("VAEDecodeTiled", {"tile_size": 512, "overlap": 64}, (64, 96), 3),
        ("VAEEncodeTiled", {"tile_size": 512, "overlap": 64}, (1024, 1024), 19),
        ("VAEDecode", {}, (1024, 1024), 0),
    ],
)
def test_what_works_in_tiles_counts_them_as_the_real_one_does(class_type, values, size, count):
    recipe = Recipe(width=size[0], height=size[1])
    assert tiles(class_type, values, recipe, recipe) == count
