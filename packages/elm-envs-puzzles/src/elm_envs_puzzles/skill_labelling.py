"""How the skills of puzzles are labelled: by a chat model under a JSON schema, or by likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from elm_envs_puzzles.skill_likelihoods import LikelihoodModel, SkillLikelihoods
from elm_envs_puzzles.skills import REPLY_SCHEMA, label_skills
from elm_protocols import UserError

SkillLabeller = Callable[[Sequence[str]], Sequence[tuple[float, ...] | str]]
"""Takes programs of puzzle and solution; gives ten numbers each, or one line on why there are none."""


def skill_labeller(model: Any) -> SkillLabeller:  # LangChain's types
    """Return the way to label skills that suits a model.

    A model that tells likelihoods is asked for those (`SkillLikelihoods`); a chat model is held to
    `REPLY_SCHEMA`.

    Raises:
        UserError: If the model can neither tell likelihoods nor be held to a JSON schema.
    """
    if isinstance(model, LikelihoodModel):
        return SkillLikelihoods(model)
    try:
        held = model.with_structured_output(REPLY_SCHEMA, method="json_schema")
    except (AttributeError, NotImplementedError):
        raise UserError(
            "The measure 'skills' needs model=embedded or a chat model that keeps a JSON schema; "
            "choose one, or other measures."
        ) from None
    return lambda programs: label_skills(programs, held)
