"""Which link feeds which input, where the file says it in two ways."""

from __future__ import annotations

from typing import Any

from core.comfyui.workflows.editor_format import to_api
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, Origin, file, node

BOTH: dict[str, Origin | None] = {"model": (1, 0), "clip": (1, 1)}


def wired(links: list[list[Any]] | None = None, **named: int | None) -> Any:
    """The links of node 3, whose inputs name these and at which those end."""
    whole = file(node(1, "Checkpoint", ["a.ckpt"]), node(3, "Lora", ["x", 0.5], BOTH))
    if links is not None:
        whole["links"] = links
    for slot in whole["nodes"][1]["inputs"]:
        slot["link"] = named.get(slot["name"])
    inputs = to_api(whole, OBJECT_INFO)["3"]["inputs"]
    return {name: inputs[name] for name in BOTH if name in inputs}


def test_a_link_that_no_input_names_ends_where_it_says() -> None:
    assert wired() == {"model": ["1", 0], "clip": ["1", 1]}
    assert wired([[1, 1, 1, 3, 1, "CLIP"], [2, 1, 0, 3, 9, "MODEL"]]) == {"clip": ["1", 1]}


def test_an_input_that_names_the_link_of_another_node_has_none() -> None:
    assert wired([[1, 1, 0, 2, 0, "MODEL"]], model=1) == {}


def test_what_was_in_the_place_of_such_a_link_goes_to_where_its_own_link_says() -> None:
    assert wired([[1, 1, 0, 3, 1, "MODEL"], [2, 1, 1, 3, 0, "CLIP"]], model=1) == {
        "model": ["1", 1],
        "clip": ["1", 0],
    }


def test_of_two_links_to_one_place_the_first_stays() -> None:
    links = [[1, 1, 0, 3, 0, "MODEL"], [2, 1, 1, 3, 0, "CLIP"]]
    assert wired(links, model=1, clip=2) == {"model": ["1", 0]}
    assert wired(links, model=2) == {"model": ["1", 1]}
    assert wired([*links, [3, 1, 2, 3, 0, "VAE"]], model=3) == {"model": ["1", 2]}


def test_of_two_links_that_are_the_same_either_may_be_named() -> None:
    links = [[1, 1, 0, 3, 0, "MODEL"], [2, 1, 0, 3, 0, "MODEL"]]
    assert wired(links, model=2) == wired(links, model=1) == {"model": ["1", 0]}


def test_of_two_links_with_one_id_the_first_counts() -> None:
    assert wired([[1, 1, 0, 3, 0, "MODEL"], [1, 1, 1, 3, 1, "CLIP"]], model=1) == {"model": ["1", 0]}
