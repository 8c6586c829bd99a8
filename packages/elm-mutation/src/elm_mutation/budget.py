"""The most that a model may spend: checked before each request, with what is under way counted in."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from elm_mutation.model_calls import AskedModel, Prompt, Reply, ask, conversation_text
from elm_mutation.program_checks import Problem
from elm_protocols import Usage, UserError

OVER_BUDGET = "budget"
"""Status of a child whose model could not be asked for lack of budget."""

_LETTERS_A_TOKEN = 3  # a cautious guess: tokenizers need 3 to 5 letters of code or English a token


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    """What may be spent; 0 everywhere means no limit.

    Attributes:
        tokens: Tokens read and written.
        requests: Calls of the model.
        seconds: Wall-clock time from the first call on.
        money: In the unit of the prices.
        price_of_prompt: Of a million tokens read.
        price_of_completion: Of a million tokens written.
    """

    tokens: int = 0
    requests: int = 0
    seconds: float = 0.0
    money: float = 0.0
    price_of_prompt: float = 0.0
    price_of_completion: float = 0.0

    def __post_init__(self) -> None:
        if min(self.tokens, self.requests, self.seconds, self.money) < 0:
            raise UserError("Limits of spending are 0 (none) or more.")
        if self.money and not (self.price_of_prompt or self.price_of_completion):
            raise UserError("A limit in money needs the prices of a million tokens.")

    def cost(self, usage: Usage) -> float:
        """Return the price of what was used."""
        read = usage.prompt_tokens * self.price_of_prompt
        return (read + usage.completion_tokens * self.price_of_completion) / 1e6


class BudgetedModel:
    """Asks a model as long as its limits allow, and says so once they do not.

    Before a request its cost is estimated from above (prompt by its length, reply by `max_tokens`) and held
    back together with that of the requests under way. What does not fit is not asked: its reply is a problem
    with status `budget`, and `exhausted` says why the run should end.

    Args:
        model: A LangChain model.
        limits: What may be spent.
    """

    def __init__(self, model: AskedModel, limits: SpendingLimits) -> None:
        self.wrapped = model
        self._limits = limits
        self._lock = threading.Lock()
        self._begin: float | None = None
        self._held = Usage()
        self.spent = Usage()
        self.exhausted = ""

    def reply(self, prompt: Prompt, stop: tuple[str, ...], settings: dict[str, object]) -> Reply:
        """Return the model's reply, or a problem with status `budget`."""
        estimate = _estimate(prompt, settings)
        with self._lock:
            self._begin = self._begin or time.monotonic()
            reason = self._reason_against(estimate)
            if reason:
                self.exhausted = reason
                problem = Problem(OVER_BUDGET, reason)
                return Reply("", finished=False, usage=Usage(), model="", problem=problem)
            self._held += estimate
        try:
            reply = ask(self.wrapped, prompt, stop=stop, **settings)
        finally:
            with self._lock:
                self._held += Usage(-1, -estimate.prompt_tokens, -estimate.completion_tokens)
        with self._lock:
            self.spent += reply.usage
        return reply

    def _reason_against(self, estimate: Usage) -> str:
        after = self.spent + self._held + estimate
        limits = self._limits
        if limits.requests and after.requests > limits.requests:
            return f"The budget of {limits.requests} requests is spent."
        if limits.tokens and after.tokens > limits.tokens:
            return f"The budget of {limits.tokens} tokens leaves no room for another request."
        if limits.money and limits.cost(after) > limits.money:
            return f"The budget of {limits.money:g} leaves no room for another request."
        if limits.seconds and self._begin and time.monotonic() - self._begin > limits.seconds:
            return f"The budget of {limits.seconds:g} seconds is spent."
        return ""


def _estimate(prompt: Prompt, settings: dict[str, object]) -> Usage:
    letters = len(str(conversation_text(prompt)))
    most = settings.get("max_tokens", 0)
    return Usage(1, letters // _LETTERS_A_TOKEN + 1, most if isinstance(most, int) else 0)
