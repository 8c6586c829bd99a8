"""Value types and interfaces shared by every ELM package."""

from elm_protocols.behavior import Axis, BehaviorSpace, CategoricalAxis, ContinuousAxis
from elm_protocols.environment import Environment, Illustrator, LineageIllustrator, Reporter
from elm_protocols.errors import (
    ElmError,
    MissingExtraError,
    OverBudgetError,
    SandboxUnavailableError,
    UnreadableFileError,
    UserError,
)
from elm_protocols.individuals import (
    OK,
    OVER_BUDGET,
    SANDBOX_ERROR,
    Addition,
    AddStatus,
    Evaluation,
    Individual,
    Offspring,
    Origin,
    Usage,
)
from elm_protocols.json_values import Genotype, Json, canonical_json, content_hash
from elm_protocols.mutation import Completion, MutationModel, MutationRequest
from elm_protocols.sandboxing import Limits, Outcome, OutcomeStatus, Program, Sandbox
from elm_protocols.search import Algorithm, RunObserver, Statistics, Step

__all__ = [
    "OK",
    "OVER_BUDGET",
    "SANDBOX_ERROR",
    "AddStatus",
    "Addition",
    "Algorithm",
    "Axis",
    "BehaviorSpace",
    "CategoricalAxis",
    "Completion",
    "ContinuousAxis",
    "ElmError",
    "Environment",
    "Evaluation",
    "Genotype",
    "Illustrator",
    "Individual",
    "Json",
    "Limits",
    "LineageIllustrator",
    "MissingExtraError",
    "MutationModel",
    "MutationRequest",
    "Offspring",
    "Origin",
    "Outcome",
    "OutcomeStatus",
    "OverBudgetError",
    "Program",
    "Reporter",
    "RunObserver",
    "Sandbox",
    "SandboxUnavailableError",
    "Statistics",
    "Step",
    "UnreadableFileError",
    "Usage",
    "UserError",
    "canonical_json",
    "content_hash",
]
