"""The repositories that export writes (that Triton loads them: test_generated_model_on_server.py)."""

import json

import pytest
from google.protobuf import json_format, text_format
from tritonclient.grpc.model_config_pb2 import ModelConfig, ModelInstanceGroup

from elm_protocols import UserError
from elm_triton.chat_template import served_template
from elm_triton.model_repository import (
    ModelSource,
    TransformersPlacement,
    VllmPlacement,
    export_transformers,
    export_vllm,
    model_names,
)
from elm_triton.served_model import read_model_config
from elm_triton.text_interfaces import VLLM, choose_interface


def read(directory):
    return text_format.Parse((directory / "config.pbtxt").read_text(), ModelConfig())


@pytest.fixture
def checkpoint(tmp_path):
    """A model directory as far as export looks at it."""
    directory = tmp_path / "Tiny-Instruct"
    directory.mkdir()
    (directory / "config.json").write_text("{}")
    (directory / "chat_template.jinja").write_text('{{ "a \\"quoted\\" template" }}\n')
    (directory / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>"}))
    return directory


def test_one_copy_over_8_gpus_is_one_instance_held_to_them(tmp_path):
    placement = VllmPlacement(gpus=tuple(range(8)), tensor_parallel_size=8, max_model_len=4096)
    directory = export_vllm(tmp_path / "repository", ModelSource(model="org/Big-70B"), placement)
    config, engine = read(directory), json.loads((directory / "1" / "model.json").read_text())
    assert (config.name, config.backend) == ("Big-70B", "vllm")
    (group,) = config.instance_group
    assert (group.kind, group.count) == (ModelInstanceGroup.KIND_MODEL, 1)
    assert config.parameters["GPU_DEVICE_IDS"].string_value == "0,1,2,3,4,5,6,7"
    assert engine["model"] == "org/Big-70B"
    assert (engine["tensor_parallel_size"], engine["max_model_len"]) == (8, 4096)


def test_a_copy_on_each_of_several_gpus_is_an_instance_each(tmp_path):
    directory = export_vllm(tmp_path, ModelSource(model="org/Small"), VllmPlacement(gpus=(2, 3, 5)))
    (group,) = read(directory).instance_group
    assert (group.kind, group.count, list(group.gpus)) == (ModelInstanceGroup.KIND_GPU, 1, [2, 3, 5])
    assert json.loads((directory / "1" / "model.json").read_text())["tensor_parallel_size"] == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"gpus": ()}, "'gpus'"),
        ({"gpus": (1, 1)}, "'gpus'"),
        ({"gpus": (-1,)}, "'gpus'"),
        ({"gpus": (0, 1, 2, 3), "tensor_parallel_size": 2}, "one repository for each group"),
        ({"gpu_memory_utilization": 0.0}, "'gpu-memory'"),
    ],
)
def test_a_placement_that_cannot_be_is_a_users_mistake(settings, words):
    with pytest.raises(UserError, match=words):
        VllmPlacement(**settings)


@pytest.mark.parametrize(
    "settings", [{"instances": 0}, {"max_batch_size": 0}, {"queue_delay": -1.0}, {"threads": -1}]
)
def test_a_transformers_placement_out_of_range_is_a_users_mistake(settings):
    with pytest.raises(UserError, match="at least"):
        TransformersPlacement(**settings)


def test_the_transformers_model_has_vllms_tensors_batches_and_a_queue_deadline(tmp_path, checkpoint):
    placement = TransformersPlacement(instances=2, max_batch_size=4, queue_delay=0.02, threads=3)
    directory = export_transformers(
        tmp_path / "r", ModelSource(model=str(checkpoint), name="tiny"), placement
    )
    config = read(directory)
    model = read_model_config(json_format.MessageToDict(config, preserving_proto_field_name=True))
    assert choose_interface(model) is VLLM
    assert (model.batched, model.decoupled) == (True, True)
    assert (config.instance_group[0].count, config.max_batch_size) == (2, 4)
    assert config.dynamic_batching.max_queue_delay_microseconds == 20_000
    assert config.dynamic_batching.default_queue_policy.allow_timeout_override
    assert config.parameters["model"].string_value == str(checkpoint)
    assert served_template(model) == ('{{ "a \\"quoted\\" template" }}\n', {"bos_token": "<s>"})
    for file in (directory / "1").glob("*.py"):
        compile(file.read_text(), file.name, "exec")
    assert {file.name for file in (directory / "1").iterdir()} >= {"model.py", "batched_generation.py"}


def test_on_gpus_there_are_so_many_copies_on_each(tmp_path):
    placement = TransformersPlacement(gpus=(0, 1), instances=2)
    (group,) = read(export_transformers(tmp_path, ModelSource(model="org/m"), placement)).instance_group
    assert (group.kind, group.count, list(group.gpus)) == (ModelInstanceGroup.KIND_GPU, 2, [0, 1])


def test_nothing_is_overwritten_and_a_directory_must_be_a_model(tmp_path):
    export_vllm(tmp_path, ModelSource(model="org/m"), VllmPlacement())
    assert model_names(tmp_path) == ["m"]
    with pytest.raises(UserError, match="exists already"):
        export_vllm(tmp_path, ModelSource(model="other/m"), VllmPlacement())
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"no config\.json"):
        export_vllm(tmp_path, ModelSource(model=str(tmp_path / "empty")), VllmPlacement())
    with pytest.raises(UserError, match="holds no model"):
        model_names(tmp_path / "empty")
