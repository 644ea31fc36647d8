"""axe-core on everything that can be seen."""

from __future__ import annotations

import pytest

from tests.page.conftest import Open
from tests.page.scenery import MODAL, Hand, button, row

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_axe_finds_nothing_serious(hand: Hand, open_window: Open, scheme: str) -> None:
    await hand.everything()
    window = await open_window(hand.server, color_scheme=scheme)
    assert await window.faults() == []
