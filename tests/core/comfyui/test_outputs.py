from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.comfyui.outputs import MediaKind, Output, collect_outputs, media_kind


def entry(filename: str, subfolder: str = "", type_: str = "output") -> dict[str, str]:
    return {"filename": filename, "subfolder": subfolder, "type": type_}


REPORTED = [
    ({"images": [entry("sd15_00001_.png")]}, [(MediaKind.IMAGE, "sd15_00001_.png")]),
    ({"images": [entry("b_1.png"), entry("b_2.png")]}, [(MediaKind.IMAGE, "b_1.png"), (MediaKind.IMAGE, "b_2.png")]),
    ({"images": [entry("wan_00002_.png")], "animated": [True]}, [(MediaKind.ANIMATION, "wan_00002_.png")]),
    ({"images": [entry("wan_00001_.webp")], "animated": (True,)}, [(MediaKind.ANIMATION, "wan_00001_.webp")]),
    ({"images": [entry("x.webp")], "animated": [False]}, [(MediaKind.IMAGE, "x.webp")]),
    ({"images": [entry("wan.mp4", "video")], "animated": [True]}, [(MediaKind.VIDEO, "wan.mp4")]),
    ({"images": [entry("wan_00003_.webm")], "animated": [True]}, [(MediaKind.VIDEO, "wan_00003_.webm")]),
    ({"gifs": [entry("vhs_00001.mp4")]}, [(MediaKind.VIDEO, "vhs_00001.mp4")]),
    ({"gifs": [entry("vhs_00001.gif")]}, [(MediaKind.ANIMATION, "vhs_00001.gif")]),
    ({"audio": [entry("a_00001_.flac")]}, [(MediaKind.AUDIO, "a_00001_.flac")]),
    ({"audio": [entry("m_00001_.MP3")]}, [(MediaKind.AUDIO, "m_00001_.MP3")]),
    ({"latents": [entry("L_00001_.latent")]}, [(MediaKind.FILE, "L_00001_.latent")]),
    ({"3d": [entry("mesh.glb")], "result": ["mesh.glb", None]}, [(MediaKind.FILE, "mesh.glb")]),
    ({"files": [entry("story.txt")]}, [(MediaKind.TEXT, "story.txt")]),
]


@pytest.mark.parametrize(("reported", "expected"), REPORTED)
def test_what_a_node_reports_becomes_outputs_by_extension(reported, expected):
    assert [(output.kind, output.filename) for output in collect_outputs({"7": reported})] == expected


def test_an_output_says_where_the_server_keeps_it():
    assert collect_outputs({"7": {"images": [entry("wan.mp4", "video")]}}) == (
        Output("7", MediaKind.VIDEO, "wan.mp4", "video", "output"),
    )


def test_texts_are_strings_not_files():
    assert collect_outputs({"1": {"text": ["hello", "world"]}}) == (
        Output("1", MediaKind.TEXT, text="hello"),
        Output("1", MediaKind.TEXT, text="world"),
    )


def test_outputs_come_in_the_order_of_the_graph_and_strangers_last():
    outputs = {node: {"images": [entry(f"{node}.png")]} for node in ("9", "12:3", "40", "7")}
    assert [output.node for output in collect_outputs(outputs, ["40", "7", "9"])] == ["40", "7", "9", "12:3"]


def test_previews_are_results_only_when_nothing_else_is_there():
    preview, saved = {"images": [entry("t.png", "", "temp")]}, {"images": [entry("s.png")]}
    assert [output.filename for output in collect_outputs({"1": preview, "2": saved})] == ["s.png"]
    assert [output.filename for output in collect_outputs({"1": preview})] == ["t.png"]


@pytest.mark.parametrize(
    "reported",
    [None, [], "x", {"images": None}, {"images": "a.png"}, {"images": [None, 3, "a.png", {"name": "a.png"}]}, {}],
)
def test_what_makes_no_sense_is_passed_over(reported):
    assert collect_outputs({"1": reported, "2": {"images": [entry("s.png")]}}) == (
        Output("2", MediaKind.IMAGE, "s.png"),
    )


def test_an_entry_with_more_or_less_than_usual_is_read():
    reported = {"images": [{"filename": "a.png", "metadata": {}, "id": 3}, {"filename": "b.png", "subfolder": None}]}
    assert collect_outputs({"1": reported}) == (
        Output("1", MediaKind.IMAGE, "a.png"),
        Output("1", MediaKind.IMAGE, "b.png"),
    )


@given(st.text())
def test_every_name_has_a_kind(filename: str):
    assert media_kind(filename) in MediaKind
    assert media_kind(filename + "x.jpeg") is MediaKind.IMAGE
