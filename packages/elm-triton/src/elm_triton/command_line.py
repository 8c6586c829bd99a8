"""The command `elm-triton`: export a model, serve a repository, check a server."""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from elm_protocols import UserError
from elm_triton import loop_thread
from elm_triton.addresses import TOKEN_VARIABLE, Credentials, parse_addresses
from elm_triton.client import ServerOptions
from elm_triton.failures import TritonError
from elm_triton.model_repository import (
    ModelSource,
    TransformersPlacement,
    VllmPlacement,
    export_transformers,
    export_vllm,
    model_names,
)
from elm_triton.server_check import measure_pace, report_models, round_trip
from elm_triton.server_programs import IMAGE, SERVER_VARIABLE
from elm_triton.serving import ServingOptions, running_server, wait_until_ready


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 2 for what the user can mend, 1 for a server's failure."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except UserError as error:
        print(f"elm-triton: {error}", file=sys.stderr)
        return 2
    except TritonError as error:
        print(f"elm-triton: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="elm-triton", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_export(commands.add_parser("export", help="write a model repository for a Hugging Face model"))
    _add_serve(commands.add_parser("serve", help="run a Triton server on a model repository"))
    _add_check(commands.add_parser("check", help="say what a server serves, and how fast"))
    return parser


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="a Hugging Face model directory, or a name on the hub")
    parser.add_argument("repository", type=Path, help="the model repository; made if need be")
    parser.add_argument(
        "--backend", choices=("vllm", "transformers"), default="vllm", help="vllm needs GPUs (default)"
    )
    parser.add_argument("--name", default="", help="name to serve it under (default: the model's own)")
    parser.add_argument("--dtype", default="auto", help="number type of the weights, such as bfloat16")
    parser.add_argument(
        "--gpus", type=_numbers, default=None, help="such as 0,1,2,3 (default: 0 for vllm, none otherwise)"
    )
    vllm = parser.add_argument_group("vllm")
    vllm.add_argument("--tensor-parallel", type=int, default=1, help="GPUs that share a copy of the weights")
    vllm.add_argument("--gpu-memory", type=float, default=0.9, help="share of each GPU's memory to take")
    vllm.add_argument("--max-model-len", type=int, default=0, help="most tokens of prompt and text")
    python = parser.add_argument_group("transformers")
    python.add_argument("--instances", type=int, default=1, help="copies of the weights (on each GPU)")
    python.add_argument("--max-batch-size", type=int, default=16, help="most prompts written together")
    python.add_argument("--queue-delay", type=float, default=0.005, help="seconds to wait for a batch")
    python.add_argument("--threads", type=int, default=0, help="threads of an instance on the processor")
    parser.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> None:
    source = ModelSource(model=options.model, name=options.name, dtype=options.dtype)
    if options.backend == "vllm":
        placement = VllmPlacement(
            gpus=options.gpus or (0,),
            tensor_parallel_size=options.tensor_parallel,
            gpu_memory_utilization=options.gpu_memory,
            max_model_len=options.max_model_len,
        )
        directory = export_vllm(options.repository, source, placement)
    else:
        directory = export_transformers(
            options.repository,
            source,
            TransformersPlacement(
                gpus=options.gpus or (),
                instances=options.instances,
                max_batch_size=options.max_batch_size,
                queue_delay=options.queue_delay,
                threads=options.threads,
            ),
        )
    print(f"Wrote {directory}. Next: elm-triton serve {options.repository}")


def _add_serve(parser: argparse.ArgumentParser) -> None:
    defaults = ServingOptions()
    parser.add_argument("repository", type=Path, help="the model repository")
    parser.add_argument("--host", default=defaults.host, help="address to listen on; 0.0.0.0 for all")
    parser.add_argument("--grpc-port", type=int, default=defaults.grpc_port)
    parser.add_argument("--http-port", type=int, default=defaults.http_port)
    parser.add_argument("--metrics-port", type=int, default=defaults.metrics_port)
    parser.add_argument(
        "--server",
        default="",
        help=f"the server program, or a Python environment with nvidia-pytriton (default: {SERVER_VARIABLE}, "
        "then tritonserver on PATH, then a container)",
    )
    parser.add_argument("--image", default="", help=f"run a container of this image (default: {IMAGE})")
    parser.add_argument("--wait", type=float, default=1800.0, help="seconds until the models must be ready")
    parser.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> None:
    fields = [field.name for field in dataclasses.fields(ServingOptions) if field.name != "extra"]
    serving = ServingOptions(**{name: getattr(options, name) for name in fields})
    names = model_names(options.repository)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server ends too
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background jobs begin without it
    with running_server(options.repository, serving) as process:
        wait_until_ready(process, serving, names, options.wait)
        print(
            f"Ready: {', '.join(names)}. Use it: elm-run model=triton model.url={serving.address} "
            f"model.model_name={names[0]} (Ctrl-C ends the server)",
            flush=True,
        )
        process.wait()
    if process.returncode:
        raise UserError(f"The Triton server ended with code {process.returncode}: see what it printed.")


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", help="such as localhost:8001 or https://host:8000; several: comma-separated")
    parser.add_argument("--model", default="", help="measure this model only (default: every text model)")
    parser.add_argument("--concurrencies", type=_numbers, default=(1, 4, 16), help="default: 1,4,16")
    parser.add_argument("--tokens", type=int, default=64, help="most tokens of each text")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds that a text may take")
    parser.add_argument("--ca-certificate", default="", help="PEM file of the authorities to trust")
    parser.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> None:
    credentials = Credentials(token=os.environ.get(TOKEN_VARIABLE, ""), ca_certificate=options.ca_certificate)
    for address in parse_addresses(options.url):
        seconds = loop_thread.run(round_trip(address, credentials))
        print(f"{address}: answers in {1000 * seconds:.2f} ms (median)")
        for report in loop_thread.run(report_models(address, credentials)):
            name = report.state.name
            print(f"  {name}: {report.interface or f'cannot write: {report.problem}'}", flush=True)
            if report.interface and options.model in ("", name):
                server = ServerOptions(
                    addresses=(address,), model_name=name, credentials=credentials, timeout=options.timeout
                )
                _print_paces(server, options)


def _print_paces(server: ServerOptions, options: argparse.Namespace) -> None:
    for concurrency in options.concurrencies:
        at_once = dataclasses.replace(server, max_concurrency=concurrency)
        pace = loop_thread.run(measure_pace(at_once, concurrency, options.tokens))
        speed = f"{pace.tokens_per_second:8.1f} tokens/s" if pace.tokens_per_second else "tokens not counted"
        print(f"    {concurrency:3d} at once: {speed}, {pace.seconds_per_request:.3f} s a text", flush=True)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no list of whole numbers such as 0,1,2,3") from None
