"""QDAIF with scripted models."""

import numpy as np
import pytest
from PIL import Image

from elm_envs_prompts import QDAIF, load_domain
from elm_envs_prompts.niche_targets import NicheTargets
from elm_envs_prompts.text_domain import EDGES, EDGES_OF_ONE
from elm_protocols import (
    CategoricalAxis,
    Completion,
    ContinuousAxis,
    Individual,
    Offspring,
    Origin,
    Statistics,
    Step,
    UserError,
)
from elm_protocols.testing import check_environment

FIGURES = Statistics(individuals=1, valid=1, niches=1, filled=1, qd_score=0, best=0, mean=0, lowest=0)


@pytest.mark.parametrize("domain", ["poetry", "opinions", "stories"])
def test_it_keeps_the_promises_of_an_environment(writer, continuer, domain):
    check_environment(QDAIF(writer, continuer, domain=domain))


def test_a_chat_model_as_judge(writer, poems_by_word):
    environment = QDAIF(writer, poems_by_word)
    check_environment(environment)
    (evaluation,) = environment.evaluate(["cold stone,\ncold sea,\ncold wind"])
    genre, tone = environment.behavior_space
    assert genre == CategoricalAxis("genre", ("haiku", "sonnet", "ballad", "limerick", "hymn"))
    assert tone.categories[int(evaluation.measures[1])] == "dark"
    assert evaluation.measures[0] == 0.0
    assert evaluation.artifacts["labels"] == {"genre": "haiku", "tone": "dark"}
    assert evaluation.feedback == "A dark haiku, quality 2.0 of 10."


def test_probabilities_have_the_papers_bins(writer, continuer):
    assert QDAIF(writer, continuer, domain="opinions").behavior_space.axes == (
        ContinuousAxis("sentiment: positive", 0.0, 1.0, "probability", EDGES_OF_ONE),
    )
    space = QDAIF(writer, continuer, probabilities=("dark", "haiku")).behavior_space
    assert space.names == ("tone: dark", "genre: haiku")
    assert all(axis.edges == EDGES for axis in space)
    assert len(EDGES_OF_ONE) + 1 == 20
    assert len(QDAIF(writer, continuer, probabilities=("dark",)).behavior_space) == 1


def test_targets_prefer_niches_that_are_empty_or_weak():
    domain = load_domain("poetry")
    targets = NicheTargets(domain, "weak")
    for genre in domain.axes[0].names:
        for tone in domain.axes[1].names:
            if (genre, tone) not in [("hymn", "dark"), ("sonnet", "happy")]:
                targets.take_note({"genre": genre, "tone": tone}, 10.0)
    targets.take_note({"genre": "sonnet", "tone": "happy"}, 5.0)
    rng = np.random.default_rng(0)
    drawn = [tuple(targets.draw(rng).values()) for _ in range(600)]
    assert drawn.count(("hymn", "dark")) > 2 * drawn.count(("sonnet", "happy")) > 40


def test_uniform_targets_reach_every_niche_alike():
    rng = np.random.default_rng(0)
    targets = NicheTargets(load_domain("poetry"), "uniform")
    targets.take_note({"genre": "hymn", "tone": "dark"}, 10.0)
    drawn = [tuple(targets.draw(rng).values()) for _ in range(2500)]
    assert all(60 < drawn.count(niche) < 145 for niche in set(drawn))
    assert len(set(drawn)) == 25


def individuals(environment, texts):
    return [
        Individual(index, text, result.fitness, result.measures, result.feedback)
        for index, (text, result) in enumerate(zip(texts, environment.evaluate(texts), strict=True))
    ]


@pytest.mark.parametrize("variation", ["targeted", "lmx", "free"])
def test_a_model_that_continues_texts_is_shown_titles(writer, continuer, variation):
    environment = QDAIF(writer, continuer, variations=(variation,))
    parent = Individual(4, "Sing, sea.\nSing, sky.", 5.0, (0.0, 0.0))
    (child,) = environment.mutate([(parent,)], np.random.default_rng(0))
    (request,) = writer.requests
    assert any("Sing, sea." in shown for shown in request.parents)
    assert len(request.parents) == 3
    assert child.parents == (4,)
    if variation == "free":
        assert child.genotype == f"Sing, sea. Version {request.seed} of it."
    else:
        assert child.genotype == f"Version {request.seed} of it."


def test_a_chat_model_is_told_what_to_write(writer, poems_by_word):
    environment = QDAIF(writer, poems_by_word, variations=("targeted",))
    environment.mutate([(Individual(0, "Sing.", 5.0, (0.0, 0.0)),)], np.random.default_rng(0))
    (request,) = writer.requests
    assert request.parents == ("Sing.",)
    assert request.instruction.startswith("Rewrite this poem so that it becomes: A ")
    assert request.template == ""


def test_lines_said_before_end_a_poem(poems_by_word):
    class Rambler:
        def generate(self, requests):
            return [Completion(text="Up\n\nup\nUp\nUp\n" * 9, origin=Origin("rambler")) for _ in requests]

    environment = QDAIF(Rambler(), poems_by_word)
    (child,) = environment.mutate([(Individual(0, "Sing.", 5.0, (0.0, 0.0)),)], np.random.default_rng(0))
    assert child.genotype.split() == ["Up", "up"]


def test_a_text_judged_again_gets_another_wording(writer, continuer):
    environment = QDAIF(writer, continuer)
    (before,) = environment.evaluate(["Sing, sea."])
    step = Step(0, (Offspring(genotype="Sing, sea."),), (before,), (), FIGURES)
    environment.on_step(step)
    continuer.scored.clear()
    environment.evaluate(["Sing, sea."])
    first, second = load_domain("poetry").axes[0].sentences
    assert second.replace("{text}", "Sing, sea.") in continuer.scored
    assert first.replace("{text}", "Sing, sea.") not in continuer.scored


def test_the_end_of_a_run_shows_the_map(writer, continuer, tmp_path):
    environment = QDAIF(writer, continuer)
    elites = individuals(environment, ["<b>Sing</b> $x_1$, sea & sky.", "Cold.\nDeath."])
    offspring = tuple(Offspring(genotype=elite.genotype) for elite in elites)
    evaluations = tuple(environment.evaluate([elite.genotype for elite in elites]))
    environment.on_step(Step(0, offspring, evaluations, (), FIGURES))
    rows = dict(environment.report(elites))
    assert rows["judge agreement"].startswith("2 texts judged 4 times")
    picture, page, text = environment.illustrate(elites, tmp_path)
    with Image.open(picture) as image:
        assert image.width > 600
    assert "&lt;b&gt;Sing&lt;/b&gt;" in page.read_text()
    assert "<b>Sing" not in page.read_text()
    assert "> Cold.\n> Death." in text.read_text()
    assert text.read_text().count("\n## ") == len({one.measures for one in elites})
    assert "judge agreement" in page.read_text()


def test_the_map_of_one_probability(writer, continuer, tmp_path):
    environment = QDAIF(writer, continuer, domain="opinions")
    elites = individuals(environment, ["I like leeks."])
    _, _, text = environment.illustrate(elites, tmp_path)
    assert "| sentiment: positive | 0 to 0.005 |" in text.read_text()
    assert "> I like leeks." in text.read_text()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"domain": "drama"}, "opinions, poetry, stories"),
        ({"variations": ("copy",)}, "targeted, lmx, free"),
        ({"target": "strong"}, "weak or uniform"),
        ({"judge": "jury"}, "auto, likelihood or reply"),
        ({"attempts": 0}, "at least 1"),
        ({"final_judgements": -1}, "at least 0"),
    ],
)
def test_a_wrong_option_is_one_sentence(writer, continuer, options, told):
    with pytest.raises(UserError, match=told):
        QDAIF(writer, continuer, **options)


def test_it_needs_a_model(writer):
    with pytest.raises(UserError, match="model=embedded"):
        QDAIF(writer, None)
