"""Definitions of samplers, and of what they are fed with."""

from __future__ import annotations

from .wire import boolean, cfg, combo, fraction, integer, node, number, pixels, seed, steps

_SAMPLERS = (
    "euler",
    "euler_cfg_pp",
    "euler_ancestral",
    "euler_ancestral_cfg_pp",
    "heun",
    "heunpp2",
    "dpm_2",
    "dpm_2_ancestral",
    "lms",
    "dpm_fast",
    "dpm_adaptive",
    "dpmpp_2s_ancestral",
    "dpmpp_2s_ancestral_cfg_pp",
    "dpmpp_sde",
    "dpmpp_sde_gpu",
    "dpmpp_2m",
    "dpmpp_2m_cfg_pp",
    "dpmpp_2m_sde",
    "dpmpp_2m_sde_gpu",
    "dpmpp_2m_sde_heun",
    "dpmpp_2m_sde_heun_gpu",
    "dpmpp_3m_sde",
    "dpmpp_3m_sde_gpu",
    "ddpm",
    "lcm",
    "ipndm",
    "ipndm_v",
    "deis",
    "res_multistep",
    "res_multistep_cfg_pp",
    "res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp",
    "gradient_estimation",
    "gradient_estimation_cfg_pp",
    "er_sde",
    "seeds_2",
    "seeds_3",
    "sa_solver",
    "sa_solver_pece",
    "ddim",
    "uni_pc",
    "uni_pc_bh2",
)
_SCHEDULERS = (
    "simple",
    "sgm_uniform",
    "karras",
    "exponential",
    "ddim_uniform",
    "beta",
    "normal",
    "linear_quadratic",
    "kl_optimal",
)
_PAIR = {"positive": "CONDITIONING", "negative": "CONDITIONING"}
_CUSTOM = "sampling/custom_sampling"
_CUSTOM_OUTPUTS = ("output", "denoised_output")


def _shift(default: float):
    return number(default, 0.0, 100.0, step=0.01)


SAMPLING = (
    node(
        "KSampler",
        "sampling",
        ("LATENT",),
        {
            "model": "MODEL",
            "seed": seed(),
            "steps": steps(),
            "cfg": cfg(),
            "sampler_name": combo(*_SAMPLERS),
            "scheduler": combo(*_SCHEDULERS),
            **_PAIR,
            "latent_image": "LATENT",
            "denoise": fraction(),
        },
    ),
    node(
        "KSamplerAdvanced",
        "sampling",
        ("LATENT",),
        {
            "model": "MODEL",
            "add_noise": combo("enable", "disable"),
            "noise_seed": seed(),
            "steps": steps(),
            "cfg": cfg(),
            "sampler_name": combo(*_SAMPLERS),
            "scheduler": combo(*_SCHEDULERS),
            **_PAIR,
            "latent_image": "LATENT",
            "start_at_step": integer(0, 0, 10000),
            "end_at_step": integer(10000, 0, 10000),
            "return_with_leftover_noise": combo("disable", "enable"),
        },
        title="KSampler (Advanced)",
    ),
    node(
        "SamplerCustom",
        _CUSTOM,
        ("LATENT", "LATENT"),
        {
            "model": "MODEL",
            "add_noise": boolean(True),
            "noise_seed": seed(),
            "cfg": cfg(),
            **_PAIR,
            "sampler": "SAMPLER",
            "sigmas": "SIGMAS",
            "latent_image": "LATENT",
        },
        output_names=_CUSTOM_OUTPUTS,
    ),
    node(
        "SamplerCustomAdvanced",
        _CUSTOM,
        ("LATENT", "LATENT"),
        {
            "noise": "NOISE",
            "guider": "GUIDER",
            "sampler": "SAMPLER",
            "sigmas": "SIGMAS",
            "latent_image": "LATENT",
        },
        output_names=_CUSTOM_OUTPUTS,
    ),
    node("BasicGuider", f"{_CUSTOM}/guiders", ("GUIDER",), {"model": "MODEL", "conditioning": "CONDITIONING"}),
    node("CFGGuider", f"{_CUSTOM}/guiders", ("GUIDER",), {"model": "MODEL", **_PAIR, "cfg": cfg()}),
    node("RandomNoise", f"{_CUSTOM}/noise", ("NOISE",), {"noise_seed": seed()}),
    node(
        "BasicScheduler",
        f"{_CUSTOM}/schedulers",
        ("SIGMAS",),
        {"model": "MODEL", "scheduler": combo(*_SCHEDULERS), "steps": steps(), "denoise": fraction()},
    ),
    node("KSamplerSelect", f"{_CUSTOM}/samplers", ("SAMPLER",), {"sampler_name": combo(*_SAMPLERS)}),
    node(
        "ModelSamplingFlux",
        "advanced/model",
        ("MODEL",),
        {
            "model": "MODEL",
            "max_shift": _shift(1.15),
            "base_shift": _shift(0.5),
            "width": pixels(1024),
            "height": pixels(1024),
        },
    ),
    node("ModelSamplingSD3", "advanced/model", ("MODEL",), {"model": "MODEL", "shift": _shift(3.0)}),
    node("ModelSamplingAuraFlow", "advanced/model", ("MODEL",), {"model": "MODEL", "shift": _shift(1.73)}),
    node(
        "CFGNorm",
        "advanced/guidance",
        ("MODEL",),
        {"model": "MODEL", "strength": _shift(1.0)},
        output_names=("patched_model",),
        schema=True,
    )
    | {"experimental": True},
)
