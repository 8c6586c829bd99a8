"""Both environments for real: the embedded model writes, answers and judges."""

import numpy as np
import pytest

from elm_envs_prompts import QDAIF, PromptEvolution
from elm_envs_prompts.judging import ReplyJudge
from elm_envs_prompts.text_domain import load_domain
from elm_mutation.crossover import Crossover
from elm_mutation.prompted import PromptOperator
from elm_protocols import Individual

GENERATIONS = 2


def searched(environment, children):
    """Return the elites by niche after a few generations of a plain MAP-Elites, and all children."""
    rng = np.random.default_rng(0)
    archive: dict[tuple[int, ...], Individual] = {}
    made = []
    offspring = environment.random(children, rng)
    for _ in range(GENERATIONS):
        made += offspring
        born = [child.genotype for child in offspring if child.ok]
        for genotype, result in zip(born, environment.evaluate(born), strict=True):
            assert result.ok, result
            individual = Individual(len(made), genotype, result.fitness, result.measures, result.feedback)
            niche = tuple(round(value) for value in result.measures)
            if niche not in archive or archive[niche].fitness < result.fitness:
                archive[niche] = individual
        elites = sorted(archive.values(), key=lambda one: -one.fitness)
        groups = [(elites[index % len(elites)], elites[-1]) for index in range(children)]
        offspring = environment.mutate(groups, rng)
    return elites, made + offspring


@pytest.mark.parametrize("task", ["target_word", "antonyms", "animals", "arithmetic"])
def test_prompts_evolve(embedded_model, task):
    environment = PromptEvolution(
        Crossover(embedded_model), embedded_model, task=task, examples=2, held_out_elites=1
    )
    elites, made = searched(environment, 3)
    assert all(child.ok for child in made[:3])
    assert sum(child.ok for child in made[3:]) >= 3
    if task == "antonyms":
        assert "for the fittest" in dict(environment.report(elites))["held-out score"]


def test_poems_evolve(embedded_model, tmp_path):
    environment = QDAIF(Crossover(embedded_model), embedded_model)
    elites, made = searched(environment, 4)
    assert sum(child.ok for child in made[4:]) >= 5
    assert all(1.0 <= elite.fitness <= 10.0 for elite in elites)
    assert all(path.is_file() for path in environment.illustrate(elites, tmp_path))


def test_replies_of_the_embedded_judge_keep_to_the_schema(embedded_model):
    judge = ReplyJudge(load_domain("poetry"), embedded_model)
    judged = judge.judge([seed.text for seed in load_domain("poetry").seeds[:4]], 0)
    assert (judge.replies.asked, judge.replies.usable) == (4, 4)
    assert all(1 <= judgement.quality <= 10 for judgement in judged)


def test_the_prompt_operator_writes_texts_too(embedded_model):
    environment = PromptEvolution(PromptOperator(embedded_model, draws=3), embedded_model)
    parents = [(Individual(0, "Write the opposite of the word.", 0.0, (1.0, 1.0)),)] * 2
    assert any(child.ok for child in environment.mutate(parents, np.random.default_rng(0)))
