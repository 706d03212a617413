"""The calls under /v1/auth, as apps of the operator's own make them: the whole way with tokens and with cookies, and then
schemathesis, which derives thousands of requests from the served document and holds every answer against it.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import struct
import subprocess
import sys
import time

import requests

from provider import PATIENCE, Provider, end_on_signals, step, within

PAGE = "https://app.example"
#: What is typed of the mail of a sign-up, and what the link of a reset carries.
CODE, RESET = r"(?s)(?=.*/sign-up/confirm).*?\b(\d{6})\b", r"/reset-password\?link=([\w-]{43})"
#: What is tested is not the cost of hashes.
CHEAP = "argon2id:m=19456,t=2,p=1"
#: Seconds that schemathesis may take, and the examples of each call: all are tried long before on any usual machine.
LIMIT, EXAMPLES = 600, 40
#: What calls may rightly answer to values that are fit by their form alone.
EXPECTED = [200, 202, 204, 401, 403, 409, 410, 422, 429, 503]


def main():
    end_on_signals()
    with Provider(sign_up="open", password_hash=CHEAP, captcha="adaptive") as provider:
        for identifier, options in {
            "tokens": ["--public", "--own-sign-in", "tokens"],
            "service": ["--own-sign-in", "tokens"],
            "cookies": ["--public", "--own-sign-in", "cookies"],
            "stranger": ["--public", "--first-party"],
        }.items():
            client = provider.add_client(identifier, *options, redirect_uri=PAGE + "/callback")
            if identifier == "service":
                secret = client["client_secret"]
            assert client.get("own_sign_in") == (None if identifier == "stranger" else options[-1]), client
        provider.start()
        with step("a client with tokens: from no account to signed out"):
            whole_way(App(provider, "tokens"))
        with step("a client with cookies: the same, from its own page"):
            whole_way(App(provider, "cookies"))
        with step("a client with a secret proves itself by it, and a client without the mark gets nothing"):
            callers(provider, secret)
        with step("after three wrong passwords a proof of work is asked for"):
            proof_of_work(provider)
        with step("SIGTERM: a clean end; the log holds no secret"):
            assert provider.stop() == 0
            provider.check_log()
    with Provider(sign_up="open", password_hash=CHEAP) as provider:
        provider.add_client("tokens", "--public", "--own-sign-in", "tokens", redirect_uri=PAGE + "/callback")
        provider.start()
        with step("the document is served, and schemathesis finds no answer that departs from it"):
            conformance(provider)
        assert provider.stop() == 0


class App:
    """An app with a person before it."""

    def __init__(self, provider, client, page=PAGE):
        self.provider, self.client = provider, client
        self.has_cookies = client == "cookies"
        self.session = requests.Session()
        self.session.trust_env = False
        self.headers = {"Martlet-Client": client}
        if self.has_cookies:
            self.headers["Origin"] = page
        self.access_token = None

    def call(self, method, path, content=None, expect=200, **headers):
        headers = {**self.headers, **headers}
        if self.access_token and (path in ("/me", "/logout") or "able" in path):
            headers["Authorization"] = f"Bearer {self.access_token}"
        answer = self.session.request(
            method, self.provider.address + "/v1/auth" + path, json=content, headers=headers, timeout=PATIENCE)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        if expect == 204:
            assert answer.content == b""
            return None
        value = answer.json()
        if expect >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert value["status"] == expect and value["supportCode"] == answer.headers["X-Request-Id"], answer.headers
        return value

    def post(self, path, content=None, expect=200, **headers):
        return self.call("POST", path, content, expect, **headers)

    def signed_in(self, answer):
        """Takes what a sign-in came to."""
        assert answer["mfaRequired"] is False, answer
        for name in ("accessToken", "refreshToken", "idToken"):
            assert (name in answer) != self.has_cookies, answer
            self.provider.confidential(answer.get(name))
        for cookie in self.session.cookies:
            self.provider.confidential(cookie.value)
        self.access_token = answer.get("accessToken")
        return answer

    def mailed(self, to, pattern, after=0):
        """What a pattern finds in the newest mail to an address that has it, once more than so many have: notices of what
        happened before are sent beside, in no order."""
        def newest():
            found = self.all_mailed(to, pattern)
            return found[0] if len(found) > after else None

        return within(PATIENCE, newest, f"a mail to {to}")

    def all_mailed(self, to, pattern):
        """What a pattern finds in the mails to an address, the newest first: once a mail."""
        mails = re.findall(r"<pre[^>]*>(.*?)</pre>", self._inbox(to), re.S)
        return [found.group(1) for found in (re.search(pattern, mail) for mail in mails) if found]

    def _inbox(self, to):
        text = requests.get(self.provider.address + "/inbox", timeout=PATIENCE).text
        letters = re.split(r"(?=<section)", text)
        return "".join(part for part in letters if to in part)


def whole_way(app):
    email, first, second = (
        f"grace-{app.client}@example.com", app.provider.confidential(secrets.token_urlsafe(16)),
        app.provider.confidential(secrets.token_urlsafe(16)))
    begun = app.post("/register", {"email": email, "password": first, "name": "Grace Hopper"}, expect=202)
    token = app.provider.confidential(begun["registrationToken"])
    code = app.mailed(email, CODE)
    app.post("/resend-verification", {"registrationToken": token}, expect=204)
    newer = app.mailed(email, CODE, after=1)
    if newer != code:
        refused = app.post("/verify-email", {"registrationToken": token, "code": code}, expect=403)
        assert refused["code"] == "wrongCode" and refused["attemptsLeft"] == 4
    app.signed_in(app.post("/verify-email", {"registrationToken": token, "code": newer}))
    assert app.post("/verify-email", {"registrationToken": token, "code": newer}, expect=410)["code"] == (
        "registrationOver")

    profile = app.call("GET", "/me")
    assert profile["email"] == email and profile["emailVerified"] and not profile["secondFactor"], profile
    assert app.call("PATCH", "/me", {"name": "Grace “燕” Hopper"})["name"] == "Grace “燕” Hopper"

    right = {"email": email, "password": first}
    app.signed_in(app.post("/login", right))
    app.post("/2fa/enable-init", {"password": second}, expect=403)
    set_up = app.post("/2fa/enable-init", {"password": first})
    key = base64.b32decode(app.provider.confidential(set_up["secret"]) + "=" * (-len(set_up["secret"]) % 8))
    assert set_up["secret"] in set_up["otpauthUri"]
    moment = time.time()
    codes = app.post("/2fa/enable-complete", {"code": totp(key, moment)})["recoveryCodes"]
    assert len(set(map(app.provider.confidential, codes))) == 10

    def due():
        answer = app.post("/login", right)
        assert answer["mfaRequired"] is True and "accessToken" not in answer, answer
        return app.provider.confidential(answer["sessionToken"])

    waiting = due()
    # The step of the set-up is spent; the next one is taken already.
    answer = {"sessionToken": waiting, "code": totp(key, moment + 30)}
    app.signed_in(app.post("/2fa/verify", answer))
    assert app.post("/2fa/verify", answer, expect=410)["code"] == "sessionOver"
    recovery = {"sessionToken": due(), "recoveryCode": codes[0]}
    assert app.signed_in(app.post("/recovery-login", recovery))["recoveryCodesLeft"] == 9
    recovery["sessionToken"] = due()
    assert app.post("/recovery-login", recovery, expect=403)["code"] == "wrongCode"

    def sign_in(code):
        return app.signed_in(app.post("/recovery-login", {"sessionToken": due(), "recoveryCode": code}))

    stolen(app, sign_in(codes[1]))
    sign_in(codes[2])
    assert app.call("GET", "/me")["recoveryCodesLeft"] == 7
    app.post("/2fa/disable", {"code": codes[3]}, expect=204)
    assert not app.call("GET", "/me")["secondFactor"]

    app.post("/password/forgot", {"email": email}, expect=204)
    link = app.mailed(email, RESET)
    choice = {"resetToken": app.provider.confidential(link), "password": "password1234567"}
    weak = app.post("/password/reset", choice, expect=422)
    assert weak["errors"][0]["pointer"] == "/password" and weak["errors"][0]["reasons"], weak
    app.post("/password/reset", {**choice, "password": second}, expect=204)
    assert app.post("/password/reset", {**choice, "password": second}, expect=410)["code"] == "linkOver"
    assert app.call("GET", "/me", expect=401)["code"] == "invalidToken"
    app.post("/login", right, expect=403)
    app.signed_in(app.post("/login", {"email": email, "password": second}))
    app.post("/logout", expect=204)
    app.call("GET", "/me", expect=401)


def stolen(app, answer):
    """The next tokens, or the next cookie: a copy of the old ones is worth nothing, and ends the family of tokens."""
    if app.has_cookies:
        old = dict(app.session.cookies)
        app.signed_in(app.post("/refresh", {}))
        assert dict(app.session.cookies) != old
        thief = App(app.provider, app.client)
        thief.session.cookies.update(old)
        assert thief.call("GET", "/me", expect=401)["code"] == "invalidToken"
        # A page of another site has no say, whatever it sends along.
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": None}):
            refused = app.call("PATCH", "/me", {"name": "Eve"}, expect=403, **headers)
            assert refused["code"] == "originNotAllowed"
        assert app.call("GET", "/me", expect=401, **{"Martlet-Client": None})["code"] == "invalidClient"
        return
    first = answer["refreshToken"]
    second = app.signed_in(app.post("/refresh", {"refreshToken": first}))["refreshToken"]
    third = app.signed_in(app.post("/refresh", {"refreshToken": second}))["refreshToken"]
    other = App(app.provider, "cookies")
    assert other.post("/refresh", {"refreshToken": third}, expect=401)["code"] == "invalidToken"
    assert app.call("GET", "/me")
    assert app.post("/refresh", {"refreshToken": first}, expect=401)["code"] == "invalidRefreshToken"
    assert app.post("/refresh", {"refreshToken": third}, expect=401)["code"] == "invalidRefreshToken"
    assert app.call("GET", "/me", expect=401)["code"] == "invalidToken"


def callers(provider, secret):
    content = {"email": "nobody@example.com", "password": "x"}
    basic = "Basic " + base64.b64encode(f"service:{secret}".encode()).decode()
    app = App(provider, "service")
    assert app.post("/login", content, expect=401)["code"] == "invalidClient"
    assert app.post("/login", content, expect=403, Authorization=basic)["code"] == "wrongCredentials"
    assert App(provider, "nobody").post("/login", content, expect=401)["code"] == "invalidClient"
    assert App(provider, "stranger").post("/login", content, expect=403)["code"] == "clientNotAllowed"
    large = {**content, "password": "x" * 9000}
    answer = app.session.post(provider.address + "/v1/auth/login", json=large, headers=app.headers, timeout=PATIENCE)
    assert answer.status_code == 413, answer.status_code
    preflight = requests.options(
        provider.address + "/v1/auth/login", headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"},
        timeout=PATIENCE)
    assert preflight.status_code == 204 and preflight.headers["Access-Control-Allow-Origin"] == PAGE
    evil = requests.options(
        provider.address + "/v1/auth/login", headers={"Origin": "https://evil.example"}, timeout=PATIENCE)
    assert evil.status_code == 403 and "Access-Control-Allow-Origin" not in evil.headers


def proof_of_work(provider):
    app = App(provider, "tokens")
    content = {"email": "somebody@example.com", "password": "x"}
    for _ in range(10):
        answer = app.session.post(
            provider.address + "/v1/auth/login", json=content, headers=app.headers, timeout=PATIENCE).json()
        if answer["code"] == "challengeRequired":
            break
    challenge = answer["challenge"]
    content["challenge"] = {"token": challenge["token"], "solution": solve(challenge)}
    assert app.post("/login", content, expect=403)["code"] == "wrongCredentials"
    assert app.post("/login", content, expect=403)["code"] == "challengeFailed"


def solve(challenge):
    """A number for each round, as the document explains."""
    numbers = []
    for round_ in range(challenge["rounds"]):
        number = 0
        while True:
            digest = hashlib.sha256(f"{challenge['text']}.{round_}.{number}".encode()).digest()
            if int.from_bytes(digest) >> (256 - challenge["bits"]) == 0:
                break
            number += 1
        numbers.append(str(number))
    return ".".join(numbers)


def totp(key, moment):
    digest = hmac.digest(key, struct.pack(">Q", int(moment) // 30), "sha1")
    start = digest[-1] & 15
    return str((int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000).zfill(6)


def conformance(provider):
    password = provider.confidential(secrets.token_urlsafe(16))
    provider.add_user("tester@example.com", password, name="Tester")
    app = App(provider, "tokens")
    document = app.call("GET", "/openapi.json")
    assert document["openapi"] == "3.1.0" and document["servers"][0]["url"] == provider.issuer + "/v1/auth"
    # Signing out comes last, or else the calls behind it are all refused.
    for which in (["--exclude-operation-id", "logout"], ["--include-operation-id", "logout"]):
        signed_in = app.signed_in(app.post("/login", {"email": "tester@example.com", "password": password}))
        derived(provider, signed_in["accessToken"], which)


def derived(provider, token, which):
    """Requests that schemathesis derives from the document, the same in every run."""
    settings = provider.folder / "schemathesis.toml"
    settings.write_text(f"""
continue-on-failure = true
color = false
[auth.openapi]
clientName = {{ api_key = "tokens" }}
accessToken = {{ bearer = "{token}" }}
[generation]
max-examples = {EXAMPLES}
database = "none"
deterministic = true
[checks.positive_data_acceptance]
expected-statuses = {json.dumps(EXPECTED)}
""")
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run",
         provider.address + "/v1/auth/openapi.json", "--checks", "all", *which],
        cwd=provider.folder, text=True, capture_output=True, timeout=LIMIT)
    found = re.search(r"(\d+) generated", done.stdout)
    if done.returncode or not found:
        print(done.stdout[-20_000:], done.stderr[-4_000:], file=sys.stderr)
    assert done.returncode == 0 and found, f"schemathesis ended with {done.returncode}"
    print(found.group(1), "requests", end=" … ")


if __name__ == "__main__":
    main()
