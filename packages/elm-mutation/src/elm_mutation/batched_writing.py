"""A batch of texts written by a Transformers model, each drawn by a generator of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch  # type: ignore[import-not-found,unused-ignore]
from transformers import (  # type: ignore[import-not-found,unused-ignore]
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from elm_mutation.grammar_masks import GrammarMask, GrammarMasks

_TOP_K = 50
"""Tokens drawn among, where the model's own generation settings do not say: Transformers' default."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One text to be written.

    Attributes:
        prompt: What it continues.
        seed: Of its own generator.
        temperature: Of sampling; 0: always the likeliest token.
        max_tokens: Most tokens of it.
        stop: Texts that end it.
        grammar: What it must be (as `GrammarMasks.of` takes it); empty: anything.
    """

    prompt: str
    seed: int
    temperature: float
    max_tokens: int
    stop: tuple[str, ...]
    grammar: str = ""


@dataclass(frozen=True, slots=True)
class WrittenText:
    """What a model wrote.

    Attributes:
        text: Without the stop text that ended it.
        finished: Whether it ended by itself, not at the token limit.
        prompt_tokens: Tokens read.
        completion_tokens: Tokens written.
    """

    text: str
    finished: bool
    prompt_tokens: int
    completion_tokens: int


def write_together(
    model: Any, tokenizer: Any, draws: Sequence[Draw], masks: Callable[[], GrammarMasks]
) -> list[WrittenText]:
    """Return what `model` writes for each of `draws`, in order; all must have one token limit and stop texts.

    Args:
        model: A causal language model of Transformers.
        tokenizer: Its tokenizer, which pads on the left.
        draws: At least one.
        masks: Returns the masks of grammars for the model's tokens.

    Raises:
        GrammarError: A grammar is none.
    """
    held = [masks().of(draw.grammar) if draw.grammar else None for draw in draws]
    stop, most = draws[0].stop, draws[0].max_tokens
    inputs = tokenizer([draw.prompt for draw in draws], return_tensors="pt", padding=True).to(model.device)
    read = inputs["input_ids"].shape[1]
    processors = [GrammarHold(held, read)] if any(held) else []
    written = model.generate(
        **inputs,
        # The sampling is in a processor, so that each row has its own seed.
        do_sample=False,
        logits_processor=LogitsProcessorList([*processors, SeededSampling(draws, model.generation_config)]),
        max_new_tokens=most,
        pad_token_id=tokenizer.pad_token_id,
        **({"stop_strings": list(stop), "tokenizer": tokenizer} if stop else {}),
    )[:, read:]
    counts = inputs["attention_mask"].sum(dim=1).tolist()
    rows = zip(written, counts, strict=True)
    return [_written_text(tokenizer, tokens, stop, most, count) for tokens, count in rows]


def _written_text(
    tokenizer: Any, tokens: torch.Tensor, stop: Sequence[str], most: int, prompt_tokens: int
) -> WrittenText:
    # Rows that ended before others of the batch are filled with padding.
    ended = ((tokens == tokenizer.eos_token_id) | (tokens == tokenizer.pad_token_id)).nonzero()
    length = int(ended[0]) + 1 if len(ended) else len(tokens)
    text: str = tokenizer.decode(tokens[:length], skip_special_tokens=True)
    cuts = [text.index(mark) for mark in stop if mark in text]
    finished = bool(len(ended)) or bool(cuts) or length < most
    return WrittenText(text[: min(cuts)] if cuts else text, finished, prompt_tokens, length)


class GrammarHold(LogitsProcessor):  # type: ignore[misc,unused-ignore]
    """Leaves each row the tokens that its grammar allows.

    Args:
        masks: One a row; None: the row is held to nothing.
        read: Tokens of the prompts, with their padding.
    """

    def __init__(self, masks: Sequence[GrammarMask | None], read: int) -> None:
        self._masks = masks
        self._read = read

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the logits with minus infinity for what is not allowed, shape (rows, vocabulary)."""
        allowed = torch.ones(scores.shape, dtype=torch.bool)
        for row, mask in enumerate(self._masks):
            if mask is not None:
                if input_ids.shape[1] > self._read:
                    mask.take(int(input_ids[row, -1]))
                allowed[row] = mask.allowed()
        return scores.masked_fill(~allowed.to(scores.device), -torch.inf)


class SeededSampling(LogitsProcessor):  # type: ignore[misc,unused-ignore]
    """Adds to each row's logits the noise of its own generator, so that the highest one is a draw.

    The Gumbel-max trick: the arg max of log p + Gumbel noise is distributed as p (Gumbel 1954; Maddison,
    Tarlow and Minka 2014, "A* Sampling", section 2).

    Args:
        draws: One a row: its seed and temperature.
        config: The model's own settings of generation, for its top_k and top_p.
    """

    def __init__(self, draws: Sequence[Draw], config: GenerationConfig) -> None:
        # On the processor: the same numbers whatever the device.
        self._generators = [torch.Generator().manual_seed(draw.seed) for draw in draws]
        self._temperatures = torch.tensor([[draw.temperature] for draw in draws])
        top_k = _TOP_K if config.top_k is None else config.top_k
        self._truncations = [TopKLogitsWarper(top_k)] if top_k else []
        if config.top_p is not None and config.top_p < 1:
            self._truncations.append(TopPLogitsWarper(config.top_p))

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the logits with noise, shape (rows, tokens of the vocabulary)."""
        temperatures = self._temperatures.to(scores.device)
        drawn = scores.float() / temperatures.clamp(min=1e-6)
        for truncation in self._truncations:
            drawn = truncation(input_ids, drawn)
        return torch.where(temperatures > 0, drawn + self._noise(scores.shape[1]).to(scores.device), scores)

    def _noise(self, tokens: int) -> torch.Tensor:
        rows = [torch.empty(tokens).exponential_(generator=generator) for generator in self._generators]
        return -torch.stack(rows).log()
