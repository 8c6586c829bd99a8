"""Awkward replies, most of them of kinds seen from small models, and what must come out."""

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_mutation.extraction import extract_program
from elm_mutation.program_checks import Problem, check_child
from elm_protocols import MutationRequest

TEMPLATE = "from walker import walker_creator\n\ndef make_walker():\n"
PARENT = TEMPLATE + "    wc = walker_creator()\n    wc.add_joint(0, 0)\n    return wc.get_walker()\n"
BODY = "    wc = walker_creator()\n    j = wc.add_joint(1, 2)\n    return wc.get_walker()\n"
CHILD = TEMPLATE + BODY
REQUEST = MutationRequest(parents=(PARENT,), seed=0, template=TEMPLATE)
HELPER = "def legs(wc):\n    return wc.add_joint(3, 3)\n"
USES_HELPER = "    wc = walker_creator()\n    legs(wc)\n    return wc.get_walker()\n"

REPLIES = {
    "bare": CHILD,
    "fenced": f"```python\n{CHILD}```",
    "fenced without a language": f"```\n{CHILD}```\n",
    "tildes": f"~~~py\n{CHILD}~~~",
    "prose around a block": f"Sure! Here it is:\n\n```python\n{CHILD}```\nIt moves: wc.add_joint(1, 2).",
    "prose around bare code": f"Here is a changed version.\n\n{CHILD}\nThis robot is better, as it is new.\n",
    "a block that is cut off": f"Here:\n```python\n{CHILD}    # more to",
    "no last newline": CHILD.rstrip(),
    "windows line ends": f"```python\r\n{CHILD}```".replace("\n", "\r\n").replace("\r\r", "\r"),
    "another function name": f"```python\n{CHILD.replace('make_walker', 'create_robot')}```",
    "imports in another order": f"```python\nimport os\n{CHILD}```".replace("import os\n", ""),
    "only the function": f"```python\ndef make_walker():\n{BODY}```",
    "only the body": f"```python\n{BODY}```",
    "only the body, indentation lost": textwrap.dedent(BODY),
    "all indented": textwrap.indent(CHILD, "    "),
    "tabs": CHILD.replace("    ", "\t"),
    "prompt marks": "".join(f">>> {line}\n" for line in CHILD.splitlines()),
    "trailing examples": f"```python\n{CHILD}\nwalker = make_walker()\nprint(walker)\nmake_walker()\n```",
    "a main guard": f'```python\n{CHILD}\nif __name__ == "__main__":\n    make_walker()\n```',
    "several blocks": f"First install it:\n```\npip install walker\n```\nThen:\n```python\n{CHILD}```",
    "the program, then how to run it": f"```python\n{CHILD}```\nRun:\n```python\nprint(make_walker())\n```",
    "the last line cut off": f"```python\n{CHILD}    wc.add_mus(",
    "the return forgotten": f"```python\n{CHILD.replace('    return wc.get_walker()' + chr(10), '')}```",
    "cut off before the return": CHILD.replace("    return wc.get_walker()\n", "    wc.add_joint(3,"),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_the_same_program_comes_out(reply):
    child = extract_program(reply, REQUEST)
    assert isinstance(child, str), child
    assert child.startswith(TEMPLATE)
    assert ast.dump(ast.parse(child)) == ast.dump(ast.parse(CHILD))
    assert check_child(child, REQUEST) is None


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\nfrom walker import walker_creator\n\n{HELPER}\ndef make_walker():\n{USES_HELPER}```",
        f"```python\n{HELPER}```\nand\n```python\ndef make_walker():\n{USES_HELPER}```",
    ],
)
def test_helpers_are_kept(reply):
    child = extract_program(reply, REQUEST)
    assert check_child(child, REQUEST) is None
    assert "def legs(wc)" in child
    assert "    legs(wc)\n" in child


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ("", "empty"),
        ("I am sorry, but I cannot do that.", "syntax"),
        ("```python\n```", "empty"),
        ("```python\ndef make_walker(:\n    pass\n```", "syntax"),
    ],
)
def test_a_reply_without_a_program_says_so(reply, status):
    problem = extract_program(reply, REQUEST)
    assert isinstance(problem, Problem)
    assert problem.status == status


def test_without_a_template_the_program_is_taken_as_it_is():
    request = MutationRequest(parents=("x = 1\n",), seed=0)
    assert extract_program("Here:\n```python\nx = 2\ny = x\n```", request) == "x = 2\ny = x\n"
    assert extract_program("x = 3  # a remark\n", request) == "x = 3  # a remark\n"


def test_a_template_of_imports_only_is_put_first():
    request = MutationRequest(parents=("import math\nx = math.pi\n",), seed=0, template="import math\n")
    assert extract_program("```\nx = math.e\n```", request) == "import math\nx = math.e\n"
    assert extract_program("```\nimport math\nx = 2\n```", request) == "import math\nx = 2\n"


@given(st.text(max_size=300))
def test_no_reply_breaks_the_extraction(reply):
    result = extract_program(reply, REQUEST)
    if isinstance(result, str):
        ast.parse(result)
        assert result.startswith(TEMPLATE)


PROSE = st.lists(
    st.sampled_from(["Sure!", "Here is it:", "It uses joints (5).", "- a point", "", "Note: 1 = 1"])
)


@given(before=PROSE, after=PROSE, fence=st.sampled_from(["```python", "```", "~~~"]))
def test_prose_around_a_block_never_matters(before, after, fence):
    reply = "\n".join([*before, fence, CHILD + fence[:3], *after])
    assert extract_program(reply, REQUEST) == CHILD
