from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.redaction import REDACTED, Redactor, redact, register_secret

# Made up, in the shape of a bot's token.
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs-abc_12345"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (TOKEN, REDACTED),
        (f"Authorization: Bot {TOKEN}", f"Authorization: Bot {REDACTED}"),
        (f"'{TOKEN}'", f"'{REDACTED}'"),
        ("mfa." + "a1B2" * 21, REDACTED),
        (
            "POST https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb246MTIz/messages/@original",
            f"POST https://discord.com/api/v10/webhooks/{REDACTED}/messages/@original",
        ),
        ("/interactions/1/aW50ZXJhY3Rpb246MTIzOmFiYw==/callback", f"/interactions/{REDACTED}/callback"),
        ("POST /interactions/12/any-shape_of=token/callback", f"POST /interactions/{REDACTED}/callback"),
        ("{'type': 2, 'token': 'any shape', 'id': '1'}", f"{{'type': 2, 'token': '{REDACTED}', 'id': '1'}}"),
        ('{"token":"any shape","id":1}', f'{{"token":"{REDACTED}","id":1}}'),
        ("<CIMultiDict('Authorization': 'Basic bWU6cGFzcw==')>", f"<CIMultiDict('Authorization': 'Basic {REDACTED}')>"),
        ("Authorization: Bearer abc.def-123", f"Authorization: Bearer {REDACTED}"),
        ("https://discord.com/api/webhooks/42/s-e_cret", f"https://discord.com/api/webhooks/{REDACTED}"),
        ("http://me:pass@gpu:8188/prompt", f"http://{REDACTED}@gpu:8188/prompt"),
    ],
)
def test_what_has_the_shape_of_a_secret_goes(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "queued 3f0c6c1e-6f0f-4a57-9d8e-2f1f7b0f5a11 at 12:30",
        "http://comfyui:8188/view?filename=a@b.png",
        "mail me@example.org about http://example.org",
        "flux1-dev-fp8.safetensors in models.diffusion_models.flux",
        "core.comfyui.workflows.updater.WorkflowUpdater",
        "Basic settings of the bearer token, 'tokens': 'many'",
    ],
)
def test_ordinary_texts_stay(text: str) -> None:
    assert redact(text) == text


def redactor(*secrets: str) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.register(secret)
    return redactor


def test_a_registered_secret_goes_wherever_it_stands() -> None:
    assert redactor("hunter22").redact("hunter22 xhunter22x") == f"{REDACTED} x{REDACTED}x"


def test_a_registered_secret_goes_in_an_address_and_in_json_too() -> None:
    known = redactor('p@ss "word"')
    assert known.redact("http://h/?key=p%40ss%20%22word%22") == f"http://h/?key={REDACTED}"
    assert known.redact(r'{"key": "p@ss \"word\""}') == f'{{"key": "{REDACTED}"}}'


@pytest.mark.parametrize("secrets", [("abcd", "abcdefgh"), ("abcdefgh", "abcd")])
def test_a_secret_inside_another_leaves_no_rest(secrets: tuple[str, str]) -> None:
    assert redactor(*secrets).redact("abcdefgh abcd") == f"{REDACTED} {REDACTED}"


@pytest.mark.parametrize("short", ["", "a", "abc"])
def test_what_is_too_short_for_a_secret_is_passed_over(short: str) -> None:
    assert redactor(short).redact("abc a b c") == "abc a b c"


def test_the_shapes_go_beside_what_is_registered() -> None:
    assert redactor("hunter22").redact(f"{TOKEN} hunter22") == f"{REDACTED} {REDACTED}"


WITHOUT_BREAKS = st.characters(exclude_characters="\n", exclude_categories=("Cs",))


@given(st.text(WITHOUT_BREAKS, min_size=4), st.text(), st.text())
def test_no_registered_secret_is_left(secret: str, before: str, after: str) -> None:
    shown = redactor(secret).redact(f"{before}{secret}{after}")
    assert secret not in shown.replace(REDACTED, "\n")


def test_what_is_registered_holds_for_the_process() -> None:
    register_secret("only-used-in-this-test")
    assert redact("an only-used-in-this-test value") == f"an {REDACTED} value"
