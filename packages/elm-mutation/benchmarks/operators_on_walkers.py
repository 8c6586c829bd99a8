"""What each operator brings on Sodarace: valid children, their price, the archive at equal evaluations.

Run from the workspace root:
uv run python packages/elm-mutation/benchmarks/operators_on_walkers.py --operators ast,random_infill,infill
"""

import argparse
import statistics
import time

import numpy as np

from elm_envs_sodarace import Sodarace
from elm_mutation import Infill, RandomInfill, TreeEdits, embedded
from elm_mutation.crossover import Crossover
from elm_mutation.diffs import DiffOperator
from elm_mutation.prompted import PromptOperator
from elm_qd import Budget, MAPElites, search
from elm_sandbox import Jail

CACHE = {}


def model():
    if "model" not in CACHE:
        CACHE["model"] = embedded()
    return CACHE["model"]


OPERATORS = {
    "ast": TreeEdits,
    "random_infill": RandomInfill,
    "infill": lambda: Infill(model()),
    "infill_drawn": lambda: Infill(model(), numbers="drawn"),
    "crossover": lambda: Crossover(model(), max_tokens=400),
    "prompt": lambda: PromptOperator(model(), max_tokens=400),
    "diff": lambda: DiffOperator(model(), style="search_replace", max_tokens=200),
    "diff_commit": lambda: DiffOperator(model(), style="commit", max_tokens=200),
}


class Clock:
    """A mutation model that notes how long another one takes and what it gives."""

    def __init__(self, operator):
        self.operator = operator
        self.seconds = 0.0
        self.completions = []

    def generate(self, requests):
        begin = time.perf_counter()
        completions = self.operator.generate(requests)
        self.seconds += time.perf_counter() - begin
        self.completions += completions
        return completions


class Valid:
    """An observer that keeps the programs that could be scored."""

    def __init__(self):
        self.programs = set()
        self.children = 0

    def on_step(self, step):
        for child, evaluation in zip(step.offspring, step.evaluations, strict=True):
            if child.parents:
                self.children += 1
                if evaluation.ok:
                    self.programs.add(child.genotype)


def run(operator, evaluations, seed, parents):
    clock, valid = Clock(operator), Valid()
    sandbox = Jail()
    try:
        environment = Sodarace(clock, sandbox, duration=10.0)
        algorithm = MAPElites(environment.behavior_space, np.random.default_rng(seed), parents=parents)
        budget = Budget(individuals=evaluations)
        search(algorithm, environment, seed=seed, budget=budget, observers=[valid])
    finally:
        sandbox.close()
    figures = algorithm.statistics()
    tokens = sum(c.origin.usage.completion_tokens for c in clock.completions)
    lost = sum(sum(c.origin.lost.values()) for c in clock.completions)
    return {
        "unique valid share": len(valid.programs) / max(1, valid.children),
        "unique valid/s": len(valid.programs) / clock.seconds,
        "tokens/child": tokens / max(1, len(clock.completions)),
        "lost draws/child": lost / max(1, len(clock.completions)),
        "coverage %": 100 * figures.coverage,
        "QD score": figures.qd_score,
        "best": figures.best,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operators", default="ast,random_infill,infill")
    parser.add_argument("--evaluations", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    header = None
    for name in arguments.operators.split(","):
        parents = 3 if name == "crossover" else 1
        runs = [
            run(OPERATORS[name](), arguments.evaluations, seed, parents) for seed in range(arguments.seeds)
        ]
        if header is None:
            header = list(runs[0])
            print("| operator | " + " | ".join(header) + " |\n|---|" + "---|" * len(header))
        cells = []
        for key in header:
            values = sorted(figures[key] for figures in runs)
            middle = f"{statistics.median(values):.3g}"
            cells.append(middle if len(values) == 1 else f"{middle} ({values[0]:.3g}-{values[-1]:.3g})")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
