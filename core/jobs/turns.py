"""Whose job is posted next: users take turns, and a job that was lost with its server comes before all others."""

from __future__ import annotations

from collections import deque


class Turns:
    """Jobs in the order in which they will be posted.

    Every user has a line of their own, first come, first served; the heads of the lines take turns. So a batch of one
    user makes nobody wait for more than one job of it at a time.
    """

    def __init__(self) -> None:
        self._lines: dict[int, deque[str]] = {}  # in the order of the turns
        self._owners: dict[str, int] = {}
        self._again: dict[str, int] = {}
        self._places: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self._owners) + len(self._again)

    def add(self, job_id: str, owner: int) -> None:
        """At the end of its owner's line."""
        self._owners[job_id] = owner
        self._lines.setdefault(owner, deque()).append(job_id)
        self._places = None

    def add_again(self, job_id: str, number: int) -> None:
        """Before all that were never posted, by the ``number`` of its first turn."""
        self._again[job_id] = number
        self._again = dict(sorted(self._again.items(), key=lambda entry: entry[1]))
        self._places = None

    @property
    def first_again(self) -> str | None:
        """The first job, when it is one that was posted before."""
        return next(iter(self._again), None)

    def pop(self) -> str | None:
        """The job whose turn it is; None when nobody waits."""
        self._places = None
        if self._again:
            job_id = next(iter(self._again))
            del self._again[job_id]
            return job_id
        if not self._lines:
            return None
        owner = next(iter(self._lines))
        line = self._lines.pop(owner)
        job_id = line.popleft()
        del self._owners[job_id]
        if line:
            self._lines[owner] = line
        return job_id

    def remove(self, job_id: str) -> bool:
        """Take a job out; False when it does not wait here."""
        self._places = None
        if self._again.pop(job_id, None) is not None:
            return True
        owner = self._owners.pop(job_id, None)
        if owner is None:
            return False
        line = self._lines[owner]
        line.remove(job_id)
        if not line:
            del self._lines[owner]
        return True

    def place(self, job_id: str) -> int | None:
        """How many come before it; None when it does not wait here."""
        return self._numbered().get(job_id)

    def order(self) -> list[str]:
        """All jobs, the next one first."""
        return list(self._numbered())

    def _numbered(self) -> dict[str, int]:
        if self._places is None:
            order = list(self._again)
            longest = max(map(len, self._lines.values()), default=0)
            for depth in range(longest):
                order += [line[depth] for line in self._lines.values() if depth < len(line)]
            self._places = {job_id: place for place, job_id in enumerate(order)}
        return self._places
