"""Chat templates: rendered as Transformers does, found where models keep them."""

import json

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from elm_protocols import UserError
from elm_triton import ChatTriton
from elm_triton.chat_template import read_template, render

CHATML = (
    "{% for message in messages %}\n"
    "    {{- '<|' + message['role'] + '|>' + message['content'] + eos_token -}}\n"
    "    {% endfor %}\n"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@pytest.fixture
def chat(tmp_path):
    (tmp_path / "chat_template.jinja").write_text(CHATML)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"eos_token": {"content": "</s>"}}))
    return ChatTriton(model_name="m", chat_template=str(tmp_path))


def test_messages_become_the_models_own_prompt(chat):
    messages = [SystemMessage("Be brief."), HumanMessage("Hi"), AIMessage("Ho"), HumanMessage("And?")]
    assert chat.prompt(messages) == (
        "<|system|>Be brief.</s><|user|>Hi</s><|assistant|>Ho</s><|user|>And?</s><|assistant|>"
    )


def test_what_a_text_model_cannot_read_is_a_users_mistake(chat):
    with pytest.raises(UserError, match="plain text"):
        chat.prompt([HumanMessage([{"type": "text", "text": "hi"}])])
    with pytest.raises(UserError, match="'tool'"):
        chat.prompt([ToolMessage("42", tool_call_id="1")])


def test_the_template_inside_an_older_tokenizer_configuration_is_found(tmp_path):
    path = tmp_path / "tokenizer_config.json"
    path.write_text(json.dumps({"chat_template": "one", "bos_token": "<s>"}))
    assert read_template(path) == ("one", {"bos_token": "<s>"})
    several = [{"name": "tool_use", "template": "no"}, {"name": "default", "template": "yes"}]
    path.write_text(json.dumps({"chat_template": several}))
    assert read_template(tmp_path)[0] == "yes"


def test_no_template_and_a_damaged_file_are_a_users_mistake(tmp_path):
    with pytest.raises(UserError, match="no chat template"):
        read_template(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text("{")
    with pytest.raises(UserError, match="not JSON"):
        read_template(tmp_path)


def test_a_template_may_refuse_and_may_not_reach_out():
    with pytest.raises(UserError, match="roles must alternate"):
        render("{{ raise_exception('roles must alternate') }}", [], {})
    with pytest.raises(UserError, match="chat template"):
        render("{{ ''.__class__.__mro__[1].__subclasses__() }}", [], {})
    with pytest.raises(UserError, match="chat template"):
        render("{% for %}", [], {})
