"""Figures of both environments on the embedded model, as tables in Markdown.

    uv run python packages/elm-envs-prompts/benchmarks/evolve_prompts.py speed
    uv run python packages/elm-envs-prompts/benchmarks/evolve_prompts.py replies
    uv run python packages/elm-envs-prompts/benchmarks/evolve_prompts.py gain --seconds 60

speed: evaluations a second, as one batch and one by one. replies: share of usable replies of a judge held to
the schema, and how often each judge names the labels that the domain's own texts were written for. gain: the
fittest prompt's score on held-out examples against the seed prompts', after a search of so many seconds.
"""

import argparse
import time

import numpy as np

from elm_envs_prompts import QDAIF, PromptEvolution, load_domain
from elm_envs_prompts.judging import Judgement, LikelihoodJudge, ReplyJudge
from elm_mutation import embedded
from elm_mutation.crossover import Crossover
from elm_qd import Budget, MAPElites, search

TASKS = ("target_word", "antonyms", "animals", "arithmetic")


def rate(environment, genotypes, *, batched):
    begin = time.perf_counter()
    groups = [genotypes] if batched else [[genotype] for genotype in genotypes]
    for group in groups:
        environment.evaluate(group)
    return len(genotypes) / (time.perf_counter() - begin)


def speed(model):
    print("| environment | evaluations/s, one batch | one by one | ratio |\n|---|---|---|---|")
    operator = Crossover(model)
    domains = [(f"qdaif, {name}", QDAIF(operator, model, domain=name)) for name in ("poetry",)]
    tasks = [(f"prompt_evolution, {name}", PromptEvolution(operator, model, task=name)) for name in TASKS]
    for name, environment in [*domains, *tasks]:
        seeds = list(
            dict.fromkeys(str(child.genotype) for child in environment.random(8, np.random.default_rng(0)))
        )
        genotypes = [child.genotype for child in environment.random(8, np.random.default_rng(0))][
            : len(seeds)
        ]
        # Words are added so that neither way finds what the other one left in the model's slots.
        fresh = iter(range(100))
        variants = [[extended(genotype, next(fresh)) for genotype in genotypes] for _ in range(4)]
        batched = [rate(environment, variants[index], batched=True) for index in (0, 2)]
        single = [rate(environment, variants[index], batched=False) for index in (1, 3)]
        best, other = max(batched), max(single)
        print(f"| {name} | {best:.2f} | {other:.2f} | {best / other:.2f} |", flush=True)


def service_speed(seconds=0.2):
    """The same for a stand-in of a service that takes `seconds` for each reply, however many are asked."""
    from langchain_core.runnables import RunnableLambda

    def answer(prompt, **settings):
        time.sleep(seconds)
        return '{"quality": 5, "genre": "haiku", "tone": "dark"}'

    environment = QDAIF(Crossover(None), RunnableLambda(answer))
    texts = [child.genotype for child in environment.random(8, np.random.default_rng(0))]
    rates = [[rate(environment, texts, batched=way) for way in (True, False)] for _ in range(3)]
    batched, single = (max(column) for column in zip(*rates, strict=True))
    name = f"qdaif, poetry, stand-in of a service with {seconds} s a reply"
    print(f"| {name} | {batched:.1f} | {single:.1f} | {batched / single:.1f} |")


def extended(genotype, number):
    if isinstance(genotype, dict):
        return {name: f"Number {number}. {text}" for name, text in genotype.items()}
    return f"Number {number}. {genotype}"


def replies(model):
    print("| domain | judge | replies usable | labels as written for |\n|---|---|---|---|")
    for name in ("poetry", "opinions", "stories"):
        domain = load_domain(name)
        texts = [seed.text for seed in domain.seeds]
        for judge in (LikelihoodJudge(domain, model), ReplyJudge(domain, model)):
            judged = judge.judge(texts, 0)
            hits = [
                f"{axis.name} "
                + str(
                    sum(
                        isinstance(one, Judgement) and one.label(axis) == seed.labels[axis.name]
                        for one, seed in zip(judged, domain.seeds, strict=True)
                    )
                )
                for axis in domain.axes
            ]
            kind = type(judge).__name__.removesuffix("Judge").lower()
            usable = f"{judge.replies.usable} of {judge.replies.asked}"
            print(f"| {name} | {kind} | {usable} | {', '.join(hits)} of {len(texts)} |", flush=True)


def gain(model, tasks, seconds):
    print("| task | children | valid | final table |\n|---|---|---|---|")
    for task in tasks:
        environment = PromptEvolution(Crossover(model), model, task=task)
        algorithm = MAPElites(
            environment.behavior_space, np.random.default_rng(0), bins=(6,), parents=2, reevaluation=0.2
        )
        search(algorithm, environment, seed=0, budget=Budget(seconds=seconds), observers=(environment,))
        figures = algorithm.statistics()
        told = "; ".join(text for _, text in environment.report(algorithm.elites()))
        print(f"| {task} | {figures.individuals} | {figures.valid_share:.0%} | {told} |", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("speed", "replies", "gain"))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    options = parser.parse_args()
    model = embedded()
    if options.what == "speed":
        speed(model)
        service_speed()
    elif options.what == "replies":
        replies(model)
    else:
        gain(model, options.tasks, options.seconds)


if __name__ == "__main__":
    main()
