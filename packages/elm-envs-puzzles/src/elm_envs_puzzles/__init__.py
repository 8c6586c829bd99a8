"""Programming puzzles: solve them, and evolve problems together with their solutions."""

from elm_envs_puzzles.embedding_axes import Embedder, hashed_ngrams
from elm_envs_puzzles.judging import Attempt, Verdict, judge
from elm_envs_puzzles.p3_problem import P3Problem
from elm_envs_puzzles.p3_probsol import P3ProbSol
from elm_envs_puzzles.pass_at_k import pass_at_k
from elm_envs_puzzles.puzzle import Puzzle
from elm_envs_puzzles.puzzle_files import load_puzzles, p3_test_split, select_puzzles, write_puzzles
from elm_envs_puzzles.solving import Tally, attempt_puzzles, measure_pass_at_k, summarize_tallies
from elm_envs_puzzles.verification import Verification, summarize_verifications, verify_puzzles

__all__ = [
    "Attempt",
    "Embedder",
    "P3ProbSol",
    "P3Problem",
    "Puzzle",
    "Tally",
    "Verdict",
    "Verification",
    "attempt_puzzles",
    "hashed_ngrams",
    "judge",
    "load_puzzles",
    "measure_pass_at_k",
    "p3_test_split",
    "pass_at_k",
    "select_puzzles",
    "summarize_tallies",
    "summarize_verifications",
    "verify_puzzles",
    "write_puzzles",
]
