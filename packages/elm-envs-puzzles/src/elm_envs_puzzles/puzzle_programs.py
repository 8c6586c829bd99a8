"""Puzzle and solution in one program: the genotype of co-evolution."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from elm_envs_puzzles.answer_types import AnswerType, parse_answer_type
from elm_envs_puzzles.puzzle import PREAMBLE, Puzzle
from elm_envs_puzzles.source_parsing import MAX_CHARACTERS, Refusal, parse_source

PUZZLE_TEMPLATE = f"{PREAMBLE}def sat("
"""What every puzzle program begins with."""


@dataclass(frozen=True, slots=True)
class PuzzleProgram:
    """A program that defines a puzzle `sat` and its solution `sol`, taken apart.

    Attributes:
        text: The whole program.
        sat: The function `sat`.
        answer_type: Type of `sat`'s first parameter.
        puzzle: The puzzle alone, with the solution as its known one.
    """

    text: str
    sat: ast.FunctionDef
    answer_type: AnswerType
    puzzle: Puzzle


def parse_puzzle_program(
    text: str, name: str = "", max_characters: int = MAX_CHARACTERS
) -> PuzzleProgram | Refusal:
    """Take a puzzle program apart.

    Returns:
        The parts, or a refusal: `too-long`, `syntax`, `too-deep`, `no-puzzle` (not exactly one plain
        top-level function `sat` with a parameter), `no-solution` (the same of `sol`), `no-answer-type`
        (`sat`'s first parameter is not annotated with a type that P3 has).
    """
    tree = parse_source(text, max_characters)
    if isinstance(tree, Refusal):
        return tree
    sat, sol = _function(tree, "sat"), _function(tree, "sol")
    if sat is None or not sat.args.args or sat.args.posonlyargs:
        return Refusal("no-puzzle", "The program needs one function sat(answer: type, ...).")
    if sol is None:
        return Refusal("no-solution", "The program needs one function sol(...) that returns the answer.")
    annotation = sat.args.args[0].annotation
    answer_type = parse_answer_type(ast.unparse(annotation)) if annotation else None
    if answer_type is None:
        return Refusal(
            "no-answer-type", "sat's first parameter needs a type: int, float, str, bool or List of these."
        )
    lines = _lines(text)
    header, docstring, body = _solution_parts(lines, sol)
    puzzle = Puzzle(
        name=name,
        sat=_imports(tree, lines) + _text(lines, sat.lineno, sat.end_lineno),
        answer_type=answer_type,
        header=header,
        docstring=docstring,
        bodies=(body,),
    )
    return PuzzleProgram(text, sat, answer_type, puzzle)


def with_shared_inputs(text: str) -> str:
    """Return a puzzle program in which `sol` takes the inputs of `sat`, with the same defaults.

    P3 gives both functions the same inputs. A model that changes an input in `sat` alone thereby makes
    the new puzzle's `sol` face the new input as well. Programs that cannot be read, or whose `sol` has
    parameters of its own, come back as they are.
    """
    program = parse_puzzle_program(text)
    tree = parse_source(text)
    if isinstance(program, Refusal) or isinstance(tree, Refusal):
        return text
    sol = _function(tree, "sol")
    inputs = ast.arguments([], program.sat.args.args[1:], None, [], [], None, program.sat.args.defaults)
    known = {argument.arg for argument in inputs.args}
    if sol is None or len(inputs.defaults) != len(inputs.args) or _simple_parameters(sol) - known:
        return text
    lines = _lines(text)
    end = _header_end(lines, sol)
    if end is None:
        return text
    lines[sol.lineno - 1 : end] = [f"def sol({ast.unparse(inputs)}):"]
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    """Return the lines as the parser counts them (a form feed ends none)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """Return the one undecorated top-level function of this name."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[0] if len(found) == 1 and not found[0].decorator_list else None


def _simple_parameters(function: ast.FunctionDef) -> set[str]:
    """Return the names of a function's parameters, with `*` for any that is not a plain one."""
    arguments = function.args
    plain = {argument.arg for argument in arguments.args}
    return (
        plain | {"*"}
        if arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg
        else plain
    )


def _header_end(lines: list[str], function: ast.FunctionDef) -> int | None:
    """Return the line on which a function's header ends; None where its body begins on that line."""
    for end in range(function.lineno, function.body[0].lineno):
        header = "\n".join(lines[function.lineno - 1 : end])
        if isinstance(parse_source(f"{header} pass"), ast.Module):
            return end
        if isinstance(parse_source(f"{header}\n pass"), ast.Module):  # the line ends in a comment
            return end
    return None


def _text(lines: list[str], first: int, last: int | None) -> str:
    return "\n".join(lines[first - 1 : last])


def _imports(tree: ast.Module, lines: list[str]) -> str:
    """Return the source of top-level imports that `PREAMBLE` has not."""
    known = ast.unparse(ast.parse(PREAMBLE))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    sources = [_text(lines, node.lineno, node.end_lineno) for node in imports if ast.unparse(node) != known]
    return "\n".join(sources) + "\n\n\n" if sources else ""


def _solution_parts(lines: list[str], sol: ast.FunctionDef) -> tuple[str, str, str]:
    """Return header, docstring and body of `sol`, as P3 keeps them."""
    end = _header_end(lines, sol)
    header = f"def sol({ast.unparse(sol.args)}):"
    if end is None:
        return header, "", "\n".join(f"    {ast.unparse(node)}" for node in sol.body)
    first = sol.body[0]
    if ast.get_docstring(sol) is None or len(sol.body) == 1 or first.end_lineno == sol.body[1].lineno:
        return header, "", _text(lines, end + 1, sol.end_lineno)
    docstring = _text(lines, end + 1, first.end_lineno)
    return header, docstring, _text(lines, (first.end_lineno or end) + 1, sol.end_lineno)
