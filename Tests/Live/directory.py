"""People of a real directory sign in: slapd of Debian on this machine, over ldaps, StartTLS and plainly.

The directory is made in a temporary folder, on ports that are free, and ends with the test.
"""

import json
import secrets
import shutil
import subprocess
import time
from pathlib import Path

from mail_server import make_certificate
from person import Person, Unavailable
from provider import PATIENCE, Provider, end_on_signals, free_port, step
from relying_party import RelyingParty
from scratch import Scratch, die_with_parent

BASE = "dc=corp,dc=example"
SERVICE, PASSWORD = f"cn=search,{BASE}", "correct horse battery"
# The password of somebody whom the directory does not know.
OWN = "a password of our own here"
# Authorities that have not signed the directory's certificate.
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


class Directory:
    """slapd with a few people and groups."""

    def __init__(self):
        self.scratch = Scratch()
        self.folder = self.scratch.folder
        self.plain, self.secure = free_port(), free_port()
        self.secret = secrets.token_urlsafe(16)
        self.root = secrets.token_urlsafe(16)
        self.authorities, _ = make_certificate(self.folder, name="directory")
        self.process = None
        (self.folder / "data").mkdir()
        # A copy: where AppArmor confines the one of the system, that may read nothing outside of its own folders.
        self.program = shutil.copy("/usr/sbin/slapd", self.folder / "slapd")
        (self.folder / "slapd.conf").write_text(f"""\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
TLSCertificateFile {self.folder}/directory.pem
TLSCertificateKeyFile {self.folder}/directory.key
pidfile {self.folder}/slapd.pid
database mdb
suffix "{BASE}"
rootdn "cn=root,{BASE}"
rootpw {self.root}
directory {self.folder}/data
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{SERVICE}" read by self read by anonymous auth by * none
""")

    def __enter__(self):
        self.start()
        self.add(f"""\
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Example
dc: corp

dn: {SERVICE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: search
userPassword: {self.secret}

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: uid=ada,ou=people,{BASE}
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
sn: Lovelace
displayName: Ada Lovelace
mail: ada@corp.example
userPassword: {PASSWORD}

dn: uid=ben,ou=people,{BASE}
objectClass: inetOrgPerson
uid: ben
cn: Ben
sn: Ben
mail: ben@corp.example
userPassword: {PASSWORD}

dn: cn=Staff,{BASE}
objectClass: groupOfNames
cn: Staff
member: uid=ada,ou=people,{BASE}

dn: cn=Staff,ou=people,{BASE}
objectClass: groupOfNames
cn: Staff
member: uid=ben,ou=people,{BASE}
""")
        return self

    def __exit__(self, *_):
        self.stop()
        self.scratch.close()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "-d", "0", "-f", f"{self.folder}/slapd.conf",
             "-h", f"ldap://127.0.0.1:{self.plain} ldaps://127.0.0.1:{self.secure}"],
            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent())
        deadline = time.monotonic() + PATIENCE
        while subprocess.run(
                ["ldapwhoami", "-x", "-H", f"ldap://127.0.0.1:{self.plain}"], capture_output=True).returncode:
            assert self.process.poll() is None, "slapd ended"
            assert time.monotonic() < deadline, "slapd does not answer"
            time.sleep(0.1)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def _tool(self, name, text):
        subprocess.run(
            [name, "-x", "-H", f"ldap://127.0.0.1:{self.plain}", "-D", f"cn=root,{BASE}", "-w", self.root],
            input=text, text=True, check=True, capture_output=True)

    def add(self, text):
        self._tool("ldapadd", text)

    def modify(self, text):
        self._tool("ldapmodify", text)

    def settings(self, security, **more):
        port = self.secure if security == "ldaps" else self.plain
        return {
            "hosts": [f"127.0.0.1:{port}"], "security": security, "domains": ["corp.example"],
            "base": f"ou=people,{BASE}", "bind_dn": SERVICE, "login": ["mail", "uid"],
            "groups": {"base": BASE, "member": "member"}, "timeout": 30,
            **({} if security == "none" else {"ca_file": str(self.authorities)}), **more,
        }


def set_up(provider, settings, secret):
    """Brings the connector to these settings; a running server has them."""
    file = provider.folder / "directory.secret"
    file.write_text(secret)
    path = provider.folder / "directory.json"
    path.write_text(json.dumps([{
        "id": "corp", "kind": "ldap", "name": "Example", "settings": settings, "secret_file": str(file)}]))
    # Which domains are whose is known from a copy.
    provider.changing("connector", "apply", str(path))


def tried(provider, expect=0):
    """What `connector test` says of each part."""
    said = provider.command("connector", "test", "corp", "--json", expect=expect)
    return {check["part"]: check["outcome"] for check in json.loads(said.stdout)["checks"]}


def proves(provider, shop, email, password):
    """The tokens of somebody whom the sign-in page lets in; None where it refuses them."""
    person = Person(provider, email, provider.confidential(password))
    page = person.sign_in(person.open(shop.authorization()[0]))
    if "error" in page.ids:
        return None
    return shop.sign_in(person)


def told(shop, tokens):
    assert tokens, "the sign-in was refused"
    return shop.userinfo(tokens["access_token"])[1]


def main():
    end_on_signals()
    with Directory() as directory, Provider(password_hash="argon2id:m=19456,t=2,p=1") as provider:
        provider.confidential(directory.secret)
        provider.add_user("root@here.example", OWN)
        shop = RelyingParty(provider, provider.add_client("shop", "--first-party"), scope="openid email profile")
        set_up(provider, directory.settings("ldaps"), directory.secret)
        provider.start()
        subjects = set()
        for security in ("ldaps", "starttls", "none"):
            with step(f"{security}: it is tried; its password opens an account, and no other password"):
                set_up(provider, directory.settings(security), directory.secret)
                assert set(tried(provider).values()) == {"well"}, tried(provider)
                assert proves(provider, shop, "ada@corp.example", "another password") is None
                ada = told(shop, proves(provider, shop, "ada@corp.example", PASSWORD))
                assert ada["email"] == "ada@corp.example" and ada["email_verified"] is True, ada
                assert ada["name"] == "Ada Lovelace", ada
                subjects.add(ada["sub"])
        assert len(subjects) == 1, subjects
        with step("who is in a group there is in it here"):
            groups = provider.command("group", "list").stdout
            assert "corp:Staff" in groups and "cn=Staff" not in groups, groups
        with step("a group of the same name in another place is another group"):
            assert proves(provider, shop, "ben@corp.example", PASSWORD)
            groups = provider.command("group", "list").stdout
            assert f"corp:cn=Staff,ou=people,{BASE}" in groups, groups
        with step("an operator walks the whole way, and sees who somebody is there"):
            walk = provider.command("connector", "test", "corp", "--sign-in", stdin=f"ada@corp.example\n{PASSWORD}\n")
            assert "Ada Lovelace" in walk.stdout and "Staff" in walk.stdout, walk.stdout
            wrong = provider.command(
                "connector", "test", "corp", "--sign-in", stdin="ada@corp.example\nanother\n", expect=1)
            assert "wrong_password" in wrong.stdout, wrong.stdout
        with step("people of no directory sign in as ever; addresses that it does not know are refused"):
            assert proves(provider, shop, "root@here.example", OWN)
            for address in ("nobody@corp.example", "*@corp.example", "a*@corp.example"):
                assert proves(provider, shop, address, PASSWORD) is None, address
        with step("another address in the directory is the same person here"):
            directory.modify(
                f"dn: uid=ada,ou=people,{BASE}\nchangetype: modify\nreplace: mail\nmail: countess@corp.example\n")
            assert told(shop, proves(provider, shop, "countess@corp.example", PASSWORD))["sub"] in subjects
        with step("what is set up wrongly is named, and nobody is believed who does not prove their name"):
            secure = directory.settings("ldaps")
            for fault, part, settings, secret in (
                ("no_handshake", "connection", {**secure, "ca_file": CERTIFICATES}, directory.secret),
                ("no_handshake", "connection", {**secure, "hosts": [f"localhost:{directory.secure}"]}, directory.secret),
                ("wrong_account", "account", secure, "another secret"),
                ("no_such_base", "people", {**secure, "base": "ou=nobody," + BASE}, directory.secret),
                ("lacking", "address", {**secure, "domains": ["other.example"]}, directory.secret),
            ):
                set_up(provider, settings, secret)
                found = tried(provider, expect=1)
                assert found[part] == fault, (fault, found)
                if part != "address":
                    refuses(provider, shop, "countess@corp.example")
            set_up(provider, secure, directory.secret)
        with step("who is gone there is refused here"):
            assert proves(provider, shop, "ben@corp.example", PASSWORD)
            directory.modify(f"dn: uid=ben,ou=people,{BASE}\nchangetype: delete\n")
            assert proves(provider, shop, "ben@corp.example", PASSWORD) is None
        with step("one that was started anew goes on"):
            directory.stop()
            directory.start()
            assert proves(provider, shop, "countess@corp.example", PASSWORD)
        with step("a directory that is down delays nobody else, and tells that it is"):
            directory.stop()
            for _ in range(4):
                refuses(provider, shop, "countess@corp.example")
            assert proves(provider, shop, "root@here.example", OWN)
            # What is refused is written within a second or so.
            deadline, silent = time.monotonic() + PATIENCE, ""
            while "unreachable" not in silent or "resting" not in silent:
                assert time.monotonic() < deadline, silent
                time.sleep(0.1)
                silent = provider.command("audit", "list", "--action", "directory_silent", "--json").stdout
        with step("a second directory of the same domain is refused"):
            path = provider.folder / "rival.json"
            path.write_text(json.dumps([{
                "id": "rival", "kind": "ldap", "settings": directory.settings("none"),
                "secret_file": str(provider.folder / "directory.secret")}]))
            said = provider.command("connector", "apply", str(path), expect=65)
            assert "corp.example" in said.stderr, said.stderr
        with step("one that is disabled is dead at once, and its threads end"):
            assert threads(provider)
            provider.command("connector", "disable", "corp")
            assert proves(provider, shop, "countess@corp.example", PASSWORD) is None
            deadline = time.monotonic() + PATIENCE
            while threads(provider):
                assert time.monotonic() < deadline, threads(provider)
                time.sleep(0.1)
        provider.check_log()


def threads(provider):
    """The threads of the server that ask directories."""
    names = [path.read_text().strip() for path in Path(f"/proc/{provider.process.pid}/task").glob("*/comm")]
    return [name for name in names if name.startswith("directory")]


def refuses(provider, shop, email):
    """The page says that nothing is known of the password."""
    try:
        proves(provider, shop, email, PASSWORD)
    except Unavailable as answer:
        assert answer.status == 503, answer
    else:
        raise AssertionError("nobody could know")


if __name__ == "__main__":
    main()
