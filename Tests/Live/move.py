"""Records move to another database under load: from SQLite to PostgreSQL and back, interrupted on the way.

The server runs meanwhile. After the cut-over what would write is answered 503 with Retry-After, until the server is
started on the new database; there everything that was acknowledged holds (history.py has the promises and checks them).
"""

import argparse
import os
import random
import secrets
import signal
import subprocess
import time

from history import ACKNOWLEDGED, ROTATE, UNKNOWN
from load import SETTINGS, Load
from postgres import Cluster
from provider import PATIENCE, Provider, end_on_signals, judge, step, within
from scratch import die_with_parent

ISSUER = "https://login.example"
#: Seconds that writes may be refused by the command itself; the rest is the operator's restart.
REFUSED = 2.0


def main():
    end_on_signals()
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=6, help="interruptions on each way")
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    options = arguments.parse_args()
    print(f"  seed {options.seed}")
    chance = random.Random(options.seed)
    with Cluster() as cluster, Provider("production", ISSUER, **SETTINGS) as provider:
        cluster.create()
        password = secrets.token_urlsafe(16)
        provider.add_user("ada@example.com", password)
        client = provider.add_client("shop", "--first-party")
        provider.start()
        with Load([provider], client, "ada@example.com", password, seed=options.seed) as load:
            there, back = cluster.url(), f"sqlite:{provider.folder}/back.db"
            for name, place in (("SQLite to PostgreSQL", there), ("PostgreSQL to SQLite", back)):
                with step(f"{name}: killed and begun again, {options.rounds} times, while the server goes on"):
                    for _ in range(options.rounds):
                        interrupt(provider, place, chance.uniform(0.02, 0.6))
                        load.recovered_after(time.monotonic(), PATIENCE, "the server writes on the old database")
                with step(f"{name}: told to leave in the cut-over, {options.rounds} times: the server goes on by itself"):
                    leave(provider, load, place, chance, options.rounds)
                with step(f"{name}: killed in the cut-over, and then finished"):
                    interrupt(provider, place, chance.uniform(0.02, 0.3), "--cut-over")
                    cut_over(provider, load, place)
                with step(f"{name}: the server is started on the new database, and not on the old one"):
                    restart(provider, load, place)
            with step("everything acknowledged holds"):
                load.run(1)
                load.finish()
                print(load.history.summary() + " … ", end="", flush=True)
        assert provider.stop() == 0
        provider.check_log()
        cluster.check()


def leave(provider, load, place, chance, rounds):
    """Ctrl-C and SIGTERM at any moment of a cut-over leave no database that refuses writes, unless all is moved."""
    told = []
    for _ in range(rounds):
        number = chance.choice((signal.SIGINT, signal.SIGTERM))
        status, complaint = interrupt(provider, place, chance.uniform(0.02, 0.25), "--cut-over", by=number)
        assert status in (0, 1, -number), (status, complaint)
        assert status != 1 or "interrupted; writes are taken again" in complaint, complaint
        told.append(status)
        # It may have ended, and even have been told to leave when nothing was left to do.
        if "moved to" in provider.command("user", "list", expect=None).stderr:
            assert status != 1, complaint
            break
        load.recovered_after(time.monotonic(), PATIENCE, "the server writes on the old database")
    print(f"{told.count(1)} of {len(told)} while writes were refused … ", end="", flush=True)


def interrupt(provider, place, seconds, *options, by=signal.SIGKILL):
    """The command, told to leave after a while: its exit status and what it complained of."""
    moving = subprocess.Popen(
        [provider.binary, "db", "move", "--to", place, *options], env=provider.environment, cwd=provider.folder,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=die_with_parent(),
    )
    try:
        _, complaint = moving.communicate(timeout=seconds)
        assert moving.returncode == 0, complaint.decode()
    except subprocess.TimeoutExpired:
        os.kill(moving.pid, by)
        _, complaint = moving.communicate()
    return moving.returncode, complaint.decode()


def cut_over(provider, load, place):
    rotations = load.history.count(ROTATE, ACKNOWLEDGED)
    begun = time.monotonic()
    report = provider.json("db", "move", "--to", place, "--cut-over")
    # Nothing, where the interruption came after the end.
    refused = report.get("refused_seconds", 0)
    assert report["phase"] == "moved", report
    judge("the command takes writes again", refused, REFUSED)
    rows = {table["name"]: table["rows"] for table in report["tables"]}
    assert rows["grants"] > 0 and rows["users"] == 1, rows
    print(f"{rotations} rotations so far, {rows['grants']} grants, {report['changes']} changes, "
          "and then 503 … ", end="", flush=True)
    moment = time.monotonic()
    if "refused_seconds" in report:
        within(PATIENCE, lambda: load.look_after() and load.history.count(ROTATE, UNKNOWN, since=begun), "503")
        load.run(0.5)  # by the end of the command nobody may have anything left to rotate
    else:
        load.run(0.5)  # it ended before, and by now nobody has anything left to rotate
    assert not load.history.first_write_after(moment), "the old database takes writes"
    refused = provider.command("user", "list", expect=None)
    assert refused.returncode == 69 and "moved to" in refused.stderr, refused


def restart(provider, load, place):
    assert provider.stop() == 0, "no clean end"
    refused = provider.command("serve", expect=None)
    assert refused.returncode == 69 and "MARTLET_DATABASE" in refused.stderr, refused
    provider.environment["MARTLET_DATABASE"] = place
    provider.start()
    load.recovered_after(time.monotonic(), PATIENCE, "the server writes on the new database")
    load.run(0.5)


if __name__ == "__main__":
    main()
