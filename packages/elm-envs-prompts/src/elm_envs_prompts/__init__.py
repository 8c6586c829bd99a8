"""Natural language that evolves: prompts for a task, and poetry by AI feedback."""

from elm_envs_prompts.prompt_evolution import PromptEvolution
from elm_envs_prompts.prompt_task import PromptTask, load_task
from elm_envs_prompts.qdaif import QDAIF
from elm_envs_prompts.text_domain import TextDomain, load_domain

__all__ = ["QDAIF", "PromptEvolution", "PromptTask", "TextDomain", "load_domain", "load_task"]
