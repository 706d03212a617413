"""Failures of what the server stands on, under load: PostgreSQL killed, restarted, failed over, unreachable; disks
full, read-only or broken.

What the server promises meanwhile: token endpoint and pages say 503 with Retry-After within a bound, key set and
discovery go on, nothing acknowledged is lost, and it recovers by itself when the database is back.

Failover keeps what PostgreSQL's replication keeps:
- synchronous: whatever was acknowledged is on the standby, so nothing is lost, also if the link to the standby was dead
  before the primary died (nothing is acknowledged then);
- asynchronous: what was acknowledged before a moment that the standby had reached is kept. What was acknowledged after
  that, up to the promotion, may be lost: such tokens and codes are refused (the person signs in again), and what was
  spent or revoked in that span may work once more. All else holds, and from the promotion on everything does again.
"""

import argparse
import contextlib
import http.client
import json
import random
import secrets
import sqlite3
import subprocess
import threading
import time

from history import ACKNOWLEDGED, REDEEM, ROTATE, UNKNOWN
from load import SETTINGS, Load
from postgres import Cluster, url
from provider import ALLOWANCE, PATIENCE, Provider, end_on_signals, free_port, judge, promised, step, within
from scratch import Disk, Scratch, protect
from tcp_proxy import Proxy

ISSUER = "https://login.example"
# Promises, printed beside what it took; other loads on the same cores make none of them a failure (provider.judge).

#: Seconds in which writes are acknowledged again once the database is back, without a restart.
RECOVERY = 3.0
#: Seconds that the server lets the database take for an answer; callers wait a little longer at most.
TIMEOUT = 2
#: Seconds for what needs no answer of a dead database.
QUICK = 1.0


def main():
    end_on_signals()
    parts = {
        "killed": killed, "restarted": restarted, "crowded": crowded, "locked": locked, "synchronous": synchronous,
        "asynchronous": asynchronous, "hung": hung, "cut": cut, "black-hole": black_hole, "chaos": chaos,
        "full": full_sqlite, "read-only": read_only_sqlite, "full-postgresql": full_postgresql,
    }
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--long", action="store_true", help="outages of 30 s instead of 5 s, more rounds")
    arguments.add_argument("--only", choices=parts, help="one part")
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    options = arguments.parse_args()
    options.chance = random.Random(options.seed)
    options.outage = 30 if options.long else 5
    options.rounds = 15 if options.long else 3
    print(f"  seed {options.seed}")
    for name, part in parts.items():
        if options.only in (None, name):
            part(options)


@contextlib.contextmanager
def serving(database, nodes=1, **settings):
    """Nodes on one database, with a load on them; at the end they leave in order, and their logs hold no secret."""
    with contextlib.ExitStack() as stack:
        settings = {**SETTINGS, **settings}
        first = stack.enter_context(Provider("production", ISSUER, database=database, **settings))
        password = secrets.token_urlsafe(16)
        first.add_user("ada@example.com", password)
        client = first.add_client("shop", "--first-party")
        providers = [first] + [stack.enter_context(first.sibling(**settings)) for _ in range(nodes - 1)]
        for provider in providers:
            provider.start()
        with Load(providers, client, "ada@example.com", password) as load:
            yield providers, load
        for provider in providers:
            assert provider.stop() == 0, "no clean end"
            provider.check_log()


def conclude(load, name, **options):
    with step(f"{name}: everything acknowledged holds"):
        load.run(0.5)
        lost = load.finish(**options)
        print(load.history.summary() + " … ", end="", flush=True)
    return lost


# PostgreSQL.


def killed(options):
    with Cluster() as cluster:
        cluster.create()
        with serving(cluster.url(), nodes=2) as (_, load):
            for round in range(1, options.rounds + 1):
                with step(f"PostgreSQL, round {round}: kill -9 of all its processes under load, start"):
                    load.run(options.chance.uniform(0.2, 0.8))
                    cluster.kill()
                    load.run(options.chance.uniform(0, 0.8))
                    cluster.start()
                    recovers(load)
            conclude(load, "PostgreSQL killed")
        cluster.check()


def restarted(options):
    with Cluster() as cluster:
        cluster.create()
        with serving(cluster.url(), nodes=2) as (_, load):
            with step("PostgreSQL: its administrator ends every connection, under load"):
                for _ in range(options.rounds):
                    load.run(0.3)
                    assert cluster.end_connections() > 0
                    recovers(load, seconds=1)
            with step("PostgreSQL: stopped and started in order, under load"):
                cluster.stop()
                load.run(0.5)
                cluster.start()
                recovers(load)
            conclude(load, "PostgreSQL restarted")


def crowded(options):
    """Others have taken the connections of the server: what is left is less than one for each loop."""
    with Cluster() as cluster:
        cluster.create()
        # No caller gives up however slow this machine is: only a loop that nobody serves is told so.
        with serving(cluster.url(), database_timeout=30) as (_, load):
            with step("PostgreSQL: two connections for the whole server, under load: every request is served"):
                load.run(0.3)
                cluster.query("ALTER ROLE martlet CONNECTION LIMIT 2")
                assert cluster.end_connections() > 2
                recovers(load, seconds=20)
                load.run(1)
                since = time.monotonic()
                load.run(2)
                begun = [operation for operation in list(load.history.operations) if operation.invoked >= since]
                unserved = [operation for operation in begun if operation.outcome == UNKNOWN]
                assert len(begun) > 20, "nobody asked"
                assert not unserved, f"{len(unserved)} of {len(begun)} were not served"
                print(f"{len(begun)} served … ", end="", flush=True)
            with step("PostgreSQL: as many as it likes again"):
                cluster.query("ALTER ROLE martlet CONNECTION LIMIT -1")
                recovers(load)
            conclude(load, "PostgreSQL crowded")


def locked(options):
    """An administrator's work that holds a table, as `VACUUM FULL` and many a migration do."""
    with Cluster() as cluster:
        cluster.create()
        with serving(cluster.url(), nodes=2, database_timeout=TIMEOUT) as (providers, load):
            with Watch(providers[0]) as watch, step("a table is locked for 5 s: 503 in time, bounded connections"):
                load.run(0.5)
                began = time.monotonic()
                # Held until the connection is ended below, however long all else takes.
                silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                holder = cluster.ask("BEGIN; LOCK TABLE grants; SELECT pg_sleep(3600)", **silent)
                lock = (
                    "SELECT pid FROM pg_locks WHERE locktype = 'relation' AND relation = to_regclass('grants')"
                    " AND mode = 'AccessExclusiveLock' AND granted"
                )
                session = within(PATIENCE, lambda: cluster.query(lock), "the table is locked")
                locked_at = time.monotonic()
                most, connections = 0, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'martlet'"
                while time.monotonic() < locked_at + 5:
                    load.run(0.2)
                    most = max(most, int(cluster.query(connections)))
                    assert not load.history.first_write_after(locked_at), "the lock locked nothing"
                # While it is held: no caller waits for it.
                told(load, locked_at, more_than=0)
                ended = time.monotonic()
                cluster.query(f"SELECT pg_terminate_backend({session})")
                holder.wait(timeout=PATIENCE)
                # Two lanes and the watch of each node, and for a moment as many that were given up.
                assert most <= 2 * 2 * 19, f"{most} connections"
                slowest = load.history.slowest(began, ended)
                # One statement behind another that waits, and then it waits for the lock itself.
                judge("every caller has its answer", slowest, 2 * TIMEOUT + QUICK)
                watch.judge(began, ended, None)
                print(f"{most} connections at most … ", end="", flush=True)
            with step("the table is free again"):
                recovers(load)
            conclude(load, "locked table")


def synchronous(options):
    with Cluster() as primary, Cluster() as standby:
        primary.create()
        with Proxy(primary.port, free_port()) as link:
            standby.copy(primary, through=link)
            primary.require_standby()
            both = url({"target_session_attrs": "read-write"}, port=[primary.port, standby.port])
            with serving(both, nodes=2, database_timeout=TIMEOUT) as (_, load):
                with step("synchronous standby: without its confirmation nothing is acknowledged"):
                    load.run(0.5)
                    link.black_hole()
                    cut_off = time.monotonic()
                    told(load, cut_off, more_than=0)
                    load.run(1)
                    assert not load.history.first_write_after(cut_off), "acknowledged, though the standby has not confirmed"
                with step("synchronous standby: the primary dies, the standby is promoted under load"):
                    primary.kill()
                    standby.promote()
                    recovers(load, seconds=RECOVERY + TIMEOUT)
                conclude(load, "synchronous failover")


def asynchronous(options):
    with Cluster() as primary, Cluster() as standby:
        primary.create()
        with Proxy(primary.port, free_port()) as link:
            standby.copy(primary, through=link)
            # The standby first: whoever only reads is passed over.
            both = url({"target_session_attrs": "read-write"}, port=[standby.port, primary.port])
            with serving(both, nodes=2, database_timeout=TIMEOUT) as (_, load):
                with step("asynchronous standby: it is behind, the primary dies, the standby is promoted under load"):
                    load.run(0.5)
                    reached = time.monotonic()
                    primary.wait_for_standby()
                    link.black_hole()
                    # Enough of it that the loss is noticed.
                    before = writes(load)
                    within(PATIENCE, lambda: load.look_after() and writes(load) > before + 30, "the load goes on")
                    load.run(0.4)
                    primary.kill()
                    standby.promote()
                    promoted = time.monotonic()
                    recovers(load)
                lost = conclude(load, "asynchronous failover", at_risk=(reached, promoted))
                assert lost, "nothing was lost: the standby was not behind, and this has proven nothing"
                print(f"  {lost} acknowledged operations of {promoted - reached:.1f} s were lost, as announced")


def hung(options):
    """The worst death of a primary: its connections stay, and nobody answers on them."""
    with Cluster() as primary, Cluster() as standby:
        primary.create()
        standby.copy(primary)
        primary.require_standby()
        ports = [primary.port, standby.port]
        both = url({"target_session_attrs": "read-write", "connect_timeout": TIMEOUT}, port=ports)
        with serving(both, nodes=2, database_timeout=TIMEOUT) as (providers, load):
            with step("the primary hangs, the standby is promoted under load"):
                load.run(0.5)
                primary.pause()
                standby.promote()
                # A read that is not answered, a write, and a connection that is not made are waited for.
                recovers(load, seconds=RECOVERY + 3 * TIMEOUT)
            with step("one of the nodes takes the duty on the new primary"):
                holders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                promised(RECOVERY + 3 * TIMEOUT, lambda: standby.query(holders) == "1", "somebody is on duty")
            conclude(load, "hung primary")


def cut(options):
    unreachable(options, "cut", lambda link: link.cut(), QUICK)


def black_hole(options):
    # Nobody can know at once that an answer will not come.
    unreachable(options, "black-holed", lambda link: link.black_hole(), TIMEOUT + QUICK)


def unreachable(options, name, interrupt, bound):
    with Cluster() as cluster:
        cluster.create()
        with Proxy(cluster.port, free_port()) as link:
            with serving(url({}, port=link.port), nodes=2, database_timeout=TIMEOUT) as (providers, load):
                with Watch(providers[0]) as watch:
                    with step(f"database {name} for {options.outage} s: 503 within {bound} s, the key set goes on"):
                        load.run(0.5)
                        before = time.monotonic()
                        interrupt(link)
                        began = time.monotonic()
                        load.run(options.outage)
                        # While it lasts: whoever asks is told.
                        told(load, began, more_than=5)
                        within(PATIENCE, lambda: watch.last("/health").status == 503, "the health tells")
                        ended = time.monotonic()
                        link.open()
                        restored = time.monotonic()
                        assert load.history.first_write_after(began) is None, "acknowledged without a database"
                        slowest = load.history.slowest(before, ended)
                        judge("every caller has its answer", slowest, bound)
                    with step(f"database {name}: writes, health and log recover by themselves"):
                        recovers(load, since=restored)
                        promised(RECOVERY, lambda: watch.last("/health").status == 200, "healthy again")
                        watch.judge(began, ended, bound)
                        for provider in providers:
                            promised(RECOVERY, lambda: has_logged(provider, "stores.recovered"), "the log tells")
                conclude(load, f"database {name}")
                with step(f"database {name}: a server that is asked to leave leaves"):
                    interrupt(link)
                    time.sleep(TIMEOUT + 0.5)  # until all that works in the background waits for the database
                    started = time.monotonic()
                    for provider in providers:
                        assert provider.stop() == 0
                    print(f"{time.monotonic() - started:.1f} s … ", end="", flush=True)


def chaos(options):
    """All of it at random, often before the last failure has been got over."""
    seconds = 120 if options.long else 10
    with Cluster() as cluster:
        cluster.create()
        with Proxy(cluster.port, free_port()) as link:
            with serving(url({}, port=link.port), nodes=2, database_timeout=TIMEOUT) as (providers, load):

                def cluster_dies():
                    cluster.kill()
                    load.run(options.chance.uniform(0, 0.5))
                    cluster.start()

                def node_dies():
                    node = options.chance.choice(providers)
                    node.kill()
                    load.run(options.chance.uniform(0, 0.5))
                    # With or without a database to start on.
                    within(PATIENCE, lambda: starts(node), "the node starts")

                def link_fails():
                    options.chance.choice([link.cut, link.black_hole])()
                    load.run(options.chance.uniform(0.02, 1))
                    link.open()

                events = [cluster_dies, node_dies, link_fails, link_fails, cluster.end_connections]
                with step(f"{seconds} s of cut and dead links, dying nodes and a dying PostgreSQL"):
                    ended, count = time.monotonic() + seconds, 0
                    while time.monotonic() < ended:
                        load.run(options.chance.uniform(0.02, 0.6))
                        options.chance.choice(events)()
                        count += 1
                    print(f"{count} failures … ", end="", flush=True)
                    recovers(load)
                conclude(load, "chaos")
        cluster.check()


def starts(provider):
    try:
        return provider.start()
    except AssertionError:
        assert provider.process.returncode > 0, "the server crashed at its start"
        return None


def full_postgresql(options):
    if skipped("PostgreSQL's disk full"):
        return
    with Cluster() as cluster:
        disk = Disk(cluster.folder, megabytes=32, owner=cluster.owner)
        cluster.create(on=disk)
        with serving(cluster.url()) as ([provider], load):
            disk_full("PostgreSQL", disk, provider, load)
            conclude(load, "PostgreSQL's disk full")
        cluster.check()


# SQLite.


def full_sqlite(options):
    if skipped("SQLite's disk full"):
        return
    with Scratch() as folder:
        # SQLite's log alone takes 16 of them before it is copied into the database.
        disk = Disk(folder, megabytes=96)
        with serving(f"sqlite:{disk.path}/martlet.db") as ([provider], load):
            disk_full("SQLite", disk, provider, load)
            conclude(load, "SQLite's disk full")
        intact(disk.path / "martlet.db")


def disk_full(name, disk, provider, load):
    with Watch(provider) as watch, step(f"{name}: no space left: 503 and a clear log, key set and discovery go on"):
        load.run(0.5)
        began = time.monotonic()
        disk.fill()
        told(load, began, more_than=20)
        load.run(1)
        within(PATIENCE, lambda: load.look_after() and "No space is left" in provider.log(), "the log says why")
        slowest = load.history.slowest(began, time.monotonic())
        judge("every caller has its answer", slowest, 2 * QUICK)
        watch.judge(began, time.monotonic(), None)
    with step(f"{name}: space again: it goes on by itself"):
        disk.free()
        recovers(load)


def read_only_sqlite(options):
    if skipped("SQLite on a read-only disk"):
        return
    with Scratch() as folder:
        disk = Disk(folder, megabytes=96)
        database = disk.path / "martlet.db"
        with serving(f"sqlite:{database}") as ([provider], load):
            with Watch(provider) as watch:
                with step("SQLite: its files become unwritable: 503 and a clear log, key set and discovery go on"):
                    load.run(0.5)
                    files = [database, disk.path / "martlet.db-wal"]
                    protect(*files, on=True)
                    began = time.monotonic()
                    load.run(1.5)
                    told(load, began, more_than=5)
                    assert load.history.first_write_after(began + 0.1) is None, "acknowledged and not written"
                    within(PATIENCE, lambda: str(database) in provider.log(), "the log says what")
                    watch.judge(began, time.monotonic(), None)
                with step("SQLite: writable again: it goes on by itself"):
                    protect(*files, on=False)
                    recovers(load)
                with step("SQLite: the file system breaks and goes read-only for good: the same"):
                    load.run(0.5)
                    began = time.monotonic()
                    disk.fail()
                    failed = time.monotonic()
                    load.run(1.5)
                    told(load, began, more_than=5)
                    watch.judge(began, time.monotonic(), None)
            with step("SQLite: a start on a read-only file system says what is wrong"):
                assert provider.stop() == 0
                done = provider.command("serve", expect=None)
                assert done.returncode > 0 and str(disk.path) in done.stderr, done
            with step("SQLite: the file system repaired, the server started"):
                disk.repair()
                provider.start()
                recovers(load)
            # While the kernel gives up its journal, fdatasync may still say that all is well: of that moment alone
            # something may be lost.
            conclude(load, "SQLite on a broken disk", at_risk=(began, failed))
        intact(database)


def skipped(what):
    obstacle = Disk.obstacle()
    if obstacle:
        print(f"  SKIPPED: {what}: {obstacle}", flush=True)
    return obstacle


def intact(database):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# What all have in common.


def writes(load):
    return load.history.count(ROTATE, ACKNOWLEDGED) + load.history.count(REDEEM, ACKNOWLEDGED)


def recovers(load, since=None, seconds=RECOVERY):
    """Writes are acknowledged again, in so many seconds as promised."""
    moment = time.monotonic() if since is None else since
    took = load.recovered_after(moment, seconds + ALLOWANCE, "writes are acknowledged again")
    judge("writes are back", took, seconds)


def told(load, since, more_than):
    """Waits until more callers than that were told, since a moment, that it cannot be done now."""
    within(PATIENCE, lambda: load.look_after() and load.history.count(outcome=UNKNOWN, since=since) > more_than, "503")


def has_logged(provider, event):
    return any(record["event"] == event for record in provider.log_records())


class Look:
    """One answer that a watch saw."""

    def __init__(self, path, began):
        self.path = path
        self.began = began
        self.ended = None
        self.status = None
        self.headers = {}

    def __str__(self):
        return f"{self.path}: {self.status} after {self.ended - self.began:.2f} s"


class Watch(threading.Thread):
    """Looks at what must go on without the database, and at the health, some twenty times a second."""

    PUBLISHED = ["/jwks", "/.well-known/openid-configuration"]

    def __init__(self, provider):
        super().__init__(daemon=True)
        self.provider = provider
        self.looks = []
        self.ending = threading.Event()

    def __enter__(self):
        self.start()
        within(PATIENCE, lambda: len(self.looks) > 5, "the watch looks")
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join(timeout=PATIENCE)

    def run(self):
        health = threading.Thread(target=self.look_at, args=[["/health"]], daemon=True)
        health.start()
        self.look_at(self.PUBLISHED)
        health.join()

    def look_at(self, paths):
        while not self.ending.wait(0.05):
            for path in paths:
                look = Look(path, time.monotonic())
                connection = http.client.HTTPConnection("127.0.0.1", self.provider.port, timeout=60)
                with contextlib.suppress(OSError, http.client.HTTPException):
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    json.loads(answer.read())
                    look.status, look.headers = answer.status, answer.headers
                connection.close()
                look.ended = time.monotonic()
                self.looks.append(look)

    def last(self, path):
        return [look for look in self.looks if look.path == path][-1]

    def judge(self, began, ended, bound):
        """What was published went on all the time; with a bound, the health said within it that something is wrong."""
        looks = [look for look in list(self.looks) if look.ended > began and look.began < ended]
        published = [look for look in looks if look.path in self.PUBLISHED]
        assert published, "nobody looked"
        for look in published:
            assert look.status == 200, str(look)
        judge("whatever is published", max(look.ended - look.began for look in published), QUICK)
        if bound is None:
            return
        health = [look for look in looks if look.path == "/health" and look.began >= began and look.ended <= ended]
        assert any(look.status == 503 for look in health), "the health never changed"
        for look in health:
            assert look.status in (200, 503), str(look)
        judge("the health", max(look.ended - look.began for look in health), bound)
        assert health[-1].status == 503, "healthy without a database"


if __name__ == "__main__":
    main()
