import json

import pytest

from elm_envs_puzzles.skills import REPLY_SCHEMA, SKILLS, label_skills, skill_labeller, skill_names


class ScriptedChatModel:
    """Scripted stand-in for a LangChain chat model: it keeps the two calls and gives the replies in turn."""

    def __init__(self, *replies):
        self.replies = replies
        self.schema = None

    def with_structured_output(self, schema, *, method):
        assert method == "json_schema"
        self.schema = schema
        return self

    def batch(self, prompts, *, return_exceptions):
        assert return_exceptions
        assert all("def sat" in prompt for prompt in prompts)
        return list(self.replies[: len(prompts)])


ALL_NO = dict.fromkeys(SKILLS, False)


def test_labels_are_in_the_order_of_the_skills():
    model = ScriptedChatModel(ALL_NO, {**ALL_NO, "bit_manipulation": True})
    none, one = label_skills(["def sat(): 1", "def sat(): 2"], skill_labeller(model))
    assert none == (0.0,) * 10
    assert one == (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert skill_names(one) == ["bit_manipulation"]
    assert model.schema is REPLY_SCHEMA


@pytest.mark.parametrize(
    "reply",
    [None, "yes", {}, {**ALL_NO, "mathematics": "true"}, {**ALL_NO, "mathematics": 1}, TimeoutError("late")],
)
def test_a_reply_without_labels_is_a_line_of_text(reply):
    [label] = label_skills(["def sat(): 1"], skill_labeller(ScriptedChatModel(reply)))
    assert isinstance(label, str)


def test_the_schema_asks_for_ten_booleans_and_nothing_else():
    json.dumps(REPLY_SCHEMA)
    assert len(REPLY_SCHEMA["properties"]) == len(REPLY_SCHEMA["required"]) == 10
    assert {kind["type"] for kind in REPLY_SCHEMA["properties"].values()} == {"boolean"}
    assert REPLY_SCHEMA["additionalProperties"] is False
