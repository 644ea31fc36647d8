"""The demo ComfyUI as a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playground.demo.child import Child
from playground.demo.ground import lasting_port
from playground.demo.keeping import Keeper
from playground.demo.service import Service

_PACKAGES = Path(__file__).resolve().parents[2]
_ANSWERS_WITHIN = 5.0
LABEL = "demo ComfyUI"


class DemoComfyUI:
    """``python -m playground.comfyui``, with its switches in reach.

    Attributes:
        url: where it is, also after it was started anew.
        state: its switches as it told them last; empty before it told any.
    """

    def __init__(self, root: Path, keeper: Keeper, say: Callable[[str], None]) -> None:
        self.state: dict[str, Any] = {}
        self._port = lasting_port()
        self._root = root
        self.url = f"http://127.0.0.1:{self._port}"
        self.service = Service(f"The {LABEL}", self._launch, keeper, say)

    async def tell(self, **switches: Any) -> None:
        """Flip switches, and remember how all of them stand then.

        Raises:
            TimeoutError, EOFError: it is just being started again.
        """
        child = self.service.child
        if child is None:
            raise EOFError
        child.write(json.dumps(switches))
        self.state = json.loads(await child.hear(lambda line: line.startswith("{"), _ANSWERS_WITHIN))

    async def _launch(self) -> Child:
        self.state = {}
        command = (sys.executable, "-m", "playground.comfyui", "--port", str(self._port), "--root", str(self._root))
        environment = {**os.environ, "PYTHONPATH": str(_PACKAGES)}
        return await Child.start((*command, "--control"), _PACKAGES, environment)
