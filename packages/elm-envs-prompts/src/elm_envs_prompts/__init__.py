"""Natural language that evolves: prompts for a task, and poetry by AI feedback."""

from elm_envs_prompts.prompt_evolution import PromptEvolution

__all__ = ["PromptEvolution"]
