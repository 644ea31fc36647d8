"""What everything else imports must stay cheap, so heavy libraries may only come in where they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
HEAVY = {"pydantic", "pydantic_settings", "structlog", "rich", "limits", "rapidfuzz"}


@pytest.mark.parametrize("module", ["config", "utils.logging", "utils.files", "utils.rate_limit", "utils.redaction"])
def test_an_import_brings_in_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert module in loaded
    assert not HEAVY & loaded


def test_using_a_logger_brings_in_nothing_heavy() -> None:
    code = "import sys, utils.logging as u; u.get_logger('a').warning('b', c=1); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
    assert done.stderr == "b\n"


def test_the_settings_need_pydantic_settings_only_to_be_loaded() -> None:
    code = "import sys, config.models; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert "pydantic_settings" not in done.stdout.split()
