"""Whatever anybody puts into any field of any endpoint, none of it shows up in the log, the metrics or the traces.

The routes are those that the server counts, so a new one is tried as soon as it is there. The log levels are the most
talkative ones.
"""

import base64
import http.client
import http.server
import json
import secrets
import threading
import urllib.parse

from provider import Provider, end_on_signals, free_port, step

FIELDS = [
    "access_token", "acr_values", "actor_token", "assertion", "auth_req_id", "authorization_details", "choice",
    "claims", "client_assertion", "client_id", "client_secret", "code", "code_challenge", "code_verifier", "confirm",
    "csrf", "decision", "device_code", "display", "email", "error", "error_description", "id_token_hint", "iss",
    "login_hint", "logout_hint", "login_token", "max_age", "name", "nonce", "passkey", "password",
    "post_logout_redirect_uri", "prompt", "redirect_uri", "refresh_token", "registration", "request", "request_uri",
    "resource", "response_mode", "scope", "session_state", "state", "sub", "subject_token", "token", "token_type_hint",
    "totp", "ui_locales", "user_code", "username",
]
HEADERS = [
    "Accept-Language", "Cookie2", "DPoP", "Forwarded", "From", "If-None-Match", "Origin", "Proxy-Authorization",
    "Referer", "SSL-Client-Cert", "Traceparent", "Tracestate", "User-Agent", "Via", "X-Api-Key", "X-Client-Cert",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "X-Request-Id",
]
COOKIES = ["martlet_session", "martlet_browser", "__Host-martlet_session", "__Host-martlet_browser", "session", "csrf"]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GRANTS = ["authorization_code", "refresh_token", "client_credentials", "password", "canary"]


def main():
    end_on_signals()
    management = free_port()
    collector = Collector()
    settings = {"traces": f"http://127.0.0.1:{collector.port}/v1/traces", "trace_percent": 100}
    with Provider(management_listen=management, log_level="debug", **settings) as provider:
        client = provider.add_client("shop")
        policy = provider.folder / "registration.json"
        policy.write_text('{"access": "token"}')
        provider.environment["MARTLET_REGISTRATION"] = str(policy)
        provider.start()
        patterns = routes(management)
        assert "/token" in patterns and "/interaction/:id/sign-in" in patterns, patterns
        with step(f"canaries in every field of {len(patterns)} routes"):
            for pattern in patterns:
                plant(provider, pattern)
        with step("canaries behind credentials that are right"):
            plant_as_client(provider, client)
        with step("the metrics show none of them, and all that was asked"):
            check_metrics(provider, management, patterns)
        assert provider.stop() == 0
        with step("the log shows none of them, and a line for each request"):
            provider.check_log()
            lines = [record for record in provider.log_records() if record["event"] == "request"]
            seen = {record.get("route") for record in lines}
            assert set(patterns) <= seen, set(patterns) - seen
            assert any(record.get("client_id") == "shop" for record in lines)


        with step("the traces show none of them, and a span for each request that a log line tells of"):
            check_traces(provider, collector, lines)


class Collector:
    """Takes spans by OTLP/HTTP in JSON."""

    def __init__(self):
        bodies = self.bodies = []

        class Taking(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                bodies.append((self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])).decode()))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()


def check_traces(provider, collector, lines):
    spans = []
    for path, headers, body in collector.bodies:
        assert path == "/v1/traces" and headers["Content-Type"] == "application/json", (path, headers)
        for value in provider._confidential:
            assert value not in body, "the traces show a canary"
        spans += json.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert len(spans) == len(lines), (len(spans), len(lines))
    assert "POST /token" in {span["name"] for span in spans}
    assert any(span["traceId"] == TRACE for span in spans)
    assert any(record.get("trace_id") == TRACE for record in lines)


def routes(port):
    families = json.loads(get(port, "/metrics", {"Accept": "application/json"})[1])
    requests = next(family for family in families if family["name"] == "martlet_requests_total")
    return sorted({sample["labels"]["route"] for sample in requests["samples"]} - {"-"})


def canary(provider):
    return provider.confidential(secrets.token_urlsafe(24))


def plant(provider, pattern):
    """Every method, with a canary in every parameter of the path, field, header and cookie, in several shapes."""
    for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"]:
        for kind in ["form", "json", "nothing"]:
            path = "/".join(canary(provider) if part.startswith(":") else part for part in pattern.split("/"))
            if pattern.endswith("/static/"):
                # A path is no secret: the name of a file may be logged.
                path = pattern + "style.css"
            fields = {name: canary(provider) for name in FIELDS}
            fields["grant_type"] = GRANTS[secrets.randbelow(len(GRANTS))]
            query = urllib.parse.urlencode(fields)
            ask(provider, method, f"{path}?{query}", fields if kind != "nothing" else {}, kind, [
                f"Basic {basic(canary(provider), canary(provider))}", f"Bearer {canary(provider)}",
                f"DPoP {canary(provider)}", canary(provider),
            ][secrets.randbelow(4)])


def plant_as_client(provider, client):
    """What comes after the client has proved itself."""
    right = f"Basic {basic(client['client_id'], client['client_secret'])}"
    for grant in GRANTS:
        fields = {name: canary(provider) for name in FIELDS if name not in ("client_id", "client_secret")}
        status = ask(provider, "POST", "/token", fields | {"grant_type": grant}, "form", right)
        assert status in (400, 401), status
    ask(provider, "POST", "/token", {"grant_type": "authorization_code", "code": canary(provider)}, "form", right)
    for path in ["/revoke", "/introspect"]:
        status = ask(provider, "POST", path, {"token": canary(provider), "token_type_hint": canary(provider)}, "form", right)
        assert status == 200, (path, status)
    query = urllib.parse.urlencode({
        "client_id": "shop", "redirect_uri": "https://app.example/callback", "response_type": "code",
        "code_challenge": canary(provider) + secrets.token_urlsafe(8), "code_challenge_method": "S256",
        "state": canary(provider), "nonce": canary(provider), "login_hint": canary(provider), "scope": "openid",
    })
    ask(provider, "GET", f"/authorize?{query}", {}, "nothing", "")
    # A trace is no secret: it is continued.
    ask(provider, "GET", "/jwks", {}, "nothing", "", {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})


def basic(name, password):
    return base64.b64encode(f"{name}:{password}".encode()).decode()


def ask(provider, method, target, fields, kind, authorization, more=None):
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=60)
    headers = {name: canary(provider) for name in HEADERS}
    headers["Cookie"] = "; ".join(f"{name}={canary(provider)}" for name in COOKIES)
    headers |= more or {}
    if authorization:
        headers["Authorization"] = authorization
    body = None
    if kind == "form":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urllib.parse.urlencode(fields)
    elif kind == "json":
        headers["Content-Type"] = "application/json"
        body = json.dumps(fields)
    # Canaries in the fields make a long target; what is over the limit of a line would never reach the endpoint.
    assert len(target) < 8000, len(target)
    connection.request(method, target, body=body, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def get(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    assert answer.status == 200, answer.status
    return answer.getheader("Content-Type"), content


def check_metrics(provider, management, patterns):
    kind, text = get(management, "/metrics")
    assert kind.startswith("text/plain; version=0.0.4"), kind
    _, document = get(management, "/metrics", {"Accept": "application/json"})
    for value in provider._confidential:
        assert value not in text and value not in document, "the metrics show a canary"
    for pattern in patterns:
        assert f'route="{pattern}"' in text, pattern
    for name in [
        "martlet_request_seconds_count", "martlet_loop_lag_seconds_count", "martlet_pool_waiting", "process_open_fds",
        "process_resident_memory_bytes", "martlet_tokens_total", "martlet_sign_ins_total",
    ]:
        assert name in text, name


if __name__ == "__main__":
    main()
