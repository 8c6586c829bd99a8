"""Numbers near others: how a number mutates when chance, and not a language model, writes it."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from functools import lru_cache

from numpy.random import Generator

from elm_mutation.grammar import Chain, Choice, Number, Rule, choice

_SPREAD = 0.3  # standard deviation of a number's relative change
_LEAST_SPREAD = 0.3  # and of its absolute change, so that a zero can move
_OFFERED = 3  # numbers that a model may choose among


def nearby_number(value: float, rng: Generator) -> str:
    """Return a number near another one, of its type and not equal to it, as Python writes it."""
    step = rng.normal() * max(_SPREAD * abs(value), _LEAST_SPREAD)
    if isinstance(value, int):
        size = max(1, abs(round(step)))
        return str(value + (size if step > 0 else -size))
    return repr(round(value + step, 3)) if math.isfinite(value + step) else repr(value)


def with_drawn_numbers(rule: Rule, source: str, rng: Generator) -> Rule:
    """Return the rule with each number narrowed to a few, drawn near numbers of the program `source`."""
    match rule:
        case Chain(parts):
            return Chain(tuple(with_drawn_numbers(part, source, rng) for part in parts))
        case Choice(options, _):
            return replace(rule, options=tuple(with_drawn_numbers(option, source, rng) for option in options))
        case Number(fraction=fraction):
            pool = _numbers(source)[1 if fraction else 0] or (1,)
            return choice([nearby_number(pool[int(rng.integers(len(pool)))], rng) for _ in range(_OFFERED)])
    return rule


@lru_cache(maxsize=256)
def _numbers(source: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return a program's integers, and all its numbers as floats."""
    found = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    ]
    integers = tuple(number for number in found if isinstance(number, int))
    return integers, tuple(float(number) for number in found if isinstance(number, int | float))
