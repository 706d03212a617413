"""A standard client library signs a person in: Authlib as the relying party, over requests.

Everything that Authlib has a call for is done by Authlib, from discovery to the address for signing out; the person's
part is done through the HTML pages.
"""

import base64
import json
import secrets
import sys
import time
import urllib.parse
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Live"))

import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oauth2.rfc8414 import get_well_known_url as oauth_metadata_url
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from person import Person
from provider import SEEN_WITHIN, Provider, end_on_signals, promised, step, within

CALLBACK = "https://shop.example/callback"
GOODBYE = "https://shop.example/goodbye"
SCOPE = "openid profile email offline_access"
GRACE = 1


def main():
    end_on_signals()
    warnings.simplefilter("error", category=DeprecationWarning)
    with Provider(refresh_grace=GRACE) as provider:
        Session(provider).run()


class Session:
    """The steps in their order; each leaves what the next ones need."""

    def __init__(self, provider):
        self.provider = provider

    def run(self):
        with step("the command line makes a database, a client and a person"):
            self.set_up()
        with step("discovery: the metadata is valid and names this issuer"):
            self.discover()
        with step("a wrong password is refused kindly, the right one signs in, consent is asked once"):
            self.sign_in()
        with step("code for tokens, with PKCE and client_secret_basic"):
            self.redeem()
        with step("the ID token verifies: signature, iss, aud, exp, nonce, at_hash if any; tampered ones do not"):
            self.verify_id_token()
        with step("userinfo tells the same person"):
            self.read_userinfo()
        with step("two refreshes, each with a new refresh token"):
            self.refresh_twice()
        with step("the first refresh token again, past the grace: refused, and the newest is dead too"):
            self.reuse()
        with step("client_credentials, by client_secret_post too"):
            self.client_credentials()
        with step("a public client: PKCE alone, form_post"):
            self.public_client()
        with step("keys rotate: new tokens by the new key within 2 s, old tokens still verify"):
            self.rotate_keys()
        with step("prompt=none while signed in, sign-out with a return, prompt=none afterwards"):
            self.sign_out()
        with step("SIGTERM: a clean end; no secret in the log"):
            assert self.provider.stop() == 0
            self.provider.check_log()

    def set_up(self):
        password = secrets.token_urlsafe(16)
        self.user = self.provider.add_user("ada@example.com", password)
        self.client = self.provider.add_client(
            "shop", "--post-logout-redirect-uri", GOODBYE, redirect_uri=CALLBACK, scopes=[*SCOPE.split(), "orders"],
            grants=["authorization_code", "refresh_token", "client_credentials"],
        )
        assert self.client["client_id"] == "shop" and len(self.client["client_secret"]) >= 43
        self.provider.start()
        self.person = Person(self.provider, "ada@example.com", password)

    def discover(self):
        answer = requests.get(get_well_known_url(self.provider.issuer, external=True), timeout=60)
        assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
        self.metadata = OpenIDProviderMetadata(answer.json())
        # Authlib insists on https; on loopback, and only there, the provider is allowed to be without.
        secured = json.loads(answer.text.replace(self.provider.issuer, "https://login.example"))
        # Discovery §3 demands RS256.
        assert secured["id_token_signing_alg_values_supported"] == ["ES256", "RS256"]
        OpenIDProviderMetadata(secured).validate()
        assert self.metadata["issuer"] == self.provider.issuer
        assert self.metadata["code_challenge_methods_supported"] == ["S256"]
        assert self.metadata["authorization_response_iss_parameter_supported"] is True
        again = requests.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=60)
        assert again.status_code == 304 and not again.content
        oauth = requests.get(oauth_metadata_url(self.provider.issuer, True), timeout=60)
        assert oauth.json()["token_endpoint"] == self.metadata["token_endpoint"]

    def sign_in(self):
        self.shop = self.relying_party()
        self.verifier = self.provider.confidential(secrets.token_urlsafe(48))
        self.nonce = secrets.token_urlsafe(16)
        address, self.state = self.shop.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=self.verifier, nonce=self.nonce
        )
        page = self.person.open(address)
        assert page.status == 200 and page.asks_for("password")
        page = self.person.sign_in(page, password="not " + self.person.password)
        assert page.status == 403 and "error" in page.ids and page.asks_for("password")
        page = self.person.sign_in(page)
        assert page.asks_for("decision") and "shop" in page.text and "shop.example" in page.text
        page = self.person.submit(page, "decision", button="allow")
        self.callback = page.location
        assert page.answer["state"] == self.state and page.answer["iss"] == self.provider.issuer

    def redeem(self):
        self.token = self.noted(
            self.shop.fetch_token(
                self.metadata["token_endpoint"], authorization_response=self.callback, code_verifier=self.verifier,
                state=self.state,
            )
        )
        assert self.token["token_type"] == "Bearer" and 0 < self.token["expires_in"] <= 900
        assert set(self.token["scope"].split()) == set(SCOPE.split())

    def verify_id_token(self):
        token = self.token["id_token"]
        claims = self.verified(token)
        assert claims["aud"] in ("shop", ["shop"]) and claims["nonce"] == self.nonce and claims["amr"]
        assert claims["exp"] - claims["iat"] in range(300, 3601) and abs(claims["iat"] - time.time()) < 600
        assert claims["auth_time"] <= claims["iat"]
        head, body, signature = token.split(".")
        other = base64.urlsafe_b64encode(b'{"sub":"mallory"}').rstrip(b"=").decode()
        for forged in (f"{head}.{other}.{signature}", f"{head}.{body}.{signature[::-1]}", f"{head}.{body}."):
            try:
                self.verified(forged)
            except (JoseError, ValueError):
                continue
            raise AssertionError("a forged ID token verifies")
        self.subject = claims["sub"]

    def read_userinfo(self):
        answer = self.shop.get(self.metadata["userinfo_endpoint"])
        assert answer.status_code == 200, answer.text
        claims = answer.json()
        assert claims["sub"] == self.subject and claims["email"] == "ada@example.com" and claims["email_verified"] is True
        assert claims["name"] == "Ada Lovelace"
        assert requests.get(self.metadata["userinfo_endpoint"], timeout=60).status_code == 401

    def refresh_twice(self):
        self.refresh_tokens = [self.token["refresh_token"]]
        for _ in range(2):
            token = self.noted(self.shop.refresh_token(self.metadata["token_endpoint"]))
            assert token["refresh_token"] not in self.refresh_tokens
            self.refresh_tokens.append(token["refresh_token"])
            claims = self.verified(token["id_token"], nonce=None)
            # OpenID Connect Core §12.2
            assert claims["sub"] == self.subject and "nonce" not in claims
        assert self.shop.get(self.metadata["userinfo_endpoint"]).status_code == 200

    def reuse(self):
        rotated = time.monotonic()
        within(GRACE + 60, lambda: time.monotonic() - rotated > GRACE, "the grace is over")
        for token in (self.refresh_tokens[0], self.refresh_tokens[-1]):
            try:
                self.shop.refresh_token(self.metadata["token_endpoint"], refresh_token=token)
            except OAuthError as error:
                assert error.error == "invalid_grant", error
            else:
                raise AssertionError("a refresh token of a dead family works")
        # Authlib would refresh by itself here, so this request is without it.
        bearer = {"Authorization": "Bearer " + self.token["access_token"]}
        assert requests.get(self.metadata["userinfo_endpoint"], headers=bearer, timeout=60).status_code == 401

    def client_credentials(self):
        for method in ("client_secret_basic", "client_secret_post"):
            machine = self.relying_party(scope="orders", token_endpoint_auth_method=method)
            token = self.noted(machine.fetch_token(self.metadata["token_endpoint"], grant_type="client_credentials"))
            assert token["scope"] == "orders" and "refresh_token" not in token and "id_token" not in token
            claims = jwt.decode(token["access_token"], self.keys(), algorithms=["ES256"])
            assert claims.header["typ"] == "at+jwt" and claims.claims["client_id"] == "shop"
            assert claims.claims["iss"] == self.provider.issuer
        wrong = self.relying_party(scope="orders", client_secret="wrong")
        try:
            wrong.fetch_token(self.metadata["token_endpoint"], grant_type="client_credentials")
        except OAuthError as error:
            assert error.error == "invalid_client", error
        else:
            raise AssertionError("a wrong secret works")

    def public_client(self):
        app = self.provider.add_client("app", "--public", redirect_uri="http://127.0.0.1/cb", scopes=["openid", "email"])
        assert not app.get("client_secret")
        redirect_uri = "http://127.0.0.1:54321/cb"  # RFC 8252 §7.3: a port of the moment
        session = self.relying_party(
            client_id="app", client_secret=None, token_endpoint_auth_method="none", scope="openid email",
            redirect_uri=redirect_uri,
        )
        verifier = self.provider.confidential(secrets.token_urlsafe(48))
        address, state = session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-0S6", response_mode="form_post"
        )
        promised(SEEN_WITHIN, lambda: self.person.open(address).status == 200, "the new client is known")
        page = self.person.open(address)
        page = self.person.submit(page, "decision", button="allow")
        form = page.form("form-post")
        assert form["action"] == redirect_uri and form["values"]["state"] == state, form["action"]
        self.provider.confidential(form["values"]["code"])
        token = self.noted(
            session.fetch_token(
                self.metadata["token_endpoint"], code=form["values"]["code"], code_verifier=verifier, state=state
            )
        )
        assert self.verified(token["id_token"], client="app", nonce="n-0S6")["sub"] == self.subject
        # OAuth 2.1 §4.1.3: an application without the verifier is a thief.
        code = self.silent_answer(session)["code"]
        try:
            session.fetch_token(self.metadata["token_endpoint"], code=code, code_verifier=verifier[::-1])
        except OAuthError as error:
            assert error.error == "invalid_grant", error
        else:
            raise AssertionError("a wrong verifier works")

    def rotate_keys(self):
        self.token = self.sign_in_again()
        old = self.kid(self.token["id_token"])
        self.provider.command("keys", "rotate")
        machine = self.relying_party(scope="orders")

        def new_kid():
            token = self.noted(machine.fetch_token(self.metadata["token_endpoint"], grant_type="client_credentials"))
            kid = self.kid(token["access_token"])
            # D-18: whatever signs is in the key set already.
            assert kid in {key.kid for key in self.keys().keys}
            return kid != old

        promised(SEEN_WITHIN, new_kid, "tokens are signed by the new key")
        self.verified(self.token["id_token"], nonce=None)
        bearer = {"Authorization": "Bearer " + self.token["access_token"]}
        assert requests.get(self.metadata["userinfo_endpoint"], headers=bearer, timeout=60).status_code == 200
        newer = self.sign_in_again()
        assert self.kid(newer["id_token"]) != old and self.verified(newer["id_token"], nonce=None)

    def sign_out(self):
        shop = self.relying_party()
        assert "code" in self.silent_answer(shop)
        stranger = Person(self.provider).open(self.sign_out_address("gone"))
        assert stranger.location == GOODBYE + "?state=gone", "nothing to end, but the person goes back"
        page = self.person.open(self.sign_out_address("bye & good night"))
        parts = urllib.parse.urlsplit(page.location)
        assert page.location.startswith(GOODBYE + "?") and page.answer == {"state": "bye & good night"}, parts
        answer = self.silent_answer(shop)
        assert answer["error"] == "login_required" and answer["iss"] == self.provider.issuer and "code" not in answer

    # What several steps need.

    def relying_party(self, **differing):
        options = {
            "client_id": "shop", "client_secret": self.client["client_secret"], "scope": SCOPE, "redirect_uri": CALLBACK,
            "code_challenge_method": "S256", "token_endpoint_auth_method": "client_secret_basic", **differing,
        }
        session = OAuth2Session(**options)
        session.trust_env = False
        return session

    def sign_in_again(self):
        """New tokens by the session and the consent that are there."""
        shop = self.relying_party()
        verifier = self.provider.confidential(secrets.token_urlsafe(48))
        address, state = shop.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier
        )
        page = self.person.open(address)
        assert page.location, f"what was allowed before is asked again: {page.title!r}"
        return self.noted(
            shop.fetch_token(
                self.metadata["token_endpoint"], authorization_response=page.location, code_verifier=verifier, state=state
            )
        )

    def silent_answer(self, session):
        """What prompt=none answers."""
        verifier = self.provider.confidential(secrets.token_urlsafe(48))
        options = {"prompt": "none"} if session.client_id == "shop" else {}
        address, state = session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, **options
        )
        page = self.person.finish(self.person.open(address))
        assert page.answer["state"] == state
        return page.answer

    def sign_out_address(self, state):
        return self.metadata["end_session_endpoint"] + "?" + urllib.parse.urlencode(
            {"id_token_hint": self.token["id_token"], "post_logout_redirect_uri": GOODBYE, "state": state}
        )

    def keys(self):
        return KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=60).json())

    def verified(self, token, client="shop", nonce=...):
        """The claims of an ID token that holds in every respect that Authlib knows of."""
        decoded = jwt.decode(token, self.keys(), algorithms=["ES256"])
        parameters = {"client_id": client, "nonce": self.nonce if nonce is ... else nonce}
        options = {
            "iss": {"essential": True, "value": self.provider.issuer}, "aud": {"essential": True, "value": client},
        }
        claims = CodeIDToken(decoded.claims, decoded.header, options, parameters)
        claims.validate()
        return claims

    def kid(self, token):
        head = token.split(".")[0]
        return json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]

    def noted(self, token):
        for name in ("access_token", "refresh_token", "id_token"):
            self.provider.confidential(token.get(name))
        return token


if __name__ == "__main__":
    main()
