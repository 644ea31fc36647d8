"""What controls are called that sentences speak of: both read alike in every language."""

from __future__ import annotations

from utils.language import phrase

GENERATE = phrase("Generate")
PROMPT = phrase("Prompt")
