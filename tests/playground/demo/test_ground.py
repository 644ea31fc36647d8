from __future__ import annotations

import socket
from pathlib import Path

import pytest

from playground.demo.errors import DemoError
from playground.demo.ground import FLEETING, address_of, folder, lasting_port, listening


def test_a_folder_is_emptied_of_what_the_next_demo_has_no_use_for(tmp_path: Path) -> None:
    for name in (*FLEETING, "outputs"):
        (tmp_path / name / "deep").mkdir(parents=True)
    with folder(tmp_path) as home:
        assert [list((home / name).iterdir()) for name in FLEETING] == [[], []]
        assert (home / "outputs" / "deep").is_dir()


def test_a_folder_is_one_demos_until_that_is_over(tmp_path: Path) -> None:
    with folder(tmp_path), pytest.raises(DemoError, match="Another demo runs in this folder"), folder(tmp_path):
        pass
    with folder(tmp_path):
        pass


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(DemoError, match="cannot be written"), folder(tmp_path / "data"):
        pass


def test_nothing_is_removed_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "own" / "precious").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / FLEETING[0]).symlink_to(tmp_path / "own")
    with pytest.raises(DemoError, match="cannot be emptied"), folder(tmp_path / "home"):
        pass
    assert (tmp_path / "own" / "precious").is_dir()


def test_no_host_does_not_mean_all_of_them() -> None:
    with pytest.raises(DemoError, match="--host needs an address") as refused:
        listening("", 0)
    assert refused.value.misused


def test_a_taken_port_is_one_sentence() -> None:
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=f"Port {port} is taken: choose another one with --port."):
            listening("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such name"])
def test_an_address_that_is_not_of_this_machine_is_one_sentence(host: str) -> None:
    with pytest.raises(DemoError, match="--host"):
        listening(host, 0)


def test_a_socket_that_listens_everywhere_is_found_by_this_machines_own_name() -> None:
    with listening("0.0.0.0", 0) as everywhere:
        assert address_of(everywhere) == f"http://127.0.0.1:{everywhere.getsockname()[1]}"


def test_a_server_can_come_back_to_its_port() -> None:
    port = lasting_port()
    for _ in range(2):
        with socket.create_server(("127.0.0.1", port)):
            pass
