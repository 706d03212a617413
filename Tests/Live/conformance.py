"""Modules of the OpenID Foundation's conformance suite against the program itself, over sockets: each step has the name of
its module, and asserts what the suite asserts, warnings included. The rest of them run in Tests/WebTests/Conformance.

The client registers itself as the suite does, with neither PKCE nor an algorithm of its own, and is removed at the end of
each module, which must be answered with 204.
"""

import base64
import contextlib
import email.utils
import hashlib
import json
import math
import secrets
import time
import urllib.parse

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from logout import EVENT, Client as LogoutReceiver
from person import Person
from provider import PATIENCE, Provider, end_on_signals, step, within
from relying_party import RelyingParty

REDIRECT = "https://app.example/callback"
TARGET = "https://app.example/logged-out"
POLICY = {"access": "open", "scopes": ["openid", "email", "offline_access"], "compatibility": ["pkce_optional"]}
SCOPE_CLAIMS = {"email", "email_verified", "name", "address", "phone_number"}
KNOWN = {"iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "acr", "amr", "sid", "azp", "jti", "at_hash"}


def main():
    end_on_signals()
    with Provider(signing_algorithms="ES256 RS256") as provider:
        file = provider.folder / "registration.json"
        file.write_text(json.dumps(POLICY))
        provider.environment["MARTLET_REGISTRATION"] = str(file)
        password = secrets.token_urlsafe(24)
        provider.add_user("ada@example.com", password)
        with LogoutReceiver() as receiver:
            # One that registers itself is told of ends where strangers may send us, and so not on this machine.
            told = provider.add_client(
                "told", "--set", f"backchannel_logout_uri={receiver.address}/out",
                "--set", "backchannel_logout_session_required=true", "--post-logout-redirect-uri", TARGET,
                redirect_uri=REDIRECT, scopes=["openid"])
            provider.start()
            suite = Suite(provider, password)
            for name, module in MODULES.items():
                with step(name):
                    module(suite)
            with step("oidcc-backchannel-rp-initiated-logout"):
                backchannel(suite, told, receiver)
            assert provider.stop() == 0
            for token in receiver.tokens:
                provider.confidential(token)
        provider.check_log()


class Suite:
    """What every module needs: the metadata, a person, and clients that come and go."""

    def __init__(self, provider, password):
        self.provider, self.password = provider, password
        self.metadata = self.get("/.well-known/openid-configuration").json()
        assert self.metadata["issuer"] == provider.issuer, self.metadata

    def get(self, path, **options):
        return requests.get(self.provider.address + path, timeout=60, **options)

    def person(self):
        return Person(self.provider, "ada@example.com", self.password)

    def keys(self):
        keys = self.get("/jwks").json()["keys"]
        names = [key["kid"] for key in keys]
        assert len(set(names)) == len(names) and not any({"d", "k", "p", "q"} & key.keys() for key in keys), names
        return KeySet.import_key_set({"keys": [key for key in keys if key.get("use") != "enc"]}), set(names)

    @contextlib.contextmanager
    def client(self, **members):
        """A client that registers, and is removed when its module is over."""
        document = {
            "client_name": "Conformance suite", "redirect_uris": [REDIRECT], "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"], "post_logout_redirect_uris": [TARGET], **members,
        }
        made = requests.post(self.provider.address + "/register", json=document, timeout=60)
        assert made.status_code == 201 and made.headers["Content-Type"] == "application/json", made.text
        client = made.json()
        assert client["client_secret_expires_at"] == 0, client
        for name in ("client_secret", "registration_access_token"):
            self.provider.confidential(client[name])
        yield Registered(self, client)
        bearer = {"Authorization": f"Bearer {client['registration_access_token']}"}
        uri = client["registration_client_uri"]
        assert requests.delete(uri, headers=bearer, timeout=60).status_code == 204
        assert requests.get(uri, headers=bearer, timeout=60).status_code == 401


class Registered(RelyingParty):
    """The suite's client, which looks at every answer."""

    def __init__(self, suite, client):
        super().__init__(suite.provider, client, redirect_uri=REDIRECT, scope="openid")
        self.suite = suite
        self.nonce = "nonce-1"

    def address(self, **changes):
        parameters = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirect_uri,
            "scope": self.scope, "state": "state 1~", "nonce": self.nonce, **changes,
        }
        return self.provider.issuer + "/authorize?" + urllib.parse.urlencode(parameters)

    def authorize(self, person, **changes):
        page = person.finish(person.open(self.address(**changes)))
        assert page.location.startswith(self.redirect_uri + "?") and "#" not in page.location, page.location
        answer = page.answer
        known = {"error", "error_description", "error_uri"} if "error" in answer else {"code"}
        assert answer.keys() <= known | {"state", "iss", "session_state"}, sorted(answer)
        assert answer["state"] == "state 1~" and answer["iss"] == self.provider.issuer, answer
        if "code" in answer:
            assert entropy(answer["code"]) > 96
            self.provider.confidential(answer["code"])
        return answer

    def send(self, form):
        content, headers = self.token_request(form)
        response = requests.post(self.provider.address + "/token", data=content, headers=headers, timeout=60)
        assert response.headers["Content-Type"].startswith("application/json"), response.headers
        assert "no-store" in response.headers["Cache-Control"], response.headers
        return response.status_code, self.noted(response.json())

    def code_form(self, code):
        return {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}

    def read(self, form, nonce=None):
        """Tokens, and what their ID token says: every check that the suite makes of each."""
        status, answer = self.send(form)
        assert status == 200 and answer["token_type"].lower() == "bearer", answer
        assert 0 < answer["expires_in"] < 31_536_000 and entropy(answer["access_token"]) > 96
        keys, names = self.suite.keys()
        token = jwt.decode(answer["id_token"], keys, algorithms=["RS256"])
        claims, now = token.claims, time.time()
        # RS256 for a client that named no algorithm, by a key that is published.
        assert token.header["alg"] == "RS256" and token.header["kid"] in names, token.header
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        assert claims["iss"] == self.provider.issuer and audience == [self.client_id], claims
        assert abs(now - claims["iat"]) < 300 and claims["exp"] > now and claims.get("nonce") == nonce, claims
        assert claims.keys() <= KNOWN and not claims.keys() & SCOPE_CLAIMS, sorted(claims)
        if "at_hash" in claims:
            half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
            assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        return answer, claims

    def whole_way(self, person, **changes):
        return self.read(self.code_form(self.authorize(person, **changes)["code"]), self.nonce)

    def user_info(self, answer, claims):
        response = self.suite.get("/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"})
        assert response.status_code == 200 and response.headers["Content-Type"].startswith("application/json")
        # UserInfo stands for a resource, whose answers are dated.
        dated = email.utils.parsedate_to_datetime(response.headers["Date"]).timestamp()
        assert abs(time.time() - dated) < 300, response.headers["Date"]
        assert response.json()["sub"] == claims["sub"]
        return response.json()

    def refused_form(self, form):
        status, answer = self.send(form)
        assert (status, answer["error"]) == (400, "invalid_grant"), (status, answer)

    def is_signed_in(self, person):
        answer = self.authorize(person, prompt="none")
        assert "code" in answer or answer["error"] == "login_required", answer
        return "code" in answer


def entropy(text):
    """As the suite measures it: bits of Shannon entropy over the text."""
    counts = [text.count(character) / len(text) for character in set(text)]
    return -sum(share * math.log2(share) for share in counts) * len(text)


def server(suite):
    with suite.client() as client:
        answer, claims = client.whole_way(suite.person())
        assert client.user_info(answer, claims).keys() == {"sub"}


def scope_email(suite):
    with suite.client() as client:
        info = client.user_info(*client.whole_way(suite.person(), scope="openid email"))
        assert info["email"] == "ada@example.com" and isinstance(info["email_verified"], bool), info


def prompt_none_not_logged_in(suite):
    with suite.client() as client:
        page = suite.person().open(client.address(prompt="none"))
        assert page.answer["error"] == "login_required", page.answer


def code_reuse(suite):
    with suite.client() as client:
        code = client.authorize(suite.person())["code"]
        answer, _ = client.read(client.code_form(code), client.nonce)
        client.refused_form(client.code_form(code))
        # What came of the first use is dead, too.
        refused = suite.get("/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"})
        assert refused.status_code == 401, refused.status_code


def refresh_token(suite):
    with suite.client() as client, suite.client() as other:
        answer, first = client.whole_way(suite.person(), scope="openid offline_access", prompt="consent")
        token = answer["refresh_token"]
        other.refused_form(other.refresh(token))
        within(PATIENCE, lambda: time.time() >= first["iat"] + 1, "the next second")
        renewed, second = client.read(client.refresh(token))
        assert second["iat"] != first["iat"], second
        for name in ("iss", "sub", "aud", "auth_time", "azp"):
            assert first.get(name) == second.get(name), name
        client.user_info(renewed, second)


def registered_redirect_uri(suite):
    with suite.client() as client:
        page = suite.person().open(client.address(redirect_uri=REDIRECT + "/evil"))
        assert page.status == 400 and "error" in page.ids and not page.location, page.title


def rotate_keys(suite):
    with suite.client() as client:
        person = suite.person()
        _, before = suite.keys()
        client.whole_way(person)
        suite.provider.command("keys", "rotate")
        within(PATIENCE, lambda: suite.keys()[1] > before, "a new key beside the old ones")
        client.whole_way(person)


def rp_initiated_logout(suite):
    with suite.client() as client:
        person = suite.person()
        answer, _ = client.whole_way(person)
        assert client.is_signed_in(person)
        page = person.open("/logout?" + urllib.parse.urlencode({
            "id_token_hint": answer["id_token"], "post_logout_redirect_uri": TARGET, "state": "a state&=1"}))
        assert page.location == TARGET + "?state=a%20state%26%3D1", page.location
        assert not client.is_signed_in(person)


def backchannel(suite, registered, receiver):
    client = Registered(suite, registered)
    person = suite.person()
    # An operator's client names no algorithm, and gets ES256, unlike one that registers itself: so its tokens are read here.
    address, verifier = RelyingParty(suite.provider, registered, REDIRECT, "openid").authorization()
    code = person.finish(person.open(address)).answer["code"]
    status, answer = client.send({**client.code_form(code), "code_verifier": verifier})
    assert status == 200, answer
    keys, _ = suite.keys()
    signed = jwt.decode(answer["id_token"], keys, algorithms=["ES256", "RS256"])
    page = person.open("/logout?" + urllib.parse.urlencode({
        "id_token_hint": answer["id_token"], "post_logout_redirect_uri": TARGET, "state": "s"}))
    assert page.location == TARGET + "?state=s", page.location
    within(PATIENCE, lambda: receiver.tokens, "the logout token")
    token = jwt.decode(receiver.tokens[0], keys, algorithms=["ES256", "RS256"])
    claims = token.claims
    assert token.header["alg"] == signed.header["alg"] and len(receiver.tokens) == 1, token.header
    assert claims.keys() <= {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}, sorted(claims)
    assert claims["events"] == {EVENT: {}} and claims["iss"] == suite.provider.issuer and claims["jti"], claims
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    assert audience == [client.client_id] and abs(time.time() - claims["iat"]) < 300, claims
    assert claims.get("sid") == signed.claims["sid"] and claims.get("sub") in (None, signed.claims["sub"]), claims


MODULES = {
    "oidcc-server": server,
    "oidcc-scope-email": scope_email,
    "oidcc-prompt-none-not-logged-in": prompt_none_not_logged_in,
    "oidcc-codereuse": code_reuse,
    "oidcc-refresh-token": refresh_token,
    "oidcc-ensure-registered-redirect-uri": registered_redirect_uri,
    "oidcc-server-rotate-keys": rotate_keys,
    "oidcc-rp-initiated-logout": rp_initiated_logout,
}


if __name__ == "__main__":
    main()
