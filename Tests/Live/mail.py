"""Mail over a real mail server: what is ordered arrives once and well-formed, whatever is down meanwhile.

Passwords are reset and accounts are made by links and codes that were read from the mails; links lead to the issuer
whatever a request says; a mail outlives its server's kill -9, and two nodes send it once.
"""

import re
import secrets
import threading
import urllib.parse

from mail_server import Mailbox, make_certificate
from metrics import scrape
from person import Person
from postgres import Cluster
from provider import PATIENCE, Provider, end_on_signals, free_port, step, within
from relying_party import RelyingParty

ISSUER = "https://login.example"
POISON = {
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Server": "evil.example", "Forwarded": "host=evil.example",
    "X-Host": "evil.example", "X-Original-Host": "evil.example",
}
CROWD = 40
FIRST = secrets.token_urlsafe(16)


def main():
    end_on_signals()
    port, management = free_port(), free_port()
    with Provider(
        "production", ISSUER, mail_server=f"smtp://127.0.0.2:{port}", mail_from="Exämple, Inc <no-reply@mail.example>",
        sign_up="open", management_listen=management, mail_timeout=60,
        # More resets are asked for here than a person asks for.
        captcha="never",
    ) as provider:
        password = provider.confidential(secrets.token_urlsafe(24))
        secret = provider.folder / "mail-password"
        secret.touch(mode=0o600)
        secret.write_text(password + "\n")
        authorities, context = make_certificate(provider.folder, "127.0.0.2")
        provider.environment.update({
            "MARTLET_MAIL_USER": "martlet", "MARTLET_MAIL_PASSWORD_FILE": str(secret),
            "MARTLET_MAIL_AUTHORITIES": str(authorities),
        })
        provider.add_user("ada@example.com", FIRST, name="Ada “燕” Lovelace")
        shop = RelyingParty(provider, provider.add_client("shop", "--first-party"), scope="openid email offline_access")
        provider.start()
        mailbox = Mailbox(port, "127.0.0.2", "martlet", password, context)
        with mailbox:
            with step("a test mail arrives, over STARTTLS, from a user who is known"):
                provider.command("mail", "test", "--to", "operator@example.com")
                mail = mailbox.wait_for("operator@example.com").check()
                assert mail.was_encrypted and mail.sender == "no-reply@mail.example"
                assert mail.message["From"].addresses[0].display_name == "Exämple, Inc"
                assert mail.message["Message-ID"].endswith("@login.example>")
            with step("a forgotten password is set anew by the link of the newest mail, once"):
                reset(provider, mailbox, shop)
            with step("a poisoned host has no part in any link"):
                poisoned(provider, mailbox)
            with step("an address without an account gets the same page and no mail"):
                unknown(provider, mailbox)
            with step("an account is made by the code from its mail, on the way to a client"):
                sign_up(provider, mailbox, shop)
            with step("an invitation makes an account"):
                invite(provider, mailbox)
            with step("a sign-in in an unknown browser is told; whoever says that it was not them ends it"):
                not_me(provider, mailbox, shop)
            with step("an address is changed by the code from its mail; the one before takes it back"):
                change_address(provider, mailbox)
        with step("the mail server is down: the mail waits, is tried again and arrives"):
            down(provider, mailbox, management)
        with step("kill -9 before it could be sent: the mail arrives after the next start"):
            killed_before(provider, mailbox)
        with step("kill -9 while the mail server has it in hand: it arrives, under the same Message-ID if twice"):
            killed_meanwhile(provider, mailbox)
        with step("no such mailbox: given up at once, told by the list and the metrics, sent when it is retried"):
            given_up(provider, mailbox, management)
        with step("a mail server without STARTTLS, with a wrong certificate or another password gets nothing"):
            unprotected(provider, port, password, context)
        with step("doctor knows where mail goes"):
            checks = {check["name"]: check for check in provider.json("doctor")["checks"]}
            assert checks["mail"]["verdict"] == "ok" and f"127.0.0.2:{port}" in checks["mail"]["found"], checks
        with step("SIGTERM: a clean end; the log holds no secret"):
            assert provider.stop() == 0
            provider.check_log()
    with step(f"two nodes on one PostgreSQL send each of {CROWD} mails once"):
        two_nodes()


def ask(person, address):
    page = person.submit(person.open("/forgot-password"), "email", email=address)
    assert page.status == 200 and "sent" in page.ids, page.title
    return page


def secret_of(provider, link):
    return provider.confidential(urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["link"][0])


def reset(provider, mailbox, shop):
    person = Person(provider, "ada@example.com", FIRST)
    tokens = shop.sign_in(person)
    secret_of(provider, mailbox.wait_for("ada@example.com").check().link)
    ask(person, " Ada@Example.com ")
    first = mailbox.wait_for("ada@example.com", 2).check()
    ask(person, "ada@example.com")
    second = mailbox.wait_for("ada@example.com", 3).check()
    for mail in (first, second):
        secret_of(provider, mail.link)
        assert mail.message["Subject"] == "Set a new password" and "Ada “燕” Lovelace" in mail.text
        assert mail.link in mail.html.replace("&amp;", "&") and mail.link.startswith(ISSUER + "/reset-password?link=")
    assert person.open(first.link).status == 410, "an older link works"
    for _ in range(3):
        assert Person(provider).open(second.link).status == 200, "opening the link spent it"
    page = person.open(second.link)
    password = provider.confidential(secrets.token_urlsafe(16))
    done = person.submit(page, "password", password=password)
    assert done.status == 200 and "done" in done.ids, done.title
    assert person.submit(page, "password", password=password).status == 410, "the link works twice"
    shop.refused(shop.refresh(tokens["refresh_token"]))
    assert mailbox.wait_for("ada@example.com", 4).check().message["Subject"] == "Your password was changed"


def poisoned(provider, mailbox):
    person = Person(provider)
    person.session.headers.update(POISON)
    count = len(mailbox.to("ada@example.com"))
    ask(person, "ada@example.com")
    mail = mailbox.wait_for("ada@example.com", count + 1).check()
    secret_of(provider, mail.link)
    assert mail.link.startswith(ISSUER + "/") and b"evil" not in mail.raw, mail.raw


def unknown(provider, mailbox):
    person, count = Person(provider), len(mailbox.mails)
    known, nobody = ask(person, "ada@example.com"), ask(person, "nobody@example.com")
    assert known.text.replace("ada@example.com", "*") == nobody.text.replace("nobody@example.com", "*")
    within(PATIENCE, lambda: len(mailbox.mails) > count, "the mail to the one who has an account")
    within(PATIENCE, lambda: provider.json("mail", "list") == [], "nothing is left to send")
    assert not mailbox.to("nobody@example.com")


def sign_up(provider, mailbox, shop):
    person = Person(provider)
    address = "new+person@example.com"
    waits, verifier = shop.authorization()
    page = person.open(waits)
    page = person.open("/sign-up?interaction=" + page.url.split("/interaction/")[1].split("/")[0])
    password = provider.confidential(secrets.token_urlsafe(16))
    page = person.submit(page, "email", email=address, name="Neue Persön", password=password)
    assert page.status == 200 and page.asks_for("code"), page.title
    mail = mailbox.wait_for(address).check()
    secret_of(provider, mail.link)
    code = re.match(r"\d{6}", mail.message["Subject"])[0]
    assert code in mail.text and code in mail.html
    wrong = person.submit(page, "code", code="000000" if code != "000000" else "000001")
    assert wrong.status == 422 and "code-error" in wrong.ids
    done = person.submit(wrong, "code", code=code)
    assert "code" in done.answer, "it does not lead back to the client"
    assert shop.tokens(shop.redemption(done.answer["code"], verifier))["id_token"]
    assert person.open(mail.link).status == 410, "the link works after the code"
    # Once more with the same address: the same page, another mail.
    again = Person(provider)
    page = again.submit(again.open("/sign-up"), "email", email=address, name="X", password=password)
    assert page.status == 200 and page.asks_for("code"), page.title
    assert mailbox.wait_for(address, 2).check().message["Subject"] == "You have an account already"
    accounts = {user["email"]: user for user in provider.json("user", "list")}
    assert accounts[address]["email_verified"] and accounts[address]["name"] == "Neue Persön", accounts[address]


def invite(provider, mailbox):
    provider.command("user", "invite", "--email", "guest@example.com")
    mail = mailbox.wait_for("guest@example.com").check()
    secret_of(provider, mail.link)
    guest = Person(provider)
    page = guest.open(mail.link)
    done = guest.submit(page, "password", name="Guest", password=provider.confidential(secrets.token_urlsafe(16)))
    assert done.status == 200 and "done" in done.ids, done.title
    assert provider.command("user", "invite", "--email", "guest@example.com", expect=None).returncode != 0


def not_me(provider, mailbox, shop):
    password = provider.confidential(secrets.token_urlsafe(16))
    provider.add_user("grace@example.com", password, name="Grace Hopper")
    thief = Person(provider, "grace@example.com", password)
    tokens = shop.sign_in(thief)
    mail = mailbox.wait_for("grace@example.com").check()
    secret_of(provider, mail.link)
    assert mail.message["Subject"] == "New sign-in to your account" and "127.0.0.0/24" in mail.text, mail.text
    for _ in range(3):
        page = Person(provider).open(mail.link)
        assert page.status == 200, "opening the link spent it"
    owner = Person(provider)
    page = owner.open(mail.link)
    done = owner.submit(page, "link")
    assert done.status == 200 and "done" in done.ids, done.title
    assert owner.submit(page, "link").status == 410, "the link works twice"
    shop.refused(shop.refresh(tokens["refresh_token"]))
    assert "/account/sign-in" in thief.open("/account").url
    reset = mailbox.wait_for("grace@example.com", 2).check()
    secret_of(provider, reset.link)
    assert reset.message["Subject"] == "Set a new password"


def change_address(provider, mailbox):
    password = provider.confidential(secrets.token_urlsafe(16))
    provider.add_user("emmy@example.com", password, name="Emmy Noether")
    person = Person(provider, "emmy@example.com", password)
    page = person.sign_in(person.open("/account/security/email"))
    secret_of(provider, mailbox.wait_for("emmy@example.com").check().link)
    page = person.submit(page, "email", email="noether@example.com")
    assert page.asks_for("code"), page.title
    mail = mailbox.wait_for("noether@example.com").check()
    secret_of(provider, mail.link)
    done = person.submit(page, "code", code=re.match(r"\d{6}", mail.message["Subject"])[0])
    assert done.status == 200 and "done" in done.ids, done.title
    assert mailbox.wait_for("noether@example.com", 2).check().message["Subject"].startswith("This is the address")
    undo = mailbox.wait_for("emmy@example.com", 2).check()
    secret_of(provider, undo.link)
    owner = Person(provider)
    done = owner.submit(owner.open(undo.link), "link")
    assert done.status == 200 and "done" in done.ids, done.title
    secret_of(provider, mailbox.wait_for("emmy@example.com", 3).check().link)
    assert "/account/sign-in" in person.open("/account").url
    assert "emmy@example.com" in {user["email"] for user in provider.json("user", "list")}


def down(provider, mailbox, management):
    provider.command("mail", "test", "--to", "later@example.com")
    (waiting,) = within(
        PATIENCE, lambda: [mail for mail in provider.json("mail", "list") if mail.get("failure")], "a failed attempt")
    assert waiting["failure"] == "the mail server cannot be reached" and not waiting.get("gave_up_at"), waiting
    within(PATIENCE, lambda: scrape(management)[("martlet_mails_waiting", ())] == 1, "the metrics tell it")
    with mailbox:
        mailbox.wait_for("later@example.com").check()
        within(PATIENCE, lambda: provider.json("mail", "list") == [], "it is not kept")
    assert len(mailbox.to("later@example.com")) == 1


def killed_before(provider, mailbox):
    ask(Person(provider), "ada@example.com")
    count = len(mailbox.to("ada@example.com"))
    provider.kill()
    with mailbox:
        provider.start()
        # The lease of the dead may not be over.
        within(PATIENCE, lambda: provider.json("mail", "list") == [] or not provider.command("mail", "retry").returncode,
               "the mail is due")
        secret_of(provider, mailbox.wait_for("ada@example.com", count + 1).check().link)


def killed_meanwhile(provider, mailbox):
    mailbox.hold = threading.Event()
    mailbox.holding.clear()
    with mailbox:
        provider.command("mail", "test", "--to", "held@example.com")
        assert mailbox.holding.wait(PATIENCE), "the mail server has it in hand"
        provider.kill()
        mailbox.hold.set()
        mailbox.hold = None
        (order,) = provider.json("mail", "list")
        provider.start()
        provider.command("mail", "retry", "--id", order["id"])
        within(PATIENCE, lambda: provider.json("mail", "list") == [], "it is sent")
        mails = mailbox.to("held@example.com")
        assert 1 <= len(mails) <= 2 and len({mail.message["Message-ID"] for mail in mails}) == 1, mails
        assert order["id"] in mails[0].check().message["Message-ID"]


def given_up(provider, mailbox, management):
    with mailbox:
        mailbox.refuse = "550 5.1.1 no such mailbox"
        provider.command("mail", "test", "--to", "typo@example.com")
        (mail,) = within(
            PATIENCE, lambda: [mail for mail in provider.json("mail", "list") if mail.get("gave_up_at")], "it is given up")
        assert mail["failure"] == "the mail server refused the mail with code 550" and mail["attempts"] == 1, mail
        within(PATIENCE, lambda: scrape(management)[("martlet_mails_given_up", ())] == 1, "the metrics tell it")
        mailbox.refuse = None
        provider.command("mail", "retry", "--id", mail["id"])
        mailbox.wait_for("typo@example.com").check()


def unprotected(provider, port, password, context):
    def fails(mailbox, reason):
        with mailbox:
            provider.command("mail", "test", "--to", "careful@example.com")
            (mail,) = within(
                PATIENCE, lambda: [mail for mail in provider.json("mail", "list") if mail.get("failure")], "a failed attempt")
            assert mail["failure"] == reason, mail
            assert not mailbox.mails
        return mail

    fails(Mailbox(port, "127.0.0.2"), "the mail server offers no STARTTLS")
    with Mailbox(port, "127.0.0.2", "martlet", password, context) as right:
        provider.command("mail", "retry")
        right.wait_for("careful@example.com")
        within(PATIENCE, lambda: provider.json("mail", "list") == [], "it is sent")
    _, stranger = make_certificate(provider.folder, "127.0.0.2", "stranger")
    fails(Mailbox(port, "127.0.0.2", "martlet", password, stranger),
          "the certificate of the mail server does not prove its name")
    with Mailbox(port, "127.0.0.2", "martlet", password, context) as right:
        provider.command("mail", "retry")
        right.wait_for("careful@example.com")
        within(PATIENCE, lambda: provider.json("mail", "list") == [], "it is sent")
    fails(Mailbox(port, "127.0.0.2", "martlet", "another password", context),
          "the mail server refused the user or the password")


def two_nodes():
    port = free_port()
    with Cluster() as cluster:
        cluster.create()
        settings = {"mail_server": f"smtp://127.0.0.1:{port}", "mail_from": "no-reply@mail.example"}
        with (
            Provider("production", ISSUER, database=cluster.url(), **settings) as a,
            a.sibling(**settings) as b,
            Mailbox(port) as mailbox,
        ):
            a.add_user("ada@example.com", secrets.token_urlsafe(16))
            for node in (a, b):
                node.start()
            for number in range(CROWD):
                a.command("mail", "test", "--to", f"{number}@example.com")
            within(PATIENCE, lambda: a.json("mail", "list") == [], "all are sent")
            sent = [mail.message["Message-ID"] for mail in mailbox.mails]
            assert len(sent) == CROWD == len(set(sent)), f"{len(sent)} mails, {len(set(sent))} of them different"
            by = [sum(record.get("event") == "mail.sent" for record in node.log_records()) for node in (a, b)]
            assert sum(by) == CROWD, by
            print(f"{by[0]} by one and {by[1]} by the other … ", end="", flush=True)


if __name__ == "__main__":
    main()
