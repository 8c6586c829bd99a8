"""Requests for new texts: aimed at a niche, like its parents (LMX), or rewritten freely.

As with prompts, a model that follows instructions is told what to write; one that continues texts is shown
texts under titles (`A dark haiku:`) and the title of the one that is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from numpy.random import Generator

from elm_envs_prompts.text_domain import TextDomain
from elm_protocols import MutationRequest

VARIATIONS = ("targeted", "lmx", "free")
"""Aimed at labels; one more of the parents' kind (Meyerson et al. 2023, arXiv 2302.12170); rewritten."""

_SHOWN_TEXTS = 3


def told_request(
    variation: str, domain: TextDomain, texts: Sequence[str], target: Mapping[str, str], rng: Generator
) -> MutationRequest:
    """Return the request for a model that follows instructions.

    Args:
        variation: One of `VARIATIONS`.
        domain: The domain.
        texts: Those of the parents.
        target: Labels to aim at, by axis.
        rng: Decides what is random.
    """
    instruction = {
        "targeted": f"Rewrite this {domain.kind} so that it becomes: {domain.heading(target)}.",
        "lmx": f"Write one more {domain.kind} of the kind of these.",
        "free": f"Write this {domain.kind} anew, in a way of your own, and better.",
    }[variation]
    return MutationRequest(
        parents=tuple(texts) if variation == "lmx" else tuple(texts[:1]),
        seed=int(rng.integers(2**31)),
        instruction=f"{instruction} Answer with the text alone.",
        language="text",
        max_tokens=domain.max_tokens,
    )


def shown_request(
    variation: str, domain: TextDomain, texts: Sequence[str], target: Mapping[str, str], rng: Generator
) -> MutationRequest:
    """Return the request for a model that continues texts; its template's title is to be taken off.

    Besides the parents some of the domain's seeds are shown, so that there are a few texts in the list.
    """
    order = [domain.seeds[int(index)] for index in rng.permutation(len(domain.seeds))]
    others = [seed for seed in order if seed.text not in texts][: max(0, _SHOWN_TEXTS - len(texts))]
    plain = f"A {domain.kind}:"
    if variation == "targeted":
        # The seeds that share most labels with the target come first.
        alike = sorted(order, key=lambda seed: -sum(target[name] == seed.labels[name] for name in target))
        shown = [f"{domain.heading(seed.labels)}:\n{seed.text}" for seed in alike[: _SHOWN_TEXTS - 1]]
        parents, template = [*shown, f"{plain}\n{texts[0]}"], f"{domain.heading(target)}:"
    elif variation == "lmx":
        parents = [f"{plain}\n{text}" for text in (*texts, *(seed.text for seed in others))]
        template = plain
    else:
        parents = [f"{plain}\n{text}" for text in (texts[0], *(seed.text for seed in others))]
        template = f"{plain}\n{_first_half(texts[0])}"
    return MutationRequest(
        parents=tuple(parents),
        seed=int(rng.integers(2**31)),
        instruction="Write the next item of the list.",
        template=template,
        language="text",
        max_tokens=domain.max_tokens,
    )


def text_of_child(child: str, request: MutationRequest, most_lines: int) -> str:
    """Return a child's text: without its title, ended where it begins to ramble.

    Lines after the last of `most_lines` go, and from the second time on a line that was there before.
    """
    if request.template:
        child = child.partition(":")[2]
    lines: list[str] = []
    for line in child.strip().splitlines():
        if line.strip() and line.strip() in [known.strip() for known in lines]:
            continue
        lines.append(line.rstrip())
    return "\n".join(lines[:most_lines]).strip()


def _first_half(text: str) -> str:
    """Return the first half of a text's lines; of a single line, its first half."""
    lines = text.splitlines()
    if len(lines) > 1:
        return "\n".join(lines[: (len(lines) + 1) // 2])
    words = text.split()
    return " ".join(words[: (len(words) + 1) // 2])
