from __future__ import annotations

import pytest

from playground.comfyui.derivation import derive
from playground.comfyui.recipes import Recipe

PICTURE = Recipe(width=300, height=200, batch=2)


@pytest.mark.parametrize(
    ("model", "factor"),
    [
        ("RealESRGAN_x4plus.safetensors", 4),
        ("RealESRGAN_x2plus.pth", 2),
        ("4x-UltraSharp.pth", 4),
        ("8x_NMKD.pth", 8),
        ("OmniSR_X3_DIV2K.safetensors", 3),
        ("max2x9.pth", 4),
        ("some other.pth", 4),
    ],
)
def test_a_picture_is_enlarged_by_the_factor_in_the_name_of_the_model(model, factor):
    loader = derive("UpscaleModelLoader", {"model_name": model}, {}, sampler=False)
    sources = {"upscale_model": loader.output(0), "image": PICTURE}
    enlarged = derive("ImageUpscaleWithModel", {}, sources, sampler=False)
    assert enlarged.size == (300 * factor, 200 * factor)
    assert enlarged.value is None


def test_a_measured_size_goes_out_through_three_outputs():
    measured = derive("GetImageSize", {}, {"image": PICTURE}, sampler=False)
    assert [measured.output(slot).value for slot in range(3)] == [300, 200, 2]
    sources = {
        "image": Recipe(width=1200, height=800),
        "width": measured.output(0),
        "height": measured.output(1),
    }
    assert derive("ImageScale", {"crop": "disabled"}, sources, sampler=False).size == (300, 200)


@pytest.mark.parametrize(
    ("size", "wanted"), [((300, 200), (1248, 832)), ((500, 500), (1024, 1024)), ((100, 900), (672, 1568))]
)
def test_the_size_that_suits_kontext_is_the_nearest_in_shape(size, wanted):
    picture = Recipe(width=size[0], height=size[1])
    assert derive("FluxKontextImageScale", {}, {"image": picture}, sampler=False).size == wanted
