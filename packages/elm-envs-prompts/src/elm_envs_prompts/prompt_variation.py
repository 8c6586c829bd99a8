"""Requests for new prompts: rewrite, induce, cross, reflect.

Each can be put in two ways. A model that follows instructions is told what to write. A model that continues
texts, such as a small one, is shown a few of our own cases of the same work and the beginning of the next
one, which is the request's template; its parents then stand in that beginning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numpy.random import Generator

from elm_envs_prompts.prompt_task import PromptTask
from elm_envs_prompts.task_data import Example
from elm_protocols import Individual, MutationRequest

STYLES = (
    "in other words",
    "shorter",
    "in more detail",
    "as a polite question",
    "as a strict order",
    "step by step",
    "with an example",
    "for a child",
    "as an expert would say it",
    "in a warm tone",
)
"""Ways to rewrite a text."""

VARIATIONS = ("rewrite", "induce", "cross", "reflect")
"""What a new prompt is made from: one prompt, examples, several prompts, or what one got wrong."""

_SHOWN_EXAMPLES = 3
_MOST_TOKENS = {"told": 80, "shown": 32}
_CASES: Mapping[str, tuple[str, ...]] = {
    "rewrite": (
        "Before: Sort the words.\nAfter, as a polite question: Could you sort these words, please?",
        "Before: Count the letters.\nAfter, in more detail: Count every letter and give the number.",
        "Before: Please name the capital of the country.\nAfter, shorter: Name the capital.",
        "Before: Find the colour.\nAfter, for a child: Look at the picture. Which colour can you see?",
        "Before: Add the numbers.\nAfter, step by step: First read the numbers, then add them up.",
        "Before: Name the verb.\nAfter, with an example: Name the verb. In 'Dogs bark' it is 'bark'.",
        "Before: Say when it happened.\nAfter, in other words: Give the date of the event.",
    ),
    "induce": (
        "Outputs: house -> houses; tree -> trees; day -> days\nInstruction: Give the plural of the noun.",
        "Outputs: cat -> C; apple -> A; night -> N\nInstruction: Write the first letter as a capital.",
        "Outputs: 2 -> 4; 5 -> 10; 8 -> 16\nInstruction: Multiply the number by two.",
        "Outputs: Paris -> France; Rome -> Italy\nInstruction: Name the country in which the city lies.",
    ),
    "cross": (
        "One: Sort the words.\nTwo: Please write a list.\nBoth: Please write a sorted list of the words.",
        "One: Name the capital.\nTwo: Answer in one word.\nBoth: Name the capital in one word.",
        "One: Count the letters.\nTwo: Give a number.\nBoth: Count the letters and give the number.",
    ),
    "reflect": (
        "Instruction: Change the noun.\nWorst: for 'tree' the answer should be 'trees'.\n"
        "Better: Give the plural of the noun.",
        "Instruction: Write a letter.\nWorst: for 'cat' the answer should be 'C'.\n"
        "Better: Write the first letter of the word as a capital.",
        "Instruction: Say a place.\nWorst: for 'Paris' the answer should be 'France'.\n"
        "Better: Name the country in which the city lies.",
    ),
}
"""Cases of each kind of work, to be continued."""


@dataclass(frozen=True, slots=True)
class Parents:
    """The text that changes, in each parent.

    Attributes:
        field: Name of the field that it is.
        texts: The texts, that of the first parent first.
        feedback: What the first parent's evaluation said.
    """

    field: str
    texts: tuple[str, ...]
    feedback: str


def parents_of(group: Sequence[Individual], field: str, texts: Sequence[str]) -> Parents:
    """Return the texts of a field in a group of parents."""
    return Parents(field, tuple(texts), group[0].feedback)


def told_request(
    variation: str, task: PromptTask, parents: Parents, styles: Sequence[str], rng: Generator
) -> MutationRequest:
    """Return the request for a model that follows instructions.

    Args:
        variation: One of `VARIATIONS`.
        task: The task.
        parents: What is varied.
        styles: Ways to rewrite, of which one is drawn.
        rng: Decides what is random.
    """
    kind = f"{task.kind} (the part called {parents.field})" if len(task.fields) > 1 else task.kind
    style = styles[int(rng.integers(len(styles)))]
    instruction = {
        "rewrite": f"Rewrite this {kind} {style}. Keep what it asks for.",
        "induce": f"Somebody was given {task.goal}, and then wrote these outputs:\n"
        f"{_pairs(task, rng, chr(10))}\nFind out what the {kind} was. The parent is another try.",
        "cross": f"Write one new {kind} that joins the best of these. It is {task.goal}.",
        "reflect": f"This {kind} fails, as its evaluation says. Write a better one. It is {task.goal}.",
    }[variation]
    return MutationRequest(
        parents=parents.texts if variation == "cross" else parents.texts[:1],
        seed=int(rng.integers(2**31)),
        instruction=f"{instruction} Answer with the new text alone.",
        language="text",
        feedback=(parents.feedback,) if variation == "reflect" else (),
        max_tokens=_MOST_TOKENS["told"],
    )


def shown_request(
    variation: str, task: PromptTask, parents: Parents, styles: Sequence[str], rng: Generator
) -> MutationRequest:
    """Return the request for a model that continues texts; for the arguments see `told_request`.

    Its template is to be taken off the child.
    """
    first = _line(parents.texts[0])
    second = _line(parents.texts[-1])
    style = styles[int(rng.integers(len(styles)))]
    begun = {
        "rewrite": f"Before: {first}\nAfter, {style}:",
        "induce": f"Outputs: {_pairs(task, rng, '; ')}\nInstruction:",
        "cross": f"One: {first}\nTwo: {second}\nBoth:",
        "reflect": f"Instruction: {first}\n{parents.feedback or 'Worst: every answer.'}\nBetter:",
    }[variation]
    return MutationRequest(
        parents=_CASES[variation],
        seed=int(rng.integers(2**31)),
        instruction="Write the next item of the list.",
        template=begun,
        language="text",
        max_tokens=_MOST_TOKENS["shown"],
    )


def _pairs(task: PromptTask, rng: Generator, separator: str) -> str:
    """Return some examples, as in Zhou et al. (2022), "APE", arXiv 2211.01910, section 3.1."""
    count = min(_SHOWN_EXAMPLES, len(task.training))
    chosen = rng.choice(len(task.training), size=count, replace=False)
    return separator.join(_pair(task.training[int(index)]) for index in chosen)


def _pair(example: Example) -> str:
    return f"{', '.join(example.inputs.values())} -> {example.expected[0]}"


def _line(text: str) -> str:
    return " ".join(text.split())
