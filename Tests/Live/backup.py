"""Backups under load, and what they are for: a provider that starts on one and knows the tokens of that moment.

SQLite by `martlet backup`, PostgreSQL by deploy/backup/postgresql.sh.
"""

import argparse
import os
import secrets
import subprocess

from load import SETTINGS, Load
from person import Person
from postgres import ROLE, Cluster, programs
from provider import ROOT, Provider, end_on_signals, step
from relying_party import RelyingParty

ISSUER = "https://login.example"
SCRIPT = ROOT / "deploy" / "backup" / "postgresql.sh"


def main():
    end_on_signals()
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--copies", type=int, default=3, help="backups under load")
    arguments.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    options = arguments.parse_args()
    if options.database != "postgresql":
        with Provider("production", ISSUER, **SETTINGS) as provider:
            sqlite(provider, options.copies)
    if options.database != "sqlite":
        with Cluster() as cluster:
            cluster.create()
            with Provider("production", ISSUER, database=cluster.url(), **SETTINGS) as provider:
                postgresql(cluster, provider, options.copies)


def prepare(provider):
    """Somebody to sign in, a client, and the load's; the provider runs."""
    password = secrets.token_urlsafe(16)
    provider.add_user("ada@example.com", password)
    client = provider.add_client("shop", "--first-party")
    provider.start()
    load = Load([provider], client, "ada@example.com", password)
    return load, RelyingParty(provider, client), Person(provider, "ada@example.com", password)


class Copy:
    """A backup and the tokens of somebody who signed in before it and of somebody who did so after it."""

    def __init__(self, shop, person, path, write):
        self.path = path
        self.early = shop.sign_in(person)
        write(path)
        self.late = shop.sign_in(person)
        assert path.stat().st_mode & 0o777 == 0o600, oct(path.stat().st_mode)

    def prove(self, shop):
        """What was before the backup is there, what came after it is not."""
        assert shop.userinfo(self.early["access_token"])[0] == 200
        answer = shop.tokens(shop.refresh(self.early["refresh_token"]))
        assert shop.userinfo(answer["access_token"])[0] == 200
        shop.refused(shop.refresh(self.late["refresh_token"]))
        assert shop.userinfo(self.late["access_token"])[0] == 401


def under_load(load, shop, person, paths, write):
    """Backups while everything goes on, none of which loses or delays what the load was promised."""
    with load:
        copies = []
        for path in paths:
            load.run(0.3)
            copies.append(Copy(shop, person, path, write))
        load.run(0.3)
        load.finish(least=20)
        print(load.history.summary() + " … ", end="", flush=True)
    return copies


# SQLite.


def sqlite(provider, count):
    load, shop, person = prepare(provider)
    paths = [provider.folder / f"copy{number}" for number in range(count)]
    with step(f"SQLite: {count} backups under load, and every promise of the load holds"):
        copies = under_load(load, shop, person, paths, lambda path: provider.command("backup", str(path)))
    with step("SQLite: --verify and doctor agree with a backup, and refuse what is cut off or not there"):
        for copy in copies:
            provider.command("backup", "--verify", str(copy.path))
        cut = provider.folder / "cut"
        cut.touch(mode=0o600)
        cut.write_bytes(copies[0].path.read_bytes()[:-4096])
        provider.command("backup", "--verify", str(cut), expect=1)
        provider.command("backup", "--verify", str(provider.folder / "none"), expect=1)
        provider.command("backup", str(paths[0]), expect=1)
        provider.command("doctor")
    with step("SQLite: a backup during a move knows of no move; a half-copied and a moved-away database are refused"):
        during, target = provider.folder / "during", f"sqlite:{provider.folder}/target.db"
        provider.command("db", "move", "--to", target)
        assert "on their way" in provider.command("doctor").stdout
        copies[0] = Copy(shop, person, during, lambda path: provider.command("backup", str(path)))
        provider.command("backup", "--verify", str(during))
        with provider.sibling(database=target) as half:
            assert "filled from" in half.command("backup", "half", expect=1).stderr
            half.command("doctor", expect=1)
        provider.command("db", "move", "--to", target, "--cut-over")
        assert "has moved to" in provider.command("backup", "--force", str(during), expect=1).stderr
        assert "has moved to" in provider.command("doctor", expect=1).stdout
        provider.command("db", "move", "--abort")
    for number, copy in enumerate(copies):
        with step(f"SQLite: backup {number} restored: its tokens work, later ones do not"):
            assert provider.stop() == 0
            for file in provider.folder.glob("martlet.db*"):
                file.unlink()
            copy.path.rename(provider.folder / "martlet.db")
            provider.command("doctor")
            provider.start()
            copy.prove(shop)
    with step("SQLite: a clean end, and no secret in the log"):
        assert provider.stop() == 0
        provider.check_log()


# PostgreSQL.


def postgresql(cluster, provider, count):
    load, shop, person = prepare(provider)
    address = provider.environment["MARTLET_DATABASE"]
    paths = [provider.folder / f"dump{number}" for number in range(count)]
    with step(f"PostgreSQL: {count} dumps under load, and every promise of the load holds"):
        copies = under_load(load, shop, person, paths, lambda path: script("backup", path, database=address))
    with step("PostgreSQL: verify agrees with a dump, and refuses what is cut off or not there"):
        for copy in copies:
            script("verify", copy.path)
        cut = provider.folder / "cut"
        content = copies[0].path.read_bytes()
        for length in (0, 1000, len(content) // 2, len(content) - 100):
            cut.write_bytes(content[:length])
            script("verify", cut, expect=1)
        script("verify", provider.folder / "none", expect=1)
        lacking = provider.folder / "lacking"
        subprocess.run(
            [f"{programs()}/pg_dump", "--format=custom", "--exclude-table=passkeys", f"--file={lacking}", address],
            check=True, timeout=300,
        )
        assert "lacks table passkeys" in script("verify", lacking, expect=1)
    with step("PostgreSQL: nothing is replaced, neither a file nor a database; no password in the list of processes"):
        assert "exists already" in script("backup", paths[0], database=address, expect=1)
        assert "not empty" in script("restore", paths[0], database=address, expect=1)
        secret = secrets.token_urlsafe(12)
        told = script("backup", cut, database=address.replace("martlet@", f"martlet:{secret}@"), expect=64)
        assert "password file" in told and secret not in told
        assert not list(provider.folder.glob("*.part"))
        script("backup", "--force", cut, database=address)
        script("verify", cut)
    with step("PostgreSQL: a dump during a move, and of its source and target when it has ended"):
        during, after = provider.folder / "during", provider.folder / "after"
        cluster.query(f"CREATE DATABASE target OWNER {ROLE}", database="postgres")
        target = address.replace("/martlet?", "/target?")
        provider.command("db", "move", "--to", target)
        copies[0] = Copy(shop, person, during, lambda path: script("backup", path, database=address))
        assert "still filling" in script("backup", after, database=target, expect=1)
        provider.command("db", "move", "--to", target, "--cut-over")
        assert "were moved" in script("backup", after, database=address, expect=1)
        assert not after.exists() and not list(provider.folder.glob("*.part"))
        script("backup", after, database=target)
        # Nothing is put into a folder of that name.
        folder = provider.folder / "folder"
        folder.mkdir()
        script("backup", "--force", folder, database=target, expect=1)
        assert not list(folder.iterdir())
        provider.command("db", "move", "--abort")
    assert provider.stop() == 0
    for number, copy in enumerate(copies):
        with step(f"PostgreSQL: dump {number} restored into a new database: its tokens work, later ones do not"):
            cluster.query(f"CREATE DATABASE restored{number} OWNER {ROLE}", database="postgres")
            restored = address.replace("/martlet?", f"/restored{number}?")
            assert restored != address
            script("restore", copy.path, database=restored)
            made = "SELECT count(*) FROM pg_class, pg_proc WHERE 'martlet_move' IN (left(relname, 12), left(proname, 12))"
            assert cluster.query(made, database=f"restored{number}") == "0"
            with provider.sibling(database=restored) as node:
                node.command("doctor")
                node.start()
                copy.prove(shop.at(node))
                assert node.stop() == 0
                node.check_log()


def script(what, *words, database=None, expect=0):
    """Runs the script and returns all that it said."""
    environment = {"PATH": f"{programs()}:{os.environ.get('PATH', '/usr/bin:/bin')}", "LC_ALL": "C"}
    if database:
        environment["MARTLET_DATABASE"] = database
    done = subprocess.run(
        ["sh", str(SCRIPT), what, *map(str, words)], env=environment, text=True, capture_output=True, timeout=300,
    )
    said = done.stdout + done.stderr
    assert done.returncode == expect, f"postgresql.sh {what}: status {done.returncode}: {said}"
    return said


if __name__ == "__main__":
    main()
