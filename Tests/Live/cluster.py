"""Two and three nodes on one PostgreSQL: whatever one node does, the others know.

Codes, tokens, sessions and revocations are the database's, so every node knows at once; what nodes hold in memory
(keys, clients) changes everywhere within two seconds, by a notification or, without one, by looking. One node at a time
sweeps and rotates keys, and another takes that over when it dies.
"""

import argparse
import itertools
import json
import secrets
import subprocess
import time
import urllib.request

from person import Person
from postgres import Cluster
from provider import ALLOWANCE, PATIENCE, SEEN_WITHIN, Provider, end_on_signals, judge, promised, step, within
from races import expect_refusals, outcome
from relying_party import RelyingParty

#: Without offline access: what a person signs out of is over.
SCOPES = ["openid", "profile", "email", "shop:read", "shop:write"]
ISSUER = "https://login.example"
CALLERS = 200
#: Seconds in which another node takes the duty over from one that died.
TAKEN_WITHIN = 5.0


def main():
    end_on_signals()
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5, help="races of each kind")
    options = arguments.parse_args()
    with Cluster() as cluster:
        cluster.create()
        with (
            Provider(
                "production", ISSUER, database=cluster.url(application_name="a"), signing_algorithms="ES256 EdDSA"
            ) as a,
            a.sibling(database=cluster.url(application_name="b")) as b,
            a.sibling(database=cluster.url(application_name="c")) as c,
        ):
            nodes = [a, b]
            shop, person = prepare(a)
            with step("two nodes start at once on an empty database"):
                # The commands above have made the schema; these two make the first keys, and only one of them does.
                for node in nodes:
                    node.launch()
                for node in nodes:
                    node.await_answer()
                assert len({key_set(node) for node in nodes}) == 1, "each made keys of its own"
            across(nodes, shop, person, options)
            with step("a third node joins"):
                c.start()
                nodes.append(c)
            across(nodes, shop, person, options)
            changes(nodes, shop, person)
            with step("the same while connections are ended, and by looking alone, where no notification comes"):
                without_notifications(cluster, nodes)
            duty(cluster, nodes)
            with step("SIGTERM: clean ends; the logs hold no secret"):
                for node in nodes:
                    assert node.stop() == 0
                    node.check_log()
        with step("two nodes start at once on a database without a schema"):
            cluster.query("DROP OWNED BY martlet")
            cluster.query("GRANT ALL ON SCHEMA public TO martlet")
            with Provider("production", ISSUER, database=cluster.url()) as a, a.sibling() as b:
                for node in (a, b):
                    node.launch()
                for node in (a, b):
                    node.await_answer()
                assert key_set(a) == key_set(b)
                assert a.stop() == b.stop() == 0


def prepare(provider):
    password = secrets.token_urlsafe(16)
    provider.add_user("ada@example.com", password)
    client = provider.add_client("shop", "--first-party", scopes=SCOPES)
    shop = RelyingParty(provider, client, scope=" ".join(SCOPES))
    return shop, Person(provider, "ada@example.com", password)


# What is the database's: known at once.


def across(nodes, shop, person, options):
    name = f"{len(nodes)} nodes"
    pairs = list(itertools.permutations(nodes, 2))
    with step(f"{name}: a session of one is known to the others, and so is its end"):
        for here, there in pairs:
            session(shop, person, here, there)
    with step(f"{name}: a code of one is redeemed on another; its token is good on all, its replay revokes everywhere"):
        for here, there in pairs:
            code(nodes, shop, person, here, there)
    with step(f"{name}: refresh tokens rotate from node to node; a reuse revokes everywhere"):
        rotations(nodes, shop, person)
    for round in range(1, options.rounds + 1):
        with step(f"{name}, round {round}: {CALLERS} redemptions of one code across the nodes have one success"):
            one_code(nodes, shop, person)
        with step(f"{name}, round {round}: {CALLERS} different rotations across the nodes have one winner"):
            different_rotations(nodes, shop, person)
        with step(f"{name}, round {round}: {CALLERS} retries across the nodes have one successor"):
            identical_rotations(nodes, shop, person)


def session(shop, person, here, there):
    tokens = shop.at(here).sign_in(person.at(here))
    assert "code" in silent(shop.at(there), person.at(there)), "the session is not known"
    # Whoever copied the cookie before the sign-out must not get in with it.
    thief = Person(there)
    thief.session.cookies.update(person.session.cookies)
    assert "code" in silent(shop.at(there), thief), "the copy would prove nothing"
    page = person.at(here).open("/logout?id_token_hint=" + tokens["id_token"])
    assert page.status == 200 and not page.forms, page.title
    assert silent(shop.at(there), thief)["error"] == "login_required"
    shop.at(there).refused(shop.refresh(tokens["refresh_token"]))


def code(nodes, shop, person, here, there):
    code, verifier = shop.at(here).obtain_code(person.at(here))
    tokens = shop.at(there).tokens(shop.redemption(code, verifier))
    assert all(shop.at(node).userinfo(tokens["access_token"])[0] == 200 for node in nodes)
    shop.at(here).refused(shop.redemption(code, verifier))
    assert all(shop.at(node).userinfo(tokens["access_token"])[0] == 401 for node in nodes)
    shop.at(there).refused(shop.refresh(tokens["refresh_token"]))


def rotations(nodes, shop, person):
    tokens = [shop.at(nodes[0]).sign_in(person.at(nodes[0]))["refresh_token"]]
    for node, _ in zip(itertools.cycle(nodes), range(12)):
        tokens.append(shop.at(node).tokens(shop.refresh(tokens[-1]))["refresh_token"])
    assert len(set(tokens)) == 13
    shop.at(nodes[0]).refused(shop.refresh(tokens[5]))
    for node in nodes:
        shop.at(node).refused(shop.refresh(tokens[-1]))


def one_code(nodes, shop, person):
    code, verifier = shop.at(nodes[0]).obtain_code(person.at(nodes[0]))
    answers = shop.burst([shop.redemption(code, verifier)] * CALLERS, nodes)
    winners = [answer for status, answer in answers if status == 200]
    expect_refusals(answers, CALLERS - 1)
    assert len(winners) == 1, outcome(answers)
    assert all(shop.at(node).userinfo(winners[0]["access_token"])[0] == 401 for node in nodes)


def different_rotations(nodes, shop, person):
    tokens = shop.at(nodes[-1]).sign_in(person.at(nodes[-1]))
    # The same scopes in another order are another request.
    orders = itertools.chain(itertools.permutations(SCOPES), itertools.permutations(SCOPES, 4))
    requests = [shop.refresh(tokens["refresh_token"], scope=" ".join(order)) for order in orders]
    answers = shop.burst(requests[:CALLERS], nodes)
    winners = [answer for status, answer in answers if status == 200]
    expect_refusals(answers, CALLERS - 1)
    assert len(winners) == 1, outcome(answers)
    # Nobody can tell which of the 200 is the thief: the family is revoked, on every node.
    for node in nodes:
        shop.at(node).refused(shop.refresh(winners[0]["refresh_token"]))
        assert shop.at(node).userinfo(winners[0]["access_token"])[0] == 401


def identical_rotations(nodes, shop, person):
    tokens = shop.at(nodes[0]).sign_in(person.at(nodes[0]))
    answers = shop.burst([shop.refresh(tokens["refresh_token"])] * CALLERS, nodes)
    assert all(status == 200 for status, _ in answers), outcome(answers)
    successors = {answer["refresh_token"] for _, answer in answers}
    assert len(successors) == 1 and successors != {tokens["refresh_token"]}, f"{len(successors)} successors"
    shop.at(nodes[-1]).tokens(shop.refresh(successors.pop()))


# What nodes hold in memory: known within two seconds.


def changes(nodes, shop, person):
    with step("keys rotate: every node publishes the new set in time, and each accepts what any signs meanwhile"):
        judge("the new keys", rotated_keys(nodes, shop, person), SEEN_WITHIN)
    with step("keys rotate at once by many commands: each either does one step or says that another was faster"):
        rotations_at_once(nodes)
    with step("a client that is made and removed: every node knows in time"):
        judge("each change", client_comes_and_goes(nodes), SEEN_WITHIN)
    with step("a person who is disabled is out on every node"):
        password = secrets.token_urlsafe(16)
        nodes[0].add_user("grace@example.com", password)
        grace = Person(nodes[0], "grace@example.com", password)
        tokens = shop.at(nodes[0]).sign_in(grace)
        nodes[-1].command("user", "disable", "--email", "grace@example.com")
        for node in nodes:
            promised(SEEN_WITHIN, lambda: silent(shop.at(node), grace.at(node)).get("error") == "login_required", "out")
            shop.at(node).refused(shop.refresh(tokens["refresh_token"]))


def rotated_keys(nodes, shop, person):
    before = set(key_set(nodes[0]))
    old = shop.at(nodes[0]).sign_in(person.at(nodes[0]))["access_token"]
    nodes[0].command("keys", "rotate")
    started = time.monotonic()
    took = None
    for here, there in itertools.cycle(itertools.permutations(nodes, 2)):
        sets = {key_set(node) for node in nodes}
        if took is None and len(sets) == 1 and sets != {tuple(sorted(before))}:
            took = time.monotonic() - started
        fresh = shop.at(here).sign_in(person.at(here))["access_token"]
        for token in (old, fresh):
            assert shop.at(there).userinfo(token)[0] == 200, "signed by one node and refused by another"
        assert all(before & set(keys) for keys in sets), "old signatures cannot be verified"
        if took is not None and time.monotonic() > started + 1:
            return took
        assert took is not None or time.monotonic() < started + SEEN_WITHIN + ALLOWANCE, "not every node has the new keys"


def rotations_at_once(nodes):
    """However many ask, there is one key that signs and one that is next, and only one of them gets its rotation.

    The keys of another algorithm than tokens are signed with: theirs have rotated already, and the next one is too new.
    """
    into = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    commands = [
        subprocess.Popen([node.binary, "keys", "rotate", "--algorithm", "EdDSA"], env=node.environment, **into)
        for node in nodes * 2
    ]
    statuses = [(command.communicate(timeout=PATIENCE), command.returncode)[1] for command in commands]
    assert statuses.count(0) == 1 and set(statuses) == {0, 1}, statuses
    states = sorted(key["state"] for key in nodes[0].json("keys", "list") if key["alg"] == "EdDSA")
    assert states == ["current", "next", "retiring"], states
    promised(SEEN_WITHIN, lambda: len({key_set(node) for node in nodes}) == 1, "every node has the same keys")


def client_comes_and_goes(nodes):
    name = "boat-" + secrets.token_hex(4)
    client = nodes[0].add_client(name, grants=["client_credentials"], scopes=["tides"], redirect_uri=None)
    boat = RelyingParty(nodes[0], client)
    took = []
    for status in (200, 401):
        started = time.monotonic()
        for node in nodes:
            shop = boat.at(node)
            within(PATIENCE, lambda: shop.post({"grant_type": "client_credentials"})[0] == status, f"the client: {status}")
        took.append(time.monotonic() - started)
        if status == 200:
            nodes[0].command("client", "remove", name)
    return max(took)


def without_notifications(cluster, nodes):
    for _ in range(2):
        assert cluster.end_connections() >= len(nodes)
        client_comes_and_goes(nodes)
    cluster.query("ALTER TABLE versions DISABLE TRIGGER ALL")
    for _ in range(2):
        judge("each change", client_comes_and_goes(nodes), SEEN_WITHIN)
    cluster.query("ALTER TABLE versions ENABLE TRIGGER ALL")


# The duty.


def duty(cluster, nodes):
    with step("one node has the duty to sweep and rotate"):
        holder = promised(TAKEN_WITHIN, lambda: on_duty(cluster, nodes), "somebody is on duty")
    with step("kill -9 of that node: another takes the duty, the first comes back without it"):
        first = holder
        holder = dies(cluster, nodes, holder, lambda node: node.kill())
        first.start()
    with step("SIGTERM for that one: likewise, at once"):
        second = holder
        dies(cluster, nodes, holder, lambda node: node.stop())
        second.start()
    with step("never two at a time"):
        counts = [len(holders(cluster)) for _ in range(20)]
        assert set(counts) <= {0, 1}, counts
        promised(TAKEN_WITHIN, lambda: on_duty(cluster, nodes), "somebody is on duty")


def dies(cluster, nodes, holder, end):
    rest = [node for node in nodes if node is not holder]
    taken = sum(duties(node) for node in rest)
    end(holder)
    promised(TAKEN_WITHIN, lambda: sum(duties(node) for node in rest) > taken, "another node takes the duty")
    return within(PATIENCE, lambda: on_duty(cluster, rest), "it holds the lock")


def duties(node):
    return sum(record["event"] == "duty.taken" for record in node.log_records())


def on_duty(cluster, nodes):
    """The node whose connection holds the lock, and which says so."""
    names = holders(cluster)
    if len(names) != 1:
        return None
    for node in nodes:
        if f"application_name={names[0]}" in node.environment["MARTLET_DATABASE"] and duties(node):
            return node
    return None


def holders(cluster):
    return cluster.query(
        "SELECT application_name FROM pg_stat_activity WHERE pid IN"
        " (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"
    ).split()


def key_set(node):
    with urllib.request.urlopen(node.address + "/jwks", timeout=60) as answer:
        return tuple(sorted(key["kid"] for key in json.loads(answer.read())["keys"]))


def silent(shop, person):
    """The answer to a request that must not show a page."""
    return person.open(shop.authorization(prompt="none")[0]).answer


if __name__ == "__main__":
    main()
