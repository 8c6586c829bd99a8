"""What each operator yields with the embedded model: valid children of the seeds, their time and tokens.

Parents are the environment's seed programs in turn (crossover: as many of them as it has parents), so that
every operator has the same ones. A child counts as valid if the environment could score it, and once only.
Each operator stops after its time or its number of children, whichever is first.

Run from the workspace root:
uv run python packages/elm-mutation/benchmarks/operator_yield.py --environment sodarace --seconds 25
"""

import argparse
import time

import numpy as np

from elm_envs_images import ImageEvolution
from elm_envs_sodarace import Sodarace
from elm_mutation import Crossover, DiffOperator, Infill, PromptOperator, RandomInfill, TreeEdits, embedded
from elm_protocols import Individual
from elm_sandbox import Jail

ENVIRONMENTS = {"sodarace": Sodarace, "images": ImageEvolution}


def operators(model):
    """Name -> operator, and children asked for at a time."""
    whole = {"max_tokens": 400, "concurrency": 2, "draws": 1}
    patch = {"max_tokens": 200, "concurrency": 2, "draws": 1}
    return {
        "ast": (TreeEdits(), 16),
        "random_infill": (RandomInfill(), 16),
        "infill": (Infill(model), 8),
        "infill, numbers=drawn": (Infill(model, numbers="drawn"), 8),
        "crossover of one parent, thrice": (Crossover(model, **whole), 2),
        "crossover of three parents": (Crossover(model, **whole), 2),
        "prompt": (PromptOperator(model, **whole), 2),
        "diff, search/replace": (DiffOperator(model, style="search_replace", **patch), 2),
        "diff, unified": (DiffOperator(model, style="unified", **patch), 2),
        "diff, commit": (DiffOperator(model, style="commit", **patch), 2),
    }


class Handed:
    """A mutation model that hands on to the operator under test."""

    operator = None

    def generate(self, requests):
        return self.operator.generate(requests)


def measure(environment, handed, name, operator, at_once, most, seconds):
    rng = np.random.default_rng(0)
    seeds = [child.genotype for child in environment.random(7, rng)]
    parents = [Individual(i, seed, 0.0, ()) for i, seed in enumerate(seeds)]
    several = 3 if "three" in name else 1
    handed.operator = operator
    children, spent, valid = [], 0.0, set()
    while spent < seconds and len(children) < most:
        first = len(children)
        groups = [
            tuple(parents[(first + k + j) % len(parents)] for j in range(several)) for k in range(at_once)
        ]
        begin = time.perf_counter()
        made = environment.mutate(groups, rng)
        spent += time.perf_counter() - begin
        children += made
        texts = [child.genotype for child in made if child.ok]
        valid |= {text for text, score in zip(texts, environment.evaluate(texts), strict=True) if score.ok}
    tokens = sum(child.origin.usage.completion_tokens for child in children)
    made = sum(child.ok for child in children)
    per_thousand = f"{1000 * len(valid) / tokens:.3g}" if tokens else "no tokens"
    return (
        len(children),
        f"{made / len(children):.2f}",
        f"{len(valid) / len(children):.2f}",
        f"{len(valid) / spent:.2g}",
        f"{tokens / len(children):.3g}",
        per_thousand,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", choices=ENVIRONMENTS, default="sodarace")
    parser.add_argument("--seconds", type=float, default=25.0, help="for each operator")
    parser.add_argument("--children", type=int, default=200, help="at most, for each operator")
    arguments = parser.parse_args()
    sandbox, handed = Jail(), Handed()
    try:
        environment = ENVIRONMENTS[arguments.environment](handed, sandbox)
        print(
            "| operator | children asked for | made | unique valid share | unique valid/s "
            "| tokens written a child | unique valid/1000 tokens |\n|---|---|---|---|---|---|---|"
        )
        for name, (operator, at_once) in operators(embedded()).items():
            cells = measure(
                environment, handed, name, operator, at_once, arguments.children, arguments.seconds
            )
            print(f"| {name} | " + " | ".join(map(str, cells)) + " |", flush=True)
    finally:
        sandbox.close()


if __name__ == "__main__":
    main()
