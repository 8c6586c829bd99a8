"""The environment `qdaif`: texts whose quality and diversity are judged by a model.

Bradley et al. (2023), "Quality-Diversity through AI Feedback", arXiv 2310.13032.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.random import Generator

from elm_envs_prompts.genotype_draws import Draws
from elm_envs_prompts.judge_agreement import agreement, agreement_text
from elm_envs_prompts.judging import Judgement, judge_named
from elm_envs_prompts.language_model import Failure, can_score, require_model
from elm_envs_prompts.niche_map import draw_picture, html_page, markdown_page, niche_map
from elm_envs_prompts.niche_targets import NicheTargets
from elm_envs_prompts.text_domain import (
    behavior_axis,
    load_domain,
    with_labels,
    with_probabilities,
)
from elm_envs_prompts.text_variation import VARIATIONS, shown_request, text_of_child, told_request
from elm_protocols import (
    BehaviorSpace,
    Completion,
    Evaluation,
    Genotype,
    Individual,
    Json,
    MutationModel,
    MutationRequest,
    Offspring,
    Origin,
    Step,
    UserError,
)


class QDAIF:
    """Evolve poems, or other texts, whose quality and diversity a model judges.

    A genotype is a text. Fitness is its quality from 1 to 10. A text that is evaluated again is judged anew:
    in other words by a judge of likelihoods, by another draw by one that replies.

    Args:
        mutation_model: Writes new texts.
        model: The judge: a LangChain LLM or chat model.
        domain: A shipped domain (poetry, opinions, stories), or the path of a YAML file.
        labels: Other labels, each `axis: label, label, ...`; empty: the domain's.
        probabilities: Labels whose probabilities are the measures, of different axes; empty: the domain's
            own kinds of axes.
        judge: likelihood (the probabilities of labels), reply (JSON under a schema), or auto: likelihood
            where the model gives it.
        attempts: How often a judge that replies is asked while its reply is unusable, at least 1.
        variations: How children are made: any of targeted, lmx, free.
        target: What a targeted rewrite aims at: weak (rather niches that are empty or hold a poor text) or
            uniform (any niche, as in the paper).
        final_judgements: Further judgements of each elite at the end, so that agreement can be told, 0 or
            more.
    """

    suggested_options: Mapping[str, str] = {"operator": "crossover", "qd.reevaluation": "0.1"}
    """What to run it with where the user says nothing else."""

    def __init__(
        self,
        mutation_model: MutationModel,
        model: Any,  # LangChain's type
        *,
        domain: str = "poetry",
        labels: tuple[str, ...] = (),
        probabilities: tuple[str, ...] = (),
        judge: str = "auto",
        attempts: int = 3,
        variations: tuple[str, ...] = ("targeted", "lmx", "free"),
        target: str = "weak",
        final_judgements: int = 1,
    ) -> None:
        require_model(model, "qdaif")
        unknown = [name for name in variations if name not in VARIATIONS]
        if unknown or not variations:
            raise UserError(f"Option 'variations' needs some of {', '.join(VARIATIONS)}, not {unknown}.")
        if target not in ("weak", "uniform"):
            raise UserError(f"Option 'target' is weak or uniform, not '{target}'.")
        for name, value, least in (("attempts", attempts, 1), ("final_judgements", final_judgements, 0)):
            if value < least:
                raise UserError(f"Option '{name}' must be at least {least}, not {value}.")
        self._domain = with_probabilities(with_labels(load_domain(domain), labels), probabilities)
        self._axes = self._domain.axes[: len(probabilities) or None]
        self._judge = judge_named(judge, self._domain, model, attempts)
        self._mutation_model = mutation_model
        self._request = shown_request if can_score(model) else told_request
        self._variations = tuple(variations)
        self._targets = NicheTargets(self._domain, target)
        self._final_judgements = final_judgements
        self._draws = Draws()
        self._reported: tuple[tuple[int, ...], str] | None = None

    @property
    def behavior_space(self) -> BehaviorSpace:
        """One axis an axis of the domain: its labels, or the probability of the first."""
        return BehaviorSpace(tuple(behavior_axis(axis, len(self._axes)) for axis in self._axes))

    def random(self, n: int, rng: Generator) -> list[Offspring]:
        """Return `n` of the domain's own texts, each once before any comes again."""
        seeds = self._domain.seeds
        order = rng.permutation(len(seeds))
        return [
            Offspring(genotype=seeds[int(order[index % len(seeds)])].text, origin=Origin(operator="seed"))
            for index in range(n)
        ]

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> list[Offspring]:
        """Return a child for each group."""
        requests = []
        for group in parents:
            variation = self._variations[int(rng.integers(len(self._variations)))]
            target = self._targets.draw(rng)
            texts = [str(parent.genotype) for parent in group]
            requests.append(self._request(variation, self._domain, texts, target, rng))
        completions = self._mutation_model.generate(requests) if requests else []
        return [
            self._child(group, request, completion)
            for group, request, completion in zip(parents, requests, completions, strict=True)
        ]

    def _child(
        self, group: Sequence[Individual], request: MutationRequest, completion: Completion
    ) -> Offspring:
        genotype, status, feedback = None, completion.status, completion.feedback
        if completion.text is not None:
            genotype = text_of_child(completion.text, request, self._domain.max_lines)
            if not genotype:
                genotype, status, feedback = None, "empty", "The child has no text."
            elif any(genotype.split() == str(parent.genotype).split() for parent in group):
                genotype, status, feedback = None, "duplicate", "The child is its parent."
        return Offspring(
            genotype=genotype,
            parents=tuple(parent.id for parent in group),
            status=status,
            feedback=feedback,
            origin=completion.origin,
        )

    def evaluate(self, genotypes: Sequence[Genotype]) -> list[Evaluation]:
        """Return an evaluation each; all texts are judged in one batch.

        Statuses: `unusable-reply` (the judge did not keep to the schema) and `model-error`.
        """
        draws = [self._draws.of(genotype) for genotype in genotypes]
        found: dict[int, Judgement | Failure] = {}
        for draw in sorted(set(draws)):
            places = [place for place, own in enumerate(draws) if own == draw]
            judged = self._judge.judge([str(genotypes[place]) for place in places], draw)
            found |= dict(zip(places, judged, strict=True))
        return [self._evaluation(found[place]) for place in range(len(genotypes))]

    def on_step(self, step: Step) -> None:
        """Take note of what was judged: of weak niches, and of how often each text was judged."""
        self._draws.count(step)
        for evaluation in step.evaluations:
            if evaluation.ok:
                labels = evaluation.artifacts["labels"]
                assert isinstance(labels, Mapping)
                self._targets.take_note(
                    {name: str(label) for name, label in labels.items()}, evaluation.fitness
                )

    def report(self, elites: Sequence[Individual]) -> list[tuple[str, str]]:
        """Return the lines on the judge for the table at the end of a run."""
        replies = self._judge.replies
        rows = [("judge agreement", self._agreement(elites))]
        if replies.asked:
            share = replies.usable / replies.asked
            rows.append(("judge replies", f"{replies.usable} of {replies.asked} usable ({share:.0%})"))
        return rows

    def illustrate(self, elites: Sequence[Individual], directory: Path) -> list[Path]:
        """Write the map of texts as a picture, an HTML page and a Markdown page."""
        judgements = {elite.id: max(1, len(self._draws.said(elite.genotype))) for elite in elites}
        title = f"{self._domain.name.capitalize()}: the best {self._domain.kind} of each niche"
        found = niche_map(title, self.behavior_space, elites, judgements)
        remarks = self.report(elites)
        picture, page, text = (
            directory / f"{self._domain.name}.{ending}" for ending in ("png", "html", "md")
        )
        draw_picture(found, picture)
        page.write_text(html_page(found, remarks), encoding="utf-8")
        text.write_text(markdown_page(found, remarks), encoding="utf-8")
        return [picture, page, text]

    def _agreement(self, elites: Sequence[Individual]) -> str:
        """Judge the elites again and compare all judgements of each; asked once for an archive."""
        ids = tuple(elite.id for elite in elites)
        if self._reported is None or self._reported[0] != ids:
            said = [list(self._draws.said(elite.genotype)) for elite in elites]
            texts = [str(elite.genotype) for elite in elites]
            first = max((len(judgements) for judgements in said), default=0)
            for extra in range(self._final_judgements):
                for judgements, judged in zip(said, self._judge.judge(texts, first + extra), strict=True):
                    if isinstance(judged, Judgement):
                        judgements.append(self._artifacts(judged))
            self._reported = (ids, agreement_text(agreement(said)))
        return self._reported[1]

    def _artifacts(self, judged: Judgement) -> dict[str, Json]:
        return {
            "quality": judged.quality,
            "labels": {axis.name: judged.label(axis) for axis in self._domain.axes},
            "probabilities": {
                axis.name: dict(zip(axis.names, judged.probabilities[axis.name], strict=True))
                for axis in self._domain.axes
            },
        }

    def _evaluation(self, judged: Judgement | Failure) -> Evaluation:
        if isinstance(judged, Failure):
            return Evaluation(status=judged.status, feedback=judged.feedback)
        artifacts = self._artifacts(judged)
        labels = {axis.name: judged.label(axis) for axis in self._domain.axes}
        return Evaluation(
            fitness=judged.quality,
            measures=tuple(judged.measure(axis) for axis in self._axes),
            feedback=f"{self._domain.heading(labels)}, quality {judged.quality:.1f} of 10.",
            artifacts=artifacts,
        )
