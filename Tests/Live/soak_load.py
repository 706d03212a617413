"""The mix of a soak: kinds of clients, each at a pace of its own, and what none of them may be answered."""

import base64
import http.client
import itertools
import json
import random
import socket
import ssl
import threading
import time
import traceback
import urllib.parse

import person
from relying_party import RelyingParty

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Mix:
    """All of them together; `with` keeps them at work."""

    def __init__(self, machine, *others):
        self.machine, self.application = machine, others[0]
        self.members = [machine, *others]

    def __enter__(self):
        for member in self.members:
            member.start()

    def __exit__(self, *_):
        for member in self.members:
            member.ending.set()
        for member in self.members:
            member.join(timeout=300)
            assert not member.is_alive(), f"{member.name} hangs"
        self.look_after()

    def look_after(self):
        """Fails where a member has."""
        for member in self.members:
            assert not member.problem, member.problem

    @property
    def faults(self):
        return [fault for member in self.members for fault in member.faults]

    def counts(self):
        return {member.name: member.count for member in self.members}


class Member(threading.Thread):
    """One thread that makes requests at a steady pace; what it missed it does not make up for."""

    def __init__(self, provider, share):
        super().__init__(daemon=True, name=type(self).__name__.lower())
        self.provider, self.share = provider, share
        self.ending = threading.Event()
        self.problem = None
        self.faults = []
        self.count = 0
        self.connection = None

    def run(self):
        try:
            due = time.monotonic()
            for action in self.actions():
                self.count += 1
                if self.ending.is_set():
                    return
                due = max(due + 1 / self.share, time.monotonic() - 1)
                time.sleep(max(0, due - time.monotonic()))
        except Exception:
            self.problem = f"{self.name}: {traceback.format_exc()}"

    def ask(self, method, path, form=None, headers=None, expect=200):
        """Asks on a kept connection: the answer, with its content in `text`."""
        content = urllib.parse.urlencode(form) if form else None
        headers = {**(FORM if form else {}), **(headers or {})}
        for attempt in (1, 2):
            try:
                self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.provider.port, timeout=120)
                self.connection.request(method, path, content, headers)
                answer = self.connection.getresponse()
                answer.text = answer.read().decode()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # It was idle for too long.
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        if answer.will_close:
            self.connection.close()
            self.connection = None
        if answer.status != expect:
            self.faults.append(f"{method} {path.split('?')[0]}: {answer.status} {answer.text[:100]}")
        return answer


def basic(client):
    return {"Authorization": "Basic " + base64.b64encode(
        f"{client['client_id']}:{client['client_secret']}".encode()).decode()}


class Machine(Member):
    """A service: tokens for itself, the key set, the documents."""

    def __init__(self, provider, client, share):
        super().__init__(provider, share)
        self.proof = basic(client)

    def actions(self):
        tag = self.ask("GET", "/jwks").headers["ETag"]
        while True:
            yield self.token()
            yield self.ask("GET", "/jwks")
            yield self.ask("GET", "/jwks", headers={"If-None-Match": tag}, expect=304)
            yield self.ask("GET", "/.well-known/openid-configuration")
            yield self.ask("OPTIONS", "/token", headers={"Origin": "https://app.example"}, expect=204)
            yield self.ask("GET", "/health")

    def token(self):
        return json.loads(self.ask("POST", "/token", {"grant_type": "client_credentials"}, self.proof).text)["access_token"]

    def present(self, count):
        """Shows so many tokens, each once; they are of no person, so that nothing is told."""
        for _ in range(count):
            self.ask("GET", "/userinfo", headers={"Authorization": f"Bearer {self.token()}"}, expect=403)


class Application(Member):
    """A web application with a person who stays signed in: codes, refreshes, a theft, the end of a family."""

    def __init__(self, provider, client, account, share):
        super().__init__(provider, share)
        self.client, self.account = client, account
        self.shop = RelyingParty(provider, client)

    def actions(self):
        proof = basic(self.client)
        while True:
            cookies = self.sign_in()
            for _ in range(400):
                yield (found := self.code(cookies))
                yield (tokens := [self.tokens(self.shop.redemption(*found), proof)])
                for _ in range(4):
                    tokens.append(self.tokens(self.shop.refresh(tokens[-1]["refresh_token"]), proof))
                    yield tokens
                    bearer = {"Authorization": f"Bearer {tokens[-1]['access_token']}"}
                    for _ in range(2):
                        yield self.ask("GET", "/userinfo", headers=bearer)
                # A token that was spent long ago ends the family.
                for stolen in (tokens[0], tokens[-1]):
                    yield self.ask("POST", "/token", self.shop.refresh(stolen["refresh_token"]), proof, expect=400)

    def sign_in(self):
        somebody = person.Person(self.provider, *self.account)
        self.shop.obtain_code(somebody)
        somebody.session.close()
        return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in somebody.session.cookies)}

    def code(self, cookies):
        address, verifier = self.shop.authorization(nonce="n")
        answer = self.ask("GET", address.removeprefix(self.provider.issuer), headers=cookies, expect=303)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))["code"], verifier

    def fill(self, count):
        """Brings so many grants into being, on several connections at once, and goes through them."""

        def work(other):
            cookies = other.sign_in()
            for _ in range(count // 4):
                other.tokens(other.shop.redemption(*other.code(cookies)), basic(self.client))

        others = [Application(self.provider, self.client, self.account, self.share) for _ in range(4)]
        threads = [threading.Thread(target=work, args=(other,)) for other in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.faults += [fault for other in others for fault in other.faults]

    def tokens(self, form, proof):
        return json.loads(self.ask("POST", "/token", form, proof).text)


class Stranger(Member):
    """Requests that are refused."""

    def actions(self):
        chance = random.Random(1)
        token = {"grant_type": "client_credentials"}
        while True:
            noise = {"client_id": f"nobody-{chance.random()}", "client_secret": "no"}
            yield self.ask("POST", "/token", {**token, **noise}, expect=401)
            yield self.ask("POST", "/token", {"grant_type": "x" * chance.randrange(1, 3000), **noise}, expect=401)
            yield self.ask("GET", f"/nothing/{chance.random()}", expect=404)
            yield self.ask("GET", f"/authorize?client_id={chance.random()}&redirect_uri=https://app.example", expect=400)
            yield self.ask("GET", "/userinfo", headers={"Authorization": f"Bearer a.{chance.random()}.c"}, expect=401)
            yield self.ask("GET", f"/interaction/{chance.random()}/sign-in", expect=404)
            yield self.ask("GET", "/jwks", headers={"X-Long": "x" * 20_000}, expect=431)
            yield self.ask("DELETE", "/token", expect=405)


class Visitor(Member):
    """Connections, plain and under TLS, that are opened, used or not, and left in every way; some stay for long."""

    def __init__(self, provider, tls, share):
        super().__init__(provider, share)
        self.tls = tls
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.staying = []

    def actions(self):
        for number in itertools.count():
            yield self.use(self.open())
            yield self.use(self.secure(self.open(self.tls)))
            yield self.leave(b"GET /jwks HTTP/1.1\r\nHost: a\r\nX: ")
            yield self.leave(b"POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + b"a" * 30_000)
            yield self.leave(b"\x16\x03\x01\x02\x00\x01nonsense" * 9, self.tls)
            yield self.leave(b"", self.tls)
            yield self.stay(self.open() if number % 2 else self.secure(self.open(self.tls)))

    def open(self, port=None):
        return socket.create_connection(("127.0.0.1", port or self.provider.port), timeout=120)

    def secure(self, connection):
        return self.context.wrap_socket(connection, server_hostname="login.example")

    def use(self, connection, leaves=True):
        connection.sendall(b"GET /jwks HTTP/1.1\r\nHost: a\r\n\r\n")
        if not connection.recv(65536).startswith(b"HTTP/1.1 200 "):
            self.faults.append("no key set on a new connection")
        if leaves:
            connection.close()

    def leave(self, content, port=None):
        with self.open(port) as connection:
            connection.sendall(content)

    def stay(self, connection):
        self.use(connection, leaves=False)
        self.staying.append(connection)
        if len(self.staying) > 100:
            self.staying.pop(0).close()


class Person(Member):
    """Somebody who signs in with a password, each time in a new browser, and out again."""

    def __init__(self, provider, client, account, share):
        super().__init__(provider, share)
        self.client, self.account = client, account

    def actions(self):
        while True:
            shop = RelyingParty(self.provider, self.client)
            somebody = person.Person(self.provider, *self.account)
            try:
                yield (tokens := shop.sign_in(somebody))
                page = somebody.open("/logout?id_token_hint=" + tokens["id_token"])
                if page.status != 200:
                    self.faults.append(f"the sign-out answers {page.status}")
            except person.Unavailable as error:
                # Others may wait for hashes as well.
                if error.status != 503:
                    raise
            finally:
                somebody.session.close()
                shop.session.close()
