"""What the measurements run: a sampler, so that a job has as many progress events as steps; a file of the editor."""

from __future__ import annotations

from typing import Any

from playground.comfyui.catalog import Catalog
from playground.comfyui.models import MODELS


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


def album_graph(steps: int, seed: int) -> dict[str, Any]:
    """Twelve pictures: more than go into one message."""
    graph = sampler_graph(steps, seed)
    graph["latent"]["inputs"]["batch_size"] = 4
    for number in range(2, 4):
        inputs = {"filename_prefix": f"bench{number}", "images": ["decode", 0]}
        graph[f"save{number}"] = {"class_type": "SaveImage", "inputs": inputs}
    return graph


def edit_graph(steps: int, seed: int) -> dict[str, Any]:
    """Picture and words to picture."""
    graph = sampler_graph(steps, seed)
    graph["start"] = {"class_type": "LoadImage", "inputs": {"image": "start.png"}}
    graph["latent"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["start", 0], "vae": ["model", 2]}}
    return graph


def editor_workflow(nodes: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A file of the editor with so many nodes, seven to a picture, and the definitions of their classes."""
    definitions = Catalog(MODELS, {}, list).object_info()
    listed: list[dict[str, Any]] = []
    links: list[list[Any]] = []
    graph = sampler_graph(20, 1)
    for start in range(0, nodes, len(graph)):
        ids = {name: start + number for number, name in enumerate(list(graph)[: nodes - start], 1)}
        for name, node_id in ids.items():
            listed.append(_editor_node(node_id, graph[name], ids, links, definitions[graph[name]["class_type"]]))
    return {"version": 0.4, "nodes": listed, "links": links}, definitions


def _editor_node(
    node_id: int, node: dict[str, Any], ids: dict[str, int], links: list[list[Any]], definition: dict[str, Any]
) -> dict[str, Any]:
    """One node as the editor saves it; its links are added to ``links``."""
    inputs, values = [], []
    for name, spec in definition["input"]["required"].items():
        value = node["inputs"].get(name)
        if isinstance(value, list):
            links.append([len(links) + 1, ids[value[0]], value[1], node_id, len(inputs), spec[0]])
            inputs.append({"name": name, "type": spec[0], "link": len(links)})
        else:
            values += [value, "fixed"] if name == "seed" else [value]
    return {"id": node_id, "type": node["class_type"], "mode": 0, "inputs": inputs, "widgets_values": values}
