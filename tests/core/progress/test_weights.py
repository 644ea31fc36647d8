from __future__ import annotations

from typing import Any

import pytest

from core.progress.weights import NodeShare, node_shares


def test_a_sampler_weighs_its_steps_and_every_other_node_one(two_stage):
    shares = node_shares(two_stage(10))
    assert [share.weight for share in shares.values()] == [1, 1, 11, 11, 1, 1]
    assert shares["1"] == NodeShare("Load", 1.0)
    assert shares["2"].title == "CLIPTextEncode"


def test_the_steps_of_a_custom_sampler_are_in_its_sigmas():
    graph = {
        "1": {"class_type": "BasicScheduler", "inputs": {"steps": 8}},
        "2": {"class_type": "SamplerCustomAdvanced", "inputs": {"sigmas": ["1", 0], "latent_image": ["9", 0]}},
    }
    assert [share.weight for share in node_shares(graph).values()] == [1, 9]


@pytest.mark.parametrize("steps", [["7", 0], "20", True, 0, -3, 10_001, None, float("inf")])
def test_steps_that_are_not_a_sensible_number_count_as_one(two_stage, steps: object):
    assert node_shares(two_stage(steps))["3"].weight == 1


@pytest.mark.parametrize("sigmas", [None, [], ["9", 0], [3, 0], "1"])
def test_sigmas_that_lead_nowhere_count_as_one(sigmas: object):
    graph = {"2": {"class_type": "SamplerCustom", "inputs": {"sigmas": sigmas, "latent_image": ["9", 0], "steps": 9}}}
    assert node_shares(graph)["2"].weight == 1


@pytest.mark.parametrize(
    ("node", "title"),
    [
        (None, "1"),
        ({}, "1"),
        ({"class_type": "A"}, "A"),
        ({"class_type": "A", "inputs": [1]}, "A"),
        ({"class_type": "A", "_meta": {"title": ""}}, "A"),
        ({"class_type": "A", "_meta": "x"}, "A"),
    ],
)
def test_a_node_that_makes_no_sense_counts_as_one(node: Any, title: str):
    assert node_shares({"1": node}) == {"1": NodeShare(title, 1.0)}
