"""What Discord takes of a select, wherever one stands."""

from __future__ import annotations

MOST_OPTIONS = 25
#: Characters of an option's label, value and description.
OPTION_LENGTH = 100
