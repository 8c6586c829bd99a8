"""Natural language that evolves: prompts for a task, and poetry by AI feedback."""
