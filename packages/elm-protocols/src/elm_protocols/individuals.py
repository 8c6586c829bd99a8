"""Individuals on their way through a search: parents, offspring, evaluations, additions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from elm_protocols.json_values import Genotype, Json

OK = "ok"
"""The status of whatever succeeded. Every other status is a short kebab-case word naming the cause."""

SANDBOX_ERROR = "sandbox-error"
"""The sandbox itself failed. Says nothing of the individual, which is neither scored nor blamed."""


OVER_BUDGET = "budget"
"""The model may be asked no more, since its limits of spending are reached. A search ends on such a child
without telling it, so that it is made when the run is resumed with more to spend."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What was spent on language models.

    Attributes:
        requests: Calls to a model.
        prompt_tokens: Tokens the models read (as the server counts them; cached ones included).
        completion_tokens: Tokens the models wrote.
        seconds: Time the calls took, summed over calls (not wall clock where calls overlap).
    """

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.seconds + other.seconds,
        )

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a child comes from and what it cost.

    Attributes:
        operator: Name of the mutation operator, for example `infill`; `seed` for given individuals.
        model: Name of the language model; empty if none was asked.
        prompt_hash: `content_hash` of the final prompt; empty if none.
        usage: Spent on this child, failed draws included.
        lost: How many earlier draws for this child were discarded, by cause, for example {"syntax": 2}.
    """

    operator: str = ""
    model: str = ""
    prompt_hash: str = ""
    usage: Usage = Usage()
    lost: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Individual:
    """An evaluated member of an archive, as `Algorithm.ask` hands it out as a parent.

    Attributes:
        id: Position in the order in which the algorithm was told of individuals: 0, 1, 2, ...
        genotype: What evolves.
        fitness: Higher is better; finite.
        measures: Point in the behaviour space, one finite number an axis.
        feedback: What its evaluation said of it, for operators that reflect; may be empty.
    """

    id: int
    genotype: Genotype
    fitness: float
    measures: tuple[float, ...]
    feedback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offspring:
    """A child before its evaluation, or the record that none could be made.

    Attributes:
        genotype: The child; None exactly where `status` is not `ok`.
        parents: Ids of its parents; empty for a random or seed individual.
        status: `ok`, or why there is no child (`syntax`, `duplicate`, `no-place`, `model-error`, ...).
        feedback: One line on the failure; empty if none.
        origin: Operator, model and cost.
    """

    genotype: Genotype
    parents: tuple[int, ...] = ()
    status: str = OK
    feedback: str = ""
    origin: Origin = field(default_factory=Origin)

    @property
    def ok(self) -> bool:
        """Whether there is a child."""
        return self.status == OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The result of evaluating one genotype. Failures are results too.

    Attributes:
        fitness: Higher is better; NaN where `status` is not `ok`.
        measures: One number an axis of the environment's behaviour space; empty where `status` is not `ok`.
        status: `ok`, or the cause (`timeout`, `invalid-walker`, ...; environments name their own).
        feedback: One line a person or a model can act on; may be empty.
        artifacts: JSON that a viewer needs to show the phenotype.
        seconds: Wall-clock time of the evaluation.
    """

    fitness: float = math.nan
    measures: tuple[float, ...] = ()
    status: str = OK
    feedback: str = ""
    artifacts: Mapping[str, Json] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the individual is valid and may be scored."""
        return self.status == OK


class AddStatus(StrEnum):
    """What an archive did with an individual."""

    NEW = "new"
    """It fills a niche that was empty."""
    IMPROVED = "improved"
    """It replaces the elite of its niche (or joins the niche, in archives that keep several)."""
    REJECTED = "rejected"
    """Valid, and not better than what the archive holds."""
    INVALID = "invalid"
    """Not an individual that can be scored: failed status, or NaN or infinite fitness or measures."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of one individual told to an algorithm.

    Attributes:
        id: The individual's id.
        status: What the archive did.
        improvement: Gain in fitness over the niche's former elite; for a new niche, over the QD-score
            offset; 0.0 where rejected or invalid.
        niche: Index of the niche; -1 where invalid.
    """

    id: int
    status: AddStatus
    improvement: float = 0.0
    niche: int = -1
