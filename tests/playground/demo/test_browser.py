from __future__ import annotations

import threading

import pytest

from playground.demo.browser import open_page


@pytest.mark.parametrize(
    ("platform", "variables", "opened"),
    [("linux", {}, False), ("linux", {"DISPLAY": ":0"}, True), ("linux", {"BROWSER": "x"}, True), ("darwin", {}, True)],
)
def test_a_page_is_opened_where_there_are_windows(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], opened: bool
) -> None:
    seen: list[str] = []
    done = threading.Event()

    def note(address: str) -> None:
        seen.append(address)
        done.set()

    monkeypatch.setattr("webbrowser.open", note)
    monkeypatch.setattr("sys.platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert open_page("http://127.0.0.1:1/") is opened
    if opened:
        assert done.wait(5)
    assert seen == ["http://127.0.0.1:1/"] * opened
