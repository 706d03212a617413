"""A person with Chromium signs in with an account that they have at another provider, links it to one that they have here,
and takes the link away; with JavaScript and without.

Keeps screenshots of every page for people to look at.
"""

import opening
from provider import Provider, step
from relying_party import RelyingParty

EMAIL = "hedy@example.org"
PASSWORD = "frequencies that hop about"
THERE = "a secret communication system"
NEW_EMAIL = "grace@example.org"


def main():
    opening.run(__doc__, visit)


def visit(provider, browser, callback, folder, scripts):
    # By another name of this machine: cookies know hosts, not ports.
    with Provider(host="127.0.0.1") as above:
        client = above.add_client("below", redirect_uri=provider.issuer + "/federation/above/callback")
        for email, name in ((EMAIL, "Hedy Lamarr"), (NEW_EMAIL, "Grace Hopper")):
            above.add_user(email, THERE, name=name)
        provider.add_user(EMAIL, PASSWORD, name="Hedy Lamarr")
        settings = provider.folder / "above.json"
        settings.write_text('{"issuer":"%s"}' % above.issuer)
        provider.command(
            "connector", "add", "above", "--preset", "martlet", "--name", "Nordwind", "--client-id", "below",
            "--settings", str(settings), stdin=client["client_secret"] + "\n",
        )
        ship = provider.add_client("ship", "--first-party", redirect_uri=callback.address)
        above.start()
        provider.start()
        party = RelyingParty(provider, ship, redirect_uri=callback.address)
        Visit(provider, browser, party, folder, above).run(scripts)


class Visit(opening.Visit):
    """The steps in their order; each starts where the one before ended."""

    def __init__(self, provider, browser, party, folder, above):
        super().__init__(provider, browser, party, folder)
        self.above = above

    def run(self, scripts):
        with step("the button leads there, and who says no there is told so kindly"):
            self.cancel()
        if scripts:
            with step("on the way there the button says so, takes no second press, and is as before for who comes back"):
                self.leave()
        with step("somebody new there gets an account here"):
            self.be_new()
        with step("whose address has an account here proves that it is theirs, once"):
            self.link_by_proof()
        with step("on the page of the account: unlink, link again"):
            self.unlink_and_link()
        with step("the same in German"):
            self.german()
        with step("SIGTERM: a clean end; no secret in the log"):
            assert self.provider.stop() == 0
            self.provider.check_log()

    # Steps.

    def cancel(self):
        self.browser.open(self.party.authorization(state="no")[0])
        self.browser.await_page("with-above")
        self.look("sign-in-with")
        self.browser.press("with-above")
        self.browser.await_page("password")
        self.browser.sign_in(NEW_EMAIL, THERE)
        self.browser.await_page("deny")
        self.browser.press("deny")
        self.browser.await_page("connector-problem")
        self.look("sign-in-with-declined")

    def leave(self):
        # The way is stopped, so that there is time to look at the page that is being left.
        run = self.browser.driver.execute_script
        run("window.addEventListener('click', event => { window.stopped = event.defaultPrevented; event.preventDefault(); })")
        link = self.browser.find("with-above")
        before = link.text
        assert "Nordwind" in before and link.get_attribute("aria-busy") is None, before
        link.click()
        assert link.text == link.get_attribute("data-leaving") != before, link.text
        assert link.get_attribute("aria-busy") == "true" and run("return window.stopped") is False
        link.click()
        assert run("return window.stopped") is True
        run("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        assert link.text == before and link.get_attribute("aria-busy") is None, link.text
        self.browser.driver.refresh()
        self.browser.await_page("with-above")

    def be_new(self):
        self.browser.press("with-above")
        self.browser.await_page("allow")
        self.browser.press("allow")
        self.at_client("no")
        self.open("/account")
        self.browser.await_page("account")
        assert self.browser.find("account").text == NEW_EMAIL
        self.sign_out()
        self.sign_out_above()

    def link_by_proof(self):
        self.browser.open(self.party.authorization(state="link")[0])
        self.browser.await_page("with-above")
        self.browser.press("with-above")
        self.climb()
        self.browser.await_page("linking")
        assert self.browser.find("email").get_attribute("readonly")
        assert self.browser.find("email").get_attribute("value") == EMAIL
        self.look("sign-in-linking")
        self.browser.expect_status(403)
        self.browser.sign_in(EMAIL, "not this one")
        self.browser.await_page("error")
        assert self.browser.has("linking")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.at_client("link")
        self.sign_out()
        # From now on it opens the account by itself.
        self.browser.open(self.party.authorization(state="again")[0])
        self.browser.await_page("with-above")
        assert not self.browser.find("stay-with-above").is_displayed()
        self.browser.find("stay").click()
        assert self.browser.find("stay-with-above").is_displayed()
        assert not self.browser.find("with-above").is_displayed()
        self.look("sign-in-with-staying")
        self.browser.press("stay-with-above")
        self.at_client("again")
        self.check_staying()

    def unlink_and_link(self):
        self.open("/account/security")
        self.browser.await_page("links")
        self.look("account-security-links")
        button = self.browser.find("links").find_element("css selector", "button[name=link]")
        button.click()
        self.browser.wait(lambda: not self.browser.has("links"), "the link is gone")
        self.browser.await_page("connect-above")
        self.look("account-security-no-links")
        # Asked again there: an open session must not become a way in.
        self.browser.press("connect-above")
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, THERE)
        self.browser.await_page("links")
        assert "Nordwind" in self.browser.find("links").text
        self.browser.check_console()
        self.sign_out()

    def german(self):
        self.browser.open(self.party.authorization(state="de", ui_locales="de")[0])
        self.browser.await_page("with-above")
        assert "Weiter mit Nordwind" in self.browser.text()
        assert "letzte Mal" in self.browser.text(), "the last choice is named"
        self.look("sign-in-with-de")
        self.browser.press("with-above")
        self.at_client("de")
        self.open("/account/security?ui_locales=de")
        self.browser.await_page("links")
        self.browser.check_console()

    # What several steps need.

    def climb(self):
        """Signs in above and allows what is asked there."""
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, THERE)
        self.browser.await_page("allow")
        self.browser.press("allow")

    def sign_out_above(self):
        self.browser.open(self.above.issuer + "/logout")
        self.browser.await_page("stay")
        self.browser.press("sign-out")
        self.browser.await_page("signed-out")


if __name__ == "__main__":
    main()
