"""PostgreSQL goes back to a moment, by the very commands that deploy/backup/README.md shows, and the provider with it."""

import os
import re
import subprocess

from backup import ISSUER, prepare
from load import SETTINGS
from postgres import Cluster, programs
from provider import PATIENCE, ROOT, Provider, end_on_signals, step, within


def main():
    end_on_signals()
    with Cluster() as cluster:
        guide = Guide(cluster)
        cluster.settings.update(guide.settings)
        cluster.create()
        with Provider("production", ISSUER, database=cluster.url(), **SETTINGS) as provider:
            there_and_back(cluster, guide, provider)


def there_and_back(cluster, guide, provider):
    load, shop, person = prepare(provider)
    with load:
        with step("the log goes to the archive, and a base backup is made under load"):
            before = shop.sign_in(person)
            load.run(0.3)
            guide.base_backup()
            load.run(0.3)
        with step("somebody signs in, the moment is noted, and much more happens"):
            early = shop.sign_in(person)
            moment = cluster.query("SELECT clock_timestamp()")
            late = shop.sign_in(person)
            rotated = shop.tokens(shop.refresh(early["refresh_token"]))
            provider.add_user("grace@example.com", "an altogether later person")
            load.run(0.3)
        load.finish(least=20)
        print(load.history.summary())
    assert provider.stop() == 0
    with step("what is archived already is not replaced, and to be asked again is no error"):
        guide.archive_again()
    with step("the documented commands bring the moment back, and doctor agrees"):
        guide.restore(moment, provider)
    provider.start()
    with step("tokens of before the moment work, also those of after the base backup; later ones are unknown"):
        # First: once the early one is refreshed, its successor is this one again.
        shop.refused(shop.refresh(rotated["refresh_token"]))
        for tokens in (before, early):
            assert shop.userinfo(tokens["access_token"])[0] == 200
            answer = shop.tokens(shop.refresh(tokens["refresh_token"]))
            assert shop.userinfo(answer["access_token"])[0] == 200
        shop.refused(shop.refresh(late["refresh_token"]))
        assert shop.userinfo(late["access_token"])[0] == 401
        emails = {user["email"] for user in provider.json("user", "list")}
        assert emails == {"ada@example.com"}, emails
    with step("it goes on from there: people sign in, and the archive takes the new log"):
        assert shop.userinfo(shop.sign_in(person)["access_token"])[0] == 200
        cluster.query("SELECT pg_switch_wal()")
        new = "SELECT count(*) FROM pg_stat_archiver WHERE last_archived_wal > '00000002' AND failed_count = 0"
        within(PATIENCE, lambda: cluster.query(new) == "1", "the new log is archived")
    assert provider.stop() == 0
    provider.check_log()


class Guide:
    """The section of the documentation: its settings and commands, for the folders of a test."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.archive = cluster.folder / "archive"
        self.backups = cluster.folder / "backup"
        for folder in (self.archive, self.backups):
            folder.mkdir()
            if cluster.owner:
                os.chown(folder, *cluster.owner)
        text = (ROOT / "deploy" / "backup" / "README.md").read_text()
        blocks = re.findall(r"```(\w+)\n(.*?)```", text.partition("(PITR)")[2], re.DOTALL)
        assert [language for language, _ in blocks] == ["ini", "sh", "sh"], "the section is of another shape"
        settings, self.backup, self.recovery = (
            block.replace("/archive", str(self.archive)).replace("/backup", str(self.backups)) for _, block in blocks
        )
        self.settings = dict(re.findall(r"^(\w+) = (.*)$", settings, re.MULTILINE))
        assert set(self.settings) == {"archive_mode", "archive_timeout", "archive_command"}, self.settings

    def base_backup(self):
        self._run(self.backup, as_owner=True)

    def archive_again(self):
        """As after a crash between the end of the command and the server's note of it; and as by mistake."""
        self.cluster.query("SELECT pg_switch_wal()")
        archived = within(PATIENCE, lambda: sorted(self.archive.glob("?" * 24)), "something is archived")[0]
        content = archived.read_bytes()
        command = self.settings["archive_command"].strip("'").replace("%f", archived.name)
        for change, expect in ((b"", 0), (b"another", 1)):
            segment = self.cluster.folder / "segment"
            segment.write_bytes(change + content[len(change) :])
            self._run(command.replace("%p", str(segment)), expect=expect)
            assert archived.read_bytes() == content, "the archive was changed"

    def restore(self, moment, provider):
        [base] = self.backups.iterdir()
        text = self.recovery
        for shown, meant in (("base-2026-11-21", base.name), ("2026-11-21 06:00:00+00", moment)):
            assert shown in text, f"{shown} is not in the commands"
            text = text.replace(shown, meant)
        if not self.cluster.owner:  # whoever is not root has given everything to himself already
            text = re.sub(r"^chown .*\n", "", text, flags=re.MULTILINE)
        # What starts and stops is the test's to do, so that nothing outlives it; all between is for the shell.
        ours = {"pg_ctl": (self.cluster.stop, self.cluster.start), "martlet": (lambda: provider.command("doctor"),)}
        turns = {word: iter(steps) for word, steps in ours.items()}
        for part in re.split(r"^((?:pg_ctl|martlet) .*\n)", text, flags=re.MULTILINE):
            word = part.partition(" ")[0]
            next(turns[word])() if word in turns else self._run(part)
        assert all(next(left, None) is None for left in turns.values()), "the commands neither stop nor start anything"

    def _run(self, text, as_owner=False, expect=0):
        environment = {
            "PATH": f"{programs()}:{os.environ.get('PATH', '/usr/bin:/bin')}", "LC_ALL": "C",
            "PGDATA": str(self.cluster.data), "PGHOST": str(self.cluster.folder), "PGPORT": str(self.cluster.port),
            "PGUSER": "postgres",
        }
        owner = self.cluster.as_owner() if as_owner else {}
        done = subprocess.run(
            ["sh", "-euc", text], env=environment, cwd=self.cluster.folder, text=True, capture_output=True,
            timeout=120, **owner,
        )
        assert done.returncode == expect, f"{text}: status {done.returncode}: {done.stdout}{done.stderr}"


if __name__ == "__main__":
    main()
