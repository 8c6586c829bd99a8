"""Small grammars of text fragments: one rule, read two ways.

`to_gbnf` writes a rule in llama.cpp's grammar notation (GBNF), so that a language model can be held to it;
`to_regex` writes it as a regular expression; `draw` picks a text of the rule at random. All describe the
same set of texts. Rules have no recursion, so every text is short.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from numpy.random import Generator


@dataclass(frozen=True, slots=True)
class Text:
    """Exactly this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The parts one after another."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options; `weights` (positive) say how often `draw` takes each.

    A language model weighs the options by itself.
    """

    options: tuple[Rule, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number as Python writes it.

    Attributes:
        digits: Most digits before the point, at least 1.
        fraction: Most digits after the point; 0: an integer.
        negative: Whether it may be negative.
    """

    digits: int
    fraction: int
    negative: bool


Rule = Text | Chain | Choice | Number


def chain(*parts: Rule | str) -> Rule:
    """Return the parts one after another; strings stand for themselves."""
    return Chain(tuple(Text(part) if isinstance(part, str) else part for part in parts))


def choice(options: Iterable[tuple[float, Rule | str] | str]) -> Rule:
    """Return a choice among options, each a (weight, rule) pair or a string of weight 1; at least one."""
    pairs = [(1.0, option) if isinstance(option, str) else option for option in options]
    rules = tuple(Text(rule) if isinstance(rule, str) else rule for _, rule in pairs)
    return rules[0] if len(rules) == 1 else Choice(rules, tuple(weight for weight, _ in pairs))


def draw(rule: Rule, rng: Generator) -> str:
    """Return a text of the rule, drawn at random."""
    match rule:
        case Text(text):
            return text
        case Chain(parts):
            return "".join(draw(part, rng) for part in parts)
        case Choice(options, weights):
            total = sum(weights)
            return draw(options[rng.choice(len(options), p=[weight / total for weight in weights])], rng)
        case Number():
            return _draw_number(rule, rng)


def _draw_number(number: Number, rng: Generator) -> str:
    digits = min(rng.geometric(2 / 3), number.digits)  # 2 of 3 have one digit, 2 of 9 two, ...
    text = str(rng.integers(0, 10**digits))
    if number.fraction and rng.random() < 0.75:
        places = rng.integers(1, number.fraction + 1)
        text += f".{rng.integers(0, 10**places):0{places}d}"
    return f"-{text}" if number.negative and rng.random() < 0.25 else text


def to_regex(rule: Rule) -> str:
    """Return a regular expression of Python for the texts of the rule."""
    match rule:
        case Text(text):
            return re.escape(text)
        case Chain(parts):
            return "".join(to_regex(part) for part in parts)
        case Choice(options, _):
            return f"(?:{'|'.join(to_regex(option) for option in options)})"
        case Number(digits, fraction, negative):
            decimals = rf"(?:\.[0-9]{{1,{fraction}}})?" if fraction else ""
            return f"{'-?' if negative else ''}(?:0|[1-9][0-9]{{0,{digits - 1}}}){decimals}"


def to_gbnf(rule: Rule) -> str:
    """Return the rule in llama.cpp's grammar notation, with the start symbol `root`."""
    writer = _GbnfWriter()
    root = writer.symbol(rule)
    return "\n".join([f"root ::= {root}", *writer.lines]) + "\n"


class _GbnfWriter:
    """Gives each composite rule a name of its own, once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[Rule, str] = {}

    def symbol(self, rule: Rule) -> str:
        if isinstance(rule, Text):
            return json.dumps(rule.text, ensure_ascii=False)
        if rule not in self._names:
            body = self._body(rule)
            self._names[rule] = f"r{len(self._names)}"
            self.lines.append(f"{self._names[rule]} ::= {body}")
        return self._names[rule]

    def _body(self, rule: Chain | Choice | Number) -> str:
        match rule:
            case Chain(parts):
                return " ".join(self.symbol(part) for part in parts)
            case Choice(options, _):
                return " | ".join(self.symbol(option) for option in options)
            case Number(digits, fraction, negative):
                more = " [0-9]?" * (digits - 1)
                decimals = f' ("." [0-9]{" [0-9]?" * (fraction - 1)})?' if fraction else ""
                sign = '"-"? ' if negative else ""
                return f'{sign}("0" | [1-9]{more}){decimals}'
