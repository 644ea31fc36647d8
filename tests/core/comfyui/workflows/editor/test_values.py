"""Numbers that are put into widgets from outside."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.editor.values import NAN, rounded, text_of


@pytest.mark.parametrize(
    ("kind", "value", "options", "expected"),
    [
        ("INT", 2.5, {}, 3),
        ("INT", -2.5, {}, -2),
        ("INT", 515, {"step": 8}, 512),
        ("INT", 516, {"step": 8}, 520),
        ("INT", 12, {"step": 8, "min": 1}, 9),
        ("INT", 13, {"step": 8, "min": 1}, 17),
        ("INT", 13.2, {"step": 8, "min": 1}, 17),
        ("INT", 7, {"step": 0}, 7),
        ("INT", 2**63 + 3, {"step": 2}, 2**63 + 4),
        ("INT", 50, {"max": 3}, 50),
        ("INT", True, {}, 1),
        ("INT", None, {"min": 4}, 0),
        ("INT", "12.6", {}, 13),
        ("INT", " 100 ", {"step": 8}, 104),
        ("INT", "", {}, 0),
        ("INT", "18446744073709551615", {}, 2**64 - 1),
        ("INT", ["4"], {}, 4),
        ("FLOAT", 1.26, {"step": 0.1}, 1.3),
        ("FLOAT", 0.25, {"step": 0.1}, 0.3),
        ("FLOAT", 1.257, {"step": 0.01}, 1.26),
        ("FLOAT", 1.26, {}, 1.3),
        ("FLOAT", 1.26, {"step": 1}, 1.26),
        ("FLOAT", 1.26, {"step": 1, "round": 0.5}, 2),
        ("FLOAT", 1.2345, {"step": 0.001, "round": 0.01}, 1.23),
        ("FLOAT", 9.0, {"step": 0.1, "max": 2}, 2),
        ("FLOAT", -9.0, {"step": 0.1, "min": -1}, -1),
        ("FLOAT", "0.333", {"step": 0.01}, 0.33),
        ("FLOAT", "-1e1", {"step": 0.1, "min": -1}, -1),
        ("FLOAT", "x", {"step": 1}, "x"),
        ("FLOAT", 1e300, {"step": 1e-300}, 1e300),
        ("COMBO", 1.5, {}, 1.5),
    ],
)
def test_a_number_is_rounded_as_the_widget_does(kind: str, value: Any, options: dict[str, Any], expected: Any) -> None:
    made = rounded(value, kind, options)
    assert made == expected
    assert kind != "INT" or type(made) is type(expected) or isinstance(value, float)


@pytest.mark.parametrize("value", ["x", "1_0", "inf", "nan", "1e999", {"a": 1}, ["1", "2"], float("inf")])
@pytest.mark.parametrize("kind", ["INT", "FLOAT"])
def test_what_is_no_number_is_none(kind: str, value: Any) -> None:
    assert rounded(value, kind, {}) is NAN


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (7, "7"),
        (7.0, "7"),
        (0.5, "0.5"),
        (0.00001, "0.00001"),
        (-1.5e-7, "-1.5e-7"),
        (1e21, "1e+21"),
        (False, "false"),
        (None, ""),
        ([1, [True]], "1,true"),
    ],
)
def test_a_value_as_text(value: Any, text: str) -> None:
    assert text_of(value) == text
