"""Which server is started for a repository. That the real one starts: *_on_server.py."""

import pytest

from elm_protocols import UserError
from elm_triton.model_repository import ModelSource, VllmPlacement, export_vllm
from elm_triton.server_programs import IMAGE, SERVER_VARIABLE, find_server


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """An empty directory as the whole PATH, and no server named."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.delenv(SERVER_VARIABLE, raising=False)
    return directory


def add(directory, name):
    path = directory / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_without_any_server_the_ways_to_get_one_are_named(programs, tmp_path):
    with pytest.raises(UserError, match=f"Docker.*{SERVER_VARIABLE}"):
        find_server(tmp_path, tmp_path)


def test_a_program_on_the_path_comes_before_a_container(programs, tmp_path):
    add(programs, "docker")
    server = add(programs, "tritonserver")
    assert find_server(tmp_path, tmp_path).command == (str(server),)
    assert find_server(tmp_path, tmp_path, image="mine:1").command[-2:] == ("mine:1", "tritonserver")


def test_a_container_sees_the_repository_the_checkpoint_and_the_hubs_cache(programs, tmp_path, monkeypatch):
    add(programs, "podman")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_TOKEN", "secret")
    checkpoint = tmp_path / "checkpoint"
    checkpoint.mkdir()
    (checkpoint / "config.json").write_text("{}")
    repository = tmp_path / "repository"
    export_vllm(repository, ModelSource(model=str(checkpoint)), VllmPlacement())
    program = find_server(repository, tmp_path)
    assert program.command[-2:] == (IMAGE, "tritonserver")
    for path in (repository, checkpoint):
        assert f"--volume={path}:{path}:ro" in program.command
    assert f"--volume={tmp_path / 'hub'}:{tmp_path / 'hub'}" in program.command
    assert "--env=HF_TOKEN" in program.command
    assert "secret" not in " ".join(program.command)
    assert not any("gpus" in word for word in program.command)
    add(programs, "nvidia-smi")
    assert "--gpus=all" in find_server(repository, tmp_path).command


def test_a_named_server_that_is_none_is_a_users_mistake(programs, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="no Triton server at"):
        find_server(tmp_path, tmp_path, server=str(tmp_path / "none"))
    monkeypatch.setenv(SERVER_VARIABLE, str(programs))
    with pytest.raises(UserError, match="has no nvidia-pytriton"):
        find_server(tmp_path, tmp_path)
