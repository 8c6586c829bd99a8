"""The command elm-triton, as a person calls it; serve and check against a real server."""

import signal
import subprocess
import sys

import pytest

from elm_triton.command_line import main

COMMAND = [sys.executable, "-c", "import sys; from elm_triton.command_line import main; sys.exit(main())"]


def test_export_writes_a_repository_and_names_the_next_step(tmp_path, capsys):
    assert main(["export", "org/Model-7B", str(tmp_path), "--gpus", "0,1", "--tensor-parallel", "2"]) == 0
    assert f"elm-triton serve {tmp_path}" in capsys.readouterr().out
    assert (tmp_path / "Model-7B" / "1" / "model.json").is_file()
    assert main(["export", "org/Tiny", str(tmp_path), "--backend", "transformers", "--threads", "1"]) == 0
    assert (tmp_path / "Tiny" / "1" / "model.py").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["export", "org/m", "{}", "--gpus", "0,1,2", "--tensor-parallel", "2"], 2, "'tensor-parallel'"),
        (["serve", "{}"], 2, "holds no model"),
        (["check", "127.0.0.1:9"], 1, "refused"),
        (["check", "ftp://a"], 2, "'url'"),
        (["export", "org/m", "{}", "--backend", "transformers", "--instances", "0"], 2, "'instances'"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(arguments, code, words, tmp_path, capsys):
    assert main([argument.format(tmp_path) for argument in arguments]) == code
    error = capsys.readouterr().err
    assert words in error
    assert error.startswith("elm-triton: ")
    assert error.count("\n") == 1


def test_options_that_argparse_refuses_end_with_code_2(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["export", "org/m", "x", "--gpus", "all"])
    assert ended.value.code == 2
    assert "'all' is no list of whole numbers" in capsys.readouterr().err


def test_check_says_what_is_served_and_how_fast(standin_server, capsys):
    assert main(["check", standin_server.address, "--tokens", "4", "--concurrencies", "1,8"]) == 0
    said = capsys.readouterr().out
    assert "answers in" in said
    assert "vllm: vLLM backend" in said
    assert "llm_api: TensorRT-LLM LLM API" in said
    assert "broken: cannot write" in said
    assert "adder: cannot write" in said
    assert " 8 at once:" in said
    assert "tokens/s" in said
    assert "tokens not counted" in said  # the early ensemble


def test_check_over_http_measures_one_model(standin_server, capsys):
    url = f"http://127.0.0.1:{standin_server.http_port}"
    assert main(["check", url, "--model", "vllm", "--concurrencies", "2", "--tokens", "4"]) == 0
    assert capsys.readouterr().out.count("at once") == 1


@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_serve_runs_until_it_is_told_to_end(vllm_standin, triton_servers, server_named, end, code):
    options = triton_servers.free_options()
    ports = {"grpc": options.grpc_port, "http": options.http_port, "metrics": options.metrics_port}
    flags = [f"--{name}-port={port}" for name, port in ports.items()]
    with subprocess.Popen(
        [*COMMAND, "serve", str(vllm_standin), "--server", server_named, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            line = next(line for line in process.stdout if line.startswith("Ready"))
            assert f"model.url={options.address} model.model_name=vllm" in line
            assert main(["check", options.address, "--concurrencies", "1", "--tokens", "2"]) == 0
            process.send_signal(end)
            process.stdout.read()
            assert process.wait(60) == code
        finally:
            if process.poll() is None:
                process.kill()
    assert main(["check", options.address]) == 1  # nobody answers there any more


def test_serve_says_when_the_server_ends_by_itself(tmp_path, capfd, server_named, triton_servers):
    model = tmp_path / "model"
    (model / "1").mkdir(parents=True)
    (model / "config.pbtxt").write_text('backend: "none"\n')
    options = triton_servers.free_options()
    flags = [f"--grpc-port={options.grpc_port}", f"--http-port={options.http_port}"]
    flags.append(f"--metrics-port={options.metrics_port}")
    assert main(["serve", str(tmp_path), "--server", server_named, *flags]) == 2
    assert "ended with code 1 before its models were ready" in capfd.readouterr().err
