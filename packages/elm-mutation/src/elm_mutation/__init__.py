"""Mutation operators: how a language model, or chance, varies a program or a text."""

from elm_mutation.infill import Infill, RandomInfill
from elm_mutation.models import embedded
from elm_mutation.tree_edits import TreeEdits

__all__ = ["Infill", "RandomInfill", "TreeEdits", "embedded"]
