from __future__ import annotations

import pytest

from playground.comfyui.art.places import DRAWN
from playground.comfyui.art.subjects import SUBJECTS as DRAWN_SUBJECTS
from playground.comfyui.art.words import PLACES, SUBJECTS, read


@pytest.mark.parametrize(
    ("prompt", "place", "light", "weather", "subject"),
    [
        ("A fox in a FOREST at night, snow", "forest", "night", "snow", "fox"),
        ("portrait of a woman", "studio", "", "", "person"),
        ("an astronaut in the desert", "desert", "", "", "person"),
        ("portrait of a cat", "forest", "", "", "cat"),
        ("ein Haus", "", "", "", ""),
        ("lighthouse in the fog at dawn", "sea", "dawn", "fog", "tower"),
    ],
)
def test_words_say_what_there_is(prompt, place, light, weather, subject):
    wish = read(prompt)
    assert (wish.light, wish.weather, wish.subject) == (light, weather, subject)
    assert wish.place == (place or wish.place)


def test_a_colour_before_the_subject_is_its_own_and_others_are_the_pictures():
    wish = read("a red fox under a green sky")
    assert (wish.coat, wish.colours) == ((255, 0, 0), ((0, 128, 0),))
    assert read("snow").colours == ()


def test_unwanted_words_do_not_count():
    assert read("a fox in the fog at night", "fog, night").weather == ""
    assert read("a fox in the fog at night", "fog, night").light == ""


def test_nothing_said_is_always_the_same_place():
    assert read("") == read("")
    assert read("").place in DRAWN


def test_everything_that_can_be_said_can_be_drawn():
    assert DRAWN.keys() == PLACES.keys()
    assert DRAWN_SUBJECTS.keys() == SUBJECTS.keys()
