"""The grammar of a search/replace block whose SEARCH quotes a line of the parent.

Without it a model of 135M parameters hardly ever quotes a line as it is; with it every block can be applied.
Such a model ends sooner, and better, the fewer lines it may write, so that there are few.
"""

from __future__ import annotations

import ast
import json
from collections import Counter

from elm_protocols import MutationRequest

_MOST_NEW = 2
"""Lines that a block may put in the place of the quoted one."""
_MOST_LETTERS = 90
"""Letters of such a line."""


def search_replace_grammar(request: MutationRequest) -> str:
    """Return the grammar (GBNF) of a block that exchanges one line of a request's first parent.

    The line stands in the parent once, is not of the template, and is, where the parent is a program, a
    statement of a function by itself but no `return`. New lines are indented like it. Empty if there is no
    such line.
    """
    lines = _quotable(request)
    if not lines:
        return ""
    rules = [f"line{number} ::= {_exchange(line)}" for number, line in enumerate(lines)]
    return "\n".join(
        [
            'root ::= "<<<<<<< SEARCH\\n" change ">>>>>>> REPLACE"',
            f"change ::= {' | '.join(f'line{number}' for number in range(len(lines)))}",
            f"text ::= [^ \\n<=>] [^\\n]{{0,{_MOST_LETTERS}}}",
            *rules,
            "",
        ]
    )


def _exchange(line: str) -> str:
    indent = json.dumps(line[: len(line) - len(line.lstrip())])
    new = f'({indent} text "\\n")'
    quoted = json.dumps(f"{line}\n=======\n", ensure_ascii=False)
    return " ".join([quoted, new, *[f"{new}?"] * (_MOST_NEW - 1)])


def _quotable(request: MutationRequest) -> list[str]:
    parent = request.parents[0]
    times = Counter(parent.splitlines())
    body = parent[len(request.template) :].splitlines()
    fits = _is_inner_statement if request.language == "python" else str.strip
    return [line for line in body if times[line] == 1 and fits(line)]


def _is_inner_statement(line: str) -> bool:
    """Return whether a line is a whole statement inside something."""
    try:
        statements = ast.parse(line.strip()).body
    except SyntaxError:
        return False
    # What stands in the place of a `return` seldom returns anything.
    return line[:1].isspace() and bool(statements) and not isinstance(statements[0], ast.Return)
