"""What each operator yields with a local model: valid children of the seeds, their time and tokens.

Parents are the environment's seed programs in turn (crossover: as many of them as it has parents), so that
every operator has the same ones. A child counts as valid if the environment could score it, and once only.
Each operator stops after its time or its number of children, whichever is first. Operators that write whole
programs or patches have their own time, since they are slow.

Run from the workspace root (`--model hf` needs the extra `hf` of elm-mutation, `--weights` a GGUF file):
uv run python packages/elm-mutation/benchmarks/operator_yield.py --environment sodarace --model embedded
"""

import argparse
import time

import numpy as np

from elm_envs_images import ImageEvolution
from elm_envs_sodarace import Sodarace
from elm_mutation import Crossover, DiffOperator, Infill, PromptOperator, RandomInfill, TreeEdits, models
from elm_protocols import Individual
from elm_sandbox import Jail

ENVIRONMENTS = {"sodarace": Sodarace, "images": ImageEvolution}


MODELS = {
    "embedded": lambda path: models.embedded(path=path),
    "hf": lambda path: models.hf(id=path),
}
WHOLE = {"max_tokens": 400, "draws": 1}
PATCH = {"max_tokens": 200, "draws": 1}


def quick_operators(model):
    """Those without a model, and those that write a fragment: name -> operator."""
    without = {"ast": TreeEdits(), "random_infill": RandomInfill()} if model is None else {}
    return without or {"infill": Infill(model), "infill, numbers=drawn": Infill(model, numbers="drawn")}


def slow_operators(model):
    """Those that write a whole program or a patch: name -> operator."""
    return {
        "crossover of one parent, thrice": Crossover(model, **WHOLE),
        "crossover of three parents": Crossover(model, **WHOLE),
        "prompt": PromptOperator(model, **WHOLE),
        "diff, search/replace": DiffOperator(model, style="search_replace", **PATCH),
        "diff, unified": DiffOperator(model, style="unified", **PATCH),
        "diff, commit": DiffOperator(model, style="commit", **PATCH),
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
    environment.mutate([(parents[0],)], rng)  # a model's first call may load what the others find loaded
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


def print_rows(environment, handed, model, arguments):
    at_once = max(8, getattr(model, "prompts_at_once", 16))
    slow = {} if model is None else slow_operators(model)
    for name, operator in (quick_operators(model) | slow).items():
        if arguments.only not in name:
            continue
        seconds = arguments.slow_seconds if name in slow else arguments.seconds
        cells = measure(environment, handed, name, operator, at_once, arguments.children, seconds)
        print(f"| {name} | " + " | ".join(map(str, cells)) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", choices=ENVIRONMENTS, default="sodarace")
    parser.add_argument("--model", choices=[*MODELS, "none"], default="embedded")
    parser.add_argument("--weights", default="", help="a GGUF file; empty: SmolLM2-135M")
    parser.add_argument("--seconds", type=float, default=25.0, help="for each quick operator")
    parser.add_argument("--slow-seconds", type=float, default=90.0, help="for each slow operator")
    parser.add_argument("--children", type=int, default=200, help="at most, for each operator")
    parser.add_argument("--only", default="", help="operators with this in their names")
    arguments = parser.parse_args()
    model = None if arguments.model == "none" else MODELS[arguments.model](arguments.weights)
    sandbox, handed = Jail(), Handed()
    try:
        environment = ENVIRONMENTS[arguments.environment](handed, sandbox)
        print(
            "| operator | children asked for | made | unique valid share | unique valid/s "
            "| tokens written a child | unique valid/1000 tokens |\n|---|---|---|---|---|---|---|"
        )
        print_rows(environment, handed, model, arguments)
    finally:
        sandbox.close()


if __name__ == "__main__":
    main()
