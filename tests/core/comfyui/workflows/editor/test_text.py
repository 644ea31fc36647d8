"""Prompts with choices, and names of files with placeholders."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.comfyui.workflows.editor.text import resolve_choices
from core.comfyui.workflows.editor_format import to_api
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node, subgraph, with_subgraphs

NOON = datetime(2024, 3, 7, 9, 5, 1, tzinfo=UTC)


def saved_as(prefix: str, *others: dict[str, Any], **more: Any) -> str:
    whole = file(*others, node(99, "Save", [prefix]), **more)
    return to_api(whole, OBJECT_INFO, now=lambda: NOON)["99"]["inputs"]["filename_prefix"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a {red|blue} fox", "a red fox"),
        ("{a|b|c}{|x}", "a"),
        ("{{in|out}|b} {c}", "in c"),
        (r"\{a\|b\} a\b", r"{a|b} a\b"),
        (r"{x\|y|z}", "x|y"),
        ("a|b } c", "a|b } c"),
        ("open {a|b", "open a"),
        ("end\\", "end\\"),
        ("a /* hidden {x|y} */ b", "a  b"),
        ("a // hidden\nb", "a \nb"),
        ("a /* never closed // b\nc", "a /* never closed \nc"),
        ("a // b /* c\nd */ e", "a \nd */ e"),
        ("see https://example.org/x // but not this", "see https://example.org/x "),
        ("/*a*/b/*c*/", "b"),
        ("first\nsecond {a|b}", "first\nsecond a"),
    ],
)
def test_a_prompt_as_it_is_sent(text: str, expected: str) -> None:
    assert resolve_choices(text) == expected


def test_somebody_else_may_choose() -> None:
    whole = file(node(1, "Encode", ["{a|{b|c}} d"]))
    made = to_api(whole, OBJECT_INFO, choose=lambda options: options[-1])
    assert made["1"]["inputs"]["text"] == "c d"
    assert to_api(whole, OBJECT_INFO)["1"]["inputs"]["text"] == "a d"


def test_only_texts_of_such_widgets_are_changed() -> None:
    assert to_api(file(node(1, "Text", ["{a|b} // c"])), OBJECT_INFO)["1"]["inputs"]["value"] == "{a|b} // c"


def test_choices_that_are_nested_too_deeply_are_said() -> None:
    with pytest.raises(WorkflowError, match="nested too deeply"):
        to_api(file(node(1, "Encode", ["{" * 10_000])), OBJECT_INFO)


def test_comments_that_are_never_closed_cost_nothing() -> None:
    assert resolve_choices("/* " * 200_000) == "/* " * 200_000


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("%date:yyyy-MM-dd%", "2024-03-07"),
        ("%date:yy M d h m s%", "24 3 7 9 5 1"),
        ("%date:hhmmss%/x", "090501/x"),
        ("%date:yyy%", "yyy"),
        ("%date:hh.mm%", "%date:hh.mm%"),
        ("%width%_%nope.x%_100%", "%width%_%nope.x%_100%"),
        ("%Int.value%", "42"),
        ("%Int.nope%", "%Int.nope%"),
        ("%Words.value%", "a_b_c_d"),
        ("%Checkpoint.ckpt_name%", "a.ckpt"),
        ("%a.b.c%", "%a.b.c%"),
    ],
)
def test_placeholders_in_the_name_of_a_file(prefix: str, expected: str) -> None:
    others = (
        node(1, "Int", [42, "fixed"]),
        node(2, "Text", ["a/b:c?d"], title="Words", properties={"Node name for S&R": "Other"}),
        node(3, "Checkpoint", ["a.ckpt"]),
    )
    assert saved_as(prefix, *others) == expected


def test_the_name_for_replacements_comes_before_the_title_and_the_first_node_before_others() -> None:
    titled = node(1, "Text", ["by title"], title="Here", properties={"Node name for S&R": "x"})
    named = node(2, "Text", ["by name"], properties={"Node name for S&R": "Here"})
    again = node(3, "Text", ["later"], properties={"Node name for S&R": "Here"})
    assert saved_as("%Here.value%", titled, named, again) == "by name"
    assert saved_as("%Here.value%", titled) == "by title"


def test_a_placeholder_has_the_value_that_a_primitive_gives() -> None:
    target = node(2, "Int", [1, "fixed"], {"value": (1, 0)}, widgets=("value",))
    assert saved_as("%Int.value%", node(1, "PrimitiveNode", [8]), target) == "8"


def in_subgraph(prefix: str, *others: dict[str, Any], **more: Any) -> str:
    """The name of a file beside node 5, a subgraph called Sub with a text and what saves nothing."""
    text = node(1, "Text", ["in"], {"value": (-10, 0)}, widgets=("value",))
    definition = subgraph("s", {"t": "STRING"}, {}, text, node(2, "Int", [7]))
    whole = file(node(5, "s", ["out"], title="Sub", **more), *others, node(99, "Save", [prefix]))
    return to_api(with_subgraphs(whole, definition), OBJECT_INFO)["99"]["inputs"]["filename_prefix"]


def test_a_placeholder_may_name_a_subgraph_or_a_node_in_it_which_has_its_own_value() -> None:
    assert in_subgraph("%Sub.t%-%Text.value%-%Sub.x%") == "out-in-%Sub.x%"
    assert in_subgraph("%Text.value%", mode=2) == "in"


def test_a_placeholder_may_name_what_a_subgraph_shows_of_a_widget_without_an_input() -> None:
    shown = {"proxyWidgets": [["-1", "t"], ["2", "value"]]}
    host = node(6, "s", ["text", 9], title="Other", properties=shown)
    assert in_subgraph("%Other.t%-%Other.value%-%Int.value%", host) == "text-9-7"


def test_nodes_in_a_subgraph_come_before_those_that_follow_it() -> None:
    assert in_subgraph("%Int.value%", node(6, "Int", [8])) == "7"


def test_a_placeholder_in_a_subgraph_of_a_subgraph_has_the_value_on_its_screen() -> None:
    inner = subgraph("i", {"t": "STRING"}, {}, node(1, "Text", ["deep"], {"value": (-10, 0)}, widgets=("value",)))
    outer = subgraph("o", {"t": "STRING"}, {}, node(2, "i", ["mid"], {"t": (-10, 0)}, widgets=("t",), title="Mid"))
    whole = with_subgraphs(file(node(3, "o", ["top"]), node(99, "Save", ["%Mid.t%"])), inner, outer)
    assert to_api(whole, OBJECT_INFO)["99"]["inputs"]["filename_prefix"] == "mid"


def test_a_primitive_in_a_subgraph_fills_in_what_lies_beside_it() -> None:
    primitive = node(1, "PrimitiveNode", ["%Int.value%-%Latent.width%"], properties={"Run widget replace on values": 1})
    target = node(2, "Text", [""], {"value": (1, 0)}, widgets=("value",))
    definition = subgraph("s", {}, {}, primitive, target, node(3, "Int", [4]))
    made = to_api(with_subgraphs(file(node(4, "Latent", [64, 64]), node(5, "s")), definition), OBJECT_INFO)
    assert made["5:2"]["inputs"] == {"value": "4-%Latent.width%"}


def test_a_placeholder_may_name_a_note() -> None:
    assert saved_as("%Memo.text%-%Memo.x%", node(1, "Note", ["hi"], title="Memo")) == "hi-%Memo.x%"


@pytest.mark.parametrize(("kind", "is_output"), [("Keep", False), ("CheckpointSave", True)])
def test_only_nodes_that_save_what_was_made_fill_placeholders_in(kind: str, is_output: bool) -> None:
    info = {kind: {"input": {"required": {"filename_prefix": ["STRING", {}]}}, "output": [], "output_node": is_output}}
    made = to_api(file(node(1, kind, ["%date:yyyy%"])), info, now=lambda: NOON)
    assert made["1"]["inputs"] == {"filename_prefix": "%date:yyyy%"}


def test_the_time_is_now_unless_told_otherwise() -> None:
    made = to_api(file(node(1, "Save", ["%date:yyyy%"])), OBJECT_INFO)
    assert made["1"]["inputs"]["filename_prefix"].isdigit()
