"""The diff operator over a real chat client and the real embedded model."""

import re

import pytest
from langchain_core.language_models import FakeListChatModel

from elm_mutation.diffs import DiffOperator
from elm_mutation.patch_grammar import search_replace_grammar
from elm_protocols import MutationRequest, UserError

PARENT = "import math\n\ndef f(n):\n    a = 1\n    b = 2\n    return a + b + n\n"
REQUEST = MutationRequest(parents=(PARENT,), seed=0, instruction="Make it\nlarger.", template="import math\n")
GOOD = "<<<<<<< SEARCH\n    b = 2\n=======\n    b = 3\n>>>>>>> REPLACE\n"
BAD = "<<<<<<< SEARCH\n    z = 2\n    q = 1\n=======\n    b = 3\n>>>>>>> REPLACE\n"


def replies(*texts):
    """A scripted model: what is tested here is only what becomes of its patches."""
    return FakeListChatModel(responses=list(texts))


def test_a_patch_gives_a_child():
    (child,) = DiffOperator(replies(GOOD)).generate([REQUEST])
    assert child.text == PARENT.replace("b = 2", "b = 3")
    assert child.feedback == ""


def test_half_a_patch_is_refused_unless_asked_for_and_then_it_says_so():
    (child,) = DiffOperator(replies(GOOD + BAD), draws=1).generate([REQUEST])
    assert child.status == "patch"
    assert child.feedback == "1 of 2 hunks applied (hunk 2: its lines are not in the text)."
    (child,) = DiffOperator(replies(GOOD + BAD), partial=True).generate([REQUEST])
    assert child.ok
    assert "1 of 2 hunks applied" in child.feedback


def test_a_unified_diff_gives_a_child():
    diff = "```diff\n@@ -4,2 +4,2 @@\n     a = 1\n-    b = 2\n+    b = 4\n```"
    (child,) = DiffOperator(replies(diff), style="unified").generate([REQUEST])
    assert child.text == PARENT.replace("b = 2", "b = 4")


def test_lost_replies_are_counted():
    model = replies("I would rather not.", BAD, GOOD.replace("b = 3", "b = c"), GOOD)
    (child,) = DiffOperator(model, draws=4).generate([REQUEST])
    assert child.ok
    assert child.origin.lost == {"no-patch": 1, "patch": 1, "name": 1}


def test_the_prompt_of_diff_models_has_their_marks():
    prompt = DiffOperator(replies(""), style="commit")._prompt(REQUEST, None, None)
    assert prompt == f"<NME> program.py\n<BEF> {PARENT.rstrip()}\n<MSG> Make it larger.\n<DFF>"
    diff = " @@ -3,4 +3,4 @@\n def f(n):\n     a = 1\n-    b = 2\n+    b = 7\n     return a + b + n"
    (child,) = DiffOperator(replies(diff.strip()), style="commit").generate([REQUEST])
    assert child.text == PARENT.replace("b = 2", "b = 7")


def test_the_smallest_model_writes_blocks_that_fit_when_held_to_the_parents_lines(embedded_model, requests):
    children = DiffOperator(embedded_model, draws=2, max_tokens=150, concurrency=2).generate(requests(3))
    assert any(child.ok for child in children)
    lost = {cause for child in children for cause in child.origin.lost}
    assert not lost & {"patch", "no-patch"}


def test_the_smallest_model_fails_in_other_styles_with_a_status(embedded_model):
    operator = DiffOperator(embedded_model, style="unified", draws=1, max_tokens=64)
    (child,) = operator.generate([REQUEST])
    assert not child.ok
    assert child.status in ("no-patch", "patch", "syntax", "duplicate", "name", "truncated")


def quoted(request):
    """The lines that a block may quote."""
    return re.findall(r'^line\d+ ::= "(.*?)\\n=', search_replace_grammar(request), re.M)


def test_a_block_may_quote_whole_statements_of_functions_that_stand_there_once():
    body = "def f(n):\n    a = 1\n    a = 1\n    if n:\n        b = [\n    c = 2\n        ]\n    return a\n"
    request = MutationRequest(parents=(f"x = 1\n{body}",), seed=0, template="x = 1\n")
    assert quoted(request) == ["    c = 2"]
    assert quoted(MutationRequest(parents=("One.\n\nTwo.\nOne.\n",), seed=0, language="text")) == ["Two."]
    assert search_replace_grammar(MutationRequest(parents=("x = 1\n",), seed=0)) == ""


def test_an_unknown_style_is_refused():
    with pytest.raises(UserError, match="search_replace, unified, commit"):
        DiffOperator(replies(""), style="json")
