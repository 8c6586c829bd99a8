"""The model `triton` as the app finds and configures it."""

import inspect
import socket
from importlib.metadata import entry_points

import pytest

from elm_protocols import UserError
from elm_triton import ChatTriton, TritonLLM, triton_model


def test_the_app_finds_it_under_its_name():
    (found,) = entry_points(group="elm.models", name="triton")
    assert found.load() is triton_model


def test_every_option_is_a_plain_value_with_a_default():
    for parameter in inspect.signature(triton_model).parameters.values():
        assert isinstance(parameter.default, bool | int | float | str | tuple), parameter
        assert f"        {parameter.name}: " in triton_model.__doc__


def test_options_reach_the_model(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret")
    model = triton_model(
        url="a:1,b:2",
        model_name="m",
        temperature=0.1,
        max_tokens=7,
        token_variable="MY_TOKEN",
        start_timeout=0.0,
    )
    assert isinstance(model, ChatTriton)
    assert (model.url, model.temperature, model.max_tokens) == ("a:1,b:2", 0.1, 7)
    assert model.token.get_secret_value() == "secret"
    assert "secret" not in repr(model)
    assert isinstance(triton_model(model_name="m", chat=False, start_timeout=0.0), TritonLLM)


@pytest.mark.parametrize(
    "mistake",
    [
        {"model_name": ""},
        {"url": "ftp://a"},
        {"temperature": -1.0},
        {"timeout": 0.0},
        {"max_concurrency": 0},
        {"start_timeout": -1.0},
        {"ca_certificate": "/none.pem"},
        {"chat": False, "chat_template": "x.jinja"},
    ],
)
def test_a_bad_value_is_one_sentence_before_anything_connects(mistake):
    with pytest.raises(UserError) as caught:
        triton_model(**{"model_name": "m", **mistake})
    assert "\n" not in str(caught.value)


def test_a_setting_that_triton_does_not_have_is_named():
    with pytest.raises(UserError, match="no setting 'grammar'"):
        triton_model(model_name="m", chat=False, start_timeout=0.0).invoke("x", grammar="root ::= x")


def test_a_wrong_address_is_said_at_the_start():
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    with pytest.raises(UserError, match=f"serve 'm'.*localhost:{port}.* Set model.url to where it runs"):
        triton_model(url=f"localhost:{port}", model_name="m", start_timeout=1.0)
