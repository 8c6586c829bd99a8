import pytest

from elm_envs_puzzles import (
    attempt_puzzles,
    load_puzzles,
    measure_pass_at_k,
    summarize_tallies,
    verify_puzzles,
)
from elm_envs_puzzles.solving import attempt_requests
from elm_protocols import Completion, Limits, Origin, UserError


def test_attempts_are_counted_by_what_they_came_to(sandbox, puzzles, scripted_solver):
    puzzle = puzzles["CubeRoot:0"]
    solver = scripted_solver(puzzle.bodies[0], "    return 3.0", "    return 1 / 0", None, puzzle.bodies[0])
    [tally] = attempt_puzzles([puzzle], solver, sandbox, attempts=10, limits=Limits())
    assert tally.statuses == {"ok": 4, "unsolved": 2, "error": 2, "model-error": 2}
    assert (tally.attempts, tally.solved) == (8, 4)
    assert tally.solutions == (puzzle.program(puzzle.bodies[0]),)
    assert tally.pass_at(1) == 0.5
    with pytest.raises(UserError):
        tally.pass_at(9)


def test_each_attempt_has_its_own_seed_and_the_same_ones_the_next_time(puzzles):
    puzzle, other = puzzles["CubeRoot:0"], puzzles["Anagram:0"]
    requests = attempt_requests(puzzle, 20)
    assert len({request.seed for request in requests}) == 20
    assert requests == attempt_requests(puzzle, 20)
    assert {r.seed for r in requests}.isdisjoint(r.seed for r in attempt_requests(other, 20))
    assert {r.seed for r in requests}.isdisjoint(r.seed for r in attempt_requests(puzzle, 20, seed=1))


def test_the_model_under_test_does_not_see_the_solution(puzzles):
    puzzle = puzzles["CubeRoot:0"]
    [request] = attempt_requests(puzzle, 1, examples=[puzzles["Anagram:0"]])
    shown = request.template + "".join(request.parents) + request.instruction
    assert puzzle.sat in request.template
    assert puzzle.bodies[0] not in shown
    assert puzzles["Anagram:0"].bodies[0] in shown
    [request] = attempt_requests(puzzle, 1)
    assert puzzle.bodies[0] not in "".join(request.parents)
    assert request.parents[0].startswith(request.template)


def test_the_benchmark_sums_up_what_was_solved(sandbox, puzzles, scripted_solver):
    chosen = [puzzles["CubeRoot:0"], puzzles["Anagram:0"]]
    solver = scripted_solver(chosen[0].bodies[0], "    return 0.0")
    tallies = list(measure_pass_at_k(chosen, solver, sandbox, attempts=4, examples=chosen))
    assert [tally.solved for tally in tallies] == [2, 0]
    summary = summarize_tallies(tallies, ks=(1, 2, 10))
    assert "solved 1 of 2 puzzles within 4 attempts" in summary
    assert "pass@1 0.2500 (over 2 puzzles)" in summary
    assert "pass@2 0.4167" in summary
    assert "pass@10" not in summary


def test_an_operator_that_edits_in_place_gets_the_puzzle_and_not_the_examples(
    sandbox, puzzles, scripted_solver
):
    class Editor(scripted_solver):
        def generate(self, requests):
            return [
                completion
                if request.parents[0].startswith(request.template)
                else Completion(text=None, status="no-place", origin=Origin(operator="editor"))
                for request, completion in zip(requests, super().generate(requests), strict=True)
            ]

    puzzle = puzzles["CubeRoot:0"]
    solver = Editor(puzzle.bodies[0])
    [tally] = attempt_puzzles(
        [puzzle], solver, sandbox, attempts=3, limits=Limits(), examples=load_puzzles("tutorial")
    )
    assert (tally.attempts, tally.solved) == (3, 3)
    assert solver.requests[-1].parents == puzzle.stubs()[:1]


def test_the_tutorial_is_solved_puzzles_that_are_not_among_the_shipped_ones(sandbox):
    tutorial = load_puzzles("tutorial")
    assert all(result.verdict.solved for result in verify_puzzles(tutorial, sandbox, Limits()))
    assert {puzzle.sat for puzzle in tutorial}.isdisjoint(puzzle.sat for puzzle in load_puzzles())
