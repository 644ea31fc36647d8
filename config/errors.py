"""What is said about settings that cannot be used."""

from __future__ import annotations


class ConfigError(Exception):
    """A setting is wrong or missing.

    ``str(error)`` is one line, ``<source>: <key>: <problem>; <remedy>``, and never holds a value, because a value
    may be a secret.

    Args:
        source: the file, or ``environment variable NAME``, that holds the mistake.
        key: the dotted name of the setting, such as ``comfyui.timeout``; None when the whole source is at fault.
        problem: what is wrong with it.
        remedy: what to do about it.
    """

    def __init__(self, source: str, key: str | None, problem: str, remedy: str) -> None:
        where = f"{source}: {key}" if key else source
        super().__init__(" ".join(f"{where}: {problem}; {remedy}".split()))
        self.source = source
        self.key = key
        self.problem = problem
        self.remedy = remedy
