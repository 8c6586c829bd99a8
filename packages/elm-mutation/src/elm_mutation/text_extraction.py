"""The natural-language text inside a model's reply: without what the model says about it.

As with programs, only repairs that cannot change what the text says are made: fences, quotation marks, a
line that announces the text, a paragraph that offers more, and a last sentence that was cut off.
"""

from __future__ import annotations

import re

from elm_mutation.extraction import fenced_blocks
from elm_mutation.program_checks import Problem
from elm_protocols import MutationRequest

_ANNOUNCEMENT = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|okay|ok)\b[^\n]*"
    r"|(?:here(?:'s|\u2019s| is| are)|this is|the following is)\b[^\n]*)[:!]\**[ \t]*\n\s*"
    r"|\**(?:text|prompt|poem|answer|rewritten \w+|new \w+)(?: \d+)?:\**[ \t]*\n\s*",
    re.I,
)
_OFFER = re.compile(
    r"\n\s*\n(?:i hope (?:this|you|it)|let me know|feel free|please let me know)\b.*\Z", re.I | re.S
)
_QUOTES = {'"': '"', "“": "”", "'": "'"}
_SENTENCE_END = re.compile(r"[.!?…][\"'”\u2019)]*(?=\s)|\n")


def extract_text(reply: str, request: MutationRequest) -> str | Problem:
    """Return the child text that a reply holds, beginning with the request's template."""
    blocks = list(fenced_blocks(reply))
    text = (blocks[0] if len(blocks) == 1 else reply).strip()
    text = _OFFER.sub("", _without_announcement(text)).strip()
    if not any(parent.strip()[:1] in _QUOTES for parent in request.parents):
        text = _without_quotes(text)
    if not text:
        return Problem("empty", "The model wrote nothing.")
    return _beginning_with(request.template, text)


def _beginning_with(template: str, text: str) -> str:
    if not template or text.startswith(template):
        return text
    bare = template.strip()
    rest = text.removeprefix(bare)
    if text.startswith(bare) and not (bare[-1:].isalnum() and rest[:1].isalnum()):
        return template + rest.lstrip()  # only the white space around the template differs
    return template + text


def last_whole_sentence(text: str) -> str:
    """Return a text that was cut off without its last sentence or line; empty if it has no other."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text.lstrip())]
    return text.lstrip()[: ends[-1]].rstrip() if ends else ""


def _without_announcement(text: str) -> str:
    found = _ANNOUNCEMENT.match(text)
    return text[found.end() :] if found else text


def _without_quotes(text: str) -> str:
    closing = _QUOTES.get(text[:1])
    whole = closing is not None and len(text) > 2 and text.endswith(closing) and closing not in text[1:-1]
    return text[1:-1].strip() if whole else text
