"""Values of widgets: copies of bounded depth, and the numbers and texts that a browser makes of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final, TypeGuard

from core.exceptions import WorkflowError
from utils.language import phrase

NOTHING: Final = object()
"""The value of a widget that has none, which is not even null: its input is left out."""
NAN: Final = math.nan
"""What a browser makes of a text that is no number; it is sent as null."""
MAX_DEPTH = 50
_LARGEST = 10**300
_NESTED = (dict, list)
_MOST_DECIMALS = 20
_MOST_DIGITS = 30
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_EXACT = Context(prec=400)


def copied(value: Any, depth: int = 0) -> Any:
    """A copy that shares nothing with the file.

    Raises:
        WorkflowError: it is nested deeper, or is a larger number, than any real value.
    """
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise WorkflowError(phrase("A number in this workflow is far too large: correct it in ComfyUI and save again."))
    if not isinstance(value, _NESTED):
        return value
    if depth > MAX_DEPTH:
        raise WorkflowError(phrase("A value in this workflow is nested too deeply: save it again from ComfyUI."))
    if isinstance(value, list):
        return [copied(item, depth + 1) for item in value]
    return {key: copied(item, depth + 1) for key, item in value.items()}


def wrapped(value: Any) -> Any:
    """A value as it stands in API format, where a bare list would be read as a link."""
    return {"__value__": value} if isinstance(value, list) else value


def string(value: object, otherwise: str = "") -> str:
    """A name out of a file; `otherwise` when there is none, or when it is no text."""
    return value if isinstance(value, str) and value else otherwise


def text_of(value: Any) -> str:
    """What a browser shows of a copied value in a text box: ``[1, "a"]`` is ``1,a``, an object ``[object Object]``."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else _written(value)
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    return "[object Object]" if isinstance(value, dict) else str(value)


def rounded(value: Any, kind: str, options: Mapping[str, Any]) -> Any:
    """A value that is put into an INT or FLOAT widget from outside, which makes a number of it and rounds that.

    An INT takes the nearest multiple of its step counted from its minimum. A FLOAT takes as many decimals as its step
    has and stays between minimum and maximum; with a step of whole numbers and no ``round`` it is left alone. What is
    no number becomes `NAN`. A value for any other widget stays as it is.
    """
    if kind != "INT" and (kind != "FLOAT" or _unit(options) <= 0):
        return value
    found = _number_of(copied(value))
    if not math.isfinite(found):
        return NAN
    return _whole(found, options) if kind == "INT" else _decimal(found, options)


def _number_of(value: Any) -> float:
    """The number that a browser reads in a copied value; `NAN` when it reads none."""
    if isinstance(value, list):
        value = text_of(value)
    if isinstance(value, str):
        text = value.strip() or "0"
        if not _NUMBER.fullmatch(text):
            return NAN
        return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else float(text)
    if value is None or isinstance(value, bool):
        return int(bool(value))
    return value if isinstance(value, int | float) else NAN


def _written(value: float) -> str:
    """A broken or huge number as a browser writes it, which goes over to exponents later than Python does."""
    text = repr(value)
    if 1e-6 <= abs(value) < 1:
        return format(Decimal(text), "f")
    return text.replace("e-0", "e-")


def _whole(value: float, options: Mapping[str, Any]) -> float:
    step = number(options, "step", 1) or 1
    if step == 1:
        return value if isinstance(value, int) else math.floor(value + 0.5)
    least = number(options, "min", 0)
    shift = math.fmod(least, step)
    if isinstance(value, int) and isinstance(step, int) and isinstance(least, int):
        return (2 * (value - int(shift)) + step) // (2 * step) * step + int(shift)
    return math.floor((value - shift) / step + 0.5) * step + shift


def _decimal(value: float, options: Mapping[str, Any]) -> float:
    unit = _unit(options)
    if unit <= 0 or not math.isfinite(value / unit):
        return value
    nearest = Decimal(math.floor(value / unit + 0.5) * unit)
    exact = float(nearest.quantize(Decimal(1).scaleb(-_decimals(options)), ROUND_HALF_UP, _EXACT))
    return min(max(exact, number(options, "min", -math.inf)), number(options, "max", math.inf))


def _decimals(options: Mapping[str, Any]) -> int:
    step = number(options, "step", 0.5)
    return min(max(0, -math.floor(math.log10(step))), _MOST_DECIMALS) if step > 0 else 0


def _unit(options: Mapping[str, Any]) -> float:
    decimals = _decimals(options)
    return number(options, "round", 0) or (10**-decimals if decimals else 0)


def _is_number(value: Any) -> TypeGuard[float]:
    return type(value) is int or (isinstance(value, float) and math.isfinite(value))


def number(options: Mapping[str, Any], name: str, otherwise: float) -> float:
    """A limit of a widget; `otherwise` when there is none that is a number."""
    value = options.get(name)
    return value if _is_number(value) else otherwise
