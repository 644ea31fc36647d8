"""The graph that the measurements run: a sampler, so that a job has as many progress events as steps."""

from __future__ import annotations

from typing import Any


def sampler_graph(steps: int, seed: int) -> dict[str, Any]:
    """Text to image in seven nodes; another seed makes another job, whose nodes before the sampler are cached."""
    return {
        "model": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
        "positive": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["model", 1]}},
        "negative": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["model", 1]}},
        "latent": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
        "sampler": {
            "class_type": "KSampler",
            "inputs": {
                "seed": seed,
                "steps": steps,
                "cfg": 7.0,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1.0,
                "model": ["model", 0],
                "positive": ["positive", 0],
                "negative": ["negative", 0],
                "latent_image": ["latent", 0],
            },
        },
        "decode": {"class_type": "VAEDecode", "inputs": {"samples": ["sampler", 0], "vae": ["model", 2]}},
        "save": {"class_type": "SaveImage", "inputs": {"filename_prefix": "bench", "images": ["decode", 0]}},
    }
