"""Crashes: a server is killed in the middle of a load, again and again, and started on the same database; where there
are two on it, the other goes on meanwhile.

What was acknowledged must hold: nothing that was given out is lost, nothing that was spent works again, no revocation
is undone (history.py has the promises and checks them).
"""

import argparse
import contextlib
import random
import secrets
import shutil
import time

from history import ACKNOWLEDGED, REDEEM, REFUSED, ROTATE, prove_checker
from load import SETTINGS, Load
from postgres import Cluster
from provider import ALLOWANCE, PATIENCE, Provider, end_on_signals, judge, step, within

ISSUER = "https://login.example"


def main():
    end_on_signals()
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=12, help="crashes on each database")
    arguments.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    options = arguments.parse_args()
    print(f"  seed {options.seed}")

    with step("the checker sees every kind of violation in a false history, and none in a true one"):
        prove_checker()
    if options.database != "postgresql":
        with step("a database that is put back by a moment: every such loss is noticed"):
            put_back()
        crashes("SQLite", None, 1, options)
    if options.database != "sqlite":
        with Cluster() as cluster:
            cluster.create()
            crashes("PostgreSQL, two nodes", cluster.url(), 2, options)
            with step("PostgreSQL: no table or index is damaged"):
                cluster.check()


def crashes(name, database, count, options):
    chance = random.Random(options.seed)
    with contextlib.ExitStack() as stack:
        provider = stack.enter_context(Provider("production", ISSUER, database=database, **SETTINGS))
        client, account = prepare(provider)
        nodes = [provider, *(stack.enter_context(provider.sibling()).start() for _ in range(count - 1))]
        with Load(nodes, client, *account, seed=options.seed) as load:
            for round in range(1, options.rounds + 1):
                with step(f"{name}, round {round}: kill -9 under load, restart"):
                    before = [load.history.count(kind, ACKNOWLEDGED) for kind in (ROTATE, REDEEM)]
                    # Not before there is something to lose, then at any moment.
                    within(PATIENCE, lambda: load.look_after() and done(load) > sum(before) + 20, "the load goes on")
                    load.run(chance.uniform(0, 0.7))
                    after = [load.history.count(kind, ACKNOWLEDGED) for kind in (ROTATE, REDEEM)]
                    victim = chance.choice(nodes)
                    victim.kill()
                    if count > 1:
                        took = load.recovered_after(time.monotonic(), 1 + ALLOWANCE, "the other node goes on")
                        judge("the other node goes on", took, 1)
                    victim.start()
                    rotations, redemptions = map(int.__sub__, after, before)
                    print(f"{rotations} rotations, {redemptions} redemptions … ", end="", flush=True)
            with step(f"{name}: everything acknowledged holds"):
                load.run(0.3)
                load.finish()
                print(load.history.summary() + " … ", end="", flush=True)
        with step(f"{name}: SIGTERM after all that: a clean end, and no secret in the log"):
            for node in nodes:
                assert node.stop() == 0
                node.check_log()


def done(load):
    return load.history.count(ROTATE, ACKNOWLEDGED) + load.history.count(REDEEM, ACKNOWLEDGED)


def prepare(provider):
    """A client, and a person's address and password; the provider runs."""
    password = secrets.token_urlsafe(16)
    provider.add_user("ada@example.com", password)
    client = provider.add_client("crash", "--first-party")
    provider.start()
    return client, ("ada@example.com", password)


def put_back():
    """What a lost write looks like to the load: the database of half a second ago."""
    with Provider("production", ISSUER, **SETTINGS) as provider:
        client, account = prepare(provider)
        with Load([provider], client, *account) as load:
            within(PATIENCE, lambda: load.look_after() and done(load) > 20, "the load goes on")
            provider.kill()
            earlier = provider.folder / "earlier"
            earlier.mkdir()
            files = [file for file in provider.folder.iterdir() if file.name.startswith("martlet.db")]
            for file in files:
                shutil.copy2(file, earlier)
            provider.start()
            refused, before = load.history.count(outcome=REFUSED), done(load)
            within(PATIENCE, lambda: load.look_after() and done(load) > before + 100, "the load goes on")
            within(PATIENCE, lambda: load.history.count(outcome=REFUSED) >= refused + 10, "families are revoked")
            provider.kill()
            for file in files:
                file.unlink(missing_ok=True)
                shutil.copy2(earlier / file.name, file)
            provider.start()
            before = done(load)
            within(PATIENCE, lambda: load.look_after() and done(load) > before + 100, "the load goes on")
            load.settle()
            violations, _ = load.history.check()
            promises = {violation.promise for violation in violations}
            assert "kept" in promises and len(promises) > 1, f"lost writes were not noticed: {promises}"
            print(f"{len(violations)} violations … ", end="", flush=True)


if __name__ == "__main__":
    main()
