"""A relying party that registers itself over HTTP (RFC 7591), signs people in by signed and encrypted requests (RFC 9101),
and looks after its registration until it removes it (RFC 7592).
"""

import json
import secrets
import time
import urllib.parse

import requests
from joserfc import jwe, jwk, jwt

from person import Person
from provider import Provider, end_on_signals, step
from relying_party import RelyingParty

REDIRECT = "https://app.example/callback"
POLICY = {"access": "token", "scopes": ["openid", "email", "offline_access"]}


def main():
    end_on_signals()
    with Provider() as provider:
        file = provider.folder / "registration.json"
        file.write_text(json.dumps(POLICY))
        provider.environment["MARTLET_REGISTRATION"] = str(file)
        password = secrets.token_urlsafe(24)
        provider.add_user("ada@example.com", password)
        token = provider.confidential(provider.json("client", "registration-token")["initial_access_token"])
        provider.start()
        person = Person(provider, "ada@example.com", password)
        key = jwk.ECKey.generate_key("P-256", auto_kid=True)
        with step("without a token nobody registers; with one a client does, once"):
            client = register(provider, token, key)
        with step("it signs a person in by a signed request, and by an encrypted one"):
            sign_in(provider, client, key, person)
        with step("doctor names what is off, and nothing is"):
            checks = {check["name"]: check for check in provider.json("doctor")["checks"]}
            assert checks["clients"]["verdict"] == "ok", checks["clients"]
        with step("it reads its registration, replaces it and removes it"):
            look_after(provider, client, person)
        assert provider.stop() == 0
        provider.check_log()


def document(key):
    return {
        "client_name": "Sundial", "client_name#de": "Sonnenuhr", "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"], "scope": "openid email admin",
        "jwks": {"keys": [key.as_dict(private=False)]}, "require_signed_request_object": True,
    }


def register(provider, token, key):
    def send(bearer):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return requests.post(provider.address + "/register", json=document(key), headers=headers, timeout=60)

    assert send(None).status_code == send("nonsense").status_code == 401
    made = send(token)
    assert made.status_code == 201, made.text
    again = send(token)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_token"), again.text
    client = made.json()
    for name in ("client_secret", "registration_access_token"):
        provider.confidential(client[name])
    assert client["client_secret_expires_at"] == 0 and client["scope"] == "openid email", client
    assert client["client_name#de"] == "Sonnenuhr", client
    return client


def sign_in(provider, client, key, person):
    party = RelyingParty(provider, client, scope="openid email")
    metadata = requests.get(provider.address + "/.well-known/openid-configuration", timeout=60).json()
    keys = requests.get(provider.address + "/jwks", timeout=60).json()["keys"]
    published = [jwk.ECKey.import_key(one) for one in keys if one["use"] == "enc"]
    assert len(published) == 1, keys

    def request(encrypts):
        address, verifier = party.authorization()
        parameters = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + 300}
        about = {"iss": client["client_id"], "aud": provider.issuer}
        header = {"alg": "ES256", "typ": "oauth-authz-req+jwt", "kid": key.kid}
        token = jwt.encode(header, {**parameters, **times, **about}, key)
        if encrypts:
            header = {"alg": "ECDH-ES", "enc": "A256GCM", "cty": "JWT", "kid": published[0].kid}
            token = jwe.encrypt_compact(header, token, published[0])
        return f"{provider.issuer}/authorize?client_id={client['client_id']}&request={token}", verifier

    assert "ECDH-ES" in metadata["request_object_encryption_alg_values_supported"], metadata
    for encrypts in (False, True):
        address, verifier = request(encrypts)
        answer = person.finish(person.open(address)).answer
        assert "code" in answer and answer["iss"] == provider.issuer, answer
        tokens = party.tokens(party.redemption(provider.confidential(answer["code"]), verifier))
        status, claims = party.userinfo(tokens["access_token"])
        assert status == 200 and claims["email"] == "ada@example.com", claims
    plain, _ = party.authorization()
    assert person.open(plain).answer["error"] == "invalid_request"


def look_after(provider, client, person):
    uri = client["registration_client_uri"]
    headers = {"Authorization": f"Bearer {client['registration_access_token']}"}
    assert requests.get(uri, timeout=60).status_code == 401
    read = requests.get(uri, headers=headers, timeout=60)
    assert read.status_code == 200 and read.json()["client_name"] == "Sundial", read.text
    changed = requests.put(
        uri, headers=headers, timeout=60,
        json={"client_id": client["client_id"], "redirect_uris": [REDIRECT], "client_name": "Moondial", "scope": "openid"},
    )
    assert changed.status_code == 200 and changed.json()["client_name"] == "Moondial", changed.text
    # Without the flag plain parameters are good again.
    party = RelyingParty(provider, client, scope="openid")
    party.sign_in(person)
    assert requests.delete(uri, headers=headers, timeout=60).status_code == 204
    assert requests.get(uri, headers=headers, timeout=60).status_code == 401
    address, _ = party.authorization()
    assert person.open(address).status == 400


if __name__ == "__main__":
    main()
