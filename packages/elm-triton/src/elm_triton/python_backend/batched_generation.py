"""Texts for a batch of prompts, each drawn in its own way: transformers' `generate` with our own drawing.

Copied into a model repository beside `model.py` by `elm-triton export`; needs torch and transformers only.

`generate` draws all rows of a batch alike and from one global generator. Here a logits processor picks each
row's token itself, by the row's temperature, top-p and generator (the Gumbel-max trick: the argmax of logits
plus Gumbel noise is a draw from their softmax), and leaves `generate` the only token left.
"""

# mypy: disable-error-code="import-not-found,import-untyped,no-any-return,misc"

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import LogitsProcessor, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList

_REPLACEMENT = "\ufffd"  # what the tokenizer writes for the first bytes of an unfinished character


class PromptTooLongError(ValueError):
    """A prompt leaves no room in the model's context."""


@dataclass(kw_only=True)
class TextRequest:
    """A prompt, how to draw its text, and whom to tell.

    Attributes:
        prompt: The prompt.
        temperature: 0 takes the likeliest token each time.
        top_p: Draw from the likeliest tokens that together hold this share.
        max_tokens: Most tokens to write.
        stop: The text ends before the first of these.
        seed: Seed of the draws; None: a fresh one.
        on_text: Called with each new piece of text and the number of its tokens; None: not streamed.
        is_cancelled: Asked before each token.
        deadline: Value of `time.monotonic()` at which writing ends.
    """

    prompt: str
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 16
    stop: Sequence[str] = ()
    seed: int | None = None
    on_text: Callable[[str, int], None] | None = None
    is_cancelled: Callable[[], bool] = lambda: False
    deadline: float = float("inf")


@dataclass
class Row:
    """A request at work.

    Attributes:
        request: The request.
        input_tokens: Tokens of the prompt.
        limit: Most tokens to write, the context's room included.
        generator: Source of its randomness.
        tokens: Tokens written.
        text: Text written, cut at a stop text.
        told: Characters of it that were told.
        told_tokens: Tokens of it that were told.
        finish_reason: Empty while at work; then `stop`, `length`, `cancelled` or `timeout`.
    """

    request: TextRequest
    input_tokens: int
    limit: int
    generator: torch.Generator
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    told: int = 0
    told_tokens: int = 0
    finish_reason: str = ""

    def rest(self) -> tuple[str, int]:
        """Return the text and number of tokens that were not told yet, and count them as told."""
        text, tokens = self.text[self.told :], len(self.tokens) - self.told_tokens
        self.told, self.told_tokens = len(self.text), len(self.tokens)
        return text, tokens


class BatchedGenerator:
    """Writes texts.

    Args:
        model: A causal model of transformers, on its device and in evaluation mode.
        tokenizer: Its tokenizer.
        context: Most tokens of prompt and text together.
    """

    def __init__(self, model: Any, tokenizer: Any, context: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._context = context
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        ends = model.generation_config.eos_token_id
        self._ends = {*([ends] if isinstance(ends, int) else ends or ()), tokenizer.eos_token_id}

    def encode(self, prompt: str) -> list[int]:
        """Return the tokens of a prompt, begun once, whether or not a chat template has done so.

        Raises:
            PromptTooLongError: They leave no room in the context.
        """
        tokens: list[int] = self._tokenizer(prompt)["input_ids"]
        begin = self._tokenizer.bos_token_id
        if begin is not None and tokens[:2] == [begin, begin]:
            tokens = tokens[1:]
        if len(tokens) >= self._context:
            raise PromptTooLongError(
                f"The prompt has {len(tokens)} tokens, and the model's context holds {self._context}."
            )
        return tokens

    def generate(self, requests: Sequence[TextRequest], prompts: Sequence[list[int]]) -> list[Row]:
        """Return the finished row of each request.

        Args:
            requests: The requests.
            prompts: Their prompts, encoded.
        """
        device = self._model.device
        rows = [self._row(request, prompt) for request, prompt in zip(requests, prompts, strict=True)]
        batch = self._tokenizer.pad(
            {"input_ids": list(prompts)}, padding=True, padding_side="left", return_tensors="pt"
        )
        with torch.inference_mode():
            self._model.generate(
                input_ids=batch["input_ids"].to(device),
                attention_mask=batch["attention_mask"].to(device),
                do_sample=False,
                max_new_tokens=max(row.limit for row in rows),
                pad_token_id=self._tokenizer.pad_token_id,
                logits_processor=LogitsProcessorList([_DrawEachRow(rows)]),
                stopping_criteria=StoppingCriteriaList([_StopEachRow(rows, self._advance)]),
            )
        return rows

    def _row(self, request: TextRequest, prompt: list[int]) -> Row:
        generator = torch.Generator()  # on the CPU, so that a seed means the same on every device
        if request.seed is None:
            generator.seed()
        else:
            generator.manual_seed(request.seed)
        limit = min(request.max_tokens, self._context - len(prompt))
        return Row(request, len(prompt), limit, generator)

    def _advance(self, row: Row, token: int) -> None:
        """Take in a row's next token: text, stop texts, ends and limits."""
        row.tokens.append(token)
        request = row.request
        if token in self._ends:
            row.finish_reason = "stop"
        elif len(row.tokens) >= row.limit:
            row.finish_reason = "length"
        if request.stop or request.on_text or row.finish_reason:
            row.text = self._tokenizer.decode(row.tokens, skip_special_tokens=True)
        found = [place for place in map(row.text.find, request.stop) if place >= 0]
        if found:
            row.text, row.finish_reason = row.text[: min(found)], "stop"
        if request.is_cancelled():
            row.finish_reason = "cancelled"
        elif time.monotonic() >= request.deadline:
            row.finish_reason = "timeout"
        if request.on_text and not row.finish_reason:
            self._tell(row, request.on_text)

    def _tell(self, row: Row, on_text: Callable[[str, int], None]) -> None:
        """Tell the new text, less what may yet change: part of a character or of a stop text."""
        held = max((len(stop) - 1 for stop in row.request.stop), default=0)
        sure = row.text[: len(row.text) - held] if held else row.text
        if len(sure) > row.told and not row.text.endswith(_REPLACEMENT):
            tokens = len(row.tokens) - row.told_tokens
            new, row.told, row.told_tokens = sure[row.told :], len(sure), len(row.tokens)
            on_text(new, tokens)


class _DrawEachRow(LogitsProcessor):
    """Leaves each row one token, drawn as the row asks."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        drawn = torch.full_like(scores, -torch.inf)
        for index, row in enumerate(self._rows):
            drawn[index, _draw(scores[index], row)] = 0
        return drawn


def _draw(logits: torch.Tensor, row: Row) -> int:
    request = row.request
    if request.temperature == 0 or row.finish_reason:
        return int(logits.argmax())
    logits = logits.float() / request.temperature
    if request.top_p < 1:
        ordered, order = logits.sort(descending=True)
        shares = ordered.softmax(-1)
        # a token stays if those before it do not hold the share yet; the first one always does
        out = shares.cumsum(-1) - shares >= request.top_p
        logits[order[out]] = -torch.inf
    uniform = torch.rand(logits.shape, generator=row.generator).clamp_min(1e-20).to(logits.device)
    return int((logits - torch.log(-torch.log(uniform))).argmax())


class _StopEachRow(StoppingCriteria):
    """Takes in each row's token and ends the rows that are finished."""

    def __init__(self, rows: Sequence[Row], advance: Callable[[Row, int], None]) -> None:
        self._rows = rows
        self._advance = advance

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: object) -> torch.Tensor:
        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            if not row.finish_reason:
                self._advance(row, token)
        return torch.tensor([bool(row.finish_reason) for row in self._rows], device=input_ids.device)
