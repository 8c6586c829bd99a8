"""QD score at equal evaluations: random search, ribs' MAP-Elites, and the algorithms here.

Run: uv run --package elm-qd --group bench python packages/elm-qd/benchmarks/convergence.py
ribs runs its GridArchive with a GaussianEmitter of the same sigma, bounds and batch size; its emitter begins
from uniform points as ours does. The second table is of noise: what re-evaluation and a deep grid change.
"""

import argparse
import warnings

import numpy as np

from elm_qd import Budget, CVTMAPElites, DeepGridMAPElites, GeneticAlgorithm, GridArchive, MAPElites, search
from elm_qd.domains import Arm, FunctionOptimisation, NoisyFitness

warnings.simplefilter("ignore")
from ribs.archives import GridArchive as RibsArchive  # noqa: E402
from ribs.emitters import GaussianEmitter  # noqa: E402

BINS, BATCH = 20, 50
DOMAINS = {
    "sphere": (FunctionOptimisation(variables=10), -265.0, 10, 5.12),
    "rastrigin": (FunctionOptimisation(function="rastrigin", variables=10), -410.0, 10, 5.12),
    "arm": (Arm(), -np.pi, 8, np.pi),
}


def passive(environment, offset, genotypes):
    """Return the QD score of all individuals in a grid, whatever algorithm made them."""
    archive = GridArchive(environment.behavior_space, BINS, qd_offset=offset)
    evaluations = environment.evaluate(genotypes)
    archive.add(genotypes, [e.fitness for e in evaluations], [e.measures for e in evaluations])
    return archive.statistics().qd_score


def random_search(environment, offset, individuals, seed):
    children = environment.random(individuals, np.random.default_rng(seed))
    return passive(environment, offset, [child.genotype for child in children])


def ribs_search(environment, offset, size, bound, individuals, seed):
    bounds = environment.behavior_space.bounds
    archive = RibsArchive(
        solution_dim=size, dims=[BINS, BINS], ranges=bounds, qd_score_offset=offset, seed=seed
    )
    rng = np.random.default_rng(seed)
    emitter = GaussianEmitter(
        archive,
        sigma=0.05 * 2 * bound,
        initial_solutions=rng.uniform(-bound, bound, (BATCH, size)),
        bounds=[(-bound, bound)] * size,
        batch_size=BATCH,
        seed=seed,
    )
    for _ in range(individuals // BATCH):
        solutions = emitter.ask()
        evaluations = environment.evaluate(solutions.tolist())
        archive.add(solutions, [e.fitness for e in evaluations], [e.measures for e in evaluations])
    return archive.stats.qd_score


class Seen:
    def __init__(self):
        self.genotypes = []

    def on_step(self, step):
        self.genotypes += [child.genotype for child in step.offspring]


def own_search(algorithm, environment, offset, individuals, seed):
    seen = Seen()
    budget = Budget(individuals=individuals)
    search(algorithm, environment, seed=seed, budget=budget, batch_size=BATCH, observers=[seen])
    return passive(environment, offset, seen.genotypes)


def table(individuals, seeds):
    print(f"QD score of everything seen, {individuals} evaluations, mean (sd) of {seeds} seeds")
    for name, (environment, offset, size, bound) in DOMAINS.items():
        space = environment.behavior_space
        runs = {
            "random search": lambda seed: random_search(environment, offset, individuals, seed),
            "ribs MAP-Elites": lambda seed: ribs_search(environment, offset, size, bound, individuals, seed),
        }
        algorithms = {
            "mapelites": lambda rng: MAPElites(space, rng, bins=(BINS,)),
            "mapelites, 2 parents": lambda rng: MAPElites(space, rng, bins=(BINS,), parents=2),
            "mapelites, curiosity": lambda rng: MAPElites(space, rng, bins=(BINS,), selector="curiosity"),
            "mapelites, novelty": lambda rng: MAPElites(space, rng, bins=(BINS,), selector="novelty"),
            "mapelites, fitness": lambda rng: MAPElites(space, rng, bins=(BINS,), selector="fitness"),
            "cvtmapelites": lambda rng: CVTMAPElites(space, rng, niches=BINS * BINS),
            "deepgridmapelites": lambda rng: DeepGridMAPElites(space, rng, bins=(BINS,)),
            "genetic": lambda rng: GeneticAlgorithm(space, rng),
        }
        for label, make in algorithms.items():
            runs[label] = lambda seed, make=make: own_search(
                make(np.random.default_rng(seed)), environment, offset, individuals, seed
            )
        for label, run in runs.items():
            scores = [float(run(seed)) for seed in range(seeds)]
            print(f"{name:10} {label:22} {np.mean(scores):10.0f} ({np.std(scores):.0f})", flush=True)


def noise(individuals, seeds):
    print(f"sphere of 6 variables with Gaussian noise of sd 20, {individuals} evaluations, {seeds} seeds")
    clean = FunctionOptimisation(variables=6)
    space = clean.behavior_space
    for label, make in {
        "mapelites": lambda rng: MAPElites(space, rng, bins=(10,)),
        "mapelites, reevaluation=0.25": lambda rng: MAPElites(space, rng, bins=(10,), reevaluation=0.25),
        "mapelites, reevaluation=0.5": lambda rng: MAPElites(space, rng, bins=(10,), reevaluation=0.5),
        "deepgridmapelites": lambda rng: DeepGridMAPElites(space, rng, bins=(10,)),
    }.items():
        true, excess = [], []
        for seed in range(seeds):
            noisy = NoisyFitness(clean, 20.0, np.random.default_rng(100 + seed))
            algorithm = make(np.random.default_rng(seed))
            search(algorithm, noisy, seed=seed, budget=Budget(individuals=individuals), batch_size=32)
            best = {}
            for elite, niche in zip(
                algorithm.archive.individuals(range(len(algorithm.archive))),
                algorithm.archive.niches.tolist(),
                strict=True,
            ):
                if niche not in best or elite.fitness > best[niche].fitness:
                    best[niche] = elite
            fitness = np.array([e.fitness for e in clean.evaluate([b.genotype for b in best.values()])])
            true.append((fitness + 157.3).sum())
            excess.append(np.mean([b.fitness for b in best.values()] - fitness))
        print(
            f"{label:30} true QD score {np.mean(true):8.0f}   overestimate {np.mean(excess):5.1f}", flush=True
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--individuals", type=int, default=5000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    table(options.individuals, options.seeds)
    noise(options.individuals, options.seeds)


if __name__ == "__main__":
    main()
