"""Calls that others make of a LangChain model, counted and bounded: an environment's judge, for one.

The operators' own requests are `BudgetedModel`'s. What a judge asks goes past it, straight to LangChain, and
is seen by LangChain's callbacks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage, get_buffer_string
from langchain_core.outputs import LLMResult

from elm_mutation.budget import Prices, Spending, estimated_usage
from elm_mutation.model_calls import tokens_of
from elm_protocols import OverBudgetError, Usage

_LIMITS = ("max_tokens", "max_completion_tokens")  # what LangChain's classes call the most tokens of a reply


class SpendingCallback(BaseCallbackHandler):
    """Counts the calls of a model in a spending, and refuses those beyond its limits.

    It goes into the model's `callbacks`; a call that is refused raises `OverBudgetError`. Likelihoods
    (`score`) are no calls in this sense: only models inside the process give them.

    Args:
        spending: What may be spent.
        prices: What the model's tokens cost.

    Attributes:
        spent: What the calls seen here used.
    """

    raise_error = True  # a call that is refused must not be made
    run_inline = True

    def __init__(self, spending: Spending, prices: Prices) -> None:
        self._spending = spending
        self._prices = prices
        self._held: dict[UUID, Usage] = {}
        self._lock = threading.Lock()
        self.spent = Usage()

    def on_llm_start(
        self, serialized: dict[str, Any], prompts: list[str], *, run_id: UUID, **kwargs: Any
    ) -> None:
        """Hold back what a call may cost.

        Raises:
            OverBudgetError: The limits leave no room for it.
        """
        self._hold(run_id, sum(map(len, prompts)), kwargs)

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        """Hold back what a call may cost.

        Raises:
            OverBudgetError: The limits leave no room for it.
        """
        self._hold(run_id, sum(len(get_buffer_string(turns)) for turns in messages), kwargs)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Put what a call did cost in the place of what was held back for it."""
        self._settle(run_id, _usage(response))

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Count a call that failed as one that brought no tokens."""
        self._settle(run_id, Usage(requests=1))

    def _hold(self, run_id: UUID, letters: int, kwargs: dict[str, Any]) -> None:
        settings = {**(kwargs.get("invocation_params") or {}), **(kwargs.get("options") or {})}
        most = next((settings[name] for name in _LIMITS if isinstance(settings.get(name), int)), 0)
        estimate = estimated_usage(letters, most)
        reason = self._spending.hold(estimate, self._prices.cost(estimate))
        if reason:
            raise OverBudgetError(f"{reason[0].upper()}{reason[1:]}.")
        with self._lock:
            self._held[run_id] = estimate

    def _settle(self, run_id: UUID, spent: Usage) -> None:
        with self._lock:
            held = self._held.pop(run_id, None)
            self.spent += spent if held is not None else Usage()
        if held is not None:
            self._spending.settle(held, self._prices.cost(held), spent, self._prices.cost(spent))


def _usage(response: LLMResult) -> Usage:
    replies: Sequence[Any] = [reply for replies in response.generations for reply in replies[:1]]
    messages = [getattr(reply, "message", None) for reply in replies]
    read, written = tokens_of(response.llm_output or {}, messages[0] if messages else None)
    return Usage(requests=1, prompt_tokens=read, completion_tokens=written)


# LangChain logs what a callback raises, and raises it. A refusal is no fault: it ends the run, which says so.
logging.getLogger("langchain_core.callbacks.manager").addFilter(
    lambda record: SpendingCallback.__name__ not in (record.args or ())
)
