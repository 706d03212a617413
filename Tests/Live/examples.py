"""The sample service of deploy/examples beside a running server: it takes the tokens that are for it and no others, and
takes those of new keys without a restart.
"""

import base64
import contextlib
import http.client
import json
import os
import subprocess
import urllib.parse

import requests

from provider import PATIENCE, ROOT, Provider, end_on_signals, free_port, step, within
from scratch import die_with_parent


def main():
    end_on_signals()
    with Provider() as provider:
        provider.start()
        secret = provider.add_client(
            "reports", redirect_uri=None, grants=["client_credentials"], scopes=["orders.read", "orders.write"]
        )["client_secret"]
        with service(provider.issuer, provider.issuer) as port, service(provider.issuer, "https://other.example") as other:
            with step("a token for the service, with its scope, gets an answer"):
                token = machine_token(provider, secret)
                assert call(port, token)[::2] == (200, b"no orders yet for reports\n")
            with step("without a token, with half of one, with one that lacks the scope"):
                refusals(port, token, machine_token(provider, secret, scope="orders.write"))
            with step("a token for another audience is refused"):
                status, challenge, _ = call(other, token)
                assert status == 401 and 'error="invalid_token"' in challenge and "audience" in challenge, challenge
            with step("tokens of new keys are taken without a restart, and those of the old key stay good"):
                new_keys(provider, secret, port, token)
            with step("the service goes on while the issuer is away"):
                token = machine_token(provider, secret)
                provider.stop()
                assert call(port, token)[0] == 200
        with step("a service that is a resource of its own says whom to ask, and takes tokens for itself alone"):
            provider.start()
            own_resource(provider, secret)
            provider.stop()
        with step("a service that has never seen the keys does not blame the client"):
            with service(provider.issuer, provider.issuer) as port:
                status, challenge, _ = call(port, token)
                assert (status, challenge) == (503, None), (status, challenge)
                provider.start()
                # The pause after an attempt that failed is ten seconds.
                within(PATIENCE, lambda: call(port, machine_token(provider, secret))[0] == 200, "it has the keys")


def refusals(port, token, powerless):
    status, challenge, _ = call(port, None)
    assert (status, challenge) == (401, 'Bearer realm="orders"'), challenge
    status, challenge, _ = call(port, token[:-10] + "AAAAAAAAAA")
    assert status == 401 and 'error="invalid_token"' in challenge, challenge
    status, challenge, _ = call(port, "not a token")
    assert status == 400 and 'error="invalid_request"' in challenge, challenge
    status, challenge, _ = call(port, powerless)
    assert status == 403 and 'error="insufficient_scope"' in challenge and 'scope="orders.read"' in challenge, challenge


def own_resource(provider, secret):
    port = free_port()
    name = f"http://127.0.0.1:{port}/orders"
    provider.command("resource", "add", name, "--scope", "orders.read")
    document = provider.command("resource", "metadata", name).stdout
    with service(provider.issuer, name, port=port, metadata=document):
        _, challenge, _ = call(port, None)
        where = challenge.split('resource_metadata="')[1].split('"')[0]
        said = requests.get(where, timeout=PATIENCE)
        assert said.headers["Content-Type"] == "application/json" and said.json() == json.loads(document)
        # As a client does that knows nothing but the address of the service (RFC 9728 §3.3).
        assert said.json()["resource"] == name and said.json()["authorization_servers"] == [provider.issuer]
        within(PATIENCE, lambda: machine_token(provider, secret, resource=name), "the resource is known")
        assert call(port, machine_token(provider, secret, resource=name))[0] == 200
        assert call(port, machine_token(provider, secret))[0] == 401


def new_keys(provider, secret, port, old):
    """The first of the new keys was published before; the second is unknown to the service when its token comes."""
    for way in ["rotate", "revoke"]:
        before = key_of(machine_token(provider, secret))
        provider.command("keys", way, *([before] if way == "revoke" else []))
        within(PATIENCE, lambda: key_of(machine_token(provider, secret)) != before, "the new key signs")
        assert call(port, machine_token(provider, secret))[0] == 200
    assert call(port, old)[0] == 200


@contextlib.contextmanager
def service(issuer, audience, port=None, metadata=None):
    """The sample service, and its port."""
    program = os.environ.get("SERVICE_UNDER_TEST", str(ROOT / ".build" / "debug" / "ResourceServer"))
    assert os.access(program, os.X_OK), f"{program} is missing: swift build --product ResourceServer"
    port = port or free_port()
    process = subprocess.Popen(
        [program],
        env={
            **os.environ, "ISSUER": issuer, "AUDIENCE": audience, "PORT": str(port),
            **({"METADATA": metadata} if metadata else {}),
        },
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent(),
    )
    try:
        assert process.stdout.readline().startswith("http://"), "the service did not start"
        yield port
    finally:
        process.kill()
        process.wait()


def machine_token(provider, secret, scope="orders.read", resource=None):
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope, **({"resource": resource} if resource else {})})
        proof = base64.b64encode(f"reports:{secret}".encode()).decode()
        connection.request("POST", "/token", form, {
            "Authorization": f"Basic {proof}", "Content-Type": "application/x-www-form-urlencoded",
        })
        return provider.confidential(json.load(connection.getresponse()).get("access_token"))


def key_of(token):
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


def call(port, token):
    """Status, challenge and content of what the service answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", "/orders", headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.headers["WWW-Authenticate"], answer.read()


if __name__ == "__main__":
    main()
