"""The demo ComfyUI as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playground.demo.child import Child
from playground.demo.errors import DemoError
from playground.demo.ground import lasting_port
from playground.demo.keeping import Keeper
from playground.demo.service import Service

_PACKAGES = Path(__file__).resolve().parents[2]
_ANSWERS_WITHIN = 5.0


class DemoComfyUI:
    """``python -m playground.comfyui``, with its switches in reach.

    Attributes:
        url: where it is, also after it was started anew.
        state: its switches as it told them last; empty before it told any.
        changed: is called when they stand otherwise without having been told so.
    """

    def __init__(self, root: Path, keeper: Keeper, say: Callable[[str], None]) -> None:
        self.state: dict[str, Any] = {}
        self.changed: Callable[[], None] = lambda: None
        self._telling = asyncio.Lock()
        self._port = lasting_port()
        self._root = root
        self.url = f"http://127.0.0.1:{self._port}"
        self.service = Service("The demo ComfyUI", self._launch, keeper, say)

    async def tell(self, **switches: Any) -> None:
        """Flip switches, and remember how all of them stand then.

        Raises:
            TimeoutError, EOFError: it is just being started again.
            DemoError: it cannot, and why.
        """
        async with self._telling:
            child = self.service.child
            if child is None:
                raise EOFError
            asked = uuid.uuid4().hex
            child.write(json.dumps({**switches, "id": asked}))
            answer = json.loads(await child.hear(lambda line: asked in line, _ANSWERS_WITHIN))
        del answer["id"]
        if "error" in answer:
            raise DemoError(answer["error"])
        self.state = answer

    async def _launch(self) -> Child:
        if self.state:
            self.state = {}
            self.changed()
        command = (sys.executable, "-m", "playground.comfyui", "--port", str(self._port), "--root", str(self._root))
        environment = {**os.environ, "PYTHONPATH": str(_PACKAGES)}
        return await Child.start((*command, "--control"), _PACKAGES, environment)
