"""What a user has chosen, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from bot.draft import Draft, display_of, summarize, summary_of
from bot.loras import MAX_LORAS, LoraPick
from config.models import WorkflowEntry
from core.comfyui.workflows.manager import Workflow, WorkflowManager
from core.exceptions import ValidationError
from core.jobs.models import Job
from tests.bot.conftest import ROOT
from tests.bot.graphs import paint
from utils.language import packed, told, unpacked


@pytest.fixture
def flux() -> Workflow:
    return WorkflowManager(ROOT / "workflows", {}).get("flux_lora")


@pytest.fixture
def mine(tmp_path: Path) -> Workflow:
    (tmp_path / "mine.json").write_bytes(orjson.dumps(paint()))
    return WorkflowManager(tmp_path, {}).get("mine")


def test_what_is_not_chosen_stays_as_the_workflow_has_it(flux: Workflow) -> None:
    parameters = Draft("a fox", "flux_lora").request(flux).parameters
    assert (parameters.prompt, parameters.steps, parameters.width, parameters.loras) == ("a fox", None, None, None)
    assert parameters.seed is not None


@pytest.mark.parametrize(
    ("picked", "strength", "loras"),
    [
        (None, None, None),
        ((), None, ()),
        ((), 0.5, ()),
        ((LoraPick("x"),), None, (("x", 1.0),)),
        ((LoraPick("x"),), 0.0, (("x", 0.0),)),
        ((LoraPick("x", 0.0), LoraPick("y"), LoraPick("a", -1.5)), 0.5, (("x", 0.0), ("y", 0.5), ("a", -1.5))),
    ],
)
def test_loras(flux: Workflow, picked: tuple[LoraPick, ...] | None, strength: float | None, loras: object) -> None:
    wanted = Draft("a fox", "flux_lora", loras=picked, lora_strength=strength).request(flux).parameters.loras
    assert (wanted if wanted is None else tuple((each.name, each.strength) for each in wanted)) == loras


def test_a_value_out_of_range_is_no_request(flux: Workflow) -> None:
    with pytest.raises(ValidationError) as caught:
        Draft("a fox", "flux_lora", {"steps": 99}).request(flux)
    assert caught.value.field == "steps"


def test_the_summary_shows_what_was_chosen_and_what_a_result_is_repeated_with(flux: Workflow) -> None:
    settings = summarize(Draft("a fox", "flux_lora", {"batch_size": 2}), flux).settings
    assert settings == {
        "Workflow": "Flux lora",
        "Size": "1024 × 1024",
        "Steps": "20",
        "Guidance": "3.5",
        "Seed": "random",
        "Batch size": "2",
    }


def test_what_two_names_drive_is_shown_once_as_it_acts(flux: Workflow) -> None:
    def shown(**values: float) -> dict[str, str]:
        settings = summarize(Draft("a fox", "flux_lora", values), flux).settings
        return {name: value for name, value in settings.items() if name in ("CFG", "Guidance")}

    assert shown(cfg=5.0) == {"Guidance": "5"}
    assert shown(guidance=4.0) == {"Guidance": "4"}
    assert shown(cfg=5.0, guidance=4.0) == shown(guidance=4.0, cfg=5.0) == {"Guidance": "4"}


def test_the_summary_of_a_request_shows_its_seed(flux: Workflow) -> None:
    draft = Draft("a fox", "flux_lora", {"seed": -1})
    request = draft.request(flux)
    assert summarize(draft, flux).settings["Seed"] == "random"
    assert summarize(draft, flux, request).settings["Seed"] == str(request.parameters.seed)
    assert summarize(Draft("a fox", "flux_lora", {"seed": 0}), flux).settings["Seed"] == "0"


def test_a_lora_is_shown_with_its_strength_and_the_end_of_its_name(flux: Workflow) -> None:
    picked = (LoraPick("folder/" * 40 + "fox"),)
    shown = summarize(Draft("a fox", "flux_lora", loras=picked, lora_strength=0.75), flux).settings
    assert shown["LoRA"].endswith("folder/fox at 0.75")
    assert len(shown["LoRA"]) < 150


def test_fractions_are_shown_as_the_reader_writes_them_also_when_they_were_kept(flux: Workflow) -> None:
    draft = Draft("a fox", "flux_lora", {"guidance": 3.5}, loras=(LoraPick("fox", 0.75),))
    kept = packed(display_of(summarize(draft, flux)))
    shown = unpacked(orjson.loads(orjson.dumps(kept)))["settings"]
    assert (shown["Guidance"], shown["LoRA"]) == ("3.5", "fox at 0.75")
    assert told(shown["Guidance"], "de") == "3,5"
    assert "0,75" in told(shown["LoRA"], "de")


def test_several_loras_are_shown_with_their_strengths_however_long_their_names_are(flux: Workflow) -> None:
    picked = (LoraPick("a.safetensors", 0.5), LoraPick("b.safetensors"))
    shown = summarize(Draft("a fox", "flux_lora", loras=picked), flux).settings
    assert shown["LoRAs"] == "a.safetensors at 0.5, b.safetensors at 1"
    many = tuple(LoraPick(f"{'folder/' * 20}{n}.safetensors", 0.75) for n in range(MAX_LORAS))
    shown = summarize(Draft("a fox", "flux_lora", loras=many), flux).settings
    assert all(f"{n}.safetensors at 0.75" in shown["LoRAs"] for n in range(MAX_LORAS))
    assert len(shown["LoRAs"]) <= 300


def test_those_of_several_loras_that_do_not_fit_are_left_out() -> None:
    entry = WorkflowEntry(file="sdxl.json", loras=("sdxl/*",))
    sdxl = WorkflowManager(ROOT / "workflows", {"sdxl": entry}).get("sdxl")
    draft = Draft("a fox", "sdxl", loras=(LoraPick("sdxl/a"), LoraPick("flux/b"), LoraPick("sdxl/c", 0.5)))
    assert draft.left_out(sdxl) == ["loras"]
    assert draft.fitted(sdxl).loras == (LoraPick("sdxl/a"), LoraPick("sdxl/c", 0.5))
    assert replace(draft, loras=(LoraPick("flux/b"),)).fitted(sdxl).loras is None


def test_the_summary_leaves_out_what_would_not_act() -> None:
    entry = WorkflowEntry(file="upscale.json", defaults={"denoise": 0})
    upscale = WorkflowManager(ROOT / "workflows", {"upscale": entry}).get("upscale")
    draft = Draft("", "upscale", {"upscale_factor": 4.0}, images=("a.png",))
    enlarged = {"Workflow": "Upscale", "Factor": "4", "Files": "1 picture"}
    assert summarize(draft, upscale, draft.request(upscale)).settings == summarize(draft, upscale).settings == enlarged
    twice = summarize(replace(draft, values={}), upscale).settings
    assert twice["Factor"] == f"{upscale.defaults['upscale_factor']:g}"
    steps = replace(draft, values={**draft.values, "steps": 30}, loras=(LoraPick("a"),))
    assert summarize(steps, upscale).settings == {**enlarged, "Strength": "0"}
    sampled = summarize(replace(steps, values={**steps.values, "denoise": 0.3}), upscale).settings
    assert {"Strength": "0.3", "Steps": "30", "Seed": "random", "LoRA": "a at 1"}.items() <= sampled.items()


def test_the_strength_of_a_start_is_shown_whether_or_not_it_was_chosen(flux: Workflow) -> None:
    draft = Draft("a fox", "flux_lora", images=("a.png",))
    assert summarize(draft, flux).settings["Strength"] == "0.75"
    assert summarize(replace(draft, values={"denoise": 1.0}), flux).settings["Strength"] == "1"
    assert "Strength" not in summarize(replace(draft, images=()), flux).settings


def test_fitting_leaves_out_what_has_no_place_and_nothing_else(flux: Workflow, mine: Workflow) -> None:
    draft = Draft("a fox", "mine", {"negative_prompt": "rain", "steps": 5}, loras=(LoraPick("x"),), images=("a.png",))
    assert draft.left_out(mine) == ["images"]
    assert draft.fitted(mine) == replace(draft, images=())
    assert draft.left_out(flux) == ["negative_prompt"]
    fitted = draft.fitted(flux)
    assert (fitted.workflow, fitted.values, fitted.loras) == ("flux_lora", {"steps": 5}, (LoraPick("x"),))
    assert fitted.images == ("a.png",)


def test_the_configuration_says_how_strong_a_lora_is_and_which_seed_is_taken() -> None:
    entry = WorkflowEntry(file="sdxl.json", defaults={"lora_strength": 0.6, "seed": 7})
    own = WorkflowManager(ROOT / "workflows", {"own": entry}).get("own")
    draft = Draft("a fox", "own", loras=(LoraPick("x"),))
    loras = draft.request(own).parameters.loras
    assert loras is not None
    assert loras[0].strength == 0.6
    assert summarize(draft, own).settings.items() >= {"LoRA": "x at 0.6", "Seed": "7"}.items()
    assert summarize(replace(draft, values={"seed": -1}), own).settings["Seed"] == "random"


def test_a_summary_is_kept_as_json_and_read_back(flux: Workflow) -> None:
    draft = Draft("a fox", "flux_lora", {"steps": 9})
    request = draft.request(flux)
    summary = summarize(draft, flux, request)
    kept = orjson.loads(orjson.dumps(display_of(summary)))
    assert summary_of(Job("1", 2, request, display=kept)) == summary


@pytest.mark.parametrize("display", [{}, {"title": "Fox"}, {"name": "Fox", "prompt": ""}])
def test_a_job_whose_summary_cannot_be_read_has_a_plain_one(flux: Workflow, display: dict[str, object]) -> None:
    summary = summary_of(Job("1", 2, Draft("a fox", "flux_lora").request(flux), display=display))
    assert (summary.title, summary.prompt, summary.settings) == ("flux_lora", "a fox", {})
