from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.urls import http_url, password_of, without_user_info

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,20}[a-z0-9])?", fullmatch=True)
HOST = st.one_of(
    st.lists(LABEL, min_size=1, max_size=4).map(".".join),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8188",
        "http://localhost",
        "http://comfyui:8188",
        "http://comfy_ui:8188",
        "http://host.docker.internal:8188",
        "http://[::1]:8188",
        "https://gpu.example.org/comfy/api",
        "https://user:p%40ss@gpu.example.org:8443",
        "http://bücher.example",
    ],
)
def test_any_host_is_accepted(url: str) -> None:
    assert http_url(url) == url


@given(HOST, st.integers(1, 65535), st.sampled_from(["http", "https"]), st.sampled_from(["", "/", "/a/b", "/a//"]))
def test_an_address_keeps_host_port_and_path(host: str, port: int, scheme: str, path: str) -> None:
    assert http_url(f"{scheme}://{host}:{port}{path}") == f"{scheme}://{host}:{port}{path}".rstrip("/")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "http://"),
        ("comfyui:8188", "http://"),
        ("127.0.0.1:8188", "http://"),
        ("ws://comfyui:8188", "http://"),
        ("ftp://comfyui", "http://"),
        ("http://", "host"),
        ("http://:8188", "host"),
        ("http://user:pw@", "host"),
        ("http://[::1", "host"),
        ("http://comfyui:eight", "port"),
        ("http://comfyui:0", "port"),
        ("http://comfyui:65536", "port"),
        ("http://comfy ui:8188", "blanks"),
        ("http://comfyui:8188\n/x", "control"),
        ("http://comfyui:8188?token=1", "?"),
        ("http://comfyui:8188/#a", "#"),
    ],
)
def test_what_is_no_address_is_refused(url: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        http_url(url)
    assert problem in str(caught.value)


@given(st.text())
def test_what_is_accepted_is_in_its_final_form(text: str) -> None:
    try:
        url = http_url(f"http://{text}")
    except ValueError:
        return
    assert http_url(url) == url


def test_user_info_is_taken_out() -> None:
    assert without_user_info("https://me:pw@[::1]:1/a") == "https://[::1]:1/a"
    assert without_user_info("http://comfyui:8188") == "http://comfyui:8188"


def test_the_password_is_decoded() -> None:
    assert password_of("http://me:p%40ss@h") == "p@ss"
    assert password_of("http://me@h") is None
    assert password_of("http://h:1") is None
