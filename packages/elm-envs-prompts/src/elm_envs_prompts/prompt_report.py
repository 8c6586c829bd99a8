"""What a run of prompt evolution came to: prompts with their scores on training and held-out examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean


@dataclass(frozen=True, slots=True)
class HeldOutScore:
    """A prompt's scores.

    Attributes:
        text: The prompt.
        training: Its fitness in the archive: the mean over its evaluations. NaN for a seed outside it.
        evaluations: How many evaluations that is the mean of; 0 for a seed outside.
        held_out: Mean score on the held-out examples; None: the model failed.
    """

    text: str
    training: float
    evaluations: int
    held_out: float | None


def held_out_rows(seeds: Sequence[HeldOutScore], evolved: Sequence[HeldOutScore]) -> list[tuple[str, str]]:
    """Return the lines of a run's final table on held-out examples.

    The evolved prompt that counts is the one that was fittest in training: choosing by the held-out score
    would make that score too good.
    """
    before = [score.held_out for score in seeds if score.held_out is not None]
    after = [score for score in evolved if score.held_out is not None]
    if not before or not after:
        return [("held-out score", "unknown: the model did not answer")]
    best = after[0]
    assert best.held_out is not None
    return [
        (
            "held-out score",
            f"{best.held_out:.3f} for the fittest (in training {best.training:.3f} over {best.evaluations} "
            f"evaluations), {mean(score.held_out or 0.0 for score in after):.3f} on average over "
            f"{len(after)} elites",
        ),
        (
            "seed prompts",
            f"held-out {max(before):.3f} the best, {mean(before):.3f} on average: the gain of the fittest "
            f"is {best.held_out - max(before):+.3f} over the best seed and "
            f"{best.held_out - mean(before):+.3f} over the average",
        ),
    ]


def prompt_page(title: str, seeds: Sequence[HeldOutScore], evolved: Sequence[HeldOutScore]) -> str:
    """Return the report as Markdown."""
    lines = [
        f"# Prompts for {title}",
        "",
        "Fittest in training first; no search saw the held-out examples.",
        "",
    ]
    lines += ["| prompt | training | evaluations | held out |", "|---|---|---|---|"]
    lines += [_row(score) for score in evolved]
    lines += ["", "The prompts that the search began with:", "", "| prompt | held out |", "|---|---|"]
    lines += [f"| {_cell(score.text)} | {_number(score.held_out)} |" for score in seeds]
    return "\n".join(lines) + "\n"


def _row(score: HeldOutScore) -> str:
    return f"| {_cell(score.text)} | {score.training:.3f} | {score.evaluations} | {_number(score.held_out)} |"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|").replace("\n", "<br>")
