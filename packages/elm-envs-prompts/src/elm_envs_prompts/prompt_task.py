"""A task that prompts are evolved for, read from one YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from langchain_core.prompts import PromptTemplate

from elm_envs_prompts.task_data import Example, read_examples, split
from elm_envs_prompts.yaml_sections import Section, packaged_or_own, read_yaml
from elm_protocols import UserError

TASK_FOLDER = Path(__file__).parent / "tasks"

SCORES = ("exact", "match", "number", "likelihood", "judge")
"""How replies are scored; see `prompt_scoring`."""

_KEYS = (
    *("name", "description", "template", "fields", "kind", "goal", "data", "expected", "held_out"),
    *("score", "examples", "rubric", "stop", "max_tokens"),
)


@dataclass(frozen=True, slots=True)
class PromptTask:
    """What prompts are evolved for.

    Attributes:
        name: Its name.
        description: One line.
        template: LangChain prompt template over the fields and the inputs.
        fields: Field that evolves -> texts to begin with.
        kind: What a field's text is called: `instruction`, `text`, ...
        goal: What such a text is for, completing "Write ...".
        training: Examples that fitness is estimated on.
        held_out: Examples that no search sees.
        score: One of `SCORES`.
        examples: Examples in one evaluation.
        rubric: What a judge looks at, where score is `judge`.
        stop: Texts that end a reply.
        max_tokens: Most tokens of a reply.
    """

    name: str
    description: str
    template: PromptTemplate
    fields: Mapping[str, tuple[str, ...]]
    kind: str
    goal: str
    training: tuple[Example, ...]
    held_out: tuple[Example, ...]
    score: str
    examples: int
    rubric: str
    stop: tuple[str, ...]
    max_tokens: int

    def prompt(self, genotype: Mapping[str, str], example: Example) -> str:
        """Return the prompt for an example; it ends in no white space, which models write themselves."""
        return self.template.format(**genotype, **example.inputs).rstrip()


def load_task(name: str) -> PromptTask:
    """Return the shipped task of a name, or that of the user's YAML file.

    Raises:
        UserError: There is none, or something in it is wrong: the line is named.
    """
    return read_task(packaged_or_own(name, TASK_FOLDER, "task"))


def read_task(path: Path) -> PromptTask:
    """Read a task's file; see docs/prompts.md for what is in it."""
    root = read_yaml(path)
    root.require_keys(_KEYS)
    fields = {name: root.require("fields").texts(name) for name, _ in root.require("fields").items()}
    if not fields:
        raise root.require("fields").mistake("at least one field must evolve")
    template = _template(root)
    for field in fields:
        if field not in template.input_variables:
            raise root.require("fields").mistake(f"the field '{field}' is not in the template")
    columns = [name for name in template.input_variables if name not in fields]
    expected = root.value("expected", str)
    examples = read_examples(path.parent / root.value("data", str), columns, expected)
    training, held_out = split(examples, _share(root))
    count = _count(root, "examples", max(1, min(4, len(training))))
    if count > len(training):
        raise (root.find("examples") or root).mistake(
            f"there are {len(training)} training examples, so 'examples' can be no more"
        )
    if not held_out:
        raise (root.find("held_out") or root).mistake(
            f"of {len(examples)} rows none is held out: give more rows or a larger 'held_out'"
        )
    return PromptTask(
        name=root.value("name", str, path.stem),
        description=root.value("description", str, ""),
        template=template,
        fields=fields,
        kind=root.value("kind", str, "instruction"),
        goal=root.value("goal", str, "an instruction for a language model"),
        training=training,
        held_out=held_out,
        score=_score(root),
        examples=count,
        rubric=root.value("rubric", str, "The reply says the same as the expected output."),
        stop=root.texts("stop") if root.find("stop") and root.require("stop").entries() else (),
        max_tokens=_count(root, "max_tokens", 32),
    )


def _template(root: Section) -> PromptTemplate:
    section = root.require("template")
    try:
        return PromptTemplate.from_template(root.value("template", str))
    except ValueError as error:
        raise section.mistake(f"the template cannot be read: {' '.join(str(error).split())}") from error


def _share(root: Section) -> float:
    share = root.value("held_out", float, 0.5)
    if not 0 < share < 1:
        raise root.require("held_out").mistake(f"'held_out' must be between 0 and 1, not {share}")
    return share


def _count(root: Section, name: str, default: int) -> int:
    count = root.value(name, int, default)
    if count < 1:
        raise root.require(name).mistake(f"'{name}' must be at least 1, not {count}")
    return count


def _score(root: Section) -> str:
    score = root.value("score", str, "match")
    if score not in SCORES:
        raise root.require("score").mistake(f"'score' is one of {', '.join(SCORES)}, not '{score}'")
    return score


def require_score(score: str) -> str:
    """Return the name of a way to score.

    Raises:
        UserError: There is none of that name.
    """
    if score not in SCORES:
        raise UserError(f"Option 'score' is one of {', '.join(SCORES)}, not '{score}'.")
    return score
