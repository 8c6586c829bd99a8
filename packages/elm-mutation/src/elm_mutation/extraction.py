"""The program inside a model's reply: prose, fences, half lines, wrong names and all.

Only repairs that cannot change what the program means are made: what the reply says besides the program is
dropped, a last line that does not parse is dropped, and the entry function gets its agreed first line.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence

from elm_mutation.program_checks import Problem, parse
from elm_mutation.source_text import SourceText
from elm_protocols import MutationRequest

_FENCE = re.compile(r"^[ \t]*(?:```+|~~~+)[^\n`]*$", re.M)
_CODE_START = re.compile(
    r"^\s*(?:from |import |def |class |@|for |while |if |with |return\b|[\w.\[\]]+\s*[-+*/]?=[^=]|\w[\w.]*\()"
)
_PROMPT_MARK = re.compile(r"^(?:>>>|\.\.\.) ?", re.M)
_NO_CODE = Problem("empty", "The reply holds no program.")


def extract_program(reply: str, request: MutationRequest) -> str | Problem:
    """Return the child program that a reply holds, beginning with the request's template."""
    worst: Problem = _NO_CODE
    for candidate in _candidates(reply):
        program = _parsing_part(candidate, request.template)
        if program is not None:
            return _with_return(program, request)
        tree = parse(candidate)
        worst = tree if isinstance(tree, Problem) else worst
    return worst


def fenced_blocks(reply: str) -> Iterator[str]:
    """Yield the blocks between fences; the last may lack its end (a reply cut off)."""
    marks = list(_FENCE.finditer(reply))
    for opening, closing in zip(marks[::2], [*marks[1::2], None], strict=False):
        block = reply[opening.end() + 1 : closing.start() if closing else len(reply)]
        if block.strip():
            yield block


def _candidates(reply: str) -> Iterator[str]:
    """Texts that may be the program, the likeliest first."""
    blocks = list(fenced_blocks(reply))
    defining = [block for block in blocks if "def " in block]
    if len(defining) > 1 and isinstance(parse("\n".join(defining)), ast.Module):
        yield "\n".join(defining)  # helpers apart from what uses them
    yield from defining
    yield from (block for block in blocks if block not in defining)
    bare = _FENCE.sub("", reply)
    yield bare
    lines = bare.splitlines(keepends=True)
    starts = [index for index, line in enumerate(lines) if _CODE_START.match(line)]
    if starts:
        yield "".join(lines[starts[0] :])
    definitions = [index for index, line in enumerate(lines) if line.startswith("def ")]
    if definitions:
        yield "".join(lines[definitions[0] :])


def _parsing_part(candidate: str, template: str) -> str | None:
    """Return the longest beginning of a candidate that is a program with the template; None if none is.

    A beginning is not counted if it drops a line of code in the middle: only what follows the program may go.
    """
    text = textwrap.dedent(_PROMPT_MARK.sub("", candidate.replace("\t", "    "))).strip("\n")
    lines = text.splitlines()
    while lines and lines[-1].strip():
        program = _fitted("\n".join(lines) + "\n", template)
        if program is not None:
            return program
        lines.pop()
        while lines and not lines[-1].strip():
            lines.pop()
    return None


def _fitted(text: str, template: str) -> str | None:
    """Return a text as a program that begins with the template; None if it is none."""
    if template and text.startswith(template):
        return _without_examples(text) if isinstance(parse(text), ast.Module) else None
    tree = parse(text)
    if isinstance(tree, ast.Module) and any(_code(node) for node in tree.body):
        fitted = _around_template(text, tree, template) if template.strip() else _without_examples(text)
        if fitted is not None:
            return fitted
    if template.rstrip().endswith(":"):  # the reply goes on where the template ends
        body = template + textwrap.indent(text, "    ")
        body_tree = parse(body)
        if isinstance(body_tree, ast.Module) and not _says_only(body_tree):
            return body
    return None


def _code(node: ast.stmt) -> bool:
    """Whether a statement does something: prose may parse too, as names and comparisons."""
    return not isinstance(node, ast.Expr | ast.AnnAssign)


def _says_only(tree: ast.Module) -> bool:
    last = tree.body[-1]
    body = last.body if isinstance(last, ast.FunctionDef) else [last]
    return not any(_code(node) or isinstance(getattr(node, "value", None), ast.Call) for node in body)


def _around_template(text: str, tree: ast.Module, template: str) -> str | None:
    """Return template, body of the reply's entry function, then its other definitions."""
    head = parse(f"{template.rstrip()}\n    pass\n") if template.rstrip().endswith(":") else parse(template)
    if not isinstance(head, ast.Module) or not head.body:
        return None
    agreed = head.body[-1]
    rest = [node for node in tree.body if not _is_example(node)]
    known = {ast.dump(node) for node in head.body}
    if not isinstance(agreed, ast.FunctionDef):
        return template + _sources(text, [node for node in rest if ast.dump(node) not in known])
    entry = _entry(rest, agreed)
    if entry is None:
        return None
    others = [node for node in rest if node is not entry and ast.dump(node) not in known]
    helpers = _sources(text, others)
    return template + _body(text, entry) + (f"\n\n{helpers}" if helpers else "")


def _entry(nodes: Sequence[ast.stmt], agreed: ast.FunctionDef) -> ast.FunctionDef | None:
    """The reply's function that plays the agreed one's part: of its name, else the last with its arity."""
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    named = [node for node in functions if node.name == agreed.name]
    alike = [node for node in functions if len(node.args.args) == len(agreed.args.args)]
    found = named or alike
    return found[-1] if found else None


def _body(text: str, function: ast.FunctionDef) -> str:
    source = SourceText(text)
    first = function.body[0]
    start, (_, end) = source.offset(first.lineno, 0), source.span(function)
    if first.lineno == function.lineno:  # def f(): return 1
        start = source.span(first)[0]
    return textwrap.indent(textwrap.dedent(text[start:end]), "    ") + "\n"


def _sources(text: str, nodes: Sequence[ast.stmt]) -> str:
    parts = [ast.get_source_segment(text, node) or "" for node in nodes]
    return "".join(f"{part}\n" for part in parts if part)


def _without_examples(text: str) -> str:
    """Return the program without the calls and prints that follow its last definition."""
    tree = ast.parse(text)
    kept = list(tree.body)
    while len(kept) > 1 and _is_example(kept[-1]):
        kept.pop()
    if len(kept) == len(tree.body):
        return text
    return text[: SourceText(text).span(kept[-1])[1]] + "\n"


def _is_example(node: ast.stmt) -> bool:
    match node:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case ast.Expr(value=ast.Constant()):
            return False
        case ast.Expr() | ast.Assert():
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(id=name))):
            return name.startswith(("make_", "main", "run", "test"))
    return False


def _with_return(program: str, request: MutationRequest) -> str:
    """Return the program with its parent's last line, where that is a return and the program has none."""
    function, parent = _last_function(program), _last_function(request.parents[0])
    if function is None or parent is None or not isinstance(parent.body[-1], ast.Return):
        return program
    if function.name != parent.name or any(isinstance(n, ast.Return | ast.Yield) for n in ast.walk(function)):
        return program
    line = ast.get_source_segment(request.parents[0], parent.body[-1])
    source = SourceText(program)
    _, end = source.span(function)
    indent = source.line_prefix(source.span(function.body[-1])[0])
    return f"{program[:end]}\n{indent}{line}\n{program[end:].lstrip(chr(10))}"


def _last_function(program: str) -> ast.FunctionDef | None:
    tree = parse(program)
    functions = (
        [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        if isinstance(tree, ast.Module)
        else []
    )
    return functions[-1] if functions else None
