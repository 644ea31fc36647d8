"""What keeps the demo from running."""

from __future__ import annotations


class DemoError(Exception):
    """One sentence for whoever typed the command; ``misused`` when another command would do."""

    def __init__(self, text: str, *, misused: bool = False) -> None:
        super().__init__(text)
        self.misused = misused
