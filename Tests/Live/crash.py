"""Crashes: the server is killed in the middle of a load of refreshes and redemptions, and started on the same database.

What was acknowledged must hold: no rotation is lost, nothing that was spent works again, no revocation is undone.
"""

import argparse
import http.client
import itertools
import json
import random
import secrets
import threading
import time

from person import Person
from provider import Provider, end_on_signals, step, within
from relying_party import RelyingParty

WORKERS = 8
FAMILIES_PER_WORKER = 6


def main():
    end_on_signals()
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=15)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = arguments.parse_args()
    chance = random.Random(options.seed)
    print(f"  seed {options.seed}")

    # The longest grace: whoever lost an answer in the crash may ask again after the restart.
    with Provider(refresh_grace=60) as provider:
        password = secrets.token_urlsafe(16)
        provider.add_user("ada@example.com", password)
        client = provider.add_client("crash", "--first-party")
        provider.start()
        person = Person(provider, "ada@example.com", password)
        shop = RelyingParty(provider, client)
        shop.sign_in(person)  # from here on the session answers without a page
        for round in range(1, options.rounds + 1):
            with step(f"round {round}: kill -9 under load, restart, everything acknowledged holds"):
                crash(provider, shop, person, chance)
        with step("SIGTERM after all that: a clean end"):
            assert provider.stop() == 0
        with step("the log holds no secret"):
            provider.check_log()


def crash(provider, shop, person, chance):
    families = [Family(shop.sign_in(person)["refresh_token"]) for _ in range(WORKERS * FAMILIES_PER_WORKER)]
    revoked = [revoked_family(shop, person) for _ in range(3)]
    unspent = [shop.obtain_code(person) for _ in range(3)]
    redeemer = Redeemer(shop, provider, person)
    workers = [
        Refresher(shop, provider, families[start::WORKERS]) for start in range(WORKERS)
    ]
    for worker in (redeemer, *workers):
        worker.start()
    # Not before each worker has something to lose, then at any moment.
    within(20, lambda: redeemer.redeemed and all(len(family.tokens) > 2 for family in families), "the load has begun")
    time.sleep(chance.uniform(0, 0.5))
    provider.kill()
    for worker in (redeemer, *workers):
        worker.join(timeout=30)
        assert not worker.is_alive(), "a worker hangs"
        assert not worker.problem, worker.problem
    provider.start()

    for family in families:
        check_family(shop, family, chance)
    for token in revoked:
        shop.refused(shop.refresh(token))
    for code, verifier in redeemer.redeemed[-10:]:
        shop.refused(shop.redemption(code, verifier))
    for code, verifier in unspent:
        shop.tokens(shop.redemption(code, verifier))
    rotations = sum(len(family.tokens) - 1 for family in families)
    print(f"{rotations} rotations, {len(redeemer.redeemed)} redemptions … ", end="", flush=True)


class Family:
    """The refresh tokens of one grant as the client got them, the newest last."""

    def __init__(self, token):
        self.tokens = [token]


def check_family(shop, family, chance):
    # The newest works: either its rotation never happened, or its answer was lost and this is the retry.
    newest = shop.tokens(shop.refresh(family.tokens[-1]))["refresh_token"]
    assert newest not in family.tokens, "the server counts from an earlier moment: a rotation was lost"
    newest = shop.tokens(shop.refresh(newest))["refresh_token"]
    # What was spent is spent: it works for nobody, and whoever tries it takes the family down.
    shop.refused(shop.refresh(chance.choice(family.tokens[:-1])))
    shop.refused(shop.refresh(newest))


def revoked_family(shop, person):
    """A family whose reuse was answered before the crash; returns its newest token."""
    first = shop.sign_in(person)["refresh_token"]
    second = shop.tokens(shop.refresh(first))["refresh_token"]
    third = shop.tokens(shop.refresh(second))["refresh_token"]
    shop.refused(shop.refresh(first))
    return third


class Worker(threading.Thread):
    """Sends requests on one connection until the server is gone."""

    def __init__(self, shop, provider):
        super().__init__(daemon=True)
        self.shop = shop
        self.connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=20)
        self.problem = None

    def run(self):
        try:
            self.work()
        except (OSError, http.client.HTTPException):
            pass  # the crash
        except Exception as error:  # noqa: BLE001: whatever it is, the main thread reports it
            self.problem = repr(error)
        finally:
            self.connection.close()

    def post(self, form):
        content, headers = self.shop.token_request(form)
        self.connection.request("POST", "/token", content, headers)
        response = self.connection.getresponse()
        answer = json.loads(self.complete(response))
        assert response.status == 200, f"{response.status} {answer}"
        return self.shop.noted(answer)

    @staticmethod
    def complete(response):
        """The content, or an error of the connection where it was cut: only a whole answer is acknowledged."""
        length = int(response.headers["Content-Length"])
        content = response.read()
        if len(content) != length:
            raise http.client.IncompleteRead(content, length)
        return content


class Refresher(Worker):
    def __init__(self, shop, provider, families):
        super().__init__(shop, provider)
        self.families = families

    def work(self):
        for family in itertools.cycle(self.families):
            family.tokens.append(self.post(self.shop.refresh(family.tokens[-1]))["refresh_token"])


class Redeemer(Worker):
    def __init__(self, shop, provider, person):
        super().__init__(shop, provider)
        self.person = person
        self.redeemed = []

    def work(self):
        while True:
            code, verifier = self.shop.obtain_code(self.person)
            self.post(self.shop.redemption(code, verifier))
            self.redeemed.append((code, verifier))


if __name__ == "__main__":
    main()
