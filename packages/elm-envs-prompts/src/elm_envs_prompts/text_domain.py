"""A domain of texts for QDAIF, read from one YAML file: what is good, and along which axes texts differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from elm_envs_prompts.label_likelihood import LabelQuestion
from elm_envs_prompts.yaml_sections import Section, packaged_or_own, read_yaml
from elm_protocols import Axis, CategoricalAxis, ContinuousAxis, UserError

DOMAIN_FOLDER = Path(__file__).parent / "domains"

EDGES = (0.005, 0.02, 0.05, 0.2, 0.5, 0.8, 0.95, 0.98, 0.995)
"""Inner edges of the ten bins of a probability, one of two axes: QDAIF, arXiv 2310.13032 (its stories)."""

EDGES_OF_ONE = (
    *(0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.1, 0.2, 0.5),
    *(0.8, 0.9, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995),
)
"""Inner edges of the twenty bins of a probability that is the only axis: the same paper's opinions."""

_KEYS = ("name", "kind", "title", "max_tokens", "max_lines", "quality", "axes", "seeds")


@dataclass(frozen=True, slots=True)
class LabelAxis:
    """An axis along which a judge tells texts apart by labels.

    Attributes:
        name: Its name.
        question: What a judge that replies is asked.
        sentences: Wordings of a sentence that a label completes, `{text}` for the text.
        labels: For each label the words that mean it.
        probability: Whether the measure is the probability of the first label; else the likeliest label.
    """

    name: str
    question: str
    sentences: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    probability: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return tuple(self.labels)

    def wording(self, draw: int) -> LabelQuestion:
        """Return the question of judgement number `draw`; wordings take turns."""
        return LabelQuestion(self.sentences[draw % len(self.sentences)], tuple(self.labels.values()))


@dataclass(frozen=True, slots=True)
class Seed:
    """A text to begin with, and the labels it was written for, by axis."""

    text: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TextDomain:
    """What texts are evolved.

    Attributes:
        name: Its name.
        kind: What one text is called: `poem`.
        title: Names a text by its labels: `A {tone} {genre}`.
        max_tokens: Most tokens that a model writes for one.
        max_lines: Lines of a child after the last of these are dropped.
        quality: Tells good texts (the first label) from bad ones.
        axes: Along which texts differ.
        seeds: Texts to begin with.
    """

    name: str
    kind: str
    title: str
    max_tokens: int
    max_lines: int
    quality: LabelAxis
    axes: tuple[LabelAxis, ...]
    seeds: tuple[Seed, ...]

    def heading(self, labels: Mapping[str, str]) -> str:
        """Return the title of a text with these labels."""
        return self.title.format(**labels)


def load_domain(name: str) -> TextDomain:
    """Return the shipped domain of a name, or that of the user's YAML file.

    Raises:
        UserError: There is none, or something in it is wrong: the line is named.
    """
    return read_domain(packaged_or_own(name, DOMAIN_FOLDER, "domain"))


def read_domain(path: Path) -> TextDomain:
    """Read a domain's file; see docs/prompts.md for what is in it."""
    root = read_yaml(path)
    root.require_keys(_KEYS)
    axes = tuple(_axis(section) for section in root.require("axes").entries())
    if not axes or len({axis.name for axis in axes}) != len(axes):
        raise root.require("axes").mistake("at least one axis is needed, and no name twice")
    title = root.value("title", str)
    names = [axis.name for axis in axes]
    if ":" in title:
        raise root.require("title").mistake("the title may hold no colon")
    try:
        title.format(**dict.fromkeys(names, ""))
    except (KeyError, IndexError, ValueError) as error:
        raise root.require("title").mistake(
            f"the title may name {', '.join('{' + name + '}' for name in names)} and nothing else"
        ) from error
    return TextDomain(
        name=root.value("name", str, path.stem),
        kind=root.value("kind", str),
        title=title,
        max_tokens=_positive(root, "max_tokens", 120),
        max_lines=_positive(root, "max_lines", 20),
        quality=_quality(root.require("quality")),
        axes=axes,
        seeds=_seeds(root.require("seeds"), axes),
    )


def with_labels(domain: TextDomain, changes: Sequence[str]) -> TextDomain:
    """Return the domain with other labels on some axes; seeds whose labels are gone are left out.

    Args:
        domain: The domain.
        changes: `axis: label, label, ...` each.

    Raises:
        UserError: An axis is unknown, has fewer than two labels, or no seed is left.
    """
    axes = {axis.name: axis for axis in domain.axes}
    for change in changes:
        name, _, listed = change.partition(":")
        labels = [label.strip() for label in listed.split(",") if label.strip()]
        if name.strip() not in axes or len(set(labels)) < 2 or len(set(labels)) < len(labels):
            raise UserError(
                f"Option 'labels' needs entries such as 'tone: sad, merry' with an axis of "
                f"{', '.join(axes)} and at least two labels, not '{change}'."
            )
        axes[name.strip()] = replace(axes[name.strip()], labels={label: (label,) for label in labels})
    seeds = tuple(
        seed for seed in domain.seeds if all(seed.labels[axis.name] in axis.labels for axis in axes.values())
    )
    if not seeds:
        raise UserError(
            "No seed has one of these labels on each axis; keep a label, or give your own domain."
        )
    return replace(domain, axes=tuple(axes.values()), seeds=seeds)


def with_probabilities(domain: TextDomain, labels: Sequence[str]) -> TextDomain:
    """Return the domain with the probabilities of these labels as its axes.

    Raises:
        UserError: An axis has no such label, or two of them are of one axis.
    """
    axes: list[LabelAxis] = []
    for label in labels:
        found = next((axis for axis in domain.axes if label in axis.labels), None)
        if found is None or found.name in [axis.name for axis in axes]:
            known = "; ".join(f"{axis.name}: {', '.join(axis.names)}" for axis in domain.axes)
            raise UserError(
                f"Option 'probabilities' needs labels of different axes ({known}), not '{label}'."
            )
        first = {label: found.labels[label], **found.labels}
        axes.append(replace(found, labels=first, probability=True))
    rest = tuple(axis for axis in domain.axes if axis.name not in [one.name for one in axes])
    return replace(domain, axes=(*axes, *rest)) if axes else domain


def behavior_axis(axis: LabelAxis, axes: int) -> Axis:
    """Return the axis of the behaviour space: categories, or a probability with the paper's bins."""
    if not axis.probability:
        return CategoricalAxis(axis.name, axis.names)
    edges = EDGES_OF_ONE if axes == 1 else EDGES
    return ContinuousAxis(f"{axis.name}: {axis.names[0]}", 0.0, 1.0, "probability", edges)


def _axis(section: Section) -> LabelAxis:
    section.require_keys(("name", "question", "sentences", "labels", "kind"))
    kind = section.value("kind", str, "categorical")
    if kind not in ("categorical", "probability"):
        raise section.require("kind").mistake(f"'kind' is categorical or probability, not '{kind}'")
    labels = section.require("labels")
    words: dict[str, tuple[str, ...]] = {}
    if isinstance(labels.plain(), dict):
        words = {name: labels.texts(name) for name, _ in labels.items()}
    else:
        words = {text: (text,) for text in section.texts("labels")}
    if len(words) < 2:
        raise labels.mistake("an axis needs at least two labels")
    name = section.value("name", str)
    question = section.value("question", str)
    return LabelAxis(name, question, _sentences(section), words, kind == "probability")


def _quality(section: Section) -> LabelAxis:
    section.require_keys(("question", "sentences", "good", "bad"))
    labels = {"good": section.texts("good"), "bad": section.texts("bad")}
    return LabelAxis("quality", section.value("question", str), _sentences(section), labels, probability=True)


def _sentences(section: Section) -> tuple[str, ...]:
    sentences = section.texts("sentences")
    for sentence in sentences:
        if "{text}" not in sentence:
            raise section.require("sentences").mistake("every sentence needs the place of the text, {text}")
    return sentences


def _seeds(section: Section, axes: Sequence[LabelAxis]) -> tuple[Seed, ...]:
    seeds = []
    for entry in section.entries():
        entry.require_keys(("text", *(axis.name for axis in axes)))
        labels = {axis.name: entry.value(axis.name, str) for axis in axes}
        for axis in axes:
            if labels[axis.name] not in axis.labels:
                raise entry.require(axis.name).mistake(
                    f"'{labels[axis.name]}' is no label of {axis.name}: {', '.join(axis.names)}"
                )
        seeds.append(Seed(entry.value("text", str).strip(), labels))
    if not seeds:
        raise section.mistake("at least one seed is needed")
    return tuple(seeds)


def _positive(root: Section, name: str, default: int) -> int:
    value = root.value(name, int, default)
    if value < 1:
        raise root.require(name).mistake(f"'{name}' must be at least 1, not {value}")
    return value
