"""The public P3 file, whole. Skipped, visibly, where it is not at hand."""

from collections import Counter

from elm_envs_puzzles import load_puzzles, p3_test_split, verify_puzzles
from elm_envs_puzzles.puzzle_files import P3_SHA256
from elm_protocols import Limits

TOO_LARGE_AN_ANSWER = "ExponentialCoinMoves:0"
"""Its solution answers with more than 16 MB."""


def test_all_puzzles_load_and_every_given_solution_holds_but_one(sandbox, p3_path):
    puzzles = load_puzzles(p3_path, sha256=P3_SHA256)
    assert len(puzzles) == 1715
    assert len(p3_test_split(puzzles)) == 228
    limits = Limits(seconds=60.0, memory_bytes=512 * 2**20, output_bytes=16 * 2**20)
    results = list(verify_puzzles(puzzles, sandbox, limits))
    failed = {result.puzzle: result.verdict for result in results if not result.verdict.solved}
    assert {name: verdict.status for name, verdict in failed.items()} == {TOO_LARGE_AN_ANSWER: "output"}
    assert Counter(result.verdict.solved for result in results) == {True: 1697, False: 1}
