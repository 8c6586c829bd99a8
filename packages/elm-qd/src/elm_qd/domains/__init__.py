"""Toy domains with known optima, for tests, examples and teaching."""

from elm_qd.domains.arm import Arm
from elm_qd.domains.function_optimisation import FunctionOptimisation, rastrigin, sphere
from elm_qd.domains.noisy import NoisyFitness
from elm_qd.domains.string_evolution import StringEvolution

__all__ = ["Arm", "FunctionOptimisation", "NoisyFitness", "StringEvolution", "rastrigin", "sphere"]
