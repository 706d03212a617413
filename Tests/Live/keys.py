"""Keys beside a running server: where the master key comes from, how it is replaced while the server runs, what a wrong one
does; signing keys that are revoked and imported. On SQLite and PostgreSQL.
"""

import base64
import json
import os
import secrets
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from person import Person
from postgres import Cluster
from provider import PATIENCE, SEEN_WITHIN, Provider, end_on_signals, promised, step, within
from relying_party import RelyingParty
from scratch import die_with_parent

ISSUER = "https://login.example"
IMPORTS = 25
KILLS = 20


def main():
    end_on_signals()
    on_database("SQLite")
    with Cluster() as cluster:
        cluster.create()
        on_database("PostgreSQL", database=cluster.url())


def on_database(name, **where):
    with Provider("production", ISSUER, **where) as provider:
        file = Path(provider.environment["MARTLET_MASTER_KEY_FILE"])
        old = file.read_text()
        shop, person = prepare(provider)
        with step(f"{name}: a wrong or missing master key is a clear error and changes nothing"):
            wrong_keys(provider, file, old)
        with step(f"{name}: {IMPORTS} keys of PEM, PKCS#8, PKCS#12 and JWK are imported, and nothing tells them"):
            imports(provider)
        with step(f"{name}: an emergency: what the key signed is refused within two seconds, nobody signs in again"):
            emergency(provider, shop, person)
        with step(f"{name}: a new master key while the server runs; the command is killed {KILLS} times on its way"):
            new_master_key(provider, shop, person, file, old)
        with step(f"{name}: the environment and a credential as places, across a restart without a pause"):
            other_places(provider, shop, person, file)
        provider.check_log()


def prepare(provider):
    password = secrets.token_urlsafe(16)
    provider.add_user("ada@example.com", password)
    shop = RelyingParty(provider, provider.add_client("shop", "--first-party"))
    provider.start()
    return shop, Person(provider, "ada@example.com", password)


def wrong_keys(provider, file, old):
    assert provider.stop() == 0
    before = provider.json("keys", "list")
    other = secrets.token_hex(32)
    for content, words in [(other, "put the other one back"), (old + other[:10], "32 random bytes"), ("", "32 random bytes")]:
        file.write_text(content)
        done = provider.command("serve", expect=78)
        assert words in done.stderr and other[:10] not in done.stderr, done.stderr
        provider.command("keys", "rotate", expect=78 if words.startswith("32") else 1)
        provider.command("doctor", expect=1)
    file.unlink()
    assert str(file) in provider.command("serve", expect=78).stderr and not file.exists(), "a new one would be useless"
    assert provider.json("keys", "list") == before
    write(file, other + "\n" + old)
    assert provider.command("keys", "reseal", expect=0).stdout
    write(file, old)
    assert "put the other one back" in provider.command("serve", expect=78).stderr
    write(file, old + other)
    provider.command("keys", "reseal")
    write(file, old)
    provider.command("doctor")
    provider.start()


def write(file, content):
    """In one step, as an operator should: the server may read it at any moment."""
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(content)
    draft.rename(file)


def imports(provider):
    path = provider.folder / "key"
    word = provider.folder / "password"
    word.touch(mode=0o600)
    word.write_text("letmein\n")
    for number in range(IMPORTS):
        key = ec.generate_private_key(ec.SECP256R1())
        options, content = form(key, number % 4)
        path.touch(mode=0o600)
        path.write_bytes(content)
        if number % 4 in (1, 2):
            refused = provider.command("keys", "import", str(path), expect=65)
            assert "--password-file" in refused.stderr, refused.stderr
            options += ["--password-file", str(word)]
        done = provider.command("keys", "import", str(path), *options, "--as", "current" if number % 2 else "next")
        value = base64.b64encode(key.private_numbers().private_value.to_bytes(32, "big")).decode()[:20]
        said = done.stdout + done.stderr
        assert value not in said and "BEGIN" not in said and "letmein" not in said
        provider.confidential(value)
        assert provider.command("keys", "import", str(path), *options, expect=65).stdout == ""
    path.write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    assert provider.json("keys", "import", str(path))["alg"] == "RS256"
    path.write_bytes(pem(ec.generate_private_key(ec.SECP256K1())))
    assert "cannot sign" in provider.command("keys", "import", str(path), expect=65).stderr
    path.write_text("no key")
    assert "neither PEM" in provider.command("keys", "import", str(path), expect=65).stderr
    path.unlink()


def form(key, kind):
    plain, der = serialization.NoEncryption(), serialization.Encoding.DER
    password = serialization.BestAvailableEncryption(b"letmein")
    if kind == 0:
        return [], pem(key)
    if kind == 1:
        return [], key.private_bytes(der, serialization.PrivateFormat.PKCS8, password)
    if kind == 2:
        return [], pkcs12.serialize_key_and_certificates(b"key", key, None, None, password)
    numbers = key.private_numbers()
    parts = {"x": numbers.public_numbers.x, "y": numbers.public_numbers.y, "d": numbers.private_value}
    jwk = {name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode() for name, value in parts.items()}
    return [], json.dumps({"kty": "EC", "crv": "P-256", "kid": secrets.token_hex(4), **jwk}).encode()


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def emergency(provider, shop, person):
    current = {key["kid"] for key in provider.json("keys", "list") if key["state"] == "current"}
    promised(SEEN_WITHIN, lambda: current <= published(provider), "the imported keys are in use")
    tokens = shop.sign_in(person)
    assert shop.userinfo(tokens["access_token"])[0] == 200
    signer = kid(tokens["access_token"])
    assert provider.json("keys", "revoke", signer)["was"] == "current"
    promised(SEEN_WITHIN, lambda: shop.userinfo(tokens["access_token"])[0] == 401, "refused")
    assert signer not in published(provider)
    tokens = shop.tokens(shop.refresh(tokens["refresh_token"]))
    assert kid(tokens["access_token"]) != signer and shop.userinfo(tokens["access_token"])[0] == 200
    assert "keys list" in provider.command("keys", "revoke", signer, expect=1).stderr


def published(provider):
    with urllib.request.urlopen(provider.address + "/jwks", timeout=PATIENCE) as answer:
        assert "max-age=300" in answer.headers["Cache-Control"], answer.headers
        return {key["kid"] for key in json.loads(answer.read())["keys"]}


def kid(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def new_master_key(provider, shop, person, file, old):
    new = provider.confidential(secrets.token_hex(32)) + "\n"
    unused = shop.sign_in(person)
    tokens = shop.sign_in(person)
    # One node may skip the first step.
    write(file, new + old)
    restart(provider)
    tokens = shop.tokens(shop.refresh(tokens["refresh_token"]))
    doctor = {check["name"]: check for check in provider.json("doctor")["checks"]}
    assert doctor["sealed values"]["verdict"] == "warning", doctor["sealed values"]
    pause = 0.0
    for _ in range(KILLS):
        command = subprocess.Popen(
            [provider.binary, "keys", "reseal"], env=provider.environment, cwd=provider.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent())
        time.sleep(pause)
        command.kill()
        command.wait()
        # All open with both, at every moment.
        within(PATIENCE, lambda: verdict(provider, "signing keys") == "ok", "every key opens")
        pause += 0.002
    tokens = shop.tokens(shop.refresh(tokens["refresh_token"]))
    provider.command("keys", "reseal")
    assert provider.json("keys", "reseal")["resealed"] == 0
    assert verdict(provider, "sealed values") == "ok"
    # Behind the last step the old key may go.
    write(file, new)
    assert verdict(provider, "sealed values") == verdict(provider, "signing keys") == "ok"
    restart(provider)
    assert shop.userinfo(tokens["access_token"])[0] == 200
    shop.tokens(shop.refresh(tokens["refresh_token"]))
    shop.refused(shop.refresh(unused["refresh_token"]))
    shop.sign_in(person)


def verdict(provider, name):
    done = provider.command("doctor", "--json", expect=None)
    return next(check["verdict"] for check in json.loads(done.stdout)["checks"] if check["name"] == name)


def restart(provider):
    """Hands over to a successor, which reads everything anew."""
    before = len(events(provider, "server.started"))
    os.kill(process(provider), signal.SIGUSR2)
    within(PATIENCE, lambda: len(events(provider, "server.started")) > before, "the successor serves")
    within(PATIENCE, lambda: len(events(provider, "server.stopped")) >= before, "the first one ends")


def events(provider, name):
    return [record for record in provider.log_records() if record["event"] == name]


def process(provider):
    succeeded = events(provider, "server.succeeded")
    return succeeded[-1]["process"] if succeeded else provider.process.pid


def other_places(provider, shop, person, file):
    key = file.read_text().strip()
    os.kill(process(provider), signal.SIGTERM)
    within(PATIENCE, lambda: not is_listening(provider), "the server ends")
    named = provider.environment.pop("MARTLET_MASTER_KEY_FILE")
    # Every process counts its successors from here on.
    provider.log_path.rename(provider.log_path.with_suffix(".before"))
    provider.environment["MARTLET_MASTER_KEY"] = key
    provider.start()
    for _ in range(2):
        told = Path(f"/proc/{process(provider)}/environ").read_bytes()
        assert key.encode() not in told, "the environment still shows the master key"
        shop.sign_in(person)
        restart(provider)
    provider.command("doctor")
    os.kill(process(provider), signal.SIGTERM)
    within(PATIENCE, lambda: not is_listening(provider), "the server ends")
    del provider.environment["MARTLET_MASTER_KEY"]
    assert "MARTLET_MASTER_KEY_FILE" in provider.command("serve", expect=78).stderr
    folder = provider.folder / "credentials"
    folder.mkdir(mode=0o700)
    write(folder / "martlet.master-key", key)
    provider.environment["CREDENTIALS_DIRECTORY"] = str(folder)
    provider.log_path.rename(provider.log_path.with_suffix(".between"))
    provider.start()
    shop.sign_in(person)
    assert provider.stop() == 0
    provider.environment["MARTLET_MASTER_KEY_FILE"] = named


def is_listening(provider):
    try:
        urllib.request.urlopen(provider.address + "/health", timeout=PATIENCE).close()
        return True
    except OSError:
        return False


if __name__ == "__main__":
    main()
