"""A load of sign-ins, redemptions, rotations, retries, replays and sign-outs, with a history of every outcome.

It goes on whatever happens to the servers and their database: what has no answer is asked again, at another node if
there is one, as good clients do. At the end everything that was acknowledged is tried once more, and then the history
is judged.
"""

import http.client
import json
import random
import threading
import time
import traceback
import urllib.parse

import requests

from history import ACKNOWLEDGED, ISSUE, LOOK, REDEEM, REFUSED, ROTATE, SIGN_IN, SIGN_OUT, UNKNOWN, USE
from history import History, Operation
from person import Person, Unavailable
from provider import PATIENCE, within
from relying_party import RelyingParty

#: Settings of the server: whoever lost an answer may ask again for as long as possible, and no code expires on the way.
SETTINGS = {"refresh_grace": 60, "code_lifetime": 600}
#: Seconds that a worker stays signed in at least.
SESSION = 1.5
#: Families that a worker tries again at the end.
SETTLED = 40


class Load:
    """Workers against one or several nodes of one cluster."""

    def __init__(self, nodes, client, email, password, workers=6, seed=None):
        self.nodes = nodes
        self.history = History(grace=SETTINGS["refresh_grace"])
        #: What no failure excuses: internal errors, 503 without Retry-After, answers of no known form.
        self.faults = []
        self.ending = threading.Event()
        self.shop = RelyingParty(nodes[0], client)
        self.email, self.password = email, password
        seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
        self.workers = [Worker(self, number, random.Random(f"{seed} {number}")) for number in range(workers)]

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        within(PATIENCE, lambda: self.look_after() and all(worker.is_busy for worker in self.workers), "the load has begun")
        return self

    def __exit__(self, kind, *_):
        self.ending.set()
        if not kind:
            self.look_after()

    def look_after(self):
        """Fails where a worker has."""
        for worker in self.workers:
            assert not worker.problem, worker.problem
        return True

    def run(self, seconds):
        """Lets it run for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.look_after():
            time.sleep(min(0.05, max(0, deadline - time.monotonic())))

    def recovered_after(self, moment, seconds, what):
        """Waits for the first write that began after a moment and was acknowledged; returns how long it took."""
        within(seconds, lambda: self.look_after() and self.history.first_write_after(moment), what)
        return self.history.first_write_after(moment) - moment

    def settle(self):
        """Ends the load and tries everything once more."""
        self.ending.set()
        for worker in self.workers:
            worker.join(timeout=3 * PATIENCE)
            assert not worker.is_alive(), "a worker hangs"
        self.look_after()

    def finish(self, at_risk=None, least=100):
        """Ends the load, tries everything once more and judges; returns how much was lost that may be.

        However slow this machine is: not before the history has so many rotations that it proves something.
        """
        rotations = lambda: self.history.count(ROTATE, ACKNOWLEDGED)
        within(PATIENCE, lambda: self.look_after() and rotations() >= least, f"{least} rotations")
        self.settle()
        violations, lost = self.history.check(at_risk)
        assert not violations, f"{len(violations)} violations:\n" + "\n".join(map(str, violations[:5]))
        assert not self.faults, f"{len(self.faults)} faults:\n" + "\n".join(self.faults[:10])
        return lost


class Session:
    """A browser that is signed in."""

    def __init__(self, name, person):
        self.name = name
        self.person = person
        self.id_token = None
        self.began = time.monotonic()


class Family:
    """What the client has of one code."""

    def __init__(self, name, session, code, verifier):
        self.name = name
        self.session = session
        self.code, self.verifier = code, verifier
        self.tokens = []
        self.access_token = None
        self.rotated_at = 0.0
        self.is_over = False


class Ending(Exception):
    """The load ends before a request had an answer."""


class Worker(threading.Thread):
    """One client with one browser, which does one thing after the other."""

    def __init__(self, load, number, chance):
        super().__init__(daemon=True)
        self.load = load
        self.name = f"w{number}"
        self.chance = chance
        self.node = load.nodes[number % len(load.nodes)]
        self.problem = None
        self.is_busy = False
        self.is_settling = False
        self.session = None
        self.past = []
        self.live = []
        self.families = []
        self.unspent = []
        self.connections = {}
        self.number = 0

    def run(self):
        try:
            try:
                while not self.load.ending.is_set():
                    self.act()
            except Ending:
                pass
            self.is_settling = True
            self.settle()
        except Exception:  # noqa: BLE001: whatever it is, the main thread reports it
            self.problem = traceback.format_exc()
        finally:
            for connection in self.connections.values():
                connection.close()

    # What it does.

    def act(self):
        if len(self.load.nodes) > 1 and self.chance.random() < 0.2:
            self.node = self.chance.choice(self.load.nodes)
        if not self.session:
            self.sign_in()
        elif len(self.live) < 3:
            self.begin()
        else:
            self.is_busy = True
            family = self.chance.choice(self.live)
            ways = {
                self.rotate: 70, self.retry: 6, self.use: 6, self.reuse: 2, self.replay: 2, self.begin: 8,
                self.keep_code: 2, self.sign_out: 1,
            }
            self.chance.choices(list(ways), list(ways.values()))[0](family)

    def settle(self):
        """Tries what was acknowledged: what lives works, what is over does not."""
        if self.session:
            self.look(self.session)
        for session in self.past[-3:]:
            self.look(session)
        for family in self.unspent:
            self.redeem(family)
        chosen = self.chance.sample(self.families, min(SETTLED, len(self.families)))
        for family in dict.fromkeys(self.live + chosen):
            if not family.tokens:
                self.redeem(family)
            elif family.is_over:
                self.rotate(family)
            else:
                self.rotate(family)
                self.use(family)
                (self.reuse if len(family.tokens) > 3 and self.chance.random() < 0.5 else self.replay)(family)
                self.rotate(family)
                self.use(family)

    def sign_in(self, _=None):
        person = Person(self.node, self.load.email, self.load.password)
        name = self.next_name("s")

        def send():
            address, _ = self.shop().authorization()
            page = person.at(self.node).open(address)
            if page.asks_for("password"):
                page = person.sign_in(page)
            if not page.location:
                # The page that was shown is known no more.
                return REFUSED, ""
            if "code" in page.answer:
                return ACKNOWLEDGED, name
            assert page.answer["error"] == "temporarily_unavailable", page.answer
            return UNKNOWN, ""

        outcome, _ = self.attempt(send, kind=SIGN_IN, subject="", session=name)
        if outcome == ACKNOWLEDGED:
            self.session = Session(name, person)
        else:
            time.sleep(self.chance.uniform(0.02, 0.15))

    def look(self, session):
        """Asks for a code without any page: whether the browser is signed in, and the code if it is."""
        found = []

        def send():
            address, verifier = self.shop().authorization(prompt="none")
            answer = session.person.at(self.node).open(address).answer
            if "code" in answer:
                found.append((answer["code"], verifier))
                return ACKNOWLEDGED, ""
            assert answer["error"] in ("login_required", "temporarily_unavailable"), answer
            return (REFUSED if answer["error"] == "login_required" else UNKNOWN), ""

        invoked = time.monotonic()
        outcome = self.persist(send, kind=LOOK, subject=session.name, session=session.name)[0]
        if outcome != ACKNOWLEDGED:
            return None
        family = Family(self.next_name("f"), session, *found[-1])
        self.load.history.add(Operation(
            kind=ISSUE, subject=session.name, outcome=ACKNOWLEDGED, invoked=invoked, completed=time.monotonic(),
            family=family.name, session=session.name, result=family.code, node=self.node.address,
        ))
        return family

    def begin(self, _=None):
        family = self.look(self.session)
        if family:
            self.families.append(family)
            self.redeem(family)
        else:
            self.leave()

    def keep_code(self, _):
        """A code that nobody redeems before the end."""
        if len(self.unspent) < 6:
            family = self.look(self.session)
            if family:
                self.unspent.append(family)
            else:
                self.leave()

    def redeem(self, family):
        form = self.load.shop.redemption(family.code, family.verifier)
        outcome, answer = self.post(form, family, kind=REDEEM, subject=family.code)
        if outcome == ACKNOWLEDGED:
            family.tokens.append(answer["refresh_token"])
            family.access_token = answer["access_token"]
            family.session.id_token = answer["id_token"]
            self.live.append(family)
        else:
            self.end(family)

    def replay(self, family):
        self.redeem(family)
        self.end(family)

    def rotate(self, family, token=None):
        token = token or family.tokens[-1]
        outcome, answer = self.post(self.load.shop.refresh(token), family, kind=ROTATE, subject=token)
        if outcome == ACKNOWLEDGED:
            if answer["refresh_token"] not in family.tokens:
                family.tokens.append(answer["refresh_token"])
                family.rotated_at = time.monotonic()
            family.access_token = answer["access_token"]
        else:
            self.end(family)

    def retry(self, family):
        """The request of the last rotation again, as if its answer had been lost."""
        if len(family.tokens) > 1 and time.monotonic() - family.rotated_at < SETTINGS["refresh_grace"] / 2:
            self.rotate(family, family.tokens[-2])

    def reuse(self, family):
        """A token that was spent long ago."""
        if len(family.tokens) > 3:
            self.rotate(family, self.chance.choice(family.tokens[:-2]))
            self.end(family)

    def use(self, family):
        def send():
            headers = {"Authorization": f"Bearer {family.access_token}"}
            status, _ = self.request("GET", "/userinfo", None, headers)
            return (ACKNOWLEDGED if status == 200 else REFUSED), None

        self.persist(send, kind=USE, subject=family.access_token, family=family.name, session=family.session.name)

    def sign_out(self, _):
        session = self.session
        # A password costs a third of a second of a processor: without a limit this would be a load of passwords.
        if not session.id_token or time.monotonic() - session.began < SESSION:
            return
        # Whoever copied the cookies before the sign-out must not get in with them afterwards.
        thief = Session(session.name, Person(self.node))
        thief.person.session.cookies.update(session.person.session.cookies)

        def send():
            page = session.person.at(self.node).open("/logout?id_token_hint=" + session.id_token)
            assert page.status == 200, f"the sign-out answers {page.status} {page.title}"
            return ACKNOWLEDGED, None

        self.persist(send, kind=SIGN_OUT, subject=session.name, session=session.name)
        self.look(thief)
        self.past.append(thief)
        self.leave()

    def leave(self):
        """The session is over, and what hangs on it."""
        self.unspent = [family for family in self.unspent if family.session is not self.session]
        for family in [family for family in self.live if family.session is self.session]:
            self.end(family)
        self.session = None

    def end(self, family):
        family.is_over = True
        if family in self.live:
            self.live.remove(family)

    # How it asks.

    def shop(self):
        return self.load.shop.at(self.node)

    def next_name(self, letter):
        self.number += 1
        return f"{self.name}-{letter}{self.number}"

    def post(self, form, family, **about):
        content, headers = self.load.shop.token_request(form)

        def send():
            status, answer = self.request("POST", "/token", content, headers)
            if status == 200:
                return ACKNOWLEDGED, self.load.shop.noted(answer)
            assert (status, answer["error"]) == (400, "invalid_grant"), f"{status} {answer}"
            return REFUSED, answer

        return self.persist(send, family=family.name, session=family.session.name, **about)

    def persist(self, send, **about):
        """Asks until there is an answer, and returns its outcome."""
        deadline = time.monotonic() + PATIENCE
        while True:
            outcome, result = self.attempt(send, **about)
            if outcome != UNKNOWN:
                return outcome, result
            if self.is_settling:
                assert time.monotonic() < deadline, f"no answer to {about} in {PATIENCE} s"
            elif self.load.ending.is_set():
                raise Ending
            time.sleep(self.chance.uniform(0.02, 0.15))

    def attempt(self, send, **about):
        """One request, into the history."""
        node, invoked = self.node, time.monotonic()
        try:
            outcome, result = send()
        except ConnectionRefusedError:
            # Nobody was asked anything.
            self.move_on()
            return UNKNOWN, None
        except Unavailable as error:
            if error.status != 503 or not error.headers.get("Retry-After"):
                self.load.faults.append(f"{error} with {dict(error.headers)} to {about['kind']}")
            outcome, result = UNKNOWN, None
        except (OSError, http.client.HTTPException, requests.RequestException):
            outcome, result = UNKNOWN, None
        spent = result if isinstance(result, str) else (result or {}).get("refresh_token", "")
        self.load.history.add(Operation(
            outcome=outcome, invoked=invoked, completed=time.monotonic(), node=node.address,
            result=spent if outcome == ACKNOWLEDGED else "", **about,
        ))
        if outcome == UNKNOWN:
            self.move_on()
        return outcome, result

    def move_on(self):
        nodes = self.load.nodes
        self.node = nodes[(nodes.index(self.node) + 1) % len(nodes)]

    def request(self, method, path, content, headers):
        """Status and JSON; an answer is whole or none."""
        connection = self.connections.get(self.node.port)
        if not connection:
            connection = self.connections[self.node.port] = http.client.HTTPConnection(
                "127.0.0.1", self.node.port, timeout=60
            )
        try:
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            content = response.read()
            length = int(response.headers["Content-Length"])
            if len(content) != length:
                raise http.client.IncompleteRead(content, length)
        except BaseException:
            connection.close()
            raise
        if response.status >= 500:
            response.status_code, response.url = response.status, urllib.parse.urljoin(self.node.address, path)
            raise Unavailable(response)
        return response.status, json.loads(content) if content else None
