"""What a workflow can be told is listed for several purposes: the lists name the same things."""

from __future__ import annotations

import inspect

import main
from bot.options import ABOUT
from config.vocabulary import PARAMETERS, ROLES
from core.comfyui.workflows import parameters
from core.comfyui.workflows.strategies import UPDATERS
from core.generators.requests import SETTINGS
from core.validators.limits import DEFAULT_LIMITS

FILES = tuple(parameters.MEDIA)


def test_every_parameter_is_written_by_one_strategy() -> None:
    assert sorted(updater.parameter for updater in UPDATERS) == sorted(parameters.PARAMETERS)


def test_every_setting_has_a_type_and_a_range_of_it() -> None:
    assert {name: limit.kind for name, limit in DEFAULT_LIMITS.items()} == PARAMETERS
    assert PARAMETERS.keys() == {*parameters.PARAMETERS, "lora_strength"} - {*FILES, "loras"}


def test_every_setting_can_be_chosen_on_every_screen() -> None:
    assert sorted(SETTINGS) == sorted(PARAMETERS.keys() - {"prompt"})
    assert ABOUT.keys() == PARAMETERS.keys() - {"prompt", "lora_strength"}
    assert inspect.signature(main.generate).parameters.keys() >= {*ABOUT, *FILES, "lora"}


def test_every_role_but_the_texts_of_the_prompt_is_called_as_its_parameter() -> None:
    assert {*ROLES} - {*parameters.PARAMETERS} == {"positive", "negative"}
    assert {*parameters.PARAMETERS} - {*ROLES} == {"prompt", "negative_prompt"}
