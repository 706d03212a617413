"""A provider below another one: people of the one above sign in below, by real servers on loopback."""

import re
import subprocess
import types
import urllib.parse

from person import Person
from provider import PATIENCE, SEEN_WITHIN, Provider, end_on_signals, promised, step, within
from relying_party import RelyingParty

EMAIL = "grace@example.com"
PASSWORD = "correct horse battery staple"


def main():
    end_on_signals()
    with Provider() as above, Provider() as below:
        above.start()
        below.start()
        with step("a connector is set up while both run, and tried"):
            set_up(above, below)
        shop = RelyingParty(below, below.add_client("shop", "--first-party"))
        person = {"email": EMAIL, "password": above.confidential(PASSWORD)}
        above.add_user(name="Grace Hopper", **person)
        with step("who signs in above gets an account below, and the client a code"):
            first = sign_in(shop, above, below, person)
            assert EMAIL in [user["email"] for user in below.json("user", "list")]
        with step("the next time it is the same account"):
            assert sign_in(shop, above, below, person) == first
        with step("an operator walks the whole handshake, and sees who somebody is there and here"):
            walk(above, below, person)
        with step("new keys above are taken without a restart"):
            # Until then it signs with the old one, which proves nothing.
            above.changing("keys", "rotate")
            assert sign_in(shop, above, below, person) == first
        with step("a connector that is disabled is gone from the page, and back when it is enabled"):
            below.command("connector", "disable", "above")
            promised(SEEN_WITHIN, lambda: link(shop, below)[0] is None, "the button is gone")
            below.command("connector", "enable", "above")
            promised(SEEN_WITHIN, lambda: link(shop, below)[0] is not None, "the button is back")
        with step("while the provider above is away, the page says so and the others go on"):
            above.stop()
            address, visitor = link(shop, below)
            page = visitor.open(address)
            assert page.status == 200 and "connector-problem" in page.ids, page.title
            assert page.asks_for("password")
            above.start()
            # Nobody asks for half a minute after three failures; there was one.
            within(PATIENCE, lambda: sign_in(shop, above, below, person) == first, "it works again")
        above.check_log()
        below.check_log()


def set_up(above, below):
    client = above.add_client("below", redirect_uri=below.issuer + "/federation/above/callback")
    settings = below.folder / "above.json"
    settings.write_text('{"issuer":"%s"}' % above.issuer)
    below.changing(
        "connector", "add", "above", "--preset", "martlet", "--client-id", "below", "--settings", str(settings),
        stdin=client["client_secret"] + "\n",
    )
    tried = below.json("connector", "test", "above")
    assert [check["outcome"] for check in tried["checks"]] == ["well"] * 4, tried
    wrong = below.command("connector", "apply", str(another(below, above)), expect=0)
    assert "other" in wrong.stdout
    refused = below.command("connector", "test", "other", expect=1)
    assert "refused_client" in refused.stdout, refused.stdout
    below.command("connector", "remove", "other")


def walk(above, below, person):
    """`connector test --sign-in`: opens the address that it names, and brings back the one that the browser ends at."""
    def tried(bring_back, status):
        process = subprocess.Popen(
            [below.binary, "connector", "test", "above", "--sign-in"], env=below.environment, cwd=below.folder, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            address = next(line.strip() for line in process.stderr if line.startswith(above.issuer + "/authorize?"))
            state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))["state"]
            below.confidential(state)
            said, complained = process.communicate(bring_back(address) + "\n", timeout=PATIENCE)
            assert process.returncode == status, f"{process.returncode}: {said}{complained}"
            return said + complained
        finally:
            process.kill()
            process.wait()

    def climbed(address):
        return climb(above, person, types.SimpleNamespace(location=address))

    said = tried(climbed, 0)
    shown = dict(re.findall(r"^(\w+) {2,}(.*)$", said, re.MULTILINE))
    assert shown["Address"] == EMAIL and shown["Verified"] == "yes" and shown["Name"] == "Grace Hopper", said
    assert shown["Here"] == f"opens the account of {EMAIL}" and shown["Factors"].startswith("one"), said
    # An answer to another request, and none at all.
    strange = below.issuer + "/federation/above/callback?code=c&state=made-up&iss=" + urllib.parse.quote(above.issuer, "")
    assert "unknown_state" in tried(lambda _: strange, 1)
    assert "no address" in tried(lambda _: "", 65)


def another(below, above):
    """The same provider with a secret that it does not know."""
    secret = below.folder / "other.secret"
    secret.write_text("not the secret of anybody at all")
    file = below.folder / "connectors.json"
    file.write_text(
        '[{"id":"other","preset":"martlet","secret_file":"%s","settings":{"issuer":"%s","client_id":"below"}}]'
        % (secret, above.issuer)
    )
    return file


def link(shop, below):
    """Where the button of a fresh sign-in page leads, if there is one, and whose page it is."""
    visitor = Person(below)
    page = visitor.open(shop.authorization()[0])
    found = re.search(r'href="([^"]*/with/above)"', page.text)
    return found and found.group(1), visitor


def sign_in(shop, above, below, person):
    """The whole way up and down again; answers who that is below."""
    visitor = Person(below)
    address, verifier = shop.authorization()
    page = visitor.open(address)
    found = re.search(r'href="([^"]*/with/above)"', page.text)
    assert found, f"no button on {page.title!r}"
    away = visitor.open(found.group(1))
    assert away.location and away.location.startswith(above.issuer + "/authorize?"), away.title
    state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(away.location).query))["state"]
    below.confidential(state)
    back = climb(above, person, away)
    end = visitor.open(back)
    assert end.location, f"no answer for the client but {end.status} {end.title!r}"
    tokens = shop.tokens(shop.redemption(below.confidential(end.answer["code"]), verifier))
    return shop.userinfo(tokens["access_token"])[1]["sub"]


def climb(above, person, away):
    """Signs in above and allows what is asked; answers the address that leads back."""
    browser = Person(above, **person)
    return browser.finish(browser.open(away.location)).location


if __name__ == "__main__":
    main()
