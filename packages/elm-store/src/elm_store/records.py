"""What a reader of a run is given: individuals and steps, flat for tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from elm_protocols import Evaluation, Genotype, Json, Offspring, Origin, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class IndividualRecord:
    """One individual with everything the run knows of it, flat for tables.

    Attributes:
        id: Position in the order in which the algorithm was told of individuals: 0, 1, 2, ...
        step: Index of its step.
        parents: Ids of its parents.
        operator: Name of the mutation operator.
        model: Name of the language model; empty if none.
        prompt_hash: `content_hash` of the final prompt; empty if none.
        offspring_status: `ok`, or why no child could be made.
        offspring_feedback: One line on that failure.
        requests: Calls to a model spent on it.
        prompt_tokens: Tokens the models read for it.
        completion_tokens: Tokens the models wrote for it.
        model_seconds: Time those calls took.
        lost: Earlier draws for this child that were discarded, by cause.
        status: `ok`, or how its evaluation failed.
        fitness: Higher is better; NaN where `status` is not `ok`.
        measures: Point in the behaviour space; empty where `status` is not `ok`.
        feedback: What the evaluation said of it.
        evaluation_seconds: Wall-clock time of the evaluation.
        addition: What the archive did with it: `new`, `improved`, `rejected`, `invalid`.
        improvement: Gain in fitness that it brought.
        niche: Index of its niche; -1 where invalid.
        recorded: When its step was recorded (Unix time, seconds).
        genotype: What evolves; None where no child could be made.
        artifacts: JSON that a viewer needs to show the phenotype.
    """

    id: int
    step: int
    parents: tuple[int, ...]
    operator: str
    model: str
    prompt_hash: str
    offspring_status: str
    offspring_feedback: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    model_seconds: float
    lost: Mapping[str, int]
    status: str
    fitness: float
    measures: tuple[float, ...]
    feedback: str
    evaluation_seconds: float
    addition: str
    improvement: float
    niche: int
    recorded: float
    genotype: Genotype
    artifacts: Mapping[str, Json]

    @property
    def offspring(self) -> Offspring:
        """The child as it went into the search."""
        usage = Usage(self.requests, self.prompt_tokens, self.completion_tokens, self.model_seconds)
        return Offspring(
            genotype=self.genotype,
            parents=self.parents,
            status=self.offspring_status,
            feedback=self.offspring_feedback,
            origin=Origin(self.operator, self.model, self.prompt_hash, usage, self.lost),
        )

    @property
    def evaluation(self) -> Evaluation:
        """Its evaluation as it went into the search."""
        return Evaluation(
            fitness=self.fitness,
            measures=self.measures,
            status=self.status,
            feedback=self.feedback,
            artifacts=self.artifacts,
            seconds=self.evaluation_seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSummary:
    """One step's time and statistics, flat for tables.

    Attributes:
        step: Index of the step.
        recorded: When it was recorded (Unix time, seconds).
        size: How many individuals it told the algorithm of.
        individuals: How many the algorithm was told of up to here.
        valid: How many of them were valid.
        niches: How many niches the archive has.
        filled: How many of them are filled.
        coverage: Filled share of the niches.
        qd_score: Sum over filled niches of (best fitness in the niche - offset).
        best: Highest fitness; NaN while the archive is empty.
        mean: Mean of the niches' best fitness; NaN while empty.
        lowest: Lowest of the niches' best fitness; NaN while empty.
    """

    step: int
    recorded: float
    size: int
    individuals: int
    valid: int
    niches: int
    filled: int
    coverage: float
    qd_score: float
    best: float
    mean: float
    lowest: float
