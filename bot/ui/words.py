"""Words that stand in several places, and read alike there in every language: such as what sentences call a control."""

from __future__ import annotations

from utils.language import phrase

GENERATE = phrase("Generate")
PROMPT = phrase("Prompt")
# Translators: in place of the number of a seed
RANDOM = phrase("random")
