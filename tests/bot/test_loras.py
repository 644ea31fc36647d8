"""Several LoRAs in one option: how they are read, completed, shown and sent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.choices import MAX_LENGTH, Names
from bot.errors import UserError
from bot.loras import MAX_LORAS, LoraPick, complete_loras, parse_loras, split, write
from playground.comfyui import ComfyUIServer
from tests.bot.conftest import Stage, done, failed, graph_of
from tests.bot.graphs import paint

COMMA = "a, b.safetensors"
QUOTE = 'the "best".safetensors'
COLON = "style:2"
NAMES = Names(
    [
        "fox.safetensors",
        "styles/Ink Wash.safetensors",
        COMMA,
        QUOTE,
        COLON,
        "deep/er/8.safetensors",
        "ünï/码.safetensors",
    ]
)


def read(text: str, names: Names = NAMES) -> list[tuple[str, float | None]]:
    return [(pick.name, pick.strength) for pick in parse_loras(text, names)]


@pytest.mark.parametrize(
    ("text", "picks"),
    [
        ("fox", [("fox.safetensors", None)]),
        ("fox:0.8", [("fox.safetensors", 0.8)]),
        (" fox.safetensors : 0,8 , ink wash:-1 ", [("fox.safetensors", 0.8), ("styles/Ink Wash.safetensors", -1)]),
        ("fox:0,8,ink wash", [("fox.safetensors", 0.8), ("styles/Ink Wash.safetensors", None)]),
        ("fox:0, 8", [("fox.safetensors", 0), ("deep/er/8.safetensors", None)]),
        ("fox:.5,, ,8:1.", [("fox.safetensors", 0.5), ("deep/er/8.safetensors", 1)]),
        ("fox:", [("fox.safetensors", None)]),
        ("a, b.safetensors, fox", [(COMMA, None), ("fox.safetensors", None)]),
        ("fox, A, B:0.5", [("fox.safetensors", None), (COMMA, 0.5)]),
        ('"a, b":0.5, fox', [(COMMA, 0.5), ("fox.safetensors", None)]),
        ('"the ""best""", fox', [(QUOTE, None), ("fox.safetensors", None)]),
        ("style:2, fox", [(COLON, None), ("fox.safetensors", None)]),
        ("style:2:0.5", [(COLON, 0.5)]),
        ("码:1", [("ünï/码.safetensors", 1)]),
        (
            "…wash.safetensors, FOX".replace("wash", "Wash"),
            [("styles/Ink Wash.safetensors", None), ("fox.safetensors", None)],
        ),
        ("", []),
        (" , ,", []),
    ],
)
def test_what_is_written_is_read(text: str, picks: list[tuple[str, float | None]]) -> None:
    assert read(text) == picks


@pytest.mark.parametrize(
    ("text", "picks"),
    [
        ("fox:0,8, other", [("fox", 0.8), ("other", None)]),
        ('a, "b, c":2', [("a", None), ("b, c", 2)]),
        ('"open', [("open", None)]),
    ],
)
def test_names_stay_as_they_are_where_the_server_cannot_be_asked(
    text: str, picks: list[tuple[str, float | None]]
) -> None:
    assert read(text, Names([])) == picks


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fox, foxx", 'There is no LoRA "foxx"; did you mean "fox.safetensors"?'),
        ("fox:much", 'There is no LoRA "fox:much"; did you mean "fox.safetensors"?'),
        ("fox, FOX.safetensors:0.5", 'The LoRA "fox.safetensors" is there twice; name it once.'),
        (", ".join(["fox"] * 11), "Up to 10 LoRAs can be used at once; leave some out."),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        read(text)
    assert caught.value.message == sentence


@pytest.mark.parametrize("text", ["," * 6000, "a," * 3000, '"' * 6000, "x:" * 3000, " :1,2" * 1200, "a:1" + " " * 5990])
def test_six_thousand_characters_of_anything_are_read_in_no_time(text: str) -> None:
    assert len(split(text, NAMES)) <= MAX_LORAS + 1
    complete_loras(text, NAMES)


@pytest.mark.parametrize("name", [*NAMES.all, " blank ", "x:0.5", 'all, of: "it":1', "a:"])
@pytest.mark.parametrize("strength", [None, 0.8, -2.0, 1.0])
def test_what_is_written_for_somebody_is_read_as_it_was_meant(name: str, strength: float | None) -> None:
    names = Names([*NAMES.all, name])
    text = f"{write('fox.safetensors', 1.5)}, {write(name, strength)}"
    assert split(text, names) == [LoraPick("fox.safetensors", 1.5), LoraPick(name, strength)]


def test_the_last_one_is_completed_and_the_others_are_kept() -> None:
    assert complete_loras("", NAMES)[:2] == ["fox.safetensors", "styles/Ink Wash.safetensors"]
    assert complete_loras("ink", NAMES)[0] == "styles/Ink Wash.safetensors"
    assert complete_loras("fox:0.5, ink", NAMES)[0] == "fox:0.5, styles/Ink Wash.safetensors"
    assert complete_loras("fox, ink wash:0.5", NAMES)[0] == "fox, styles/Ink Wash.safetensors:0.5"
    assert complete_loras("ink, a, b", NAMES)[0] == f'ink, "{COMMA}"'
    assert "fox.safetensors, fox.safetensors" not in complete_loras("fox.safetensors, ", NAMES)
    assert complete_loras(", ".join(f"{n}" for n in range(MAX_LORAS)) + ", f", NAMES) == []


LONG = [f"{'folder/' * 20}{n}{'x' * 30}.safetensors" for n in range(8)] + ["x" * 150, "fox.safetensors"]


def test_long_names_are_shortened_so_that_they_are_found_again() -> None:
    names = Names(LONG)
    text, chosen = "", list[str]()
    for name in LONG[:6]:
        (made, *_) = [made for made in complete_loras(f"{text}{name}", names) if read(made, names)[-1][0] == name]
        chosen.append(name)
        assert len(made) <= MAX_LENGTH
        assert [each for each, _ in read(made, names)] == chosen
        text = f"{made}, "


def test_what_differs_in_the_middle_only_is_not_offered_where_it_cannot_be_told() -> None:
    twins = Names([f"{'a' * 100}{n}{'b' * 100}" for n in range(2)])
    assert twins.shortened(twins.all[0], 50) is None
    assert complete_loras("a", twins) == []
    assert read(f"{twins.all[1]}:2", twins) == [(twins.all[1], 2)]


def flux(stage: Stage) -> list[tuple[str, float]]:
    """The LoRAs of the graph that was sent, in the order in which they apply."""
    graph = graph_of(stage)
    loaders = {id: node["inputs"] for id, node in graph.items() if node["class_type"].startswith("LoraLoader")}
    found = list[tuple[str, float]]()
    before: dict[str, str | None] = {id: inputs["model"][0] for id, inputs in loaders.items()}
    last = next((id for id in loaders if id not in before.values()), None)
    while last in loaders:
        found.append((loaders[last]["lora_name"], loaders[last]["strength_model"]))
        last = before[last]
    return found[::-1]


@pytest.mark.integration
async def test_all_reach_the_graph_in_their_order_with_their_strengths(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", NAMES.all)
    text = 'ink wash:0.5, "a, b":1.5, fox'
    message = await stage.picture(lora=text, lora_strength=0.7)
    assert flux(stage) == [("styles/Ink Wash.safetensors", 0.5), (COMMA, 1.5), ("fox.safetensors", 0.7)]
    assert "styles/Ink Wash.safetensors at 0.5, a, b.safetensors at 1.5, fox.safetensors at 0.7" in message.text


@pytest.mark.integration
async def test_one_that_is_unknown_or_out_of_range_is_a_sentence(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", NAMES.all)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", lora="fox:0.5, inc wash")
    assert 'did you mean "styles/Ink Wash.safetensors"' in (await reply.until(failed)).text
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", lora="fox:0.5, ink wash:9")
    assert "LoRA strength must be between -2 and 2" in (await reply.until(failed)).text
    assert stage.comfyui.accepted == []


@pytest.mark.integration
async def test_a_choice_completes_the_option_and_says_so_in_words(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", NAMES.all)
    typed: dict[str, Any] = {"focused": "lora", "prompt": "a fox"}
    (first, *_) = await stage.ada.autocomplete(stage.channel, "generate", **typed, value="fox:0.5, ink")
    assert first == dict.fromkeys(("name", "value"), "fox:0.5, styles/Ink Wash.safetensors")
    await stage.picture(lora=first["value"])
    assert flux(stage) == [("fox.safetensors", 0.5), ("styles/Ink Wash.safetensors", 1)]


@pytest.mark.integration
async def test_the_form_shows_them_and_takes_more_and_fewer(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", NAMES.all)
    form = await stage.form(prompt="a fox", lora="ink wash:0.5, fox")
    assert "styles/Ink Wash.safetensors at 0.5, fox.safetensors at 1" in form.text
    select = form.component("LoRA")
    assert {o["label"] for o in select["options"] if o.get("default")} == {
        "styles/Ink Wash.safetensors",
        "fox.safetensors",
    }
    more = [COMMA, "fox.safetensors", "styles/Ink Wash.safetensors"]
    form = await (await stage.ada.select(form, "LoRA", more)).until(lambda m: COMMA in m.text)
    fewer = ["styles/Ink Wash.safetensors", COMMA]
    form = await (await stage.ada.select(form, "LoRA", fewer)).until(lambda m: "fox.saf" not in m.text)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert flux(stage) == [("styles/Ink Wash.safetensors", 0.5), (COMMA, 1)]


@pytest.mark.integration
async def test_what_is_chosen_on_another_page_stays_and_none_is_a_choice(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", [f"style {n:03}.safetensors" for n in range(60)])
    form = await stage.form(prompt="a fox")
    first = await stage.ada.select(form, "LoRA (page 1 of 3)", ["style 003.safetensors"])
    form = await first.until(lambda m: "style 003.safetensors at 1" in m.text)
    turned = await stage.ada.click(form, label="Next LoRAs")
    form = await turned.until(lambda m: any(s["placeholder"] == "LoRA (page 2 of 3)" for s in m.selects))
    second = await stage.ada.select(form, "LoRA (page 2 of 3)", ["style 030.safetensors"])
    form = await second.until(lambda m: "style 003.safetensors at 1, style 030.safetensors at 1" in m.text)
    opened = await (await stage.ada.click(form, label="More settings")).answered()
    both = "style 003.safetensors at 0.5, style 030.safetensors at 0.5"
    form = await (await stage.ada.submit(opened, {"LoRA strength": "0,5"})).until(lambda m: both in m.text)
    turned = await stage.ada.click(form, label="Previous LoRAs")
    form = await turned.until(lambda m: any(s["placeholder"] == "LoRA (page 1 of 3)" for s in m.selects))
    none = await stage.ada.select(form, "LoRA (page 1 of 3)", ["No LoRA", "style 003.safetensors"])
    form = await none.until(lambda m: "style 0" not in m.text)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert flux(stage) == []


@pytest.mark.integration
async def test_more_than_can_be_used_are_a_sentence_in_the_form(stage: Stage, comfyui: ComfyUIServer) -> None:
    names = [f"style {n:02}.safetensors" for n in range(40)]
    comfyui.set_models("loras", names)
    form = await stage.form(prompt="a fox", lora=", ".join(names[30:40]))
    form = await (await stage.ada.click(form, label="Previous LoRAs")).until(lambda m: "page 1 of 2" in str(m.selects))
    click = await (await stage.ada.select(form, "LoRA (page 1 of 2)", [names[0]])).answered()
    assert click.message is not None
    assert "Up to 10 LoRAs" in click.message.text


OWN = {
    "graphs": {"mine": paint()},
    "only_graphs": True,
    "workflows": {"mine": {"file": "mine.json", "loras": "sdxl/*"}},
}


@pytest.mark.integration
@pytest.mark.parametrize("settings", [OWN], indirect=True)
async def test_one_that_is_not_for_the_workflow_is_a_sentence(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", ["sdxl/ink.safetensors", "flux/oil.safetensors"])
    reply = await stage.generate(prompt="a fox", workflow="mine", lora="ink:0.5, oil")
    assert 'The LoRA "flux/oil.safetensors" is not for the workflow' in (await reply.until(failed)).text
