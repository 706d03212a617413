"""A person with Chromium adds a passkey and signs in with it: from what the browser fills in, by the button, after a
password. Its authenticator is the virtual one of WebDriver (WebAuthn Level 3 §11).

Keeps screenshots of the pages for people to look at.
"""

import contextlib

import opening
from chromium import Chromium
from provider import step
from relying_party import RelyingParty
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions

EMAIL = "katherine@example.org"
PASSWORD = "orbits by hand, and twice"


def main():
    opening.run(__doc__, visit)


def visit(provider, browser, callback, folder, scripts):
    provider.add_user(EMAIL, PASSWORD, name="Katherine Johnson")
    client = provider.add_client("orbit", "--first-party", redirect_uri=callback.address)
    provider.start()
    if scripts:
        Visit(provider, browser, RelyingParty(provider, client, redirect_uri=callback.address), folder).run()
    else:
        with step("everything else works; where a passkey is asked for, the page says what it needs, and has another way"):
            without_scripts(provider, browser)
    with step("SIGTERM: a clean end; no secret in the log"):
        assert provider.stop() == 0
        provider.check_log()


def without_scripts(provider, browser):
    """Nothing that could not work is shown."""
    browser.open(provider.issuer + "/account/security")
    browser.await_page("password")
    assert not browser.find("use-passkey").is_displayed() and "this page needs JavaScript" in browser.text()
    browser.sign_in(EMAIL, PASSWORD)
    browser.await_page("two-step-off")
    assert not browser.find("add-passkey").is_displayed()
    browser.check_layout("account-security-no-script")
    assert "To add a passkey, this page needs JavaScript" in browser.text()
    browser.check_console()
    # Elsewhere, where scripts run, its owner adds one.
    with Chromium() as other:
        there = Visit(provider, other, None, None)
        there.add()
    browser.open(provider.issuer + "/logout")
    browser.await_page("stay")
    browser.press("sign-out")
    browser.await_page("signed-out")
    browser.open(provider.issuer + "/account/sign-in")
    browser.await_page("password")
    browser.sign_in(EMAIL, PASSWORD)
    browser.await_page("other-way")
    assert not browser.find("use-passkey").is_displayed() and "needs JavaScript" in browser.text()
    browser.check_layout("second-factor-no-script")
    browser.press("other-way")
    browser.await_page("code")
    browser.type("code", there.codes[0])
    browser.press("submit")
    browser.await_page("codes-left")
    browser.check_console()


class Visit(opening.Visit):
    """The steps in their order; each starts where the one before ended."""

    def run(self):
        with step("a passkey is added, and recovery codes come with it"):
            self.add()
        with step("it signs in from what the browser fills in"):
            self.sign_in_by_conditional_request()
        with step("it signs in by the button"):
            self.sign_in_by_button()
        with step("it is the second factor after the password; so is a recovery code"):
            self.second_factor()
        with step("it is renamed, the same device makes no second one, and it proves freshly who is there"):
            self.rename()
        with step("removed, it opens nothing; the password does"):
            self.remove()

    # Steps.

    def add(self):
        self.attach()
        self.open("/account/security")
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.browser.await_page("add-passkey")
        self.look("account-security-no-passkey")
        self.browser.type("passkey-name", "Virtual <key>")
        self.browser.press("add-passkey")
        self.browser.await_page("codes")
        self.codes = [entry.text for entry in self.browser.find("codes").find_elements("tag name", "code")]
        assert len(self.codes) == 10
        for code in self.codes:
            self.provider.confidential(code)
        self.browser.press("done")
        self.browser.await_page("passkeys")
        assert "Virtual <key>" in self.browser.text() and "never used" in self.browser.text()
        assert "on one device only" in self.browser.text()
        assert self.browser.has("two-step-on") and self.browser.find("codes-left").text == "10"
        self.browser.find("passkeys").find_element("tag name", "summary").click()
        self.look("account-security-passkey")
        credentials = self.browser.driver.get_credentials()
        assert len(credentials) == 1 and credentials[0].is_resident_credential, credentials
        # Nothing of the person is in the authenticator but what the browser shows of them.
        assert EMAIL not in credentials[0].user_handle

    def sign_in_by_conditional_request(self):
        self.sign_out()
        self.browser.open(self.party.authorization(state="filled-in")[0])
        # Nothing is typed and no button is pressed: the virtual authenticator agrees to what the browser offers.
        self.at_client("filled-in")

    def sign_in_by_button(self):
        self.sign_out()
        # A person who does not agree at once sees the page.
        self.browser.driver.set_user_verified(False)
        self.browser.open(self.party.authorization(state="button")[0])
        self.browser.await_page("use-passkey")
        assert self.browser.find("use-passkey").is_displayed()
        assert "webauthn" in self.browser.find("email").get_attribute("autocomplete").split()
        self.look("sign-in-passkey")
        self.browser.find("use-passkey").click()
        self.browser.wait(lambda: self.browser.find("passkey-trouble").text, "the page says that it did not work")
        assert self.browser.has("password")
        # The tick beside the password is for all ways of signing in.
        self.browser.find("stay").click()
        self.browser.driver.set_user_verified(True)
        self.press_or_be_faster("use-passkey")
        self.at_client("button")
        self.check_staying()

    def second_factor(self):
        self.sign_out()
        self.browser.driver.set_user_verified(False)
        self.browser.open(self.party.authorization(state="second")[0])
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.browser.await_page("other-way")
        assert not self.browser.has("code") and self.browser.find("use-passkey").is_displayed()
        self.look("second-factor-passkey")
        self.browser.press("other-way")
        self.browser.await_page("code")
        self.browser.press("other-way")
        self.browser.await_page("use-passkey")
        self.browser.driver.set_user_verified(True)
        self.browser.press("use-passkey")
        self.at_client("second")
        self.sign_out()
        self.browser.driver.set_user_verified(False)
        self.browser.open(self.party.authorization(state="paper")[0])
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.browser.await_page("other-way")
        self.browser.press("other-way")
        self.browser.await_page("code")
        self.browser.type("code", self.codes[0])
        self.browser.press("submit")
        self.browser.await_page("codes-left")
        self.browser.press("continue")
        self.at_client("paper")

    def rename(self):
        self.sign_out()
        self.browser.driver.set_user_verified(True)
        self.open("/account/security")
        self.browser.await_page("passkeys")
        assert "last used" in self.browser.text()
        entry = self.browser.find("passkeys")
        entry.find_element("tag name", "summary").click()
        self.browser.type("passkey-name-0", "Pocket")
        button = entry.find_element("css selector", "form[action$=rename] button")
        button.click()
        self.browser.wait(lambda: "Pocket" in self.browser.text(), "the new name")
        assert "Virtual" not in self.browser.text()
        self.browser.find("add-passkey").click()
        self.browser.wait(lambda: self.browser.find("passkey-trouble").text, "this device has one already")
        self.look("account-security-passkey-trouble")

    def remove(self):
        entry = self.browser.find("passkeys")
        entry.find_element("tag name", "summary").click()
        entry.find_element("css selector", "form[action$=remove] button").click()
        self.browser.await_page("two-step-off")
        assert not self.browser.has("passkeys")
        self.sign_out()
        # The device still has it and offers it; it opens nothing.
        self.browser.driver.set_user_verified(False)
        self.browser.open(self.party.authorization(state="removed")[0])
        self.browser.await_page("use-passkey")
        self.browser.driver.set_user_verified(True)
        self.browser.expect_status(403)
        self.press_or_be_faster("use-passkey")
        self.browser.await_page("error")
        self.browser.driver.set_user_verified(False)
        self.look("sign-in-passkey-error")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.at_client("removed")

    # What several steps need.

    def attach(self):
        options = VirtualAuthenticatorOptions(
            transport=VirtualAuthenticatorOptions.Transport.INTERNAL, has_resident_key=True,
            has_user_verification=True, is_user_verified=True)
        self.browser.driver.add_virtual_authenticator(options)

    def press_or_be_faster(self, identifier):
        """Presses a button, unless what the browser offers by itself was taken before."""
        with contextlib.suppress(Exception):  # the page has gone
            self.browser.find(identifier).click()


if __name__ == "__main__":
    main()
