"""The most that a model may spend: checked before each request, with what is under way counted in."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from elm_mutation.model_calls import AskedModel, Prompt, Reply, ask, conversation_text
from elm_mutation.program_checks import Problem
from elm_protocols import OVER_BUDGET, Usage, UserError

_LETTERS_A_TOKEN = 3  # a cautious guess: tokenizers need 3 to 5 letters of code or English a token
_ROUNDING = 1e-9  # money is a sum of small floats


@dataclass(frozen=True, slots=True)
class Prices:
    """What a model's tokens cost, in any unit of money.

    Attributes:
        read: Of a million tokens read.
        written: Of a million tokens written.
    """

    read: float = 0.0
    written: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.read < math.inf and 0 <= self.written < math.inf):
            raise UserError(f"Prices are 0 or more, not {self.read} and {self.written}.")

    def cost(self, usage: Usage) -> float:
        """Return the price of what was used."""
        return (usage.prompt_tokens * self.read + usage.completion_tokens * self.written) / 1e6


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    """What may be spent; 0 everywhere means no limit.

    Attributes:
        tokens: Tokens read and written.
        requests: Calls of models.
        seconds: Wall-clock time from the first call on.
        money: In the unit of the prices.
    """

    tokens: int = 0
    requests: int = 0
    seconds: float = 0.0
    money: float = 0.0

    def __post_init__(self) -> None:
        if not min(self.tokens, self.requests, self.seconds, self.money) >= 0:
            raise UserError("Limits of spending are 0 (none) or more.")


class Spending:
    """What models have spent together, and may spend.

    Args:
        limits: What may be spent.
        spent: What was spent before, such as by a resumed run.
        money: What that cost.

    Attributes:
        spent: What was spent.
        money: What it cost.
        exhausted: Why a request was not made; empty as long as none was refused.
    """

    def __init__(self, limits: SpendingLimits, spent: Usage | None = None, money: float = 0.0) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._begin: float | None = None
        self._held = Usage()
        self._held_money = 0.0
        self.spent = spent or Usage()
        self.money = money
        self.exhausted = ""

    def hold(self, estimate: Usage, cost: float) -> str:
        """Hold back what a request may cost at most; return why it must not be made, empty if it may."""
        with self._lock:
            self._begin = self._begin or time.monotonic()
            reason = self._reason_against(estimate, cost)
            if reason:
                self.exhausted = reason
            else:
                self._held += estimate
                self._held_money += cost
            return reason

    def settle(self, estimate: Usage, estimated_cost: float, spent: Usage, cost: float) -> None:
        """Put what a request did cost in the place of what was held back for it."""
        with self._lock:
            self._held += Usage(-estimate.requests, -estimate.prompt_tokens, -estimate.completion_tokens)
            self._held_money -= estimated_cost
            self.spent += spent
            self.money += cost

    def _reason_against(self, estimate: Usage, cost: float) -> str:
        after = self.spent + self._held + estimate
        limits = self._limits
        if limits.requests and after.requests > limits.requests:
            return f"the budget of {limits.requests} requests is spent"
        if limits.tokens and after.tokens > limits.tokens:
            return f"the budget of {limits.tokens} tokens leaves no room for another request"
        if limits.money and self.money + self._held_money + cost > limits.money * (1 + _ROUNDING):
            return f"the budget of {limits.money:g} in money leaves no room for another request"
        if limits.seconds and self._begin and time.monotonic() - self._begin > limits.seconds:
            return f"the budget of {limits.seconds:g} seconds is spent"
        return ""


class BudgetedModel:
    """Asks a model as long as a spending allows, and says so once it does not.

    Before a request its cost is estimated from above (prompt by its length, reply by `max_tokens`) and held
    back together with that of the requests under way. What does not fit is not asked: its reply is a problem
    with status `budget`, and `spending.exhausted` says why the run should end.

    Args:
        model: A LangChain model.
        spending: What may be spent; several models may share it.
        prices: What this model's tokens cost.
    """

    def __init__(self, model: AskedModel, spending: Spending, prices: Prices | None = None) -> None:
        self.wrapped = model
        self.spending = spending
        self._prices = prices or Prices()

    def reply(self, prompt: Prompt, stop: tuple[str, ...], settings: dict[str, object]) -> Reply:
        """Return the model's reply, or a problem with status `budget`."""
        estimate = _estimate(prompt, settings)
        cost = self._prices.cost(estimate)
        reason = self.spending.hold(estimate, cost)
        if reason:
            problem = Problem(OVER_BUDGET, f"{reason[0].upper()}{reason[1:]}.")
            return Reply("", finished=False, usage=Usage(), model="", problem=problem)
        spent = Usage()
        try:
            reply = ask(self.wrapped, prompt, stop=stop, **settings)
            spent = reply.usage
            return reply
        finally:
            self.spending.settle(estimate, cost, spent, self._prices.cost(spent))


def _estimate(prompt: Prompt, settings: dict[str, object]) -> Usage:
    most = settings.get("max_tokens", 0)
    return estimated_usage(len(str(conversation_text(prompt))), most if isinstance(most, int) else 0)


def estimated_usage(letters: int, most: int) -> Usage:
    """Return a cautious guess of what a request uses.

    Args:
        letters: Length of the prompt.
        most: Most tokens of the reply; 0: unknown, and not counted.
    """
    return Usage(1, letters // _LETTERS_A_TOKEN + 1, most)
