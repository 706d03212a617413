"""The log of security events beside a running server: what people, strangers and operators do is in it, its export is
verified offline, what was tampered with is named, and an erased person leaves a chain that still holds. On SQLite and
PostgreSQL.
"""

import csv
import io
import json
import os
import pty
import secrets
import sqlite3
import subprocess
import urllib.request

from person import Person
from postgres import Cluster, url
from provider import PATIENCE, Provider, end_on_signals, step, within
from relying_party import RelyingParty
from scratch import die_with_parent


def main():
    end_on_signals()
    with step("SQLite"), Provider() as provider:
        whole(provider)
        with step("the database itself tampered with is noticed"):
            tampered_database(provider)
    with step("PostgreSQL, two nodes"), Cluster() as cluster:
        cluster.create()
        with Provider(database=url({}, port=cluster.port)) as provider:
            whole(provider, nodes=2)


def whole(provider, nodes=1):
    names = ("ada", "grace")
    passwords = {name: provider.confidential(secrets.token_urlsafe(16)) for name in names}
    with step("commands are noted, also before the first start"):
        for name in names:
            provider.add_user(f"{name}@example.org", passwords[name], name=name.title())
        shop = RelyingParty(provider, provider.add_client("shop", "--first-party"))
        added = [event["action"] for event in events(provider)]
        assert added == ["account_added", "account_added", "client_added"], added
        assert all(event["actor"].startswith("administrator:") for event in events(provider))
    provider.start()
    others = [provider.sibling() for _ in range(nodes - 1)]
    try:
        for other in others:
            other.start()
        people = [Person(provider, f"{name}@example.org", passwords[name]) for name in names]
        with step("sign-ins, right and wrong"):
            signing_in(provider, shop, people)
        with step("what a client shows twice"):
            replayed(provider, shop, people[0])
        with step("an export is verified offline, and every change of it is named"):
            exported(provider)
        with step("everything on a person, and nothing after"):
            erased(provider, shop, people)
    finally:
        for other in others:
            assert other.stop() == 0
    with step("the end of the server signs what is left"):
        assert provider.stop() == 0
        finding = json.loads(provider.command("audit", "verify", "--database", "--json").stdout)
        # With several nodes another one may have had the duty until a moment ago.
        assert finding["holds"] and (nodes > 1 or finding["trusted"] == finding["last"]), finding
        assert any(record.get("event") == "audit.checkpoint" for record in provider.log_records()), "no checkpoint"
    provider.check_log()


def events(provider, *options):
    return json.loads(provider.command("audit", "list", "--json", *options).stdout)


def noted(provider, count, *options):
    """Waits for as many events: what strangers try is written a moment later."""
    within(PATIENCE, lambda: len(events(provider, *options)) >= count, f"{count} events {options}")
    found = events(provider, *options)
    assert len(found) == count, (options, found)
    return found


def signing_in(provider, shop, people):
    ada, grace = people
    page = ada.sign_in(ada.open(shop.authorization()[0]), password=provider.confidential("a wrong password"))
    assert page.status == 403
    shop.sign_in(ada)
    shop.sign_in(grace)
    refused = noted(provider, 1, "--action", "sign_in", "--outcome", "refused")[0]
    assert refused["actor"] == "stranger" and refused["personal"]["address"] == "127.0.0.1", refused
    done = noted(provider, 1, "--action", "sign_in", "--outcome", "succeeded", "--user", ada.email)[0]
    assert done["actor"] == "person:" + done["subject"] and done["client_id"] == "shop", done
    assert done["network"] == "127.0.0.0/24" and done["request_id"], done
    within(PATIENCE, lambda: done["request_id"] in provider.log(), "the log of requests knows the request")
    assert events(provider, "--since", "1h") and not events(provider, "--until", "1h")
    assert len(events(provider, "--limit", "2")) == 2
    text = provider.command("audit", "list", "--user", ada.email).stdout
    assert text.startswith("TIME") and "themselves" in text and ada.email in text, text
    for wrong in (["--since", "soon"], ["--action", "sing_in"], ["--limit", "0"]):
        assert provider.command("audit", "list", *wrong, expect=64).stderr


def replayed(provider, shop, person):
    code, verifier = shop.obtain_code(person)
    tokens = shop.tokens(shop.redemption(code, verifier))
    shop.refused(shop.redemption(code, verifier))
    shop.refused(shop.refresh(tokens["refresh_token"]))
    replay = noted(provider, 1, "--action", "code_replayed")[0]
    assert replay["client_id"] == "shop" and replay["subject"] and replay["outcome"] == "refused", replay


def verify(provider, text, *options, expect=0):
    return provider.command("audit", "verify", "-", *options, stdin=text, expect=expect)


def key_set(provider):
    path = provider.folder / "jwks.json"
    with urllib.request.urlopen(provider.address + "/jwks", timeout=PATIENCE) as answer:
        path.write_bytes(answer.read())
    return str(path)


def exported(provider):
    keys = key_set(provider)

    def is_signed():
        return '"type":"checkpoint"' in provider.command("audit", "export").stdout

    within(PATIENCE, is_signed, "the first checkpoint")
    text = provider.command("audit", "export").stdout
    found = verify(provider, text, "--jwks", keys)
    assert "The chain holds from event 1" in found.stdout and "A trusted key signed" in found.stdout, found
    assert "come from the file itself" in verify(provider, text).stdout
    verify(provider, text, "--jwks", strange_key_set(provider), expect=2)
    assert '"sealed"' in text and "python-requests" not in text, "personal fields are in the clear"
    lines = text.splitlines()
    place = next(i for i, line in enumerate(lines) if '"action":"sign_in"' in line)
    sequence = json.loads(lines[place])["sequence"]
    damages = {
        "changed": lines[:place] + [lines[place].replace("succeeded", "limited").replace("refused", "limited")]
        + lines[place + 1:],
        "missing": lines[:place] + lines[place + 1:],
    }
    for word, damaged in damages.items():
        done = verify(provider, "\n".join(damaged) + "\n", expect=1)
        assert f"event {sequence}" in done.stderr and word in done.stderr, done
    done = verify(provider, "\n".join(lines[:-1]) + "\n", expect=1)
    assert "without its last line" in done.stderr, done
    verify(provider, "", expect=1)
    personal = provider.command("audit", "export", "--personal").stdout
    assert "python-requests" in personal and '"address":"127.0.0.1"' in personal
    verify(provider, personal, "--jwks", keys)
    table = provider.command("audit", "export", "--format", "csv", "--since", "1h", "--personal").stdout
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert {"sign_in", "account_added"} <= {row["action"] for row in rows}, table
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row.values() if cell), table
    assert events(provider, "--action", "log_exported"), "exports are events too"


def strange_key_set(provider):
    """A key set in which nobody's key is."""
    path = provider.folder / "strange.json"
    path.write_text(json.dumps({"keys": []}))
    return str(path)


def erased(provider, shop, people):
    ada, grace = people
    text = provider.command("user", "export", ada.email).stdout
    held = json.loads(text)
    assert held["users"][0]["email"] == ada.email and held["sessions"] and held["grants"], held.keys()
    assert any("address" in event.get("personal", {}) for event in held["security_events"])
    assert "$argon2" not in text and grace.email not in text
    before = provider.command("audit", "export").stdout.splitlines()
    tokens = shop.sign_in(ada)
    assert provider.command("user", "erase", ada.email, expect=64).stderr, "erased without a question"
    typed(provider, "user", "erase", ada.email, answer="somebody@else.org", expect=1)
    assert any(user["email"] == ada.email for user in provider.json("user", "list"))
    typed(provider, "user", "erase", ada.email, answer=ada.email, expect=0)
    assert not any(user["email"] == ada.email for user in provider.json("user", "list"))
    shop.refused(shop.refresh(tokens["refresh_token"]))
    page = ada.sign_in(ada.open(shop.authorization(prompt="login")[0]))
    assert page.status == 403, page.status
    subject = held["users"][0]["id"]
    left = events(provider, "--user", subject)
    assert left and not any("personal" in event for event in left), left
    assert left[-1]["action"] == "account_erased" and left[-1]["actor"].startswith("administrator:")
    after = provider.command("audit", "export").stdout
    verify(provider, after, "--jwks", key_set(provider))
    events_of = [[line for line in lines if '"type":"event"' in line] for lines in (before, after.splitlines())]
    assert events_of[1][:len(events_of[0])] == events_of[0], "the log was written anew"
    opened = provider.command("audit", "export", "--personal").stdout
    lines = [json.loads(line) for line in opened.splitlines()]
    assert not any("personal" in line for line in lines if line.get("subject") == subject)
    assert any("personal" in line for line in lines), "nobody else lost anything"
    provider.command("user", "erase", ada.email, "--yes", expect=1)
    shop.sign_in(grace)


def typed(provider, *arguments, answer, expect):
    """Answers a question on a terminal."""
    terminal, end = pty.openpty()
    try:
        process = subprocess.Popen(
            [provider.binary, *arguments], env=provider.environment, cwd=provider.folder, stdin=end,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent(),
        )
        os.write(terminal, answer.encode() + b"\n")
        said = process.communicate(timeout=PATIENCE)
        assert process.returncode == expect, (process.returncode, said)
    finally:
        os.close(terminal)
        os.close(end)


def tampered_database(provider):
    path = provider.folder / "martlet.db"
    provider.command("audit", "verify", "--database")

    def change(statement):
        with sqlite3.connect(path) as database:
            assert database.execute(statement).rowcount == 1, statement

    change("UPDATE audit_events SET outcome = 'limited' WHERE sequence = 3")
    done = provider.command("audit", "verify", "--database", expect=1)
    assert "event 3 " in done.stderr and "changed" in done.stderr, done
    change("UPDATE audit_events SET outcome = 'succeeded' WHERE sequence = 3")
    provider.command("audit", "verify", "--database")
    with sqlite3.connect(path) as database:
        last = database.execute("SELECT max(sequence) FROM audit_checkpoints").fetchone()[0]
        database.execute("DELETE FROM audit_events WHERE sequence >= ?", (last,))
    done = provider.command("audit", "verify", "--database", expect=1)
    assert f"event {last} is missing" in done.stderr, done


if __name__ == "__main__":
    main()
