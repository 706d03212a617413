"""A second client library signs a person in: requests-oauthlib, with PKCE, refresh and sign-out.

The library knows OAuth 2.0 alone, so what OpenID Connect adds is left to the other tests; what it does by itself
(state, PKCE, the refresh of a token that has run out) is left to it.
"""

import os
import secrets
import sys
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Live"))

import requests
from oauthlib.oauth2 import InvalidGrantError
from requests_oauthlib import OAuth2Session

from person import Person
from provider import Provider, end_on_signals, step

CALLBACK = "https://shop.example/callback"
GOODBYE = "https://shop.example/goodbye"
SCOPE = ["openid", "email"]


def main():
    end_on_signals()
    # The provider is on loopback, and only there it may be without TLS.
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    with Provider() as provider:
        run(provider)


def run(provider):
    with step("a client, a person, the metadata"):
        password = secrets.token_urlsafe(16)
        provider.add_user("ada@example.com", password)
        client = provider.add_client(
            "shop", "--post-logout-redirect-uri", GOODBYE, redirect_uri=CALLBACK, scopes=SCOPE,
            grants=["authorization_code", "refresh_token"],
        )
        provider.start()
        metadata = requests.get(provider.issuer + "/.well-known/openid-configuration", timeout=60).json()
        person = Person(provider, "ada@example.com", password)

    with step("sign-in with PKCE, state checked by the library"):
        kept = []
        shop = OAuth2Session(
            "shop", scope=SCOPE, redirect_uri=CALLBACK, pkce="S256", token_updater=kept.append,
            auto_refresh_url=metadata["token_endpoint"],
            auto_refresh_kwargs={"client_id": "shop", "client_secret": client["client_secret"]},
        )
        shop.trust_env = False
        address, _ = shop.authorization_url(metadata["authorization_endpoint"])
        page = person.finish(person.open(address))
        token = noted(
            provider,
            shop.fetch_token(
                metadata["token_endpoint"], authorization_response=page.location,
                client_secret=client["client_secret"], include_client_id=False,
            ),
        )
        assert token["refresh_token"] and token["id_token"]

    with step("the access token opens UserInfo; one that has run out is refreshed by the library"):
        first = shop.get(metadata["userinfo_endpoint"])
        assert first.status_code == 200 and first.json()["email"] == "ada@example.com", first.text
        # As after a quarter of an hour.
        shop.token = {**token, "expires_in": -1, "expires_at": 1}
        again = shop.get(metadata["userinfo_endpoint"])
        assert again.status_code == 200 and again.json()["sub"] == first.json()["sub"], again.text
        assert len(kept) == 1 and noted(provider, kept[0])["refresh_token"] != token["refresh_token"]

    with step("sign-out: the person goes back to the client, and the refresh token is dead"):
        query = urllib.parse.urlencode(
            {"id_token_hint": kept[0]["id_token"], "post_logout_redirect_uri": GOODBYE, "state": "bye"}
        )
        page = person.open(metadata["end_session_endpoint"] + "?" + query)
        assert page.location == GOODBYE + "?state=bye", page.location or page.title
        try:
            shop.refresh_token(
                metadata["token_endpoint"], refresh_token=kept[0]["refresh_token"], client_id="shop",
                client_secret=client["client_secret"],
            )
        except InvalidGrantError:
            pass
        else:
            raise AssertionError("a refresh token outlives the sign-out")

    with step("no secret in the log"):
        assert provider.stop() == 0
        provider.check_log()


def noted(provider, token):
    for name in ("access_token", "refresh_token", "id_token"):
        provider.confidential(token.get(name))
    return token


if __name__ == "__main__":
    main()
