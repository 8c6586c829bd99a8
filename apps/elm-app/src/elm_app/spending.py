"""What a run may spend on language models, looked at before each request; a resumed run counts on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elm_mutation import BudgetedModel, Prices, Spending, SpendingLimits
from elm_protocols import Origin, Usage, UserError

if TYPE_CHECKING:
    from elm_mutation.counted_calls import SpendingCallback


class RunSpending:
    """The spending of a run's models, each with its prices.

    Args:
        budget: The configuration's.
        model: Name of the model that is asked where a child's origin names none.

    Raises:
        UserError: If a limit or a price is out of range, or a limit in money has no prices.
    """

    def __init__(self, budget: Mapping[str, Any], model: str) -> None:
        self._prices = _prices(budget.get("prices") or {})
        self._limit = budget.get("money") or 0.0
        if self._limit and not self._prices:
            raise UserError("budget.money needs prices, for example budget.prices={chat:[0.4,1.6]}.")
        self._model = model
        self._callbacks: list[SpendingCallback] = []
        self._spending = Spending(
            SpendingLimits(
                tokens=budget.get("tokens") or 0, requests=budget.get("requests") or 0, money=self._limit
            )
        )

    @property
    def exhausted(self) -> str:
        """Why a request was not made; empty as long as none was refused."""
        return self._spending.exhausted

    def around(self, model: Any, name: str) -> BudgetedModel:
        """Return a model that asks `model`, called `name`, as long as the run may spend."""
        return BudgetedModel(model, self._spending, self._price(name))

    def watched(self, model: Any, name: str) -> Any:
        """Return `model`, called `name`, for an environment's own calls, which then count as the run's."""
        from elm_mutation.counted_calls import SpendingCallback  # noqa: PLC0415 (an extra)

        callback = SpendingCallback(self._spending, self._price(name))
        self._callbacks.append(callback)
        return model.model_copy(update={"callbacks": [callback]})

    def recall(self, origins: Iterable[Origin]) -> None:
        """Count what earlier sessions spent on children."""
        for origin in origins:
            name = origin.operator.partition("@")[2] or self._model
            self._spending.settle(Usage(), 0.0, origin.usage, self._price(name).cost(origin.usage))

    def report(self) -> list[str]:
        """Return what there is to say of spending beyond the tokens of the children, a sentence each."""
        told = []
        asked = sum((callback.spent for callback in self._callbacks), Usage())
        if asked.requests:
            told.append(
                f"Requests of the environment itself: {asked.requests} ({asked.prompt_tokens} tokens read, "
                f"{asked.completion_tokens} written)."
            )
        if self._prices:
            of_limit = f" of {self._limit:g}" if self._limit else ""
            told.append(f"Money spent: {self._spending.money:.4g}{of_limit}.")
        return told

    def _price(self, name: str) -> Prices:
        return self._prices.get(name, Prices())


def _prices(given: Any) -> dict[str, Prices]:
    form = (
        "budget.prices gives each model two prices of a million tokens, read and written: {chat:[0.4,1.6]}."
    )
    if not isinstance(given, Mapping):
        raise UserError(form)
    prices = {}
    for name, pair in given.items():
        if not (
            isinstance(pair, Sequence) and [type(price) in (int, float) for price in pair] == [True, True]
        ):
            raise UserError(form)
        prices[str(name)] = Prices(float(pair[0]), float(pair[1]))
    return prices
