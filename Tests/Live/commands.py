"""The command line beside a running server, in production mode behind a proxy that ends TLS: changes are seen within two
seconds, wrong settings are told all at once, the server drains and leaves, and its log is JSON without secrets.
"""

import http.client
import json
import os
import pathlib
import pty
import re
import secrets
import signal
import socket
import subprocess
import termios
import urllib.parse

from person import Person
from provider import PATIENCE, SEEN_WITHIN, Provider, end_on_signals, promised, step, within
from relying_party import RelyingParty
from scratch import die_with_parent

ISSUER = "https://login.example"
#: Of the package wamerican-small.
WORDS = pathlib.Path("/usr/share/dict/american-english-small")


def main():
    end_on_signals()
    with Provider(mode="production", issuer=ISSUER) as provider:
        with step("--help and --version everywhere"):
            help_everywhere(provider)
        with step("a usage error ends with 64 and changes nothing"):
            usage_errors(provider)
        with step("wrong settings are reported all at once, before anything starts"):
            wrong_settings(provider)
        with step("sizing measures every figure and leaves nothing behind"):
            sizing(provider)
        with step("sizing that is interrupted or cannot begin leaves nothing behind"):
            interrupted_sizing(provider)
        with step("a database server that says nothing: SIGTERM ends a start at once, a service has a time limit"):
            silent_database(provider)
        with step("clients and users are made before the first start"):
            passwords = {name: secrets.token_urlsafe(16) for name in ("ada", "grace")}
            for name, password in passwords.items():
                provider.add_user(f"{name}@example.com", password, name=name.title())
            shop = RelyingParty(provider, provider.add_client("shop", "--first-party"))
        provider.start()
        ada, grace = (Person(provider, f"{name}@example.com", password) for name, password in passwords.items())

        with step("health tells status, uptime and time"):
            health(provider)
        with step("production mode: __Host- cookies, HSTS, no home page, no playground, no demo person"):
            production(provider, shop)
        with step("client add, a scope of its own, client show and client remove take effect"):
            clients(provider, ada)
        with step("resource add, update, metadata and remove take effect"):
            resources(provider, ada)
        with step("group and role: people are put in, counted, exported and taken out"):
            groups(provider, ada)
        with step("a secret is accepted on standard input if it is strong"):
            brought_secrets(provider)
        with step("a password is typed unseen, and Ctrl-C leaves the terminal as it was"):
            typed_password(provider)
        with step("a password of the list that comes along is refused, and one of a list of the operator's own"):
            breached_passwords(provider)
        with step("user set-password takes effect"):
            new_password(provider, shop, grace)
        with step("user disable ends sessions and refresh tokens, and only theirs"):
            disabled_user(provider, shop, ada, grace)
        with step("keys list tells the keys of the key set, and no more"):
            listed_keys(provider)
        with step("no more than a start: migrate on a database in use"):
            provider.command("migrate")
            assert get(provider, "/health")[0] == 200
        with step("explain tells by the support code of a page why a request was refused"):
            explained(provider, shop)
        with step("SIGTERM: what runs is finished, nothing new is taken, exit status 0"):
            drain(provider, shop)
        with step("a second start finds everything; SIGTERM with nothing to do"):
            provider.start()
            shop.sign_in(grace)
            assert provider.stop() == 0
        with step("a second SIGTERM ends at once what the first lets finish, exit status 1"):
            hurried_stop(provider, shop)
        with step("the log is JSON, tells each request and holds no secret"):
            log(provider)


def silent_database(provider):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        port = server.getsockname()[1]
        services = provider.folder / "services"
        services.write_text(f"[silent]\nhost=127.0.0.1\nport={port}\n")
        environment = {**provider.environment, "PGSERVICEFILE": str(services)}
        environment["MARTLET_DATABASE"] = f"postgresql://127.0.0.1:{port}/martlet?connect_timeout=900"
        process = subprocess.Popen(
            [provider.binary, "serve"], env=environment, cwd=provider.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent(),
        )
        # It waits for an answer by now.
        with server.accept()[0]:
            process.terminate()
            said = process.communicate(timeout=60)[0]
        assert process.returncode == 0 and '"server.stopping"' in said, (process.returncode, said)
        for limit in ("", "&connect_timeout=0"):
            environment["MARTLET_DATABASE"] = f"postgresql:///martlet?service=silent{limit}"
            done = subprocess.run(
                [provider.binary, "user", "list"], env=environment, cwd=provider.folder, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=120,
            )
            assert done.returncode not in (0, 78) and "timeout" in done.stderr, done


def offered(provider):
    """The commands that the program names; what a command is for stands two spaces behind it, or on the next line."""
    listed = provider.command("--help").stdout.split("Commands:\n", 1)[1].split("\n\n", 1)[0]
    return [name.split() for name in re.findall(r"(?m)^  (\S+(?: \S+)*)(?:  |$)", listed)]


def help_everywhere(provider):
    commands = offered(provider)
    assert len(commands) > 50 and ["connector", "test"] in commands and ["passwords", "build-filter"] in commands, commands
    groups = {command[0] for command in commands if len(command) > 1}
    for command in [[], *([group] for group in sorted(groups)), *commands]:
        help = provider.command(*command, "--help")
        assert " ".join(["martlet", *command]) in help.stdout and not help.stderr, f"{command}: {help}"
        version = provider.command(*command, "--version")
        assert re.fullmatch(r"martlet \d+\.\d+\.\d+\S*\n", version.stdout) and not version.stderr, f"{command}: {version}"


def usage_errors(provider):
    wrong = [
        [], ["fly"], ["serve", "--fast"], ["keys"], ["keys", "eat"], ["client", "add", "--id"], ["client", "show"],
        ["client", "add", "--id", "x", "--grant", "password"], ["user", "add", "--name", "nobody"], ["user", "disable"],
        ["client", "add", "--public", "--secret-stdin"], ["sizing", "--seconds", "0"], ["sizing", "--hash-time", "soon"],
    ]
    for arguments in wrong:
        done = provider.command(*arguments, expect=64)
        assert done.stderr and not done.stdout, f"{arguments}: {done}"
    unfit = ["http://a.example/cb", "https://a.example/#x", "javascript:alert(1)", "https://a.example/../cb", "app:/cb"]
    for address in unfit:
        done = provider.command("client", "add", "--redirect-uri", address, expect=65)
        assert done.stderr and not done.stdout, f"{address}: {done}"
    provider.command("user", "add", "--email", "no address", expect=65)
    provider.command("user", "add", "--email", "a@example.com", "--password-stdin", stdin="short\n", expect=65)
    assert provider.json("client", "list") == [] and provider.json("user", "list") == []


def wrong_settings(provider):
    right = dict(provider.environment)
    wrong = {
        "MARTLET_ISSUER": "http://login.example", "MARTLET_LISTEN": "somewhere", "MARTLET_DATABASE": "mysql:martlet",
        "MARTLET_MASTER_KEY_FILE": str(provider.folder / "missing"), "MARTLET_REFRESH_GRACE": "soon",
        "MARTLET_LOG_LEVEL": "loud", "MARTLET_PASSWORD_HASH": "argon2id:m=1024,t=1,p=1",
        "MARTLET_ISUER": "https://login.example",
    }
    try:
        provider.environment.update(wrong)
        done = provider.command("serve", expect=78)
        assert not done.stdout, done
        for name, value in wrong.items():
            assert name in done.stderr, f"{name} is not reported: {done.stderr}"
        # Each alone is enough, so none of them hides behind another.
        for name, value in wrong.items():
            provider.environment = {**right, name: value}
            done = provider.command("serve", expect=78)
            assert name in done.stderr, f"{name}: {done}"
        provider.environment = {**right, "MARTLET_MODE": "party"}
        assert "MARTLET_MODE" in provider.command("serve", expect=78).stderr
        # What production cannot do without.
        for name in ("MARTLET_ISSUER", "MARTLET_DATABASE", "MARTLET_MASTER_KEY_FILE"):
            provider.environment = {key: value for key, value in right.items() if key != name}
            assert name in provider.command("serve", expect=78).stderr, f"{name} is not missed"
        os.chmod(right["MARTLET_MASTER_KEY_FILE"], 0o644)
        provider.environment = dict(right)
        assert "MARTLET_MASTER_KEY_FILE" in provider.command("serve", expect=78).stderr, "others may read the key"
    finally:
        provider.environment = right
        os.chmod(right["MARTLET_MASTER_KEY_FILE"], 0o600)


def sizing(provider):
    done = provider.command("sizing", "--seconds", "1", "--hash-time", "10", "--json", seconds=600)
    assert not done.stderr, "a progress line, and no terminal"
    card = json.loads(done.stdout)
    rates = card["per_second"]
    assert set(rates) == {"sign_ins", "code_flows", "refreshes", "verifications"}, rates
    assert all(rates[work][what] > 0 for work in rates for what in ("core", "node")), rates
    memory, hash = card["memory"], card["password_hash"]
    assert all(memory[part] > 0 for part in ("base_bytes", "hash_bytes", "connection_bytes", "connections")), memory
    assert memory["ceiling_bytes"] == (
        memory["base_bytes"] + hash["threads"] * memory["hash_bytes"]
        + memory["connections"] * memory["connection_bytes"]
    )
    assert hash["memory_kib"] >= 19 * 1024 and hash["passes"] >= 2 and hash["milliseconds"] > 0, hash
    assert card["users"]["count"] > 0 and card["request_microseconds"] > 0 and card["host"]["cores"] > 0, card
    assert card["host"]["folder"] == str(provider.folder), "the disk of the database is the one that counts"
    assert not scratch(provider) and provider.json("client", "list") == [], "its client is in no database"

    # What it says to set can be set.
    right = dict(provider.environment)
    try:
        provider.environment.update(card["settings"])
        provider.command("migrate")
    finally:
        provider.environment = right
    text = provider.command("sizing", "--seconds", "1", "--hash-time", "10", seconds=600).stdout
    for line in ("sign-ins", "code flows", "refreshes", "token verifications", "    MARTLET_PASSWORD_HASH=argon2id:m="):
        assert f"\n{line}" in text, text


def interrupted_sizing(provider):
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [provider.binary, "sizing", "--seconds", "600", "--hash-time", "10"], env=provider.environment,
            cwd=provider.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=die_with_parent(),
        )
        try:
            within(PATIENCE, lambda: any((folder / "martlet.db").exists() for folder in scratch(provider)), "it works")
            process.send_signal(number)
            assert process.wait(timeout=PATIENCE) == 128 + number and not process.stdout.read()
        finally:
            process.kill()
            process.wait()
        assert not scratch(provider)
    right = dict(provider.environment)
    try:
        provider.environment["MARTLET_TEMPLATES"] = str(provider.folder)
        provider.command("sizing", "--seconds", "1", "--hash-time", "10", expect=78, seconds=600)
    finally:
        provider.environment = right
    assert not scratch(provider)


def scratch(provider):
    return list(provider.folder.glob("martlet-sizing-*"))


def health(provider):
    status, headers, content = get(provider, "/health")
    assert status == 200 and headers["Content-Type"].startswith("application/json")
    answer = json.loads(content)
    assert set(answer) == {"status", "uptime", "timestamp"}, answer
    assert answer["status"] == "healthy"
    assert isinstance(answer["uptime"], (int, float)) and 0 <= answer["uptime"] < 3600
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", answer["timestamp"]), answer
    assert headers["Cache-Control"] == "no-store"


def production(provider, shop):
    address, _ = shop.authorization()
    status, headers, _ = get(provider, address[len(ISSUER) :])
    location = urllib.parse.urljoin(ISSUER, headers["Location"])
    assert status == 303 and location.startswith(ISSUER + "/interaction/"), location
    provider.confidential(location.rsplit("/", 1)[1])
    cookie = headers["Set-Cookie"]
    provider.confidential(cookie.split("=")[1].split(";")[0])
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-martlet-browser="), cookie
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes, cookie
    assert int(re.search(r"max-age=(\d+)", headers["Strict-Transport-Security"])[1]) >= 31_536_000
    for path in ("/", "/playground", "/playground/start"):
        assert get(provider, path)[0] == 404, path
    # By their names: any word may stand in an identifier, which is random.
    users = {user["email"] for user in provider.json("user", "list")}
    assert "ada@example.com" in users and not [email for email in users if "demo" in email], users
    assert "demo" not in {client["client_id"] for client in provider.json("client", "list")}


def clients(provider, person):
    assert "crew:steer" not in metadata(provider)["scopes_supported"]
    client = provider.add_client(
        "boat", "--first-party", "--post-logout-redirect-uri", "https://boat.example/bye",
        redirect_uri="https://boat.example/cb", grants=["authorization_code", "client_credentials"],
        scopes=["openid", "crew:steer"],
    )
    boat = RelyingParty(provider, client, redirect_uri="https://boat.example/cb", scope="openid crew:steer")
    seen(lambda: boat.post({"grant_type": "client_credentials"})[0] == 200, "the new client gets a token")
    seen(lambda: "crew:steer" in metadata(provider)["scopes_supported"], "the new scope is in the metadata")
    assert boat.tokens({"grant_type": "client_credentials", "scope": "crew:steer"})["scope"] == "crew:steer"
    assert set(boat.sign_in(person)["scope"].split()) == {"openid", "crew:steer"}

    shown = provider.command("client", "show", "boat", "--json").stdout
    assert json.loads(shown)["client_id"] == "boat" and client["client_secret"] not in shown
    assert '"boat"' in provider.command("client", "list", "--json").stdout
    provider.command("client", "add", "--id", "boat", "--redirect-uri", "https://boat.example/cb", expect=1)

    code, verifier = boat.obtain_code(person)
    provider.command("client", "remove", "boat")
    seen(lambda: boat.post({"grant_type": "client_credentials"})[0] == 401, "the removed client is refused")
    boat.refused(boat.redemption(code, verifier), "invalid_client")
    page = person.open(boat.authorization()[0])
    assert page.status == 400 and not page.location, "no redirect for a client that is gone"
    provider.command("client", "show", "boat", expect=1)
    provider.command("client", "remove", "boat", expect=1)


def resources(provider, person):
    name = "https://api.example/orders"
    add = ["resource", "add", name, "--scope", "crew:row crew:steer", "--format", "opaque", "--token-lifetime", "60"]
    provider.command(*add)
    provider.command(*add, expect=1)
    provider.command("resource", "add", "orders", expect=65)
    provider.command("resource", "add", "urn:x", "--token-lifetime", "86400", expect=64)
    client = provider.add_client(
        "oar", "--first-party", redirect_uri="https://boat.example/cb", grants=["authorization_code", "client_credentials"],
        scopes=["openid", "crew:row"],
    )
    oar = RelyingParty(provider, client, redirect_uri="https://boat.example/cb", scope="openid crew:row")
    form = {"grant_type": "client_credentials", "resource": name}
    seen(lambda: oar.post(form)[0] == 200, "a token for the new resource")
    token = oar.tokens(form)
    assert token["scope"] == "crew:row" and token["expires_in"] == 60 and "." not in token["access_token"]
    provider.command("resource", "update", name, "--client", "oar", "--token-lifetime", "0")
    shown = json.loads(provider.command("resource", "show", name, "--json").stdout)
    assert shown["clients"] == ["oar"] and "access_token_lifetime" not in shown, shown
    assert shown["access_token_format"] == "opaque" and shown["scope"] == "crew:row crew:steer", shown
    document = json.loads(provider.command("resource", "metadata", name).stdout)
    assert document["resource"] == name and document["authorization_servers"] == [ISSUER], document
    provider.command("resource", "remove", name)
    seen(lambda: oar.post(form)[0] == 400, "the removed resource is refused")
    assert oar.post(form)[1]["error"] == "invalid_target"
    provider.command("resource", "show", name, expect=1)


def groups(provider, person):
    for kind, name in (("group", "crew of the boat"), ("role", "captain")):
        provider.command(kind, "add", name, "--email", person.email)
        listed = json.loads(provider.command(kind, "list", "--json").stdout)
        assert listed == [{"name": name, "people": 1}], listed
        people = json.loads(provider.command(kind, "list", name, "--json").stdout)
        assert [one["email"] for one in people] == [person.email]
    exported = json.loads(provider.command("user", "export", person.email).stdout)
    assert {row["name"] for row in exported["memberships"]} == {"crew of the boat", "captain"}
    provider.command("group", "remove", "crew of the boat", "--email", person.email)
    provider.command("group", "remove", "crew of the boat", "--email", person.email, expect=1)
    provider.command("role", "add", " captain", "--email", person.email, expect=65)
    provider.command("role", "add", "captain", "--email", "nobody@example.com", expect=1)
    assert provider.command("group", "list", "--json").stdout.strip() == "[]"


def brought_secrets(provider):
    strong = provider.confidential(secrets.token_urlsafe(32))
    options = ["client", "add", "--id", "moved", "--grant", "client_credentials", "--scope", "tides", "--secret-stdin"]
    done = provider.command(*options, stdin="password1\n", expect=65)
    assert "password1" not in done.stderr + done.stdout, done
    made = provider.json(*options, stdin=strong + "\n")
    moved = RelyingParty(provider, {"client_id": "moved", "client_secret": strong})
    assert made["client_id"] == "moved"
    seen(lambda: moved.post({"grant_type": "client_credentials"})[0] == 200, "the brought secret works")
    # Another one: both are good until the first one's time is over, which may be at once.
    second = provider.confidential(provider.json("client", "rotate-secret", "moved")["client_secret"])
    renewed = RelyingParty(provider, {"client_id": "moved", "client_secret": second})
    seen(lambda: renewed.post({"grant_type": "client_credentials"})[0] == 200, "the new secret works")
    assert moved.post({"grant_type": "client_credentials"})[0] == 200, "the secret before is good for a while"
    third = provider.confidential(provider.json("client", "rotate-secret", "moved", "--keep", "0")["client_secret"])
    seen(lambda: renewed.post({"grant_type": "client_credentials"})[0] == 401, "a secret that leaked is good no more")
    assert moved.post({"grant_type": "client_credentials"})[0] == 401
    last = RelyingParty(provider, {"client_id": "moved", "client_secret": third})
    assert last.post({"grant_type": "client_credentials"})[0] == 200


def typed_password(provider):
    """On a pseudo-terminal: what is typed is not shown, and an interrupted command gives the echo back."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    process = subprocess.Popen(
        [provider.binary, "user", "set-password", "grace@example.com"], stdin=slave, stdout=slave, stderr=slave,
        env=provider.environment, cwd=provider.folder)
    shown = b""
    while b"New password" not in shown:
        shown += os.read(master, 1024)
    within(PATIENCE, lambda: not termios.tcgetattr(slave)[3] & termios.ECHO, "the echo is off")
    os.write(master, b"half-typed\x03")
    assert process.wait(timeout=PATIENCE) == 1
    assert termios.tcgetattr(slave) == before
    shown += os.read(master, 1024)
    assert b"half-typed" not in shown and b"nothing was changed" in shown, shown
    os.close(slave)
    os.close(master)


def breached_passwords(provider):
    def refusal(password, **settings):
        done = subprocess.run(
            [provider.binary, "passwords", "check", "--second-factor", "--json"], input=password + "\n", text=True,
            env={**provider.environment, **settings}, cwd=provider.folder, capture_output=True, timeout=PATIENCE)
        assert done.returncode in (0, 1), done
        said = json.loads(done.stdout)
        assert said["acceptable"] == (done.returncode == 0), said
        return said.get("refusal")

    assert refusal("qwertyuiop") == "breached"
    # A list of Debian's that is no part of the one that comes along: words that nobody may choose from then on.
    words = [word for word in WORDS.read_text().split() if len(word) >= 8 and word.isascii() and word.isalpha()]
    unlisted = [word for word in words[:: len(words) // 40] if refusal(word) != "breached"][:3]
    assert len(unlisted) == 3, unlisted
    target = f"{provider.folder}/own.filter"
    made = provider.json("passwords", "build-filter", str(WORDS), "--output", target)
    assert made["file"] == target, made
    for word in unlisted:
        assert refusal(word, MARTLET_PASSWORD_FILTER=target) == "breached", word
    assert refusal("qwertyuiop", MARTLET_PASSWORD_FILTER=target) == "tooWeak"
    # A file that is none is said to be.
    with open(target, "r+b") as file:
        file.write(b"no filter")
    broken = subprocess.run(
        [provider.binary, "passwords", "check"], input="x\n", env={**provider.environment, "MARTLET_PASSWORD_FILTER": target},
        cwd=provider.folder, capture_output=True, text=True, timeout=PATIENCE)
    assert broken.returncode == 78 and "own.filter" in broken.stderr, broken


def new_password(provider, shop, person):
    tokens = shop.sign_in(person)
    old, person.password = person.password, provider.confidential(secrets.token_urlsafe(16))
    provider.command("user", "set-password", "--email", person.email, "--password-stdin", stdin=person.password + "\n")

    def is_out():
        return person.open(shop.authorization(prompt="none")[0]).answer.get("error") == "login_required"

    seen(is_out, "whoever knew the old password is out")
    shop.refused(shop.refresh(tokens["refresh_token"]))
    page = person.sign_in(person.open(shop.authorization()[0]), password=old)
    assert page.status == 403 and "error" in page.ids, "the old password still works"
    assert person.sign_in(page).location


def disabled_user(provider, shop, ada, grace):
    tokens, others = shop.sign_in(ada), shop.sign_in(grace)
    assert "code" in ada.open(shop.authorization(prompt="none")[0]).answer
    assert shop.userinfo(tokens["access_token"])[0] == 200
    provider.command("user", "disable", "--email", ada.email)

    def is_out():
        answer = ada.open(shop.authorization(prompt="none")[0]).answer
        return answer.get("error") == "login_required" and answer["iss"] == ISSUER

    seen(is_out, "the session of the disabled person is over")
    seen(lambda: shop.userinfo(tokens["access_token"])[0] == 401, "their access token is dead")
    shop.refused(shop.refresh(tokens["refresh_token"]))
    page = ada.sign_in(ada.open(shop.authorization()[0]))
    assert page.status == 403 and "error" in page.ids, "they cannot sign in again"
    assert '"disabled":true' in provider.command("user", "list", "--json").stdout.replace(" ", "")

    assert "code" in grace.open(shop.authorization(prompt="none")[0]).answer
    assert shop.userinfo(others["access_token"])[0] == 200
    shop.tokens(shop.refresh(others["refresh_token"]))


def listed_keys(provider):
    published = {key["kid"] for key in json.loads(get(provider, "/jwks")[2])["keys"]}
    listed = provider.command("keys", "list", "--json").stdout
    assert all(kid in listed for kid in published), f"{published} {listed}"
    assert all(f'"{state}"' in listed for state in ("current", "next")), listed
    assert '"d"' not in listed and '"private' not in listed.lower()


def explained(provider, shop):
    address, _ = shop.authorization()
    wrong = address.replace("callback", "callback%2F")
    assert wrong != address
    status, headers, page = get(provider, wrong[len(ISSUER) :])
    code = headers["X-Request-Id"]
    assert status == 400 and code in page.decode(), page
    file = os.path.join(provider.folder, "explained.log")
    # The line of the request comes last, behind that of the refusal.
    within(
        PATIENCE,
        lambda: any((one["event"], one.get("request_id")) == ("request", code) for one in provider.log_records()),
        "the request is in the log")
    with open(file, "w") as log:
        log.write(provider.log())
    told = provider.command("explain", code, "--log", file).stdout
    assert told.startswith("GET /authorize was answered with 400"), told
    assert "redirect_uri differs from the registered one by a trailing slash" in told, told
    unknown = provider.command("explain", "nosuchcode", "--log", file, expect=1).stderr
    assert "the log says nothing of nosuchcode" in unknown, unknown
    os.remove(file)


def begin_request(provider, shop):
    """A request in flight: its connection, and the content that the server waits for."""
    body, headers = shop.token_request({"grant_type": "client_credentials"})
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = ["POST /token HTTP/1.1", f"Host: 127.0.0.1:{provider.port}", "Expect: 100-continue", *lines]
    connection = socket.create_connection(("127.0.0.1", provider.port), timeout=PATIENCE)
    connection.sendall("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode())
    # By this the server says that it has the head and waits for the content.
    assert connection.recv(64).startswith(b"HTTP/1.1 100"), "no 100 Continue"
    return connection, body


def drain(provider, shop):
    connection, body = begin_request(provider, shop)
    with connection:
        provider.process.send_signal(signal.SIGTERM)
        within(PATIENCE, lambda: refuses_connections(provider), "nothing new is accepted")
        assert provider.process.poll() is None, "it left while a request was in flight"
        connection.sendall(body.encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        content = json.loads(answer.read())
        # The client has no right to this grant; what counts is that the protocol answers, and not a cut connection.
        assert (answer.status, content["error"]) == (400, "unauthorized_client"), content
    assert provider.process.wait(timeout=PATIENCE) == 0


def hurried_stop(provider, shop):
    # On a machine that stands still for longer than the server waits for content, it is done with the first signal.
    for _ in range(5):
        provider.start()
        connection, _ = begin_request(provider, shop)
        with connection:
            provider.process.send_signal(signal.SIGTERM)
            within(PATIENCE, lambda: refuses_connections(provider), "nothing new is accepted")
            if provider.process.poll() is None:
                provider.process.send_signal(signal.SIGTERM)
            status = provider.process.wait(timeout=PATIENCE)
        if status == 1:
            return
        assert status == 0, status
    raise AssertionError("the second signal changes nothing")


def refuses_connections(provider):
    try:
        socket.create_connection(("127.0.0.1", provider.port), timeout=5).close()
    except ConnectionError:
        return True
    except TimeoutError:
        pass
    return False


def log(provider):
    lines = provider.log().splitlines()
    records = [json.loads(line) for line in lines]
    assert all({"time", "level", "event"} <= set(record) for record in records)
    requests = [record for record in records if record["event"] == "request"]
    fields = {"request_id", "method", "path", "status", "bytes", "microseconds", "peer"}
    assert requests and all(fields <= set(record) for record in requests)
    assert any(record["path"] == "/token" and record["status"] == 200 for record in requests)
    assert not [record for record in records if record["level"] == "error"], "something failed within"
    provider.check_log()


def get(provider, path):
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def metadata(provider):
    return json.loads(get(provider, "/.well-known/openid-configuration")[2])


def seen(condition, what):
    """What a command changed is seen by the running server in time."""
    promised(SEEN_WITHIN, condition, what)


if __name__ == "__main__":
    main()
