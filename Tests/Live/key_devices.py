"""Signing keys that stay in a device: a PKCS #11 token (SoftHSM, by OpenSSL's engine) and a TPM (swtpm, by its provider)."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import threading
import urllib.request
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import KeySet
from keys import kid as key_of
from person import Person
from provider import PATIENCE, Provider, end_on_signals, free_port, promised, step, within
from relying_party import RelyingParty
from scratch import die_with_parent

ISSUER = "https://login.example"
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
#: Between the server and the module: writes down every call.
SPY = "pkcs11-spy.so"
#: Seconds after which a server signs again with a device that is back.
RECOVERY = 2.0
LOAD = 400


def main():
    end_on_signals()
    with Provider("production", ISSUER) as provider:
        token = Token(provider)
        shop, person = prepare(provider)
        with step("PKCS #11: what cannot be imported is refused in words that help"):
            refusals(provider, token)
        with step("PKCS #11: tokens are signed in the token by an EC and an RSA key, published before"):
            signatures(provider, token, shop, person)
        with step("PKCS #11: the token goes and comes back: 503 and nothing spent, then as before"):
            absence(provider, token, shop, person)
        with step("PKCS #11: a refused PIN is given to the token once, while it serves and at the start"):
            wrong_pins(provider, token, shop, person)
        with step("PKCS #11: a module, a key that is missing, another key in its place: the start says so"):
            missing(provider, token)
        with step("PKCS #11: a key of the token is revoked only where another one signs"):
            revocation(provider, token, shop, person)
        provider.check_log()
    with Provider("production", ISSUER) as provider:
        with step("TPM: tokens are signed by an EC and an RSA key with a password, by the provider of openssl.cnf"):
            tpm(provider)
        provider.check_log()


class Token:
    """A SoftHSM token of one provider."""

    def __init__(self, provider):
        self.folder = provider.folder / "hsm"
        self.folder.mkdir(mode=0o700)
        self.calls = provider.folder / "calls"
        configuration = provider.folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {self.folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.environment = {**os.environ, "SOFTHSM2_CONF": str(configuration)}
        self.pin = provider.confidential(secrets.token_hex(8))
        self.pin_file = provider.folder / "pin"
        self.pin_file.touch(mode=0o600)
        self.pin_file.write_text(self.pin + "\n")
        self.run("softhsm2-util", "--init-token", "--free", "--label", "martlet", "--pin", self.pin, "--so-pin", self.pin)
        provider.environment |= {
            "SOFTHSM2_CONF": str(configuration), "MARTLET_PKCS11_MODULE": spy(),
            "MARTLET_KEY_DEVICE_PIN_FILE": str(self.pin_file), "PKCS11SPY": MODULE, "PKCS11SPY_OUTPUT": str(self.calls),
        }

    def run(self, *command):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"

    def tool(self, *arguments):
        self.run(
            "pkcs11-tool", "--module", MODULE, "--token-label", "martlet", "--login", "--pin", self.pin, *arguments)

    def make(self, name, kind="EC:prime256v1"):
        self.tool("--keypairgen", "--key-type", kind, "--label", name, "--id", secrets.token_hex(4))
        return f"pkcs11:token=martlet;object={name}"

    def remove(self, name):
        for kind in ("privkey", "pubkey"):
            self.tool("--delete-object", "--type", kind, "--label", name)

    def logins(self):
        return self.calls.read_text(errors="replace").count(": C_Login\n")

    def take_out(self):
        self.folder.rename(self.folder.with_suffix(".out"))

    def put_back(self):
        self.folder.with_suffix(".out").rename(self.folder)


def spy():
    places = [folder / SPY for folder in Path("/usr/lib").glob("*-linux-gnu")] + [Path("/usr/lib") / SPY]
    return str(next(place for place in places if place.exists()))


def prepare(provider):
    password = secrets.token_urlsafe(16)
    provider.add_user("ada@example.com", password)
    shop = RelyingParty(provider, provider.add_client("shop", "--first-party"))
    provider.start()
    return shop, Person(provider, "ada@example.com", password)


def refusals(provider, token):
    def refused(*arguments, status=65):
        return provider.command("keys", "import", *arguments, expect=status).stderr

    first = token.make("first")
    assert "holds a PIN" in refused("--uri", first + "?pin-value=123456", status=64)
    assert "holds a PIN" in refused("--uri", first + ";pin-source=file:/pin", status=64)
    assert "fits every key" in refused("--uri", "pkcs11:token=martlet", status=64)
    assert "file" in refused("--uri", "file:/etc/passwd", status=64)
    assert "no URI" in refused("--uri", "first", status=64)
    assert "exclude" in refused("key.pem", "--uri", first, status=64)
    assert "PIN from the settings" in refused("--uri", first, "--password-file", str(token.pin_file), status=64)
    assert "no private key of that name" in refused("--uri", "pkcs11:token=martlet;object=none")
    assert "no private key of that name" in refused("--uri", "pkcs11:token=another;object=first")
    assert "no provider" in refused("--uri", "unknown:first")
    assert "MARTLET_SIGNING_ALGORITHMS" in refused("--uri", token.make("large", "EC:secp384r1"))
    assert "cannot sign" in refused("--uri", first, "--algorithm", "RS256")
    named = provider.environment.pop("MARTLET_KEY_DEVICE_PIN_FILE")
    assert "asks for a PIN" in refused("--uri", first)
    provider.environment["MARTLET_KEY_DEVICE_PIN_FILE"] = named
    token.pin_file.chmod(0o640)
    assert "others than its owner" in refused("--uri", first, status=78)
    token.pin_file.chmod(0o600)
    assert not any("device" in key for key in provider.json("keys", "list"))


def signatures(provider, token, shop, person):
    before = shop.sign_in(person)
    imported = provider.json("keys", "import", "--uri", "pkcs11:token=martlet;object=first")
    assert (imported["alg"], imported["state"]) == ("ES256", "next")
    assert provider.command("keys", "import", "--uri", "pkcs11:token=martlet;object=first", expect=65).stderr
    promised(RECOVERY, lambda: imported["kid"] in published(provider), "published")
    assert kid(shop.sign_in(person)) != imported["kid"], "it signs before everybody knows it"
    assert "not published long enough" in provider.command("keys", "rotate", expect=1).stderr
    current = provider.json("keys", "import", "--uri", token.make("second"), "--as", "current")["kid"]
    promised(RECOVERY, lambda: kid(shop.sign_in(person)) == current, "signed in the token")
    tokens = shop.sign_in(person)
    checked(provider, tokens)
    assert shop.userinfo(tokens["access_token"])[0] == 200
    # What was signed before is still good.
    checked(provider, before)
    keys = {key["kid"]: key for key in provider.json("keys", "list")}
    assert keys[current]["device"] == "pkcs11:token=martlet;object=second" and keys[imported["kid"]]["state"] == "next"
    assert "object=second" in provider.command("keys", "list").stdout
    assert verdict(provider) == "ok"
    rsa = provider.json("keys", "import", "--uri", token.make("third", "rsa:2048"), "--as", "current")
    assert rsa["alg"] == "RS256" and provider.stop() == 0
    provider.environment["MARTLET_SIGNING_ALGORITHMS"] = "RS256 ES256"
    provider.start()
    tokens = shop.sign_in(person)
    assert kid(tokens) == rsa["kid"]
    checked(provider, tokens)
    assert provider.stop() == 0
    del provider.environment["MARTLET_SIGNING_ALGORITHMS"]
    provider.start()
    burst(provider, current)
    arguments = Path(f"/proc/{provider.process.pid}/cmdline").read_bytes() + Path(
        f"/proc/{provider.process.pid}/environ").read_bytes()
    assert token.pin.encode() not in arguments


def burst(provider, current):
    """More at once than there are threads."""
    answers = []
    machine = provider.add_client("machine", redirect_uri=None, grants=["client_credentials"], scopes=["reports"])

    def ask():
        party = RelyingParty(provider, machine)
        for _ in range(LOAD // 16):
            answers.append(party.post({"grant_type": "client_credentials"}))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == LOAD and {status for status, _ in answers} == {200}, answers[0]
    assert {kid(answer) for _, answer in answers} == {current}
    checked(provider, answers[-1][1])


def absence(provider, token, shop, person):
    tokens = shop.sign_in(person)
    token.take_out()
    # Whoever is first finds out.
    within(PATIENCE, lambda: shop.post(shop.refresh(tokens["refresh_token"]))[0] == 503, "503")
    code, verifier = shop.obtain_code(person)
    for _ in range(20):
        status, answer = shop.post(shop.redemption(code, verifier))
        assert (status, answer["error"]) == (503, "temporarily_unavailable"), (status, answer)
    assert shop.userinfo(tokens["access_token"])[0] == 200, "verifying takes no device"
    assert len(published(provider)) >= 4
    assert verdict(provider) == "failed" and "the device fails" in said(provider, "device.failing")
    before = token.logins()
    token.put_back()
    promised(RECOVERY, lambda: shop.post(shop.redemption(code, verifier))[0] == 200, "signed again, with the same code")
    checked(provider, shop.sign_in(person))
    assert token.logins() == before + 1 and said(provider, "device.recovered")
    assert verdict(provider) == "ok"


def wrong_pins(provider, token, shop, person):
    code, verifier = shop.obtain_code(person)
    # Somebody changes the PIN, and the token is gone for a moment.
    other = provider.confidential(secrets.token_hex(8))
    token.tool("--change-pin", "--new-pin", other)
    old, token.pin = token.pin, other
    token.take_out()
    within(PATIENCE, lambda: shop.post(shop.redemption(code, verifier))[0] == 503, "503")
    before = token.logins()
    token.put_back()
    redemption = shop.redemption(code, verifier)
    within(PATIENCE, lambda: shop.post(redemption)[0] == 503 and token.logins() > before, "the old PIN is tried")
    for _ in range(30):
        assert shop.post(shop.redemption(code, verifier))[0] == 503
    assert token.logins() == before + 1, "a refused PIN was tried again"
    assert provider.stop() == 0
    before = token.logins()
    done = provider.command("serve", expect=78)
    assert "refuses the PIN" in done.stderr and "object=second" in done.stderr and old not in done.stderr, done.stderr
    assert token.logins() == before + 1
    assert "refuses the PIN" in provider.command("keys", "import", "--uri", "pkcs11:token=martlet;object=large", expect=65).stderr
    token.pin_file.write_text(other)
    provider.start()
    checked(provider, shop.sign_in(person))


def missing(provider, token):
    assert provider.stop() == 0
    provider.environment["MARTLET_PKCS11_MODULE"] = str(provider.folder / "none.so")
    assert "which is not there" in provider.command("serve", expect=78).stderr
    (provider.folder / "none.so").write_text("no library")
    assert "cannot be loaded" in provider.command("serve", expect=78).stderr
    provider.environment["MARTLET_PKCS11_MODULE"] = spy()
    token.take_out()
    assert "the device fails" in provider.command("serve", expect=1).stderr
    token.put_back()
    # Beside the one that is in use, so that it can be restored.
    kept = token.folder.with_suffix(".kept")
    shutil.copytree(token.folder, kept)
    token.remove("second")
    assert "no private key of that name" in provider.command("serve", expect=1).stderr
    token.make("second")
    assert "another key" in provider.command("serve", expect=78).stderr
    shutil.rmtree(token.folder)
    kept.rename(token.folder)
    provider.start()


def revocation(provider, token, shop, person):
    keys = {(key["alg"], key["state"]): key["kid"] for key in provider.json("keys", "list")}
    # Its next key is one of the token, too.
    assert provider.json("keys", "revoke", keys["ES256", "current"])["current"] == keys["ES256", "next"]
    promised(RECOVERY, lambda: kid(shop.sign_in(person)) == keys["ES256", "next"], "the next one signs")
    assert "nothing could sign" in provider.command("keys", "revoke", keys["ES256", "next"], expect=1).stderr
    last = provider.json("keys", "import", "--uri", token.make("fourth"), "--as", "current")["kid"]
    provider.json("keys", "revoke", keys["ES256", "next"])
    promised(RECOVERY, lambda: kid(shop.sign_in(person)) == last, "the imported one signs")
    assert [key["kid"] for key in provider.json("keys", "list") if (key["alg"], key["state"]) == ("ES256", "current")] == [last]
    assert provider.stop() == 0


def tpm(provider):
    state = provider.folder / "tpm"
    state.mkdir(mode=0o700)
    tpm, port = start_tpm(state)
    try:
        place = f"swtpm:host=127.0.0.1,port={port}"
        password = provider.confidential(secrets.token_hex(8))
        make_keys(state, {**os.environ, "TPM2TOOLS_TCTI": place}, password)
        configuration = provider.folder / "openssl.cnf"
        configuration.write_text(
            "openssl_conf = all\n[all]\nproviders = providers\n[providers]\ndefault = usual\ntpm2 = usual\n"
            "[usual]\nactivate = 1\n")
        word = provider.folder / "pin"
        word.touch(mode=0o600)
        word.write_text(password)
        provider.environment |= {
            "OPENSSL_CONF": str(configuration), "TPM2OPENSSL_TCTI": place, "MARTLET_KEY_DEVICE_PIN_FILE": str(word)}
        shop, person = prepare(provider)
        ec = provider.json("keys", "import", "--uri", "handle:0x81000001", "--as", "current")
        rsa = provider.json("keys", "import", "--uri", "handle:0x81000002?pass", "--as", "current")
        assert (ec["alg"], rsa["alg"]) == ("ES256", "RS256")
        promised(RECOVERY, lambda: kid(shop.sign_in(person)) == ec["kid"], "signed in the TPM")
        checked(provider, shop.sign_in(person))
        assert "no private key" in provider.command("keys", "import", "--uri", "handle:0x81000009", expect=65).stderr
        assert provider.stop() == 0
        provider.environment["MARTLET_SIGNING_ALGORITHMS"] = "RS256 ES256"
        provider.start()
        tokens = shop.sign_in(person)
        assert kid(tokens) == rsa["kid"]
        checked(provider, tokens)
        assert verdict(provider) == "ok"
        assert provider.stop() == 0
        word.write_text(secrets.token_hex(8))
        assert "refuses the PIN" in provider.command("serve", expect=78).stderr
    finally:
        tpm.kill()
        tpm.wait()


def start_tpm(folder):
    """The process and its port; who talks to it looks for its control at the next port."""
    for _ in range(20):
        port = free_port()
        tpm = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}", "--flags", "not-need-init,startup-clear",
             "--server", f"type=tcp,port={port},bindaddr=127.0.0.1",
             "--ctrl", f"type=tcp,port={port + 1},bindaddr=127.0.0.1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent())
        within(PATIENCE, lambda: tpm.poll() is not None or answers(port + 1), "the TPM answers, or has ended")
        if tpm.poll() is None:
            return tpm, port
    raise AssertionError("no TPM starts")


def make_keys(folder, environment, password):
    def run(*command):
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    run("tpm2_createprimary", "-C", "o", "-c", "primary", "-Q")
    run("tpm2_flushcontext", "-t")
    usual = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign"
    kinds = [("ecc256:ecdsa", usual, []), ("rsa2048", usual + "|decrypt", ["-p", password])]
    for number, (kind, attributes, extra) in enumerate(kinds, 1):
        run("tpm2_create", "-C", "primary", "-G", kind, "-u", "public", "-r", "private", "-a", attributes, *extra, "-Q")
        run("tpm2_flushcontext", "-t")
        run("tpm2_load", "-C", "primary", "-u", "public", "-r", "private", "-c", "key", "-Q")
        run("tpm2_flushcontext", "-t")
        run("tpm2_evictcontrol", "-C", "o", "-c", "key", f"0x8100000{number}")
        run("tpm2_flushcontext", "-t")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
        return True
    except OSError:
        return False


def get_keys(provider):
    with urllib.request.urlopen(provider.address + "/jwks", timeout=PATIENCE) as answer:
        return json.loads(answer.read())


def published(provider):
    return {key["kid"] for key in get_keys(provider)["keys"]}


def checked(provider, tokens):
    """Somebody else's library takes the tokens with the published keys."""
    keys = KeySet.import_key_set(get_keys(provider))
    for name in ("access_token", "id_token"):
        if name in tokens:
            assert jwt.decode(tokens[name], keys, algorithms=["ES256", "RS256"]).claims["iss"] == ISSUER


def kid(tokens):
    return key_of(tokens["access_token"])


def said(provider, event):
    return " ".join(json.dumps(record) for record in provider.log_records() if record["event"] == event)


def verdict(provider):
    done = provider.command("doctor", "--json", expect=None)
    return next(check["verdict"] for check in json.loads(done.stdout)["checks"] if check["name"] == "key devices")


if __name__ == "__main__":
    main()
