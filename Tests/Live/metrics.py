"""The metrics say what happened: real requests on SQLite and on PostgreSQL, read with the Prometheus client's own parser.

Requests by route and status with their durations, tokens by grant, sign-ins by outcome, the calls of the store by
operation, pools, the lag of the loops, and the process.
"""

import http.client
import json
import os
import secrets
import time

from person import Person
from postgres import Cluster
from prometheus_client.parser import text_string_to_metric_families
from provider import PATIENCE, Provider, end_on_signals, free_port, step, within
from relying_party import RelyingParty

SCOPES = ["openid", "email", "offline_access"]
POOLS = {"passwords", "database_reads", "database_writes"}


def main():
    end_on_signals()
    print("SQLite")
    check(None)
    with Cluster() as cluster:
        cluster.create()
        print("PostgreSQL")
        check(cluster.url())


def check(database):
    management = free_port()
    with Provider(database=database, management_listen=management, loops=2, password_workers=2) as provider:
        password = secrets.token_urlsafe(16)
        provider.add_user("ada@example.com", password)
        shop = RelyingParty(provider, provider.add_client("shop", "--first-party", scopes=SCOPES), scope=" ".join(SCOPES))
        machine = provider.add_client("machine", redirect_uri=None, grants=["client_credentials"], scopes=["m:read"])
        provider.start()
        person = Person(provider, "ada@example.com", password)
        with step("every request is counted once, by route, status, grant, outcome and operation of the store"):
            counts(provider, management, shop, RelyingParty(provider, machine), person)
        with step("histograms are whole: buckets grow up to the count, the sum is no more than the time that passed"):
            histograms(management)
        with step("pools: threads and connections are there, nobody waits when nothing happens"):
            pools(management, is_shared=database is not None)
        with step("the lag of the loops is measured again and again"):
            first = total(scrape(management), "martlet_loop_lag_seconds_count")
            within(PATIENCE, lambda: total(scrape(management), "martlet_loop_lag_seconds_count") > first, "another look")
        with step("the process is seen as the kernel sees it"):
            process(provider, management)
        with step("JSON says the same as the text"):
            same(management)
        assert provider.stop() == 0
        provider.check_log()


# Reading.


def get(port, path, accept):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Accept": accept})
        answer = connection.getresponse()
        content = answer.read().decode()
        assert answer.status == 200, (path, answer.status)
        return answer.getheader("Content-Type"), content
    finally:
        connection.close()


def scrape(management):
    """Every sample, by name and labels."""
    kind, text = get(management, "/metrics", "text/plain")
    assert kind == "text/plain; version=0.0.4; charset=utf-8", kind
    samples, names = {}, set()
    for family in text_string_to_metric_families(text):
        assert family.type in ("counter", "gauge", "histogram") and family.documentation, family
        assert family.name not in names, f"{family.name} stands in two places"
        names.add(family.name)
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in samples, f"{key} stands there twice"
            samples[key] = sample.value
    return samples


def value(samples, name, **labels):
    return samples.get((name, tuple(sorted(labels.items()))), 0)


def total(samples, name):
    return sum(value for (found, _), value in samples.items() if found == name)


# Checking.


def counts(provider, management, shop, machine, person):
    before = scrape(management)
    for _ in range(3):
        assert get(provider.port, "/jwks", "*/*")[0].startswith("application/")
    assert person.open(provider.issuer + "/nowhere").status == 404
    address, verifier = shop.authorization()
    page = person.sign_in(person.open(address), password="not " + person.password)
    assert page.asks_for("password"), page.title
    answer = person.finish(page).answer
    tokens = shop.tokens(shop.redemption(provider.confidential(answer["code"]), verifier))
    shop.tokens(shop.refresh(tokens["refresh_token"]))
    shop.refused(shop.redemption("nothing", verifier))
    for _ in range(2):
        machine.tokens({"grant_type": "client_credentials", "scope": "m:read"})
    assert shop.userinfo(tokens["access_token"])[0] == 200

    expected = {
        ("martlet_requests_total", ("route", "/jwks"), ("status", "200")): 3,
        ("martlet_requests_total", ("route", "-"), ("status", "404")): 1,
        ("martlet_requests_total", ("route", "/authorize"), ("status", "303")): 1,
        ("martlet_requests_total", ("route", "/token"), ("status", "200")): 4,
        ("martlet_requests_total", ("route", "/token"), ("status", "400")): 1,
        ("martlet_requests_total", ("route", "/userinfo"), ("status", "200")): 1,
        ("martlet_request_seconds_count", ("route", "/jwks")): 3,
        ("martlet_request_seconds_count", ("route", "/token")): 5,
        ("martlet_tokens_total", ("grant", "authorization_code")): 1,
        ("martlet_tokens_total", ("grant", "refresh_token")): 1,
        ("martlet_tokens_total", ("grant", "client_credentials")): 2,
        ("martlet_sign_ins_total", ("outcome", "succeeded")): 1,
        ("martlet_sign_ins_total", ("outcome", "refused")): 1,
        ("martlet_sign_ins_total", ("outcome", "busy")): 0,
        ("martlet_store_seconds_count", ("operation", "insert_interaction")): 1,
        ("martlet_store_seconds_count", ("operation", "start_session")): 1,
        ("martlet_store_seconds_count", ("operation", "issue_code")): 1,
        ("martlet_store_seconds_count", ("operation", "redeem_code")): 1,
        # The last is the log of events, which looks for whom the refused sign-in was about, within a second.
        ("martlet_store_seconds_count", ("operation", "find_user_by_email")): 3,
        ("martlet_store_seconds_count", ("operation", "rotate_grant")): 1,
        ("martlet_store_seconds_count", ("operation", "find_holder")): 1,
    }
    after = scrape(management)
    looks = ("martlet_store_seconds_count", "find_user_by_email")
    limit = time.monotonic() + 60
    while value(after, looks[0], operation=looks[1]) - value(before, looks[0], operation=looks[1]) < 3:
        assert time.monotonic() < limit, "the refused sign-in does not come into the log"
        time.sleep(0.1)
        after = scrape(management)
    for (name, *labels), count in expected.items():
        told = value(after, name, **dict(labels)) - value(before, name, **dict(labels))
        assert told == count, f"{name} {labels}: {told} instead of {count}"
    # Nothing else was asked of the routes, and the store is looked at from time to time.
    assert total(after, "martlet_requests_total") == total(after, "martlet_request_seconds_count")
    versions = "martlet_store_seconds_count"
    within(PATIENCE, lambda: value(scrape(management), versions, operation="read_version") > 1, "the store is looked at")


def histograms(management):
    samples = scrape(management)
    uptime = time.time() - value(samples, "process_start_time_seconds") + 1
    series = [key for key in samples if key[0].endswith("_count")]
    assert {name for name, _ in series} == {
        "martlet_request_seconds_count", "martlet_store_seconds_count", "martlet_loop_lag_seconds_count",
    }
    for name, labels in series:
        family = name.removesuffix("_count")
        buckets = sorted(
            (float(dict(others)["le"]), count) for (found, others), count in samples.items()
            if found == family + "_bucket" and set(labels) == {pair for pair in others if pair[0] != "le"}
        )
        heights = [count for _, count in buckets]
        assert len(buckets) == 15 and heights == sorted(heights), (name, labels, buckets)
        assert buckets[-1] == (float("inf"), samples[name, labels]), (name, labels)
        count, seconds = samples[name, labels], samples[family + "_sum", labels]
        assert 0 <= seconds <= count * uptime, (name, labels, seconds)
        # These go on while we look: their two numbers may be of two moments.
        if family == "martlet_loop_lag_seconds" or ("operation", "read_version") in labels:
            continue
        # The sum lies between the bounds of the buckets that it was made of.
        bounds = [0] + [bound for bound, _ in buckets]
        steps = [height - lower for height, lower in zip(heights, [0] + heights)]
        least = sum(number * bound for number, bound in zip(steps, bounds))
        assert least <= seconds + 1e-6 * count, (name, labels, least, seconds)


def pools(management, is_shared):
    samples = scrape(management)
    names = {dict(labels)["pool"] for name, labels in samples if name == "martlet_pool_waiting"}
    assert names == POOLS, names
    assert value(samples, "martlet_pool_open", pool="passwords") == 2
    # A loop of a shared database keeps up to two connections that read.
    assert 1 <= value(samples, "martlet_pool_open", pool="database_reads") <= (4 if is_shared else 2), samples
    assert 1 <= value(samples, "martlet_pool_open", pool="database_writes") <= (16 if is_shared else 1), samples
    for pool in POOLS:
        idle = lambda: [value(scrape(management), f"martlet_pool_{kind}", pool=pool) for kind in ("waiting", "busy")]
        within(PATIENCE, lambda: idle() == [0, 0], f"{pool} has nothing to do")


def process(provider, management):
    samples = scrape(management)
    pid = provider.process.pid
    pages = int(open(f"/proc/{pid}/statm").read().split()[1])
    resident = value(samples, "process_resident_memory_bytes")
    assert 0.5 < resident / (pages * os.sysconf("SC_PAGE_SIZE")) < 2, resident
    assert abs(value(samples, "process_open_fds") - len(os.listdir(f"/proc/{pid}/fd"))) < 20
    assert value(samples, "process_threads") >= 5, "loops, hashes, writer"
    assert value(samples, "process_cpu_seconds_total") > 0
    assert 0 <= time.time() - value(samples, "process_start_time_seconds") < 3600
    assert value(samples, "process_max_fds") > 0


def same(management):
    before = scrape(management)
    kind, document = get(management, "/metrics", "application/json")
    assert kind.startswith("application/json"), kind
    after = scrape(management)
    families = json.loads(document)
    told = {
        (sample["name"], tuple(sorted(sample["labels"].items()))): sample["value"]
        for family in families for sample in family["samples"]
    }
    # What is swept from time to time may begin at any moment.
    assert before.keys() <= told.keys() <= after.keys(), (before.keys() - told.keys(), told.keys() - after.keys())
    for key in before:
        if key[0].startswith("martlet_") and key[0].endswith(("_total", "_count", "_sum", "_bucket")):
            assert before[key] <= told[key] <= after[key], key
    assert {family["type"] for family in families} == {"counter", "gauge", "histogram"}


if __name__ == "__main__":
    main()
