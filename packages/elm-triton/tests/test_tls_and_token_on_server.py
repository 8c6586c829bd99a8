"""TLS and token against a real Triton server that asks for both."""

import shutil
import subprocess

import pytest

from elm_triton import TritonError, TritonLLM, TritonUnavailableError

TOKEN = "let-me-in"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate of localhost and its key."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate")
    directory = tmp_path_factory.mktemp("tls")
    paths = directory / "certificate.pem", directory / "key.pem"
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    names = ("-addext", "subjectAltName=DNS:localhost", "-out", paths[0], "-keyout", paths[1])
    subprocess.run([*request, *names], check=True, capture_output=True)
    return paths


@pytest.fixture(scope="module")
def guarded_server(vllm_standin, triton_servers, certificate, tmp_path_factory):
    """A server with TLS on gRPC that infers only for whoever sends the token."""
    path, key = certificate
    options = triton_servers.free_options(
        extra=(
            "--grpc-use-ssl=true",
            f"--grpc-server-cert={path}",
            f"--grpc-server-key={key}",
            f"--grpc-restricted-protocol=inference:elm={TOKEN}",
        )
    )
    log = tmp_path_factory.mktemp("log") / "guarded.log"
    with triton_servers.ready_server(vllm_standin, options, log, over_http=True):
        yield options


def model(options, certificate="", **settings):
    return TritonLLM(
        url=f"grpcs://localhost:{options.grpc_port}",
        model_name="vllm",
        max_tokens=2,
        token_header="triton-grpc-protocol-elm",
        ca_certificate=str(certificate),
        **{"timeout": 20.0, **settings},
    )


def test_with_the_authority_and_the_token_it_writes(guarded_server, certificate):
    trusted = model(guarded_server, certificate[0], token=TOKEN)
    assert trusted.invoke("a prompt") == "w0 w1 "
    assert list(trusted.stream("a prompt")) == ["w0 ", "w1 ", ""]
    trusted.close()


def test_without_the_token_nothing_is_written(guarded_server, certificate):
    stranger = model(guarded_server, certificate[0], timeout=2.0)
    # Triton may end the stream before the client has read its words, so that only gRPC's own are left.
    with pytest.raises(TritonError, match=r"triton-grpc-protocol-elm|Internal error from Core"):
        stranger.invoke("a prompt")
    stranger.close()


def test_a_certificate_of_an_unknown_authority_is_not_trusted(guarded_server):
    careful = model(guarded_server, timeout=2.0)
    with pytest.raises(TritonUnavailableError):
        careful.invoke("a prompt")
    careful.close()
