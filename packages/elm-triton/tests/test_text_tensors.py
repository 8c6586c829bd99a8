"""Prompts to tensors and responses to text, for described models (the same on real servers: *_on_server)."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_protocols import UserError
from elm_triton.sampling import Sampling
from elm_triton.served_model import TensorSpec, read_model_config
from elm_triton.text_interfaces import LLM_API, TENSORRT_LLM, TEXT_INTERFACES, VLLM, choose_interface
from elm_triton.text_tensors import Reply, TextModel, encode_request

KINDS = {"text": "STRING", "flag": "BOOL", "whole": "INT32", "real": "FP32"}


def served(interface, *, batched=False, decoupled=True, without=(), parameters=()):
    """A model with all tensors of an interface, as its configuration would say it."""

    def entries(parts):
        return [
            {
                "name": part.names[0],
                "data_type": f"TYPE_{KINDS[part.kind]}",
                "dims": ["-1"],
                "optional": not part.needed,
            }
            for part in parts
            if part.role not in without
        ]

    return read_model_config(
        {
            "name": "model",
            "max_batch_size": 8 if batched else 0,
            "input": entries(interface.inputs),
            "output": entries(interface.outputs),
            "model_transaction_policy": {"decoupled": decoupled},
            "parameters": {key: {"string_value": value} for key, value in parameters},
        }
    )


def encoded(model, sampling, *, stream=False):
    interface = choose_interface(model)
    tensors = encode_request(TextModel(model, interface), "a prompt", sampling, stream=stream)
    return {tensor.name: tensor.values for tensor in tensors}


@pytest.mark.parametrize("interface", TEXT_INTERFACES, ids=lambda one: one.name)
def test_each_interface_is_recognised_by_its_needed_tensors_alone(interface):
    optional = [part.role for part in (*interface.inputs, *interface.outputs) if not part.needed]
    assert choose_interface(served(interface)) is interface
    assert choose_interface(served(interface, without=optional)) is interface


def test_an_input_that_nobody_fills_is_no_fit():
    model = served(VLLM)
    inputs = {**model.inputs, "picture": TensorSpec("picture", "FP32", (3, 8, 8))}
    with pytest.raises(UserError, match="it needs the input picture"):
        choose_interface(
            type(model)(name="m", inputs=inputs, outputs=model.outputs, batched=False, decoupled=True)
        )


@given(
    temperature=st.floats(0, 4),
    top_p=st.floats(0.01, 1),
    max_tokens=st.integers(1, 10**6),
    seed=st.none() | st.integers(0, 2**63 - 1),
    stop=st.lists(st.text(min_size=1), max_size=3),
)
def test_vllms_sampling_is_json_with_what_was_set(temperature, top_p, max_tokens, seed, stop):
    sampling = Sampling(
        temperature=temperature, top_p=top_p, max_tokens=max_tokens, seed=seed, stop=tuple(stop)
    )
    said = json.loads(encoded(served(VLLM), sampling)["sampling_parameters"].item())
    expected = {"temperature": temperature, "top_p": top_p, "max_tokens": max_tokens}
    if seed is not None:
        expected["seed"] = seed
    if stop:
        expected["stop"] = stop
    assert said == expected


def test_greedy_is_one_candidate_where_a_temperature_of_0_is_refused():
    for interface, prefix in ((TENSORRT_LLM, ""), (LLM_API, "sampling_param_")):
        tensors = encoded(served(interface), Sampling(temperature=0))
        assert tensors[f"{prefix}top_k"].tolist() == [1]
        assert f"{prefix}temperature" not in tensors
        assert f"{prefix}top_p" not in tensors


def test_a_batch_dimension_is_there_exactly_where_the_model_has_one():
    for batched, shape in ((True, (1, 2)), (False, (2,))):
        tensors = encoded(served(TENSORRT_LLM, batched=batched), Sampling(stop=("a", "b")))
        assert tensors["stop_words"].shape == shape
        assert tensors["text_input"].ndim == len(shape)


def test_only_decoupled_models_are_asked_for_pieces():
    assert encoded(served(VLLM), Sampling(), stream=True)["stream"].tolist() == [True]
    assert encoded(served(VLLM, decoupled=False), Sampling(), stream=True)["stream"].tolist() == [False]


def reply_of(model, *responses, max_tokens=9):
    reply = Reply(TextModel(model, choose_interface(model)), "a prompt", max_tokens)
    pieces = []
    for response in responses:
        reply.add({name: np.array([value], dtype=object) for name, value in response.items()})
        pieces.append(reply.new)
    return reply, pieces


@given(st.lists(st.text(min_size=1), min_size=1, max_size=6))
def test_pieces_and_cumulative_texts_give_the_same_text(words):
    texts = ["".join(words[: index + 1]) for index in range(len(words))]
    new = [{"text_output": word.encode()} for word in words]
    whole = [{"text_output": text.encode()} for text in texts]
    accumulating = served(TENSORRT_LLM, parameters=[("accumulate_tokens", "true")])
    for model, responses in ((served(VLLM), new), (served(LLM_API), whole), (accumulating, whole)):
        reply, pieces = reply_of(model, *responses)
        assert reply.text == "".join(words)
        assert pieces == words


@pytest.mark.parametrize("accumulate", ["true", "false"])
def test_a_prompt_that_the_model_repeats_is_cut_off(accumulate):
    model = served(TENSORRT_LLM, without=("exclude_prompt",), parameters=[("accumulate_tokens", accumulate)])
    second = b"a prompt and on and on" if accumulate == "true" else b" and on"
    reply, pieces = reply_of(model, {"text_output": b"a prompt and on"}, {"text_output": second})
    assert reply.text == " and on and on"
    assert pieces == [" and on", " and on"]


def test_the_end_is_told_from_the_token_count_where_the_model_does_not_say():
    for tokens, reason in ((9, "length"), (4, "stop")):
        reply, _ = reply_of(served(TENSORRT_LLM), {"text_output": b"x", "num_output_tokens": tokens})
        assert reply.finish_reason == reason
    reply, _ = reply_of(served(LLM_API), {"text_output": b"x"})
    assert reply.finish_reason == ""
    reply, _ = reply_of(served(VLLM), {"finish_reason": b"None"}, {"finish_reason": b"stop"})
    assert reply.finish_reason == "stop"


@pytest.mark.parametrize(
    "mistake",
    [
        {"temperature": -0.1},
        {"temperature": float("nan")},
        {"top_p": 0},
        {"top_p": 1.1},
        {"max_tokens": 0},
        {"stop": ("",)},
        {"seed": -1},
        {"seed": 2**63},
    ],
)
def test_sampling_out_of_range_is_a_users_mistake(mistake):
    with pytest.raises(UserError, match=f"'{next(iter(mistake))}'"):
        Sampling(**mistake)
