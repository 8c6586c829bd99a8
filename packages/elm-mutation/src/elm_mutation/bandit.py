"""Several operators at once, and a bandit that gives more children to those that earn more.

Credit is what an operator's children add to the archive for what they cost. Shares are drawn by Thompson
sampling (Thompson 1933; for operators of evolution see Fialho et al. (2010), "Analyzing bandit-based
adaptive operator selection mechanisms"): for each child every operator's gain is drawn from a normal
distribution around its estimate, and the highest makes the child.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from elm_protocols import AddStatus, Completion, MutationModel, MutationRequest, Step, UserError

_Z = 1.96  # of a 95 % confidence interval
_TRIALS = 8  # children of each operator before its figures are used


@dataclass(frozen=True, slots=True)
class Account:
    """What an operator earned and cost, as sums over its children.

    Attributes:
        children: How many.
        gain: Improvement of the archive, in the unit of fitness; a rejected child adds 0.
        cost: In the bandit's unit.
        gain_squared: Sum of the squares of each child's gain.
        cost_squared: Sum of the squares of each child's cost.
        product: Sum of gain times cost.
    """

    children: int = 0
    gain: float = 0.0
    cost: float = 0.0
    gain_squared: float = 0.0
    cost_squared: float = 0.0
    product: float = 0.0

    def credited(self, gain: float, cost: float) -> Account:
        """Return the account with one more child."""
        return Account(
            self.children + 1,
            self.gain + gain,
            self.cost + cost,
            self.gain_squared + gain * gain,
            self.cost_squared + cost * cost,
            self.product + gain * cost,
        )

    @property
    def rate(self) -> float:
        """Gain for one unit of cost; 0 before anything was spent."""
        return self.gain / self.cost if self.cost else 0.0

    @property
    def error(self) -> float:
        """Standard error of `rate`, by the delta method for a ratio of means; infinite with one child."""
        if self.children < 2 or not self.cost:
            return math.inf
        # Sum of (gain - rate * cost) squared; the mean of these is 0.
        left_over = self.gain_squared - 2 * self.rate * self.product + self.rate**2 * self.cost_squared
        variance = max(0.0, left_over) / (self.children - 1)
        return math.sqrt(variance / self.children) / (self.cost / self.children)


class OperatorBandit:
    """Shares the children among several operators, by weight or by what each has earned.

    It is a `MutationModel`, and a `RunObserver` that must be told of every step to learn from (of a resumed
    run's earlier ones too). With cost `tokens` or `children` the shares are decided by the seeds and the run
    alone; `seconds` are the clock's.

    Args:
        operators: The operators by name (an operator with its model); the name is written to each child's
            origin.
        weights: Share of each, adaptive or not; empty: equal.
        adaptive: Shift the shares to what earns more.
        cost: What gain is divided by: `tokens` (at least one a child), `seconds`, or `children`.
        floor: Share that is always given by weight, 0 to 1, so that none is forgotten.

    Raises:
        UserError: An option is out of range.
    """

    def __init__(
        self,
        operators: Mapping[str, MutationModel],
        *,
        weights: Mapping[str, float] | None = None,
        adaptive: bool = True,
        cost: str = "tokens",
        floor: float = 0.1,
    ) -> None:
        if not operators:
            raise UserError("A bandit needs at least one operator.")
        if cost not in ("tokens", "seconds", "children"):
            raise UserError(f"Option 'cost' must be tokens, seconds or children, not '{cost}'.")
        if not 0 <= floor <= 1:
            raise UserError(f"Option 'floor' must be between 0 and 1, not {floor}.")
        strangers = sorted(set(weights or {}) - set(operators))
        if strangers:
            raise UserError(f"Option 'weights' names '{strangers[0]}', which is none of the operators.")
        self._operators = dict(operators)
        self._weights = np.array([(weights or {}).get(name, 0.0 if weights else 1.0) for name in operators])
        if not (self._weights >= 0).all() or not self._weights.sum():
            raise UserError("Weights of operators must be 0 or more, and name one of them.")
        self._weights = self._weights / self._weights.sum()
        self._adaptive = adaptive
        self._cost = cost
        self._floor = floor
        self.accounts = {name: Account() for name in operators}

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        """Return one completion a request, in order, each by the operator that is drawn for it."""
        chosen = [self._choose(np.random.default_rng([request.seed, 1])) for request in requests]
        completions: dict[int, Completion] = {}
        for name, operator in self._operators.items():
            places = [place for place, choice in enumerate(chosen) if choice == name]
            if places:
                made = operator.generate([requests[place] for place in places])
                completions |= {
                    place: replace(child, origin=replace(child.origin, operator=name))
                    for place, child in zip(places, made, strict=True)
                }
        return [completions[place] for place in range(len(requests))]

    def _choose(self, rng: np.random.Generator) -> str:
        names = list(self._operators)
        used = [name for name, weight in zip(names, self._weights, strict=True) if weight]
        untried = [name for name in used if self.accounts[name].children < _TRIALS]
        if not self._adaptive or untried or rng.random() < self._floor:
            return names[int(rng.choice(len(names), p=self._weights))]
        draws = [rng.normal(self.accounts[name].rate, self.accounts[name].error) for name in used]
        return used[int(np.argmax(draws))]

    def on_step(self, step: Step) -> None:
        """Credit each operator with what its children added to the archive."""
        for child, addition in zip(step.offspring, step.additions, strict=True):
            account = self.accounts.get(child.origin.operator)
            if account is None:
                continue
            better = addition.status in (AddStatus.NEW, AddStatus.IMPROVED)
            usage = child.origin.usage
            cost = {"tokens": max(1, usage.tokens), "seconds": usage.seconds, "children": 1}[self._cost]
            gain = max(0.0, addition.improvement) if better else 0.0
            # Replaced whole, since threads that make children read it meanwhile.
            self.accounts[child.origin.operator] = account.credited(gain, float(cost))

    def table(self) -> str:
        """Return a table in Markdown: children, gain, cost and rate with its confidence interval."""
        rows = [
            ("operator", "children", "gain", self._cost, f"gain / {self._cost} (95 % interval)"),
            *(_row(name, account) for name, account in self.accounts.items()),
        ]
        rows[1:] = sorted(rows[1:], key=lambda row: -self.accounts[row[0]].rate)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        header, *body = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in rows
        ]
        return "\n".join([header, "|" + "|".join("-" * (width + 2) for width in widths) + "|", *body])


def _row(name: str, account: Account) -> tuple[str, ...]:
    low, high = account.rate - _Z * account.error, account.rate + _Z * account.error
    spread = f"{low:.3g} to {high:.3g}" if math.isfinite(account.error) else "unknown"
    figures = (str(account.children), f"{account.gain:.4g}", f"{account.cost:.4g}")
    return (name, *figures, f"{account.rate:.3g} ({spread})")
