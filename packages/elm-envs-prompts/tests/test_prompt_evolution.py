"""Prompt evolution with scripted models."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_prompts import PromptEvolution, load_task
from elm_envs_prompts.prompt_evolution import first_paragraph
from elm_envs_prompts.prompt_measures import step_count, token_count
from elm_envs_prompts.prompt_scoring import last_number, normalised
from elm_protocols import Completion, Evaluation, Individual, Offspring, Origin, Statistics, Step, UserError
from elm_protocols.testing import check_environment


def step_of(environment, genotypes, evaluations):
    offspring = tuple(Offspring(genotype=genotype) for genotype in genotypes)
    figures = Statistics(individuals=1, valid=1, niches=1, filled=1, qd_score=0, best=0, mean=0, lowest=0)
    environment.on_step(Step(0, offspring, tuple(evaluations), (), figures))


@pytest.mark.parametrize("task", ["target_word", "antonyms", "animals"])
def test_it_keeps_the_promises_of_an_environment(writer, continuer, task):
    check_environment(PromptEvolution(writer, continuer, task=task))


def test_with_several_fields_one_changes_at_a_time(writer, continuer):
    environment = PromptEvolution(writer, continuer, task="arithmetic", measures=("length", "steps"))
    check_environment(environment)
    (seed,) = environment.random(1, np.random.default_rng(0))
    group = (Individual(0, seed.genotype, 0.0, (1.0, 1.0)),)
    for child in environment.mutate([group] * 8, np.random.default_rng(1)):
        changed = [name for name in seed.genotype if child.genotype[name] != seed.genotype[name]]
        assert len(changed) == 1


def test_an_evaluation_repeated_draws_other_examples(writer, continuer):
    environment = PromptEvolution(writer, continuer, task="antonyms")
    first, again = (environment.evaluate(["Say the opposite."])[0] for _ in range(2))
    assert first.artifacts == again.artifacts
    step_of(environment, ["Say the opposite."], [first])
    assert environment.evaluate(["Say the opposite."])[0].artifacts != first.artifacts
    assert (
        environment.evaluate(["Another prompt."])[0].artifacts["examples"][0]["word"]
        == (first.artifacts["examples"][0]["word"])
    )


def test_no_search_sees_the_held_out_examples(writer, continuer):
    environment = PromptEvolution(writer, continuer, task="antonyms")
    hidden = [example.inputs["word"] for example in load_task("antonyms").held_out]
    prompt = "Say the opposite."
    for _ in range(12):
        evaluations = environment.evaluate([prompt])
        assert not {row["word"] for row in evaluations[0].artifacts["examples"]} & set(hidden)
        step_of(environment, [prompt], evaluations)
    environment.mutate([(Individual(0, prompt, 0.0, (1.0, 1.0)),)] * 20, np.random.default_rng(0))
    told = "\n".join(request.template for request in writer.requests)
    assert not any(f" {word} ->" in told for word in hidden)


def test_the_final_table_reports_the_held_out_score(writer, chat, tmp_path):
    answers = {e.inputs["word"]: e.expected[0] for e in load_task("antonyms").held_out}

    def reply(prompt, attempt):
        word = prompt.rpartition("Word: ")[2].partition("\n")[0]
        return answers.get(word, "wrong") if "opposite" in prompt else "wrong"

    environment = PromptEvolution(writer, chat(reply), task="antonyms", score="match", measures=("length",))
    elites = [Individual(0, "Tell the opposite.", 0.5, (3.0,)), Individual(1, "Speak.", 0.1, (2.0,))]
    rows = dict(environment.report(elites))
    assert rows["held-out score"].startswith("1.000 for the fittest (in training 0.500")
    assert "+0.000 over the best seed" in rows["seed prompts"]
    assert "+0.750 over the average" in rows["seed prompts"]
    page, best = environment.illustrate(elites, tmp_path)
    assert "| Tell the opposite. | 0.500 | 0 | 1.000 |" in page.read_text()
    assert best.read_text() == "Tell the opposite.\n"


def test_what_went_wrong_is_shown_to_the_model(writer, chat):
    environment = PromptEvolution(
        writer, chat(lambda *_: "blue"), score="match", measures=("length",), variations=("reflect",)
    )
    (evaluation,) = environment.evaluate(["Say a word."])
    assert evaluation.fitness == 0.0
    assert "the reply was 'blue'" in evaluation.feedback
    environment.mutate(
        [(Individual(3, "Say a word.", 0.0, (3.0,), evaluation.feedback),)], np.random.default_rng(0)
    )
    (request,) = writer.requests
    assert request.feedback == (evaluation.feedback,)
    assert request.template == ""
    assert request.language == "text"


@pytest.mark.parametrize("variation", ["rewrite", "induce", "cross", "reflect"])
def test_a_model_that_continues_texts_is_shown_cases(writer, continuer, variation):
    environment = PromptEvolution(writer, continuer, variations=(variation,))
    group = (Individual(0, "Say it.", 0.0, (1.0, 1.0), "Worst: x."), Individual(1, "Do it.", 0.0, (1.0, 1.0)))
    (child,) = environment.mutate([group], np.random.default_rng(0))
    (request,) = writer.requests
    assert len(request.parents) >= 3
    assert request.template.endswith(":")
    assert child.genotype == f"Version {request.seed} of it."
    assert child.parents == (0, 1)
    assert ("Do it." in request.template) == (variation == "cross")


def test_a_child_that_is_its_parent_is_lost(continuer):
    class Copier:
        def generate(self, requests):
            return [
                Completion(text=r.template + " Say it.\n\nAnd more.", origin=Origin("copier"))
                for r in requests
            ]

    environment = PromptEvolution(Copier(), continuer)
    (child,) = environment.mutate([(Individual(0, "Say it.", 0.0, (1.0, 1.0)),)], np.random.default_rng(0))
    assert (child.genotype, child.status) == (None, "duplicate")


def test_a_judge_with_a_rubric(writer, chat):
    def reply(prompt, attempt):
        if "Rubric" not in prompt:
            return "a reply"
        return '{"rating": 10}' if attempt > 1 else "hm"

    environment = PromptEvolution(writer, chat(reply), score="judge", measures=("length",))
    (evaluation,) = environment.evaluate(["Say a word."])
    assert evaluation.fitness == 1.0
    rows = dict(environment.report([Individual(0, "Say a word.", 1.0, (3.0,))]))
    assert "replies usable" in rows["judge"]


def test_a_model_that_fails_is_a_status(writer, chat):
    environment = PromptEvolution(
        writer, chat(lambda *_: RuntimeError("down")), score="match", measures=("length",)
    )
    (evaluation,) = environment.evaluate(["Say a word."])
    assert evaluation.status == "model-error"
    assert "down" in evaluation.feedback
    assert environment.evaluate(["word " * 300])[0].status == "too-long"
    assert dict(environment.report([Individual(0, "x", 1.0, (1.0,))]))["held-out score"].startswith("unknown")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"measures": ("size",)}, "length, steps, sentiment"),
        ({"measures": ("polite/rude",)}, "embedder=embedded"),
        ({"variations": ("shuffle",)}, "rewrite, induce, cross, reflect"),
        ({"variations": ()}, "rewrite, induce, cross, reflect"),
        ({"examples": 99}, "1 to 16"),
        ({"score": "luck"}, "exact, match"),
        ({"attempts": 0}, "at least 1"),
        ({"seed": -1}, "at least 0"),
    ],
)
def test_a_wrong_option_is_one_sentence(writer, continuer, options, told):
    with pytest.raises(UserError, match=told):
        PromptEvolution(writer, continuer, **options)


def test_likelihoods_need_a_model_that_gives_them(writer, chat):
    with pytest.raises(UserError, match="score=match"):
        PromptEvolution(writer, chat(str), task="antonyms")
    with pytest.raises(UserError, match="needs a language model"):
        PromptEvolution(writer, None)


def test_measures_in_an_embedding(writer, continuer):
    def embed(texts):
        return np.array([[text.count("a"), text.count("b"), 1.0] for text in texts])

    environment = PromptEvolution(writer, continuer, embedder=embed, measures=("aaaa/bbbb", "sentiment"))
    assert environment.behavior_space.names == ("aaaa/bbbb", "sentiment")
    measured = [one.measures[0] for one in environment.evaluate(["aaaa", "bbbb", "aabb", "aaaaaaaaa"])]
    assert measured == pytest.approx([1.0, -1.0, 0.0, 1.0])


def test_counts_of_tokens_and_steps():
    assert token_count("Name it, please.") == 5
    assert step_count("1. Read.\n2. Then answer.\nFor example: so.") == 4
    assert step_count("Answer.") == 0


@given(st.text())
def test_normalising_twice_is_normalising_once(text):
    assert normalised(normalised(text)) == normalised(text) or normalised(text).split()[:1] in (
        ["a"],
        ["an"],
        ["the"],
    )


@given(st.integers(-(10**9), 10**9))
def test_the_last_number_is_found_after_any_reasoning(number):
    assert last_number(f"3 and 4,000.5 make, as I said, {number}.") == number
    assert last_number(f"It is {number:,}") == number


@pytest.mark.parametrize(
    ("reply", "expected", "same"),
    [("The Cold!", "cold", True), (" a dog\nWord: x", "Dog", True), ("cold water", "cold", False)],
)
def test_normalised_match(reply, expected, same):
    assert (normalised(reply) == normalised(expected)) == same


@given(st.text())
def test_the_first_paragraph_has_no_empty_line(text):
    assert "\n\n" not in first_paragraph(text)
    assert len(first_paragraph(text, lines=1).splitlines()) <= 1


def test_evaluations_are_of_the_kind_that_stores_keep(writer, continuer):
    (evaluation,) = PromptEvolution(writer, continuer).evaluate(["Say it."])
    assert isinstance(evaluation, Evaluation)
    assert evaluation.ok
