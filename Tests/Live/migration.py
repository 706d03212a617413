"""People of other providers move in: exports as Keycloak, Auth0 and Cognito write them, and our own format, imported while
the server runs, killed on the way and gone on with; then their owners sign in with the passwords that they had.
"""

import base64
import crypt
import hashlib
import json
import secrets
import signal
import subprocess
import time

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from person import Person
from provider import PATIENCE, Provider, end_on_signals, step
from relying_party import RelyingParty
from scratch import die_with_parent

ISSUER = "https://login.example"
#: So many people move in from Keycloak beside those that sign in: enough for many batches.
CROWD = 1000


def main():
    end_on_signals()
    with Provider(mode="production", issuer=ISSUER) as provider:
        shop = RelyingParty(provider, provider.add_client("shop", "--first-party"))
        for connector in ("google", "corp"):
            secret = provider.confidential(secrets.token_urlsafe(24))
            provider.command("connector", "add", connector, "--preset", "google", "--client-id", "us", stdin=secret)
        provider.start()
        people = {}
        with step("Keycloak: killed on the way and gone on with, every row is taken or reported once"):
            keycloak(provider, people)
        with step("Auth0: users, hashes, roles and connections"):
            auth0(provider, people)
        with step("Cognito: the answers of its tool, with a group and people of a provider"):
            cognito(provider, people)
        with step("our own format, and what is somebody else's already"):
            own(provider, people)
        with step("whoever has a password signs in with it, twice, and with no other"):
            for email, password in people.items():
                sign_in(provider, shop, email, password)
        with step("links and memberships are as the exports have them"):
            belongings(provider)
        assert provider.stop() == 0
        provider.check_log()


# Hashes, as programs of others make them.

def text(data):
    return base64.b64encode(data).decode()


def bare(data):
    return text(data).rstrip("=")


def pbkdf2(password, name="sha256", rounds=1000, salt=None):
    salt = salt or secrets.token_bytes(16)
    return salt, hashlib.pbkdf2_hmac(name, password.encode(), salt, rounds)


def argon2id(password, salt, memory=1024, passes=2):
    return Argon2id(salt=salt, length=32, iterations=passes, lanes=1, memory_cost=memory).derive(password.encode())


def bcrypt(password):
    return crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))


def scrypt(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)


# Exports.

def somebody(provider, people, email):
    people[email] = provider.confidential(secrets.token_urlsafe(16))
    return people[email]


def keycloak(provider, people):
    def user(name, credential, **more):
        return {
            "id": secrets.token_hex(16), "createdTimestamp": 1700000000123, "username": name, "enabled": True,
            "emailVerified": True, "firstName": name.title(), "lastName": "", "email": f"{name}@example.com",
            "credentials": [credential] if credential else [], "realmRoles": ["default-roles-old"], "groups": [], **more,
        }

    def credential(secret, data):
        return {"type": "password", "secretData": json.dumps(secret), "credentialData": json.dumps(data)}

    def by_pbkdf2(password, name):
        salt, tag = pbkdf2(password, name)
        return credential(
            {"value": text(tag), "salt": text(salt), "additionalParameters": {}},
            {"hashIterations": 1000, "algorithm": f"pbkdf2-{name}", "additionalParameters": {}},
        )

    salt = secrets.token_bytes(16)
    by_argon2 = credential(
        {"value": text(argon2id(somebody(provider, people, "keya@example.com"), salt)), "salt": text(salt)},
        {
            "hashIterations": 2, "algorithm": "argon2",
            "additionalParameters": {
                "hashLength": ["32"], "memory": ["1024"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"],
            },
        },
    )
    crowd = by_pbkdf2(secrets.token_urlsafe(16), "sha256")
    # The same people in every attempt: with another id or password they would be others under an address that is taken.
    named = [
        user("keya", by_argon2, groups=["/staff/math"]),
        user("keyb", by_pbkdf2(somebody(provider, people, "keyb@example.com"), "sha256")),
        user("keyc", by_pbkdf2(somebody(provider, people, "keyc@example.com"), "sha512"), federatedIdentities=[
            {"identityProvider": "google", "userId": "k-1", "userName": "keyc"},
            {"identityProvider": "old-saml", "userId": "k-1", "userName": "keyc"},
        ]),
        user("keyd", None, serviceAccountClientId="shop"),
    ]
    for attempt in range(10):
        # A machine that had them all before the kill gets more of them.
        users = [user(f"crowd{attempt}-{number}", crowd) for number in range(CROWD * (attempt + 1))]
        users[10:10], users[-10:-10] = named[:2], named[2:]
        path = provider.folder / f"realm{attempt}.json"
        path.write_text(json.dumps({"realm": "old", "clients": [{"users": []}], "users": users}, indent=1))
        look = provider.json("import", str(path), "--from", "keycloak", "--dry-run")
        assert look["dry_run"] and look["made"] + look["present"] == len(users) - 1, look
        if killed(provider, path):
            break
    else:
        raise AssertionError("each import ended before it could be killed")
    # A second import of an interrupted one would count what is there as of before: it must be asked for by name.
    again = provider.command("import", str(path), "--from", "keycloak", expect=1)
    assert "--resume" in again.stderr, again
    done = provider.json("import", str(path), "--from", "keycloak", "--resume")
    assert done["rows"] == len(users) and done["refused"] == 1, done
    assert done["made"] + done["present"] == len(users) - 1, done
    rows = report(path)
    assert [row.get("reason") for row in rows] == [None, "not_a_person"], rows
    assert rows[0]["email"] == "keyc@example.com" and rows[0]["no_connector"] == ["old-saml"], rows
    refused = provider.command("import", str(path), "--from", "keycloak", "--resume", expect=1)
    assert "no interrupted import" in refused.stderr, refused
    again = provider.json("import", str(path), "--from", "keycloak")
    assert again["made"] == 0 and again["present"] == len(users) - 1, again
    print(f"{done['made']} made in all, {done['present']} found made … ", end="", flush=True)


def killed(provider, path):
    """Kills an import in the middle of its file; false where it was over before."""
    state = path.with_name(path.name + ".import")
    importing = subprocess.Popen(
        [provider.binary, "import", str(path), "--from", "keycloak"], env=provider.environment, cwd=provider.folder,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=die_with_parent(),
    )
    end = time.monotonic() + PATIENCE
    while not state.exists() and importing.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    importing.send_signal(signal.SIGKILL)
    complaint = importing.communicate()[1]
    assert importing.returncode in (0, -signal.SIGKILL), complaint
    return importing.returncode != 0 and state.exists()


def auth0(provider, people):
    def user(number, name, **more):
        return {
            "user_id": f"auth0|{number}", "email": f"{name}@example.com", "email_verified": True,
            "name": f"{name}@example.com", "created_at": "2019-12-06T18:36:12.412Z",
            "identities": [{"provider": "auth0", "user_id": number, "connection": "Users", "isSocial": False}], **more,
        }

    google = {"provider": "google-oauth2", "user_id": "a-1", "connection": "google-oauth2", "isSocial": True}
    salt = secrets.token_bytes(16)
    custom = {
        "algorithm": "scrypt", "keylen": 32, "cost": 1024, "blockSize": 8, "parallelization": 1,
        "hash": {"value": scrypt(somebody(provider, people, "autb@example.com"), salt).hex(), "encoding": "hex"},
        "salt": {"value": text(salt), "encoding": "base64"},
    }
    users = [
        user("5a01", "auta", app_metadata={"authorization": {"roles": ["editor"], "groups": ["press"]}}),
        user("5a02", "autb", custom_password_hash=custom),
        {**user("5a03", "autc"), "user_id": "google-oauth2|a-1", "identities": [google]},
        {**user("5a04", "autd"), "identities": [{**google, "connection": "partner", "user_id": "partner|7"}]},
    ]
    path, hashes = provider.folder / "auth0.json", provider.folder / "hashes.json"
    path.write_text("".join(json.dumps(user) + "\n" for user in users))
    hashes.write_text(json.dumps({
        "_id": {"$oid": "5a01"}, "email": "auta@example.com", "email_verified": True, "tenant": "old",
        "connection": "Users", "passwordHash": bcrypt(somebody(provider, people, "auta@example.com")),
    }) + "\n")
    editors = provider.folder / "admins.json"
    editors.write_text(json.dumps([{"user_id": "google-oauth2|a-1", "email": "autc@example.com", "name": "", "picture": ""}]))
    wrong = provider.command(
        "import", str(path), "--from", "auth0", "--connector", "gogle=google-oauth2", expect=1)
    assert "there is no connector gogle" in wrong.stderr, wrong
    options = ["--hashes", str(hashes), "--connector", "google=google-oauth2", "--role", f"admin={editors}"]
    look = provider.json("import", str(path), "--from", "auth0", "--dry-run", *options)
    done = provider.json("import", str(path), "--from", "auth0", *options)
    told = ("rows", "made", "refused", "linked", "without_connector", "without_password", "unknown_providers")
    assert {name: look[name] for name in told} == {name: done[name] for name in told}, (look, done)
    assert done["made"] == 4 and done["linked"] == 1 and done["unknown_providers"] == ["partner"], done
    assert [row.get("no_connector") for row in report(path)] == [["partner"]], report(path)


def cognito(provider, people):
    def user(username, sub, status, **attributes):
        named = [{"Name": name, "Value": value} for name, value in {"sub": sub, **attributes}.items()]
        return {
            "Username": username, "Attributes": named, "UserCreateDate": "2023-08-01T12:00:00.123000+02:00",
            "UserLastModifiedDate": "2023-08-01T12:00:00.123000+02:00", "Enabled": True, "UserStatus": status,
        }

    identities = [{
        "userId": "c-1", "providerName": "Google", "providerType": "Google", "issuer": None, "primary": True,
        "dateCreated": 1690884000000,
    }]
    coga = user("coga", "c0ffee-1", "CONFIRMED", email="coga@example.com", email_verified="true", name="Coga")
    cogb = user(
        "Google_c-1", "c0ffee-2", "EXTERNAL_PROVIDER", email="cogb@example.com", identities=json.dumps(identities))
    path, staff = provider.folder / "pool.json", provider.folder / "staff.json"
    path.write_text(json.dumps({"Users": [coga, cogb]}, indent=4))
    staff.write_text(json.dumps({"Users": [coga]}, indent=4))
    done = provider.json(
        "import", str(path), "--from", "cognito", "--connector", "google=Google", "--group", f"staff={staff}")
    assert done["made"] == 2 and done["linked"] == 1 and done["without_password"] == 2, done
    assert report(path) == [], report(path)


def own(provider, people):
    salt = secrets.token_bytes(16)
    passwords = {name: somebody(provider, people, f"{name}@example.com") for name in ("owna", "ownb", "ownc", "ownd")}
    salted, tag = pbkdf2(passwords["ownb"])
    hashes = {
        "owna": f"$argon2id$v=19$m=1024,t=2,p=1${bare(salt)}${bare(argon2id(passwords['owna'], salt))}",
        # The alphabet of passlib, which has no plus.
        "ownb": f"$pbkdf2-sha256$1000${bare(salted)}${bare(tag)}".replace("+", "."),
        "ownc": f"$scrypt$ln=10,r=8,p=1${bare(salt)}${bare(scrypt(passwords['ownc'], salt))}",
        "ownd": bcrypt(passwords["ownd"]),
    }
    rows = [
        {"id": name, "email": f"{name}@example.com", "email_verified": True, "password_hash": hashed}
        for name, hashed in hashes.items()
    ]
    rows[0] |= {"groups": ["staff"], "identities": [{"connector": "corp", "subject": "o-1"}]}
    rows += [
        {"id": "thief", "email": "thief@example.com", "identities": [{"connector": "google", "subject": "k-1"}]},
        {"id": "twin", "email": "keya@example.com"},
        {"id": "typo", "email": "typo@example.com", "pasword_hash": hashes["owna"]},
    ]
    path = provider.folder / "people.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    look = provider.json("import", str(path), "--from", "jsonl", "--dry-run")
    seen = report(path)
    done = provider.json("import", str(path), "--from", "jsonl")
    assert look["made"] == done["made"] == 4 and done["refused"] == 3 and done["linked"] == 1, (look, done)
    refused = {row["line"]: row["reason"] for row in report(path)}
    assert refused == {5: "identity_taken", 6: "address_taken", 7: "unknown_member"}, refused
    assert seen == report(path), seen
    assert all(user["email"] != "thief@example.com" for user in provider.json("user", "list"))


def report(path):
    """The report of an import, by line."""
    rows = path.with_name(path.name + ".report.jsonl").read_text().splitlines()
    return sorted((json.loads(row) for row in rows), key=lambda row: row["line"])


# What came of it.

def sign_in(provider, shop, email, password):
    wrong = Person(provider, email, password[:-1])
    page = wrong.sign_in(wrong.open(shop.authorization()[0]))
    assert page.location is None and page.asks_for("password"), f"{email} signed in by another password"
    # The second time by a hash of ours.
    for _ in range(2):
        shop.sign_in(Person(provider, email, password))


def belongings(provider):
    links = {"keyc": ("google", "k-1"), "autc": ("google", "a-1"), "cogb": ("google", "c-1"), "owna": ("corp", "o-1")}
    for name, link in links.items():
        found = provider.json("user", "links", f"{name}@example.com")
        assert [(row["connector"], row["subject"]) for row in found] == [link], (name, found)
    people = {kind: {row["name"]: row["people"] for row in provider.json(kind, "list")} for kind in ("group", "role")}
    assert people["group"] == {"staff/math": 1, "press": 1, "staff": 2}, people
    assert people["role"]["admin"] == people["role"]["editor"] == 1, people
    assert people["role"]["default-roles-old"] >= CROWD, people


if __name__ == "__main__":
    main()
