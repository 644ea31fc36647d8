from __future__ import annotations

import inspect
from typing import Any

import pytest

from core.generators.base import BaseGenerator, GeneratorType

MEMBERS = {"generator_type", "initialize", "shutdown", "generate"}


def test_it_is_abstract_in_exactly_four_members():
    assert BaseGenerator.__abstractmethods__ == MEMBERS


@pytest.mark.parametrize("missing", sorted(MEMBERS))
def test_each_of_them_must_be_there(missing: str):
    members: dict[str, Any] = dict.fromkeys(MEMBERS - {missing})
    with pytest.raises(TypeError, match=missing):
        type("Incomplete", (BaseGenerator,), members)()


async def test_a_generator_needs_nothing_more():
    class MyGenerator(BaseGenerator):
        @property
        def generator_type(self) -> GeneratorType:
            return GeneratorType.IMAGE

        async def initialize(self) -> None:
            pass

        async def shutdown(self) -> None:
            pass

        async def generate(self, prompt: str, **kwargs: Any) -> tuple[bytes, dict[str, Any]]:
            return prompt.encode(), kwargs

    assert await MyGenerator().generate("a", b=1) == (b"a", {"b": 1})
    assert list(inspect.signature(BaseGenerator.generate).parameters) == ["self", "prompt", "kwargs"]
