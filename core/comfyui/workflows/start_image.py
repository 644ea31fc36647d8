"""A picture to start from, for a workflow that was saved to start from nothing: image-to-image.

Where a sampler begins with an empty latent, that is replaced by the picture, brought to the workflow's size and
encoded by the workflow's own VAE; the denoising then leaves some of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.comfyui.workflows.bindings import StartPoint
from core.comfyui.workflows.draft import Draft
from core.comfyui.workflows.graph import GraphView, Link, Place
from core.comfyui.workflows.samplers import Stage

#: How much of the start is replaced where nobody says: enough to follow the prompt, little enough to keep the picture.
DENOISE = 0.75
_LATENT_INPUTS = {"width", "height", "batch_size"}


def find_start(view: GraphView, stages: Iterable[Stage], denoise: Sequence[Place]) -> StartPoint | None:
    """The one empty latent that all sampling begins with; None where there is none, or several, or no denoise.

    Latents with a length are a video's: a picture is not enough of a start for them.
    """
    empty = {
        stage.latent
        for stage in stages
        if stage.latent
        and view.class_of(stage.latent.node_id).startswith("Empty")
        and view.inputs(stage.latent.node_id).keys() == _LATENT_INPUTS
    }
    vae = next((link for node_id in view.living() if (link := _decoded_with(view, node_id))), None)
    if len(empty) != 1 or vae is None or not denoise or any(view.value(place) != 1 for place in denoise):
        return None
    (latent,) = empty
    return StartPoint(latent, view.feeds(latent), vae, tuple(denoise))


def begin_with(draft: Draft, start: StartPoint, file: str) -> None:
    """Put the picture, under its name on the server, in the place of the empty latent."""
    size = draft.graph.pop(start.latent.node_id)["inputs"]
    image = _add(draft, "start_image", "LoadImage", "Start picture", image=file)
    scale = {"upscale_method": "lanczos", "width": size["width"], "height": size["height"], "crop": "center"}
    image = _add(draft, "start_size", "ImageScale", "Start size", image=[image, 0], **scale)
    latent = _add(draft, "start_latent", "VAEEncode", "Start latent", pixels=[image, 0], vae=list(start.vae))
    if size["batch_size"] != 1:
        batch = {"samples": [latent, 0], "amount": size["batch_size"]}
        latent = _add(draft, "start_batch", "RepeatLatentBatch", "Start batch", **batch)
    for node_id, name in start.feeds:
        draft.write(node_id, name, [latent, 0])
    for node_id, name in start.denoise:
        if draft.graph[node_id]["inputs"][name] == 1:  # as it is saved: at 1 nothing of the picture would be left
            draft.write(node_id, name, DENOISE)


def _decoded_with(view: GraphView, node_id: str) -> Link | None:
    return view.link(node_id, "vae") if view.link(node_id, "samples") else None


def _add(draft: Draft, stem: str, node_class: str, title: str, **inputs: object) -> str:
    return draft.add(stem, {"class_type": node_class, "inputs": inputs, "_meta": {"title": title}})
