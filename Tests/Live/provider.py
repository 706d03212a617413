"""A provider for one test: its own folder, database, master key, command line, server process and log."""

import contextlib
import json
import os
import random
import resource
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from scratch import Scratch, die_with_parent

ROOT = Path(__file__).resolve().parents[2]

#: Seconds in which a change made by a command is to be seen by a running server.
SEEN_WITHIN = 2.0

#: Seconds beyond a promise after which it is broken on any machine. Sooner, other programs on the same cores may have
#: been the cause: then what it took is printed beside what is promised, and nothing fails.
ALLOWANCE = 30.0

#: Seconds to wait for what has no promise: only what never comes takes that long.
PATIENCE = 120

#: So many characters of a secret in the log are a leak.
TELLING = 12


class Provider:
    """Starts nothing by itself: commands work before `start`, as they do for an operator.

    Everything that must not show up in the log is handed to `confidential`; `check_log` looks for it. Its database is a
    SQLite file in its folder unless another is named.
    """

    def __init__(self, mode="development", issuer=None, host="127.0.0.1", database=None, **settings):
        self.binary = os.environ.get("PROGRAM_UNDER_TEST", str(ROOT / ".build" / "release" / "martlet"))
        assert os.access(self.binary, os.X_OK), f"{self.binary} is missing: swift build -c release --product martlet"
        self.scratch = Scratch()
        self.folder = self.scratch.folder
        self.port = free_port()
        self.address = f"http://{host}:{self.port}"
        self.issuer = issuer or self.address
        self.log_path = self.folder / "log"
        self.process = None
        self._prepare = die_with_parent()
        self._confidential = set()
        key = self.folder / "master.key"
        key.touch(mode=0o600)
        key.write_text(self.confidential(secrets.token_hex(32)) + "\n")
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.folder),
            "MARTLET_MODE": mode,
            "MARTLET_ISSUER": self.issuer,
            "MARTLET_LISTEN": f"{host}:{self.port}",
            "MARTLET_DATABASE": database or f"sqlite:{self.folder}/martlet.db",
            "MARTLET_MASTER_KEY_FILE": str(key),
            "MARTLET_TEMPLATES": str(ROOT / "templates"),
            # Loads sign one person in from one address, many times at once.
            "MARTLET_SIGN_IN_FAILURES_PER_ADDRESS": "0",
            "MARTLET_SIGN_IN_FAILURES_PER_NETWORK": "0",
            # And until a new secret is seen, the right one counts as wrong.
            "MARTLET_CLIENT_FAILURES_PER_NETWORK": "0",
            "MARTLET_LOCK_FAILURES": "100",
            "MARTLET_ACCOUNT_FAILURES": "1000",
            "MARTLET_CAPTCHA": "never",
            **{f"MARTLET_{name.upper()}": str(value) for name, value in settings.items()},
        }

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.process and self.process.poll() is None:
            self.kill()
        if kind and self.log_path.exists():
            print(f"\nthe end of the server's log:\n{self.log()[-4000:]}", file=sys.stderr)
        self.scratch.close()

    def sibling(self, **settings):
        """Another node of the same cluster: one issuer, one master key, one database, one set of secrets."""
        names = ("MARTLET_MODE", "MARTLET_DATABASE", "MARTLET_MASTER_KEY_FILE")
        mode, database, key = (self.environment[name] for name in names)
        node = Provider(mode, self.issuer, **{"database": database, "master_key_file": key, **settings})
        node.environment = {**self.environment, **node.environment}
        node._confidential = self._confidential
        return node

    # The command line.

    def command(self, *arguments, stdin="", expect=0, seconds=PATIENCE):
        """Runs `martlet …` and returns what it did; `expect` is the exit status, or None for any."""
        done = subprocess.run(
            [self.binary, *arguments], input=stdin, env=self.environment, cwd=self.folder, text=True,
            capture_output=True, timeout=seconds,
        )
        said = f"{done.stdout}{done.stderr}"
        assert expect is None or done.returncode == expect, f"martlet {arguments}: status {done.returncode}: {said}"
        return done

    def changing(self, *arguments, **more):
        """Runs a command, and returns when the running server has read what it changed: clients, scopes, resources, keys,
        connectors, which it keeps in memory for a moment.

        Whatever is tried right after that command needs this. On SQLite only.
        """
        if self.process is None or self.process.poll() is not None:
            return self.command(*arguments, **more)
        before = self._version()
        done = self.command(*arguments, **more)
        version = self._version()
        if version != before:
            within(PATIENCE, lambda: self._has_read(version), f"the server has read what {arguments} changed")
        return done

    def _version(self):
        """The number that every such change raises."""
        path = self.environment["MARTLET_DATABASE"].removeprefix("sqlite:")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=PATIENCE)) as database:
            return database.execute("SELECT value FROM versions WHERE name = 'configuration'").fetchone()[0]

    def _has_read(self, version):
        assert self.process.poll() is None, "the server ended"
        read = (record for record in self.log_records() if record.get("event") == "stores.changed")
        return any(record["version"] >= version for record in read)

    def json(self, *arguments, stdin=""):
        """What a command prints with `--json`."""
        return json.loads(self.command(*arguments, "--json", stdin=stdin).stdout)

    def add_user(self, email, password, name="Ada Lovelace"):
        self.confidential(password)
        arguments = ["user", "add", "--email", email, "--name", name, "--verified", "--password-stdin"]
        return self.json(*arguments, stdin=password + "\n")

    def add_client(self, identifier, *options, redirect_uri="https://app.example/callback", grants=(), scopes=()):
        arguments = ["client", "add", "--id", identifier]
        if redirect_uri:
            arguments += ["--redirect-uri", redirect_uri]
        for grant in grants or ("authorization_code", "refresh_token"):
            arguments += ["--grant", grant]
        for scope in scopes or ("openid", "profile", "email", "offline_access"):
            arguments += ["--scope", scope]
        client = self.json(*arguments, *options)
        if client.get("client_secret"):
            self.confidential(client["client_secret"])
        return client

    # The server.

    def start(self):
        """Returns when the server answers."""
        self.launch()
        return self.await_answer()

    def launch(self):
        """Starts the server and waits for nothing."""
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [self.binary, "serve"], env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, preexec_fn=self._prepare,
        )
        log.close()

    def limit_files(self, soft, hard):
        """The server, from its next start on, may have so many descriptors."""
        tie = die_with_parent()

        def prepare():
            tie()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

        self._prepare = prepare

    def await_answer(self):
        within(PATIENCE, self._answers, "the server answers")
        return self

    def _answers(self):
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log()}"
        try:
            with urllib.request.urlopen(self.address + "/health", timeout=20) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self, seconds=PATIENCE):
        """Asks it to leave, as a service manager does; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def kill(self):
        """As a crash or the kernel's memory killer does."""
        self.process.kill()
        self.process.wait()

    # The log.

    def confidential(self, value):
        """Notes something that must never be logged, and returns it."""
        if value and len(value) >= 8:
            self._confidential.add(value)
        return value

    def log(self):
        return self.log_path.read_text(errors="replace")

    def log_records(self):
        """The JSON lines of the log; in development mode words for people stand beside them."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def check_log(self):
        """No secret, token, code, cookie or password of this test is in the log, not even its beginning or its end."""
        log = self.log()
        assert self._confidential, "nothing was confidential: the check would pass in vain"
        telling = {}
        for value in self._confidential:
            # The header of a JWT says nothing, and many tokens share it.
            for part in value.split(".")[1:] if value.count(".") == 2 else [value]:
                telling[part[:TELLING]] = telling[part[-TELLING:]] = part
        for length in {len(piece) for piece in telling}:
            for start in range(len(log) - length + 1):
                if log[start : start + length] in telling:
                    line = log[log.rfind("\n", 0, start) + 1 : start + length]
                    raise AssertionError(f"the log shows a secret of this test, at the end of: {line}")


def free_port():
    """A free port below those that the kernel gives to outgoing connections.

    One of those could be taken by a client's socket while the server restarts.
    And none that this test has been given before: whoever asked for that may not have bound it yet, or be about to start
    again.
    """
    chance = random.SystemRandom()
    for _ in range(1000):
        port = chance.randrange(20_000, 32_000)
        if port in _GIVEN:
            continue
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                _GIVEN.add(port)
                return port
    raise AssertionError("no free port")


_GIVEN = set()


def within(seconds, condition, what):
    """Waits until a condition holds and returns what it gave; the wait is no sleep of a guessed length."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def promised(seconds, condition, what):
    """Waits for what is promised within so many seconds, prints what it took and returns what the condition gave."""
    started = time.monotonic()
    value = within(seconds + ALLOWANCE, condition, what)
    judge(what, time.monotonic() - started, seconds)
    return value


def judge(what, took, seconds):
    """Prints what something took beside what is promised; fails where no machine can be the cause."""
    late = "late: " if took > seconds else ""
    print(f"{late}{what} after {took:.2f} s of {seconds:g} s … ", end="", flush=True)
    assert took < seconds + ALLOWANCE, f"{what}: {took:.2f} s instead of {seconds:g} s"


@contextlib.contextmanager
def step(name):
    """Prints what is tried, and how it went."""
    started = time.monotonic()
    print(f"  {name} … ", end="", flush=True)
    try:
        yield
    except BaseException:
        print("FAILED", flush=True)
        raise
    print(f"ok ({time.monotonic() - started:.1f} s)", flush=True)


def end_on_signals():
    """SIGTERM ends a test like an error does, so that its servers stop and its folders go."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
