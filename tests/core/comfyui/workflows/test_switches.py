"""Which branch a switch hands on."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.switches import branches_of, chosen_by, selector_of, takes_the_first

LINK = ["1", 0]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"switch": True, "on_true": LINK, "on_false": LINK}, "on_true"),
        ({"switch": False, "on_false": LINK}, "on_false"),
        ({"cond": False, "tt_value": LINK, "ff_value": LINK}, "ff_value"),
        ({"ANY": True, "IF_TRUE": LINK, "IF_FALSE": LINK}, "IF_TRUE"),
        ({"select": 2, "input1": LINK, "input2": LINK}, "input2"),
        ({"index": 0, "text0": LINK, "text1": LINK}, "text0"),
        ({"Input": 1, "model1": LINK, "model2": LINK}, "model1"),
        ({"select": 9, "input1": LINK}, None),
        ({"switch": "yes", "on_true": LINK, "on_false": LINK}, None),
    ],
)
def test_a_setting_chooses_a_branch(inputs: dict[str, Any], expected: str | None) -> None:
    selector = selector_of(inputs)
    assert selector is not None
    assert chosen_by(branches_of(inputs), inputs[selector]) == expected


def test_a_node_with_nothing_but_numbered_anythings_takes_the_first_that_is_connected() -> None:
    assert branches_of({"any_02": LINK, "any_01": LINK}) == ("any_01", "any_02")
    assert takes_the_first(branches_of({"ctx_02": LINK}))
    assert not takes_the_first(branches_of({"input1": LINK, "select": 1}))
    assert not takes_the_first(())


@pytest.mark.parametrize("inputs", [{}, {"seed": 1}, {"image1": LINK, "image2": LINK}, {"any_01": LINK, "mode": "x"}])
def test_no_other_node_is_a_switch(inputs: dict[str, Any]) -> None:
    assert branches_of(inputs) == ()
