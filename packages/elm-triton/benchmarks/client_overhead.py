"""What the client costs a request over raw tritonclient: medians of interleaved rounds, and their ratio.

    ELM_TRITON_SERVER=ENVIRONMENT python benchmarks/client_overhead.py

The model is the tests' stand-in for the vLLM backend: it answers at once, so that only the way is measured.
"""

import asyncio
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from tritonclient.grpc import InferInput, aio

from elm_triton import TritonLLM
from elm_triton.addresses import parse_addresses
from elm_triton.client import ServerOptions, TritonClient
from elm_triton.sampling import Sampling
from elm_triton.serving import ServingOptions, running_server, wait_until_ready

STANDINS = Path(__file__).parents[1] / "tests" / "standins"
ROUNDS, REQUESTS, AT_ONCE = 9, 200, 16


def bytes_input(name, text):
    return InferInput(name, [1], "BYTES").set_data_from_numpy(np.array([text], dtype=object))


def flag_input(name):
    return InferInput(name, [1], "BOOL").set_data_from_numpy(np.array([True]))


async def raw_request(client):
    async def once():
        names = ("exclude_input_in_output", "return_finish_reason")
        counts = ("return_num_input_tokens", "return_num_output_tokens")
        inputs = [bytes_input("text_input", b"a prompt")]
        inputs.append(bytes_input("sampling_parameters", b'{"max_tokens": 1}'))
        inputs += [flag_input(name) for name in (*names, *counts)]
        yield {"model_name": "vllm", "inputs": inputs}

    async for result, error in client.stream_infer(once()):
        assert error is None
        result.as_numpy("text_output")


async def seconds_per_request(request):
    """Time of a round with AT_ONCE requests under way, divided by its requests."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one():
        async with places:
            await request()

    begin = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(REQUESTS)))
    return (time.perf_counter() - begin) / REQUESTS


async def measure(address):
    raw = aio.InferenceServerClient(address)
    options = ServerOptions(addresses=parse_addresses(address), model_name="vllm", max_concurrency=AT_ONCE)
    ours = TritonClient(options)
    times = {"raw tritonclient": [], "TritonClient": []}
    for round_number in range(ROUNDS + 1):
        seconds = (
            await seconds_per_request(lambda: raw_request(raw)),
            await seconds_per_request(lambda: ours.generate("a prompt", Sampling(max_tokens=1))),
        )
        if round_number:  # the first one warms up
            for values, value in zip(times.values(), seconds, strict=True):
                values.append(value)
    await raw.close()
    await ours.close()
    return {name: statistics.median(values) for name, values in times.items()}


def measure_langchain(address):
    model = TritonLLM(url=address, model_name="vllm", max_tokens=1, max_concurrency=AT_ONCE)
    prompts = ["a prompt"] * REQUESTS
    model.generate(prompts)
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        model.generate(prompts)
        times.append((time.perf_counter() - begin) / REQUESTS)
    model.close()
    return statistics.median(times)


def main():
    options = ServingOptions(grpc_port=18101, http_port=18100, metrics_port=18102)
    with tempfile.TemporaryDirectory() as scratch:
        version = Path(scratch) / "repository" / "vllm" / "1"
        version.mkdir(parents=True)
        shutil.copy(STANDINS / "vllm" / "config.pbtxt", version.parent)
        shutil.copy(STANDINS / "model.py", version)
        with (
            (Path(scratch) / "log").open("w") as log,
            running_server(version.parents[1], options, log) as process,
        ):
            wait_until_ready(process, options, ["vllm"], 60)
            figures = asyncio.run(measure(options.address))
            figures["TritonLLM.generate"] = measure_langchain(options.address)
    base = figures["raw tritonclient"]
    for name, seconds in figures.items():
        print(f"{name:20} {1000 * seconds:7.3f} ms a request, {seconds / base:.2f} x raw")


if __name__ == "__main__":
    main()
