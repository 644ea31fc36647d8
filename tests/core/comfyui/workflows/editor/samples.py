"""Small files of the editor, and the node classes that they are made of."""

from __future__ import annotations

import copy
from typing import Any

TEXT = {"multiline": True, "dynamicPrompts": True}
SEED = {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}


def _class(outputs: list[str], required: dict[str, Any], optional: dict[str, Any] | None = None, **more: Any) -> Any:
    return {"input": {"required": required, "optional": optional or {}}, "output": outputs, **more}


OBJECT_INFO: dict[str, Any] = {
    "Checkpoint": _class(
        ["MODEL", "CLIP", "VAE"], {"ckpt_name": [["a.ckpt", "b.ckpt"]]}, display_name="Load Checkpoint"
    ),
    "Lora": _class(
        ["MODEL", "CLIP"],
        {"model": ["MODEL"], "clip": ["CLIP"], "lora_name": [["x", "y"]], "strength": ["FLOAT", {"default": 1.0}]},
    ),
    "Encode": _class(["CONDITIONING"], {"text": ["STRING", TEXT], "clip": ["CLIP"]}),
    "Latent": _class(["LATENT"], {"width": ["INT", {"default": 512, "step": 8}], "height": ["INT", {"default": 512}]}),
    "Sampler": _class(
        ["LATENT"],
        {
            "model": ["MODEL"],
            "seed": ["INT", SEED],
            "steps": ["INT", {"default": 20, "min": 1, "max": 10000}],
            "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01}],
            "positive": ["CONDITIONING"],
            "negative": ["CONDITIONING"],
            "latent_image": ["LATENT"],
        },
    ),
    "Decode": _class(["IMAGE"], {"samples": ["LATENT"], "vae": ["VAE"]}),
    "Scale": _class(["IMAGE"], {"image": ["IMAGE"], "width": ["INT", {"default": 64}], "mode": [["fit", "fill"]]}),
    "Load": _class(["IMAGE", "MASK"], {"image": [["in.png"], {"image_upload": True}]}),
    "Save": _class([], {"images": ["IMAGE"], "filename_prefix": ["STRING", {"default": "ComfyUI"}]}, output_node=True),
    "Int": _class(["INT"], {"value": ["INT", {"control_after_generate": True}]}, display_name="Int"),
    "Text": _class(["STRING"], {"value": ["STRING", {}]}),
    "Any": _class([], {"source": ["*"]}, output_node=True),
}

Origin = tuple[int, int]


def node(
    node_id: int | str,
    kind: str,
    values: Any = None,
    inputs: dict[str, Origin | None] | None = None,
    *,
    types: dict[str, str] | None = None,
    widgets: tuple[str, ...] = (),
    outputs: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """A node as it is saved. An input is given with the output that it comes from; `scope` makes links of those."""
    slots = [
        {
            "name": name,
            "type": (types or {}).get(name, "*"),
            "link": origin,
            **({"widget": {"name": name}} if name in widgets else {}),
        }
        for name, origin in (inputs or {}).items()
    ]
    made = [{"name": kind_of, "type": kind_of} for kind_of in outputs]
    return {
        "id": node_id,
        "type": kind,
        "mode": 0,
        "inputs": slots,
        "outputs": made,
        "widgets_values": values,
        **more,
    }


def _linked(nodes: tuple[dict[str, Any], ...]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Copies of the nodes, and the links between them."""
    links: list[dict[str, Any]] = []
    copies = copy.deepcopy(list(nodes))
    for entry in copies:
        for place, slot in enumerate(entry["inputs"]):
            if isinstance(slot["link"], tuple):
                origin, origin_slot = slot["link"]
                link = {"origin_id": origin, "origin_slot": origin_slot, "target_id": entry["id"], "target_slot": place}
                links.append({"id": len(links) + 1, **link, "type": "*"})
                slot["link"] = len(links)
    return copies, links


def file(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A file with these nodes, its links as lists."""
    copies, links = _linked(nodes)
    return {"nodes": copies, "links": [list(link.values()) for link in links], "version": 0.4, **more}


def subgraph(
    kind: str, inputs: dict[str, str], outputs: dict[str, tuple[str, Origin]], *nodes: dict[str, Any]
) -> dict[str, Any]:
    """A definition. Inside, its inputs are outputs of node -10; each output names its type and what it comes from."""
    copies, links = _linked(nodes)
    sinks = []
    for place, (name, (type_, (origin, slot))) in enumerate(outputs.items()):
        links.append(
            {"id": len(links) + 1, "origin_id": origin, "origin_slot": slot, "target_id": -20, "target_slot": place}
        )
        sinks.append({"name": name, "type": type_, "linkIds": [len(links)]})
    sources = [
        {
            "name": name,
            "type": type_,
            "linkIds": [link["id"] for link in links if (link["origin_id"], link["origin_slot"]) == (-10, place)],
        }
        for place, (name, type_) in enumerate(inputs.items())
    ]
    return {"id": kind, "nodes": copies, "links": links, "inputs": sources, "outputs": sinks}


def with_subgraphs(whole: dict[str, Any], *definitions: dict[str, Any]) -> dict[str, Any]:
    return {**whole, "definitions": {"subgraphs": list(definitions)}}
