"""Each backend's text interface, on stand-ins with its tensors inside a real Triton server."""

import asyncio
import json

import pytest

from elm_protocols import UserError
from elm_triton import TritonLLM, triton_model

WHOLE = "w0 w1 w2 "
INTERFACES = {
    "vllm": "vLLM backend",
    "ensemble": "TensorRT-LLM ensemble or BLS",
    "bls": "TensorRT-LLM ensemble or BLS",
    "early_ensemble": "TensorRT-LLM ensemble or BLS",
    "llm_api": "TensorRT-LLM LLM API",
}


def models(options, name, **settings):
    """The model over gRPC and over HTTP."""
    for url in (options.address, f"http://127.0.0.1:{options.http_port}"):
        yield TritonLLM(url=url, model_name=name, max_tokens=3, **settings)


@pytest.mark.parametrize("name", INTERFACES)
def test_the_interface_is_chosen_and_the_text_comes_whole_and_in_pieces(standin_server, name):
    for model in models(standin_server, name):
        assert model.describe().interface.name == INTERFACES[name]
        assert model.invoke("a prompt") == WHOLE
        pieces = [piece for piece in model.stream("a prompt") if piece]
        assert pieces == ([WHOLE] if name == "early_ensemble" else ["w0 ", "w1 ", "w2 "])
        model.close()


@pytest.mark.parametrize("name", INTERFACES)
def test_sampling_arrives_in_the_backends_own_words(standin_server, name):
    for model in models(standin_server, name):
        text = model.invoke("report", stop=["\ndef", "END"], temperature=0.5, top_p=0.25, seed=7)
        asked = json.loads(text)
        assert asked["stop"] == ["\ndef", "END"]
        assert (asked["temperature"], asked["top_p"], asked["seed"]) == (0.5, 0.25, 7)
        assert asked["max_tokens"] == 3
        greedy = json.loads(model.invoke("report", temperature=0))
        assert greedy["temperature"] == 0 or (greedy["temperature"] is None and greedy["top_k"] == 1)
        assert greedy["seed"] is None
        assert [word for word in greedy["stop"] if word] == []
        model.close()


@pytest.mark.parametrize("name", ["vllm", "ensemble", "bls"])
def test_tokens_and_the_reason_of_the_end_are_told(standin_server, name):
    for model in models(standin_server, name):
        result = model.generate(["one two", "three"])
        assert result.llm_output["token_usage"] == {
            "prompt_tokens": 3,
            "completion_tokens": 6,
            "total_tokens": 9,
        }
        assert result.llm_output["model_name"] == name
        assert [one[0].generation_info["finish_reason"] for one in result.generations] == ["length"] * 2
        *_, last = model._stream("one two")
        assert last.generation_info["token_usage"]["completion_tokens"] == 3
        model.close()


def test_a_model_that_does_not_count_tokens_reports_none(standin_server):
    for model in models(standin_server, "early_ensemble"):
        result = model.generate(["one"])
        assert result.llm_output["token_usage"]["total_tokens"] == 0
        assert result.generations[0][0].generation_info["finish_reason"] == ""
        model.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [("wrong_type", "its input text_input is INT32, not BYTES"), ("adder", "it has no input text_input")],
)
def test_a_model_without_a_text_interface_is_explained_in_one_sentence(standin_server, name, words):
    for model in models(standin_server, name):
        with pytest.raises(UserError, match=words) as caught:
            model.invoke("a prompt")
        assert f"'{name}'" in str(caught.value)
        assert "\n" not in str(caught.value)
        model.close()


def test_the_app_learns_of_a_wrong_name_before_a_search_begins(standin_server):
    assert triton_model(url=standin_server.address, model_name="vllm", chat=False).invoke("a prompt")
    with pytest.raises(UserError, match="no_such_model"):
        triton_model(url=standin_server.address, model_name="no_such_model", chat=False)


def test_the_asynchronous_calls_work_from_any_loop(standin_server):
    (model, _) = models(standin_server, "vllm")

    async def ask():
        whole = await model.ainvoke("a prompt")
        return whole, "".join([piece async for piece in model.astream("a prompt")])

    for _ in range(2):  # a second asyncio.run is a second loop
        assert asyncio.run(ask()) == (WHOLE, WHOLE)
    model.close()
