"""Back-channel logout at real relying parties: whoever took part in a session is told of its end, whatever is down meanwhile.

At least once, under one `jti`, by one node at a time; a client that does not answer keeps nobody else waiting, and a notice
outlives the server's kill -9.
"""

import http.server
import secrets
import threading
import urllib.parse

import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from metrics import scrape, total
from person import Person
from postgres import Cluster
from provider import PATIENCE, Provider, end_on_signals, free_port, step, within
from relying_party import RelyingParty

ISSUER = "https://login.example"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
CROWD = 20


class Client:
    """The server of a relying party: answers with `status`, or holds the answer back while `gate` is closed."""

    def __init__(self):
        self.status = 200
        self.gate = threading.Event()
        self.gate.set()
        self.tokens = []
        client = self

        class Request(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = urllib.parse.parse_qs(body, strict_parsing=True)
                assert self.headers["Content-Type"] == "application/x-www-form-urlencoded" and set(form) == {"logout_token"}
                client.tokens.append(form["logout_token"][0])
                client.gate.wait(PATIENCE)
                self.send_response(client.status)
                if client.status == 302:
                    self.send_header("Location", client.address + "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """The other end may be killed while it waits."""

        self.make = lambda port: Server(("127.0.0.1", port), Request)
        # Out of the kernel's range: while this server is down, a connection of somebody's could take that port.
        self.port = free_port()
        self.server = self.make(self.port)
        self.address = f"http://127.0.0.1:{self.port}"
        self.up()

    def up(self):
        self.server = self.server or self.make(self.port)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def down(self):
        self.server.shutdown()
        self.server.server_close()
        self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gate.set()
        if self.server:
            self.down()

    def claims(self, provider):
        """What each token says, which the provider's keys have signed."""
        keys = KeySet.import_key_set(requests.get(provider.address + "/jwks", timeout=60).json())
        read = []
        for token in self.tokens:
            decoded = jwt.decode(token, keys, algorithms=["ES256", "RS256"])
            assert decoded.header["typ"] == "logout+jwt", decoded.header
            read.append(decoded.claims)
        return read


def main():
    end_on_signals()
    management = free_port()
    password = secrets.token_urlsafe(16)
    with (
        Provider("production", ISSUER, management_listen=management) as provider,
        Client() as shop_server, Client() as blog_server,
    ):
        provider.add_user("ada@example.com", password)
        shop, blog = register(provider, "shop", shop_server), register(provider, "blog", blog_server)
        provider.start()
        person = Person(provider, "ada@example.com", password)
        with step("signing out tells the clients that took part; the token says what their ID tokens said"):
            told(provider, person, shop, shop_server, blog_server)
        with step("a client that answers 503, then a redirect, then nothing at all is told when it is back"):
            comes_back(provider, management, person, shop, shop_server)
        with step("a client that does not answer keeps no other waiting, nor the person"):
            slow(provider, person, shop, blog, shop_server, blog_server)
        with step("kill -9 while a client has the token in hand: it gets the same jti again"):
            killed(provider, person, shop, shop_server)
        with step("an account that is disabled, one that is erased: told, the second one without a name"):
            closed(provider, person, shop, shop_server)
        with step("a client that says no is given up, shown by the list and the metrics, and told when it is retried"):
            refused(provider, management, shop, shop_server)
        with step("SIGTERM: a clean end; the log holds no secret"):
            assert provider.stop() == 0
            for server in (shop_server, blog_server):
                for token in server.tokens:
                    provider.confidential(token)
            provider.check_log()
    with step(f"two nodes on one PostgreSQL tell a client of each of {CROWD} ends once"):
        two_nodes()


def register(provider, name, server):
    client = provider.add_client(
        name, "--first-party", "--set", f"backchannel_logout_uri={server.address}/out?tenant=1",
        scopes=["openid", "email", "offline_access"])
    return RelyingParty(provider, client, scope="openid email")


def sign_out(person):
    page = person.submit(person.open("/logout"), "decision", button="sign-out")
    assert page.status == 200 and "signed-out" in page.ids, page.title


def waiting(provider):
    return provider.json("logout", "list")


def told(provider, person, shop, shop_server, blog_server):
    tokens = shop.sign_in(person)
    sign_out(person)
    within(PATIENCE, lambda: shop_server.tokens, "the shop is told")
    within(PATIENCE, lambda: waiting(provider) == [], "nothing is left to tell")
    [claims] = shop_server.claims(provider)
    keys = KeySet.import_key_set(requests.get(provider.address + "/jwks", timeout=60).json())
    said = jwt.decode(tokens["id_token"], keys, algorithms=["ES256", "RS256"]).claims
    assert (claims["sub"], claims["sid"]) == (said["sub"], said["sid"]), claims
    assert claims["iss"] == ISSUER and claims["aud"] == "shop" and claims["events"] == {EVENT: {}}, claims
    assert "nonce" not in claims and claims["exp"] - claims["iat"] == 120, claims
    assert not blog_server.tokens, "the blog had no part in it"
    shop.refused(shop.refresh(tokens["refresh_token"]))


def comes_back(provider, management, person, shop, server):
    before = len(server.tokens)
    shop.sign_in(person)
    server.status = 503
    sign_out(person)
    within(PATIENCE, lambda: any("503" in (one.get("failure") or "") for one in waiting(provider)), "the first attempt failed")
    within(PATIENCE, lambda: total(scrape(management), "martlet_logouts_waiting") == 1, "the metrics show that it waits")
    server.status = 302
    retry(provider, lambda one: "302" in (one.get("failure") or ""))
    server.down()
    retry(provider, lambda one: "answered" not in (one.get("failure") or "answered"))
    server.status = 204
    server.up()
    retry(provider, None)
    mine = server.claims(provider)[before:]
    assert len(mine) >= 3 and len({claims["jti"] for claims in mine}) == 1, mine


def retry(provider, condition):
    """Has it tried at once, and waits for what comes of it."""
    provider.command("logout", "retry")
    within(
        PATIENCE,
        lambda: waiting(provider) == [] if condition is None else any(condition(one) for one in waiting(provider)),
        "the attempt has an end",
    )


def slow(provider, person, shop, blog, shop_server, blog_server):
    shop_server.status = 200
    before = len(blog_server.tokens)
    shop.sign_in(person)
    blog.sign_in(person)
    shop_server.gate.clear()
    sign_out(person)
    within(PATIENCE, lambda: len(blog_server.tokens) > before, "the blog is told")
    within(PATIENCE, lambda: [one["client_id"] for one in waiting(provider)] == ["shop"], "only the shop is left")
    shop_server.gate.set()
    retry(provider, None)


def killed(provider, person, shop, server):
    shop.sign_in(person)
    before = len(server.tokens)
    server.gate.clear()
    sign_out(person)
    within(PATIENCE, lambda: len(server.tokens) > before, "the client has it in hand")
    provider.kill()
    server.gate.set()
    provider.start()
    # Its lease would end by itself.
    retry(provider, None)
    mine = server.claims(provider)[before:]
    assert len(mine) >= 2 and len({claims["jti"] for claims in mine}) == 1, mine


def closed(provider, person, shop, server):
    shop.sign_in(person)
    before = len(server.tokens)
    provider.command("user", "disable", "--email", "ada@example.com")
    within(PATIENCE, lambda: len(server.tokens) == before + 1, "told of the disabled account")
    assert server.claims(provider)[-1]["sub"]
    password = secrets.token_urlsafe(16)
    provider.add_user("bob@example.com", password)
    shop.sign_in(Person(provider, "bob@example.com", password))
    provider.command("user", "erase", "--email", "bob@example.com", "--yes")
    within(PATIENCE, lambda: len(server.tokens) == before + 2, "told of the erased account")
    last = server.claims(provider)[-1]
    assert last["sid"] and "sub" not in last, last


def refused(provider, management, shop, server):
    password = secrets.token_urlsafe(16)
    provider.add_user("eve@example.com", password)
    person = Person(provider, "eve@example.com", password)
    shop.sign_in(person)
    server.status = 400
    sign_out(person)
    within(PATIENCE, lambda: any(one["attempts"] >= 1 and one.get("failure") for one in waiting(provider)), "refused once")
    provider.command("logout", "retry")
    within(PATIENCE, lambda: any(one.get("gave_up_at") for one in waiting(provider)), "given up")
    within(PATIENCE, lambda: total(scrape(management), "martlet_logouts_given_up") == 1, "the metrics show it")
    # A moment later: first it is given up, then that is noted.
    within(
        PATIENCE, lambda: len(provider.json("audit", "list", "--action", "client_not_told")) == 1,
        "that it was not told is noted once")
    server.status = 200
    retry(provider, None)


def two_nodes():
    with Cluster() as cluster, Client() as server:
        cluster.create()
        with Provider("production", ISSUER, database=cluster.url()) as a, a.sibling() as b:
            password = secrets.token_urlsafe(16)
            a.add_user("ada@example.com", password)
            shop = register(a, "shop", server)
            for node in (a, b):
                node.start()
            for _ in range(CROWD):
                shop.sign_in(Person(a, "ada@example.com", password))
            assert server.tokens == []
            a.command("user", "disable", "--email", "ada@example.com")
            within(PATIENCE, lambda: waiting(a) == [], "all are told")
            names = [claims["jti"] for claims in server.claims(a)]
            assert len(names) == CROWD == len(set(names)), f"{len(names)} tokens, {len(set(names))} of them different"
            def told_by():
                return [sum(record.get("event") == "logout.told" for record in node.log_records()) for node in (a, b)]

            by = within(PATIENCE, lambda: sum(told_by()) == CROWD and told_by(), "both have said what they did")
            print(f"{by[0]} by one and {by[1]} by the other … ", end="", flush=True)


if __name__ == "__main__":
    main()
