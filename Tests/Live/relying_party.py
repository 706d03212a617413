"""A relying party in plain HTTP: what a client library does, without its kindness."""

import base64
import copy
import hashlib
import http.client
import itertools
import json
import secrets
import socket
import urllib.parse

import requests


class RelyingParty:
    """One client of a provider, as `client add --json` printed it."""

    def __init__(self, provider, client, redirect_uri="https://app.example/callback", scope="openid email"):
        self.provider = provider
        self.client_id = client["client_id"]
        self.client_secret = client.get("client_secret")
        self.redirect_uri = redirect_uri
        self.scope = scope
        self.session = requests.Session()
        self.session.trust_env = False

    def at(self, provider):
        """The same client talking to another node of the provider's cluster."""
        other = copy.copy(self)
        other.provider = provider
        return other

    # The front channel.

    def authorization(self, **extra):
        """The address to send a browser to, and the verifier that redeems the code."""
        verifier = self.provider.confidential(secrets.token_urlsafe(48))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        parameters = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirect_uri,
            "scope": self.scope, "state": secrets.token_urlsafe(16), "code_challenge": challenge,
            "code_challenge_method": "S256", **extra,
        }
        return self.provider.issuer + "/authorize?" + urllib.parse.urlencode(parameters), verifier

    def obtain_code(self, person, **extra):
        """A code that a person allowed, and its verifier."""
        address, verifier = self.authorization(**extra)
        answer = person.finish(person.open(address)).answer
        assert "code" in answer, f"no code but {answer}"
        assert answer["iss"] == self.provider.issuer, answer
        return self.provider.confidential(answer["code"]), verifier

    def sign_in(self, person, **extra):
        """The tokens of a sign-in."""
        code, verifier = self.obtain_code(person, **extra)
        return self.tokens(self.redemption(code, verifier))

    # The back channel.

    def redemption(self, code, verifier):
        return {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }

    def refresh(self, token, **extra):
        return {"grant_type": "refresh_token", "refresh_token": token, **extra}

    def post(self, form):
        """The token endpoint's answer: status and JSON."""
        content, headers = self.token_request(form)
        response = self.session.post(
            self.provider.address + "/token", data=content, headers=headers, timeout=120, allow_redirects=False
        )
        return response.status_code, self.noted(response.json())

    def tokens(self, form):
        status, answer = self.post(form)
        assert status == 200, f"the token endpoint answers {status} {answer}"
        return answer

    def refused(self, form, error="invalid_grant"):
        """Fails unless the request is refused with that error."""
        status, answer = self.post(form)
        expected = 401 if error == "invalid_client" else 400
        assert (status, answer.get("error")) == (expected, error), f"not refused as {error}: {status} {sorted(answer)}"

    def userinfo(self, access_token):
        """Status and claims."""
        response = self.session.get(
            self.provider.address + "/userinfo", headers={"Authorization": f"Bearer {access_token}"}, timeout=120
        )
        return response.status_code, response.json() if response.content else None

    def token_request(self, form):
        """Body and headers of a request to the token endpoint."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.client_secret:
            pair = ":".join(urllib.parse.quote_plus(part) for part in (self.client_id, self.client_secret))
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form = {**form, "client_id": self.client_id}
        return urllib.parse.urlencode(form), headers

    def noted(self, answer):
        for name in ("access_token", "refresh_token", "id_token"):
            self.provider.confidential(answer.get(name))
        return answer

    def burst(self, forms, nodes=()):
        """Posts all forms at the same moment, each on a connection of its own; the answers come in that order.

        All but the last byte is sent ahead, so what the server sees at once is limited by nothing but itself. With
        several nodes the forms are dealt out among them.
        """
        sockets = []
        try:
            lasts = []
            for form, node in zip(forms, itertools.cycle(nodes or [self.provider])):
                content, headers = self.token_request(form)
                lines = [f"{name}: {value}" for name, value in headers.items()]
                lines += [f"Host: 127.0.0.1:{node.port}", f"Content-Length: {len(content)}"]
                message = "\r\n".join(["POST /token HTTP/1.1", *lines, "", content]).encode()
                connection = socket.create_connection(("127.0.0.1", node.port), timeout=120)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sockets.append(connection)
                connection.sendall(message[:-1])
                lasts.append(message[-1:])
            for connection, last in zip(sockets, lasts):
                connection.send(last)
            return [self._answer(connection) for connection in sockets]
        finally:
            for connection in sockets:
                connection.close()

    def _answer(self, connection):
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, self.noted(json.loads(response.read()))
