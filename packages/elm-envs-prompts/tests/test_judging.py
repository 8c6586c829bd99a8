"""Judges that reply, and how far judgements agree."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_prompts import load_domain
from elm_envs_prompts.judge_agreement import agreement, agreement_text
from elm_envs_prompts.judging import Judgement, ReplyJudge, judge_named, reply_schema
from elm_envs_prompts.language_model import Failure, replies_by_schema
from elm_protocols import OverBudgetError, UserError

GOOD = {"quality": 7, "genre": "haiku", "tone": "dark"}


def test_an_unusable_reply_is_asked_for_again(chat):
    model = chat(lambda prompt, attempt: "Well ..." if attempt < 3 else f"Here: {json.dumps(GOOD)}")
    judge = ReplyJudge(load_domain("poetry"), model, attempts=3)
    (judgement,) = judge.judge(["Cold is the sea."], 0)
    assert judgement == Judgement(7.0, {"genre": (1, 0, 0, 0, 0), "tone": (0, 1, 0, 0, 0)})
    assert (judge.replies.asked, judge.replies.usable) == (3, 1)


def test_after_the_last_attempt_it_is_a_status(chat):
    judge = ReplyJudge(load_domain("poetry"), chat(lambda *_: "no"), attempts=2)
    (failure,) = judge.judge(["Cold is the sea."], 0)
    assert isinstance(failure, Failure)
    assert failure.status == "unusable-reply"
    assert judge.replies.asked == 2


def test_what_the_budget_refuses_is_no_reply_and_is_not_asked_again(chat):
    model = chat(lambda *_: OverBudgetError("The budget of 9 requests is spent."))
    judge = ReplyJudge(load_domain("poetry"), model, attempts=3)
    (failure,) = judge.judge(["Cold is the sea."], 0)
    assert failure == Failure("budget", "The budget of 9 requests is spent.")
    assert (judge.replies.asked, len(model.asked)) == (0, 1)


@pytest.mark.parametrize(
    "change",
    [{"quality": 11}, {"quality": 0}, {"quality": 7.5}, {"quality": True}, {"tone": "odd"}, {"tone": None}],
)
def test_what_breaks_the_schema_is_unusable(chat, change):
    model = chat(lambda *_: json.dumps({**GOOD, **change}))
    (reply,) = replies_by_schema(model, ["?"], reply_schema(load_domain("poetry")))
    assert isinstance(reply, Failure)


@given(st.text(max_size=60))
def test_no_reply_whatever_breaks_the_reading(text):
    class Saying:
        def batch(self, inputs, config=None, *, return_exceptions=False, **settings):
            return [text]

    (reply,) = replies_by_schema(Saying(), ["?"], reply_schema(load_domain("poetry")))
    assert isinstance(reply, Failure) or reply["quality"] in range(1, 11)


def test_a_model_that_langchain_holds_to_a_schema_is_held(chat):
    class Held:
        def batch(self, inputs, config, *, return_exceptions):
            return [GOOD if "good" in text else RuntimeError("down") for text in inputs]

    class Structured:
        def batch(self, *_, **__):
            raise AssertionError("the schema was not used")

        def with_structured_output(self, schema, method):
            assert schema["properties"]["tone"]["enum"][0] == "happy"
            return Held()

    first, second = replies_by_schema(Structured(), ["good", "bad"], reply_schema(load_domain("poetry")))
    assert first == GOOD
    assert second.status == "model-error"


def test_a_refused_key_ends_the_run():
    class Refusing:
        def batch(self, *_, **__):
            error = RuntimeError("bad key")
            error.status_code = 401
            return [error]

    with pytest.raises(UserError, match="refuses the API key"):
        replies_by_schema(Refusing(), ["?"], reply_schema(load_domain("poetry")))


def test_probabilities_of_a_judge_that_replies(chat):
    model = chat(lambda *_: '{"quality": 5, "sentiment": 8}')
    domain = load_domain("opinions")
    (judgement,) = ReplyJudge(domain, model).judge(["I like carrots."], 0)
    assert judgement.measure(domain.axes[0]) == pytest.approx(0.8)
    assert judgement.label(domain.axes[0]) == "positive"


def test_a_judge_by_name(chat, continuer):
    domain = load_domain("poetry")
    assert isinstance(judge_named("reply", domain, continuer, 1), ReplyJudge)
    assert not isinstance(judge_named("auto", domain, continuer, 1), ReplyJudge)
    with pytest.raises(UserError, match="judge=likelihood needs"):
        judge_named("likelihood", domain, chat(str), 1)
    with pytest.raises(UserError, match="auto, likelihood or reply"):
        judge_named("jury", domain, chat(str), 1)


def said(quality, tone):
    return {"quality": quality, "labels": {"tone": tone}}


def test_agreement_of_judgements():
    found = agreement(
        [[said(5, "dark"), said(7, "dark")], [said(3, "dark"), said(3, "happy")], [said(9, "happy")]]
    )
    assert (found.texts, found.judgements) == (2, 4)
    assert found.quality_difference == pytest.approx(1.0)
    assert found.same_label == {"tone": 0.5}
    assert "2 texts judged 4 times" in agreement_text(found)


def test_no_agreement_without_a_second_judgement():
    assert agreement([[said(5, "dark")], []]) is None
    assert "unknown" in agreement_text(None)
