"""What choosing some of the LoRAs of the form means."""

from __future__ import annotations

from pathlib import Path

import discord
import orjson
import pytest

from bot.errors import UserError
from bot.loras import MAX_LORAS, LoraPick
from bot.ui.lora_select import LoraSelect, Picked
from core.comfyui.workflows.manager import Workflow, WorkflowManager
from tests.bot.graphs import paint
from tests.bot.test_names import own_lora

FOX = LoraPick("fox", 0.5)


@pytest.fixture
def workflows(tmp_path: Path) -> dict[str, Workflow]:
    """One with a LoRA of its own, and one without."""
    for name, graph in (("own", own_lora()), ("none", paint())):
        (tmp_path / f"{name}.json").write_bytes(orjson.dumps(graph))
    manager = WorkflowManager(tmp_path, {})
    return {name: manager.get(name) for name in ("own", "none")}


def select(workflow: Workflow, picked: Picked) -> LoraSelect:
    async def nothing(*_: object) -> None:
        return None

    return LoraSelect(["fox", "cat"], workflow, picked, on_choice=nothing, on_turn=nothing)


@pytest.mark.parametrize(
    ("workflow", "picked", "chosen"),
    [
        ("own", None, ["The workflow's own"]),
        ("own", (), ["No LoRA"]),
        ("none", None, ["No LoRA"]),
        ("none", (), ["No LoRA"]),
        ("own", (FOX,), ["fox"]),
    ],
)
def test_what_is_picked_is_shown(
    workflows: dict[str, Workflow], workflow: str, picked: Picked, chosen: list[str]
) -> None:
    (shown,) = select(workflows[workflow], picked).items(str)
    assert isinstance(shown, discord.ui.Select)
    own = ["The workflow's own"] if workflow == "own" else []
    assert [option.label for option in shown.options] == [*own, "No LoRA", "fox", "cat"]
    assert [option.label for option in shown.options if option.default] == chosen


@pytest.mark.parametrize(
    ("before", "values", "now"),
    [
        (None, ["fox"], (LoraPick("fox"),)),
        ((FOX,), ["fox", "cat"], (FOX, LoraPick("cat"))),
        ((FOX,), ["fox", ""], ()),
        ((FOX,), ["fox", None], None),
        ((), ["", "fox"], (LoraPick("fox"),)),
        ((), ["", None], None),
        (None, [None, ""], ()),
        ((FOX,), [], ()),
    ],
)
def test_what_stands_for_itself_counts_when_it_was_chosen_just_now(
    workflows: dict[str, Workflow], before: Picked, values: list[str | None], now: Picked
) -> None:
    made = select(workflows["own"], before)
    assert made.pick(values, before) == now
    assert made.chosen == ([lora.name for lora in now] if now else [None if now is None else ""])


def test_too_many_change_nothing(workflows: dict[str, Workflow]) -> None:
    made = select(workflows["own"], (FOX,))
    with pytest.raises(UserError):
        made.pick([str(n) for n in range(MAX_LORAS + 1)], (FOX,))
    assert made.chosen == ["fox"]
