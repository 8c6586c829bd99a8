"""Which tokens a grammar allows next: what holds a Transformers model to it, by llguidance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch  # type: ignore[import-not-found,unused-ignore]
from llguidance import LLMatcher, LLTokenizer  # type: ignore[import-not-found,unused-ignore]
from llguidance.gbnf_to_lark import any_to_lark  # type: ignore[import-not-found,unused-ignore]
from llguidance.hf import from_tokenizer  # type: ignore[import-not-found,unused-ignore]

from elm_protocols import ElmError


class GrammarError(ElmError):
    """A grammar that a model cannot be held to. Operators record it as `model-error` of one child."""


class GrammarMasks:
    """Makes masks for the tokens of one model.

    Args:
        tokenizer: A fast tokenizer of Transformers.
        vocabulary: Number of logits that the model gives.
    """

    def __init__(self, tokenizer: Any, vocabulary: int) -> None:
        self._tokenizer: LLTokenizer = from_tokenizer(tokenizer, n_vocab=vocabulary)

    def of(self, grammar: str) -> GrammarMask:
        """Return the mask of one text under a grammar, from `gbnf_grammar` or `json_grammar`.

        Raises:
            GrammarError: It is no grammar.
        """
        matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            reason = " ".join(matcher.get_error().split())[:200]
            raise GrammarError(f"The model cannot be held to this grammar: {reason}.")
        return GrammarMask(matcher)


class GrammarMask:
    """The tokens that one text may go on with."""

    def __init__(self, matcher: LLMatcher) -> None:
        self._matcher = matcher

    def take(self, token: int) -> None:
        """Take note of the token that was written; after the end, of none."""
        if not self._matcher.is_stopped():
            self._matcher.consume_token(token)

    def allowed(self) -> torch.Tensor:
        """Return whether each token may come next, shape (vocabulary,); at the end only its own token."""
        return torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8) > 0


def gbnf_grammar(gbnf: str) -> str:
    """Return a grammar in llama.cpp's notation as one of llguidance.

    Raises:
        GrammarError: It is no grammar.
    """
    try:
        grammar: str = LLMatcher.grammar_from_lark(any_to_lark(gbnf))
    except Exception as error:  # the translation raises plain ones
        raise GrammarError(f"The model cannot be held to this grammar: {error}.") from error
    return grammar


def json_grammar(schema: Mapping[str, object]) -> str:
    """Return the grammar of the JSON texts that a JSON schema allows."""
    grammar: str = LLMatcher.grammar_from_json_schema(json.dumps(schema))
    return grammar
