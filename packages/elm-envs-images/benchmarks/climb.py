"""Do searches climb? Best fitness, filled niches and share of valid children of short searches.

In the workspace, where all packages are installed (the operator infill also needs the embedded model):

    uv run python packages/elm-envs-images/benchmarks/climb.py --individuals 2000 --pictures /tmp/pictures
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from elm_envs_images import FITNESS_NAMES, TARGET_NAMES, ImageEvolution
from elm_envs_images.drawing_programs import SEED_NAMES
from elm_mutation import Infill, RandomInfill, TreeEdits, embedded
from elm_qd import Budget, MAPElites, search
from elm_sandbox import Jail

OPERATORS = {"ast": TreeEdits, "random_infill": RandomInfill, "infill": lambda: Infill(embedded())}


class Family:
    """Remembers every child, so that a lineage can be drawn, and the best fitness along the way."""

    def __init__(self):
        self.children = []
        self.best = []
        self.valid = 0

    def on_step(self, step):
        self.children += step.offspring
        self.valid += sum(evaluation.ok for evaluation in step.evaluations)
        self.best.append((len(self.children), step.statistics.best))

    def lineage(self, individual):
        """Genotypes from the seed to the individual of this id."""
        line = [self.children[individual]]
        while line[-1].parents:
            line.append(self.children[line[-1].parents[0]])
        return [child.genotype for child in reversed(line)]

    def best_after(self, count):
        return max((best for told, best in self.best if told <= count), default=float("nan"))


def run(environment, seed, individuals):
    family = Family()
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(seed))
    began = time.perf_counter()
    result = search(
        algorithm,
        environment,
        seed=seed,
        budget=Budget(individuals=individuals),
        batch_size=20,
        observers=[family],
    )
    return algorithm, family, result.statistics, time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--individuals", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--targets", nargs="+", default=["circle", "landscape"], choices=TARGET_NAMES)
    parser.add_argument("--fitness", default="mae", choices=FITNESS_NAMES)
    parser.add_argument("--operators", nargs="+", default=["ast", "random_infill"], choices=OPERATORS)
    parser.add_argument(
        "--seeds", nargs="+", default=["empty"], choices=SEED_NAMES, help="programs to begin with"
    )
    parser.add_argument("--pictures", type=Path, help="folder for the pictures of each first run")
    options = parser.parse_args()
    stops = [options.individuals // 10, options.individuals // 2, options.individuals]
    print(f"{options.fitness}, begun with {', '.join(options.seeds)}; medians of {options.repeats} runs.")
    print(
        "| target | operator | first |",
        " | ".join(f"best at {stop}" for stop in stops),
        "| valid | niches | /s |",
    )
    print("|---|---|---|" + "---|" * (len(stops) + 3))
    sandbox = Jail()
    for target in options.targets:
        for operator in options.operators:
            environment = ImageEvolution(
                OPERATORS[operator](),
                sandbox,
                target=target if options.fitness in ("mae", "ssim") else None,
                fitness=options.fitness,
                seeds=tuple(options.seeds),
            )
            rows = []
            for seed in range(options.repeats):
                algorithm, family, figures, seconds = run(environment, seed, options.individuals)
                rows.append(
                    [family.best[0][1]]
                    + [family.best_after(stop) for stop in stops]
                    + [family.valid / figures.individuals, figures.filled, figures.individuals / seconds]
                )
                if seed == 0 and options.pictures:
                    folder = options.pictures / f"{target}-{operator}"
                    folder.mkdir(parents=True, exist_ok=True)
                    elites = algorithm.elites()
                    environment.illustrate(elites, folder)
                    environment.illustrate_lineage(family.lineage(elites[0].id), folder)
            medians = [statistics.median(column) for column in zip(*rows, strict=True)]
            *scores, valid, niches, rate = medians
            cells = [f"{score:.3f}" for score in scores]
            print(
                "|",
                " | ".join([target, operator, *cells, f"{valid:.0%}", f"{niches:.0f}", f"{rate:.0f}"]),
                "|",
                flush=True,
            )
    sandbox.close()


if __name__ == "__main__":
    main()
