"""The environment `prompt_evolution`: prompts that evolve for a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from elm_envs_prompts.genotype_draws import Draws
from elm_envs_prompts.language_model import Failure, can_score, require_model
from elm_envs_prompts.prompt_measures import Embedder, PromptMeasures, label_scorer, token_count
from elm_envs_prompts.prompt_report import HeldOutScore, held_out_rows, prompt_page
from elm_envs_prompts.prompt_scoring import PromptScorer, Scored
from elm_envs_prompts.prompt_task import PromptTask, load_task, require_score
from elm_envs_prompts.prompt_variation import STYLES, VARIATIONS, parents_of, shown_request, told_request
from elm_envs_prompts.task_data import Example
from elm_protocols import (
    BehaviorSpace,
    Completion,
    Evaluation,
    Genotype,
    Individual,
    Json,
    MutationModel,
    Offspring,
    Origin,
    Step,
    UserError,
)

TOO_LONG = "too-long"
"""A prompt of more than 200 tokens."""

_MOST_TOKENS = 200
_SHOWN_FAILURES = 2


class PromptEvolution:
    """Evolve prompts for a task that a YAML file describes.

    A genotype is the text of the field that evolves; where several evolve, a mapping from field to text.
    Fitness is the mean score on a few training examples, drawn anew whenever a prompt is evaluated again.

    Args:
        mutation_model: Writes new prompts.
        model: The model that is prompted: a LangChain LLM or chat model.
        embedder: Embeds prompts, for the sentiment and for measures between two texts; None: the model
            tells the sentiment.
        task: A shipped task (target_word, antonyms, animals, arithmetic), or the path of a YAML file.
        score: exact, match, number, likelihood, or judge; empty: the task's own.
        examples: Examples in one evaluation; 0: the task's own number.
        measures: Any of length, steps, sentiment, and TEXT/TEXT (the place between two texts).
        variations: How children are made: any of rewrite, induce, cross (needs qd.parents=2), reflect.
        styles: Ways to rewrite; empty: ten shipped ones.
        attempts: How often a judge is asked while its reply is unusable, at least 1.
        held_out_elites: So many of the fittest prompts are scored on the held-out examples at the end; 0:
            the whole archive.
        seed: Decides which examples are drawn, 0 or more.
    """

    suggested_options: Mapping[str, str] = {
        "operator": "crossover",
        "qd.parents": "2",
        "qd.reevaluation": "0.2",
        "qd.bins": "[6]",
        "qd.qd_offset": "-20.0",  # log-likelihoods are negative, and a niche filled must count for something
    }
    """What to run it with where the user says nothing else."""

    def __init__(
        self,
        mutation_model: MutationModel,
        model: Any,  # LangChain's type
        *,
        embedder: Embedder | None = None,
        task: str = "antonyms",
        score: str = "",
        examples: int = 0,
        measures: tuple[str, ...] = ("length", "sentiment"),
        variations: tuple[str, ...] = ("rewrite", "induce", "cross", "reflect"),
        styles: tuple[str, ...] = (),
        attempts: int = 3,
        held_out_elites: int = 8,
        seed: int = 0,
    ) -> None:
        require_model(model, "prompt_evolution")
        self._task: PromptTask = load_task(task)
        self._examples = examples or self._task.examples
        if not 1 <= self._examples <= len(self._task.training):
            raise UserError(
                f"Option 'examples' must be 1 to {len(self._task.training)} (the training examples), "
                f"not {examples}."
            )
        unknown = [name for name in variations if name not in VARIATIONS]
        if unknown or not variations:
            raise UserError(f"Option 'variations' needs some of {', '.join(VARIATIONS)}, not {unknown}.")
        for name, value, least in (
            ("attempts", attempts, 1),
            ("held_out_elites", held_out_elites, 0),
            ("seed", seed, 0),
        ):
            if value < least:
                raise UserError(f"Option '{name}' must be at least {least}, not {value}.")
        self._mutation_model = mutation_model
        self._continues = can_score(model)  # models with likelihoods continue texts, chat models are told
        self._scorer = PromptScorer(
            self._task, model, require_score(score) if score else self._task.score, attempts
        )
        self._measures = PromptMeasures(tuple(measures), model, label_scorer(model), embedder)
        self._variations = tuple(variations)
        self._styles = tuple(styles) or STYLES
        self._held_out_elites = held_out_elites
        self._seed = seed
        self._draws = Draws()
        self._reported: tuple[tuple[Individual, ...], list[HeldOutScore], list[HeldOutScore]] | None = None

    @property
    def behavior_space(self) -> BehaviorSpace:
        """The axes of the chosen measures."""
        return self._measures.space

    def random(self, n: int, rng: Generator) -> list[Offspring]:
        """Return `n` of the task's own prompts, each once before any comes again."""
        orders = {name: rng.permutation(len(texts)) for name, texts in self._task.fields.items()}
        drawn = [
            {
                name: texts[orders[name][(index + shift) % len(texts)]]
                for shift, (name, texts) in enumerate(self._task.fields.items())
            }
            for index in range(n)
        ]
        return [
            Offspring(genotype=self._genotype(fields), origin=Origin(operator="seed")) for fields in drawn
        ]

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> list[Offspring]:
        """Return a child for each group: one field of the first parent is written anew."""
        names = list(self._task.fields)
        chosen = [names[int(rng.integers(len(names)))] for _ in parents]
        requests = []
        for group, name in zip(parents, chosen, strict=True):
            possible = [one for one in self._variations if len(group) > 1 or one != "cross"] or ["rewrite"]
            variation = possible[int(rng.integers(len(possible)))]
            texts = [self._fields(parent.genotype)[name] for parent in group]
            request = shown_request if self._continues else told_request
            parents_texts = parents_of(group, name, texts)
            requests.append(request(variation, self._task, parents_texts, self._styles, rng))
        completions = self._mutation_model.generate(requests) if requests else []
        return [
            self._child(group, name, completion, request.template)
            for group, name, completion, request in zip(parents, chosen, completions, requests, strict=True)
        ]

    def _child(
        self, group: Sequence[Individual], name: str, completion: Completion, template: str
    ) -> Offspring:
        genotype: Genotype = None
        if completion.text is not None:
            text = first_paragraph(completion.text.removeprefix(template), lines=1 if template else None)
            if text in [self._fields(parent.genotype)[name] for parent in group]:
                return _lost(group, completion, "duplicate", "The child is its parent.")
            if not text:
                return _lost(group, completion, "empty", "The child has no text.")
            genotype = self._genotype({**self._fields(group[0].genotype), name: text})
        return Offspring(
            genotype=genotype,
            parents=tuple(parent.id for parent in group),
            status=completion.status,
            feedback=completion.feedback,
            origin=completion.origin,
        )

    def evaluate(self, genotypes: Sequence[Genotype]) -> list[Evaluation]:
        """Return an evaluation each, all prompts asked in one batch.

        Statuses: `too-long` and, where the model gave no answer, `model-error` or `unusable-reply`.
        """
        short = [genotype for genotype in genotypes if token_count(self._text(genotype)) <= _MOST_TOKENS]
        drawn = [self._drawn(self._draws.of(genotype)) for genotype in short]
        found = self._scores(short, drawn)
        measured = self._measures.measure([self._text(genotype) for genotype in short])
        results = iter(
            [
                self._evaluation(examples, scores, point)
                for examples, scores, point in zip(drawn, found, measured, strict=True)
            ]
        )
        too_long = Evaluation(status=TOO_LONG, feedback=f"It has more than {_MOST_TOKENS} tokens.")
        return [
            next(results) if token_count(self._text(genotype)) <= _MOST_TOKENS else too_long
            for genotype in genotypes
        ]

    def on_step(self, step: Step) -> None:
        """Take note of what was evaluated: the next evaluation of the same prompt draws other examples."""
        self._draws.count(step)

    def report(self, elites: Sequence[Individual]) -> list[tuple[str, str]]:
        """Return the lines on held-out examples for the table at the end of a run."""
        _, seeds, evolved = self._held_out(elites)
        rows = held_out_rows(seeds, evolved)
        counts = self._scorer.counts
        if counts["asked"]:
            rows.append(("judge", f"{counts['usable']} of {counts['asked']} replies usable"))
        return rows

    def illustrate(self, elites: Sequence[Individual], directory: Path) -> list[Path]:
        """Write the prompts with their scores as a page, and the fittest as a text."""
        _, seeds, evolved = self._held_out(elites)
        page, best = directory / "prompts.md", directory / "best_prompt.txt"
        page.write_text(prompt_page(self._task.name, seeds, evolved), encoding="utf-8")
        best.write_text(self._text(elites[0].genotype) + "\n", encoding="utf-8")
        return [page, best]

    def _held_out(
        self, elites: Sequence[Individual]
    ) -> tuple[tuple[Individual, ...], list[HeldOutScore], list[HeldOutScore]]:
        """Score the fittest elites and the seeds on the held-out examples; asked once for an archive."""
        chosen = tuple(elites[: self._held_out_elites or None])
        if self._reported is None or self._reported[0] != chosen:
            seeds = self.random(
                max(len(texts) for texts in self._task.fields.values()), np.random.default_rng(self._seed)
            )
            genotypes = [child.genotype for child in seeds] + [elite.genotype for elite in chosen]
            found = [
                self._mean(scores)
                for scores in self._scores(genotypes, [self._task.held_out] * len(genotypes))
            ]
            self._reported = (
                chosen,
                [
                    HeldOutScore(self._text(child.genotype), float("nan"), 0, value)
                    for child, value in zip(seeds, found[: len(seeds)], strict=True)
                ],
                [
                    HeldOutScore(
                        self._text(elite.genotype), elite.fitness, self._draws.of(elite.genotype), value
                    )
                    for elite, value in zip(chosen, found[len(seeds) :], strict=True)
                ],
            )
        return self._reported

    def _drawn(self, draw: int) -> tuple[Example, ...]:
        """Return the training examples of evaluation number `draw` of any prompt."""
        rng = np.random.default_rng([self._seed, draw])
        chosen = rng.choice(len(self._task.training), size=self._examples, replace=False)
        return tuple(self._task.training[int(index)] for index in chosen)

    def _scores(
        self, genotypes: Sequence[Genotype], examples: Sequence[Sequence[Example]]
    ) -> list[list[Scored | Failure]]:
        """Return each genotype's scores on its examples; equal questions are asked once."""
        pairs = [
            (genotype, example) for genotype, own in zip(genotypes, examples, strict=True) for example in own
        ]
        prompts = [self._task.prompt(self._fields(genotype), example) for genotype, example in pairs]
        first = {prompt: place for place, prompt in reversed(list(enumerate(prompts)))}
        asked = [(self._fields(pairs[place][0]), pairs[place][1]) for place in first.values()]
        known = dict(zip(first, self._scorer.scores(asked, self._seed), strict=True))
        answers = iter([known[prompt] for prompt in prompts])
        return [[next(answers) for _ in own] for own in examples]

    @staticmethod
    def _mean(scores: Sequence[Scored | Failure]) -> float | None:
        values = [score.score for score in scores if isinstance(score, Scored)]
        return sum(values) / len(values) if len(values) == len(scores) else None

    def _evaluation(
        self,
        examples: Sequence[Example],
        scores: Sequence[Scored | Failure],
        point: tuple[float, ...] | Failure,
    ) -> Evaluation:
        failures = [one for one in (*scores, point) if isinstance(one, Failure)]
        if failures or isinstance(point, Failure):
            return Evaluation(status=failures[0].status, feedback=failures[0].feedback)
        answered = [
            (example, score)
            for example, score in zip(examples, scores, strict=True)
            if isinstance(score, Scored)
        ]
        shown: list[Json] = [
            {**example.inputs, "expected": example.expected[0], "reply": one.reply, "score": one.score}
            for example, one in answered
        ]
        return Evaluation(
            fitness=sum(one.score for _, one in answered) / len(answered),
            measures=point,
            feedback=_failures(answered),
            artifacts={"examples": shown},
        )

    def _genotype(self, fields: Mapping[str, str]) -> Genotype:
        return next(iter(fields.values())) if len(fields) == 1 else dict(fields)

    def _fields(self, genotype: Genotype) -> dict[str, str]:
        if isinstance(genotype, Mapping):
            return {name: str(genotype[name]) for name in self._task.fields}
        return {next(iter(self._task.fields)): str(genotype)}

    def _text(self, genotype: Genotype) -> str:
        return "\n".join(self._fields(genotype).values())


def first_paragraph(text: str, lines: int | None = None) -> str:
    """Return the first paragraph of what a model wrote, or its first lines, without quotation marks."""
    paragraph = text.strip().partition("\n\n")[0].strip()
    paragraph = "\n".join(paragraph.splitlines()[:lines])
    for opening, closing in ('""', "''", "“”"):
        if paragraph[:1] == opening and paragraph[-1:] == closing:
            paragraph = paragraph[1:-1].strip()
    return paragraph


def _lost(group: Sequence[Individual], completion: Completion, status: str, feedback: str) -> Offspring:
    return Offspring(
        genotype=None,
        parents=tuple(parent.id for parent in group),
        status=status,
        feedback=feedback,
        origin=completion.origin,
    )


def _failures(answered: Sequence[tuple[Example, Scored]]) -> str:
    """Return one line on the examples that went worst."""
    worst = sorted(answered, key=lambda pair: pair[1].score)[:_SHOWN_FAILURES]
    told = []
    for example, one in worst:
        if one.score == 1.0:
            continue
        given = ", ".join(example.inputs.values())
        reply = f", and the reply was '{' '.join(one.reply.split())[:60]}'" if one.reply else ""
        told.append(f"for '{given}' the answer should be '{example.expected[0]}'{reply}")
    return f"Worst: {'; '.join(told)}." if told else "Every example was answered well."
