"""A person with Chromium sets up two-step verification, signs in with it and looks after their sessions, with JavaScript
and without.

Keeps screenshots of every page for people to look at.
"""

import base64
import hashlib
import hmac
import struct
import time

import opening
from chromium import is_gone
from person import Person
from provider import step
from relying_party import RelyingParty
from selenium.webdriver.common.keys import Keys

EMAIL = "grace@example.org"
PASSWORD = "a nanosecond is this long"
NEW_EMAIL = "grace@navy.example"
LEAVING = "leaving@example.org"
NEW_PASSWORD = "moths do not belong in relays"


def main():
    opening.run(__doc__, visit)


def visit(provider, browser, callback, folder, scripts):
    provider.add_user(EMAIL, PASSWORD, name="Grace Hopper")
    provider.add_user(LEAVING, PASSWORD, name="Leaving Person")
    client = provider.add_client("ship", "--first-party", redirect_uri=callback.address)
    provider.start()
    party = RelyingParty(provider, client, redirect_uri=callback.address)
    Visit(provider, browser, party, folder).run(scripts)


class App:
    """An authenticator app: RFC 6238 with the key that a person typed."""

    def __init__(self, key):
        self.secret = base64.b32decode(key.replace(" ", ""))
        self.last = 0

    def code(self):
        """A code that was not used: of this step or the next, which the server takes early; else waits for one."""
        step = max(self.last + 1, int(time.time()) // 30)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.2)
        self.last = step
        digest = hmac.new(self.secret, struct.pack(">Q", step), hashlib.sha1).digest()
        offset = digest[19] & 15
        return f"{(int.from_bytes(digest[offset:offset + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


class Visit(opening.Visit):
    """The steps in their order; each starts where the one before ended."""

    def run(self, scripts):
        with step("the account asks for a sign-in and comes back"):
            self.open_account()
        if scripts:
            with step("two minutes before the session ends the page says so, and goes on without a mouse"):
                self.warning()
        with step("sessions: another browser is listed and ended"):
            self.end_another_session()
        with step("an authenticator app: QR code, key, a wrong code, the right one, recovery codes"):
            self.set_up(scripts)
        with step("sign-in with a code, and the browser is remembered"):
            self.sign_in_with_code()
        with step("security asks for both factors again; a recovery code is one"):
            self.use_recovery_code()
        with step("the browser is forgotten; the next sign-in asks for a code"):
            self.forget_browser()
        with step("new recovery codes; two-step verification off"):
            self.switch_off()
        with step("another password: a wrong one and a weak one first, then everybody else is signed out"):
            self.change_password()
        with step("another address: a code by mail; the one before takes it back by its link"):
            self.change_email()
        with step("the account is to be deleted; the next sign-in offers to keep it"):
            self.delete_and_keep()
        with step("SIGTERM: a clean end; no secret in the log"):
            assert self.provider.stop() == 0
            self.provider.check_log()

    # Steps.

    def open_account(self):
        self.open("/account")
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.browser.await_page("to-security")
        assert self.browser.find("account").text == EMAIL
        self.look("account")

    def warning(self):
        # It is hours away: the page's long pauses are short for once.
        faster = self.browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
            "source": "const slow = setTimeout; setTimeout = (work, pause) => slow(work, pause > 600000 ? 1 : pause);"})
        self.open("/account")
        self.browser.wait(lambda: self.browser.find("time-out").is_displayed(), "the warning")
        assert self.browser.find("time-out").get_attribute("role") == "alert"
        self.look("account-time-out")
        self.browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", faster)
        page = self.browser.find("time-out")
        for _ in range(40):
            if self.browser.driver.switch_to.active_element.get_attribute("id") == "stay-signed-in":
                break
            self.browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        self.browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
        self.browser.wait(lambda: is_gone(page), "the page is opened again")
        self.browser.await_page("to-security")
        assert not self.browser.find("time-out").is_displayed()
        self.browser.check_console()

    def end_another_session(self):
        other = Person(self.provider, EMAIL, PASSWORD)
        self.party.sign_in(other)
        assert other.open("/account").status == 200
        self.browser.press("to-sessions")
        self.browser.await_page("end-others")
        assert "ship" in self.browser.text()
        assert "127.0.0.0/24" in self.browser.text() or "::/48" in self.browser.text(), "this machine's network"
        assert "this browser" in self.browser.text() and "on Linux" in self.browser.text()
        self.look("account-sessions")
        self.browser.press("end-others")
        self.browser.await_page("sessions")
        assert not self.browser.has("end-others")
        assert "/account/sign-in" in other.open("/account").url
        self.browser.check_console()

    def set_up(self, scripts):
        self.browser.press("to-security")
        self.browser.await_page("two-step-off")
        self.look("account-security-off")
        self.browser.press("set-up")
        self.browser.await_page("key")
        assert self.browser.find("qr").size["width"] > 150
        self.look("authenticator")
        self.browser.expect_status(403)
        self.browser.type("code", "000000")
        self.browser.press("submit")
        self.browser.await_page("error")
        self.look("authenticator-error")
        self.app = App(self.provider.confidential(self.browser.find("key").text))
        self.enter_code()
        self.browser.await_page("codes")
        self.codes = [entry.text for entry in self.browser.find("codes").find_elements("tag name", "code")]
        assert len(set(self.codes)) == 10 and all(len(code) == 19 for code in self.codes), "ten codes of four groups"
        for code in self.codes:
            self.provider.confidential(code)
        assert self.browser.find("print").is_displayed() == scripts
        self.look("recovery-codes")
        self.browser.press("done")
        self.browser.await_page("two-step-on")
        assert self.browser.find("codes-left").text == "10"
        self.look("account-security-on")

    def sign_in_with_code(self):
        self.sign_out()
        self.browser.open(self.party.authorization(state="first")[0])
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.browser.await_page("other-way")
        self.look("second-factor")
        self.browser.expect_status(403)
        self.browser.type("code", "000000")
        self.browser.press("submit")
        self.browser.await_page("error")
        self.look("second-factor-error")
        self.browser.find("remember").click()
        self.enter_code()
        self.at_client("first")
        self.sign_out()
        self.browser.open(self.party.authorization(state="second")[0])
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.at_client("second")

    def use_recovery_code(self):
        self.open("/account/security")
        self.browser.await_page("password")
        assert self.browser.find("email").get_attribute("readonly")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.browser.await_page("other-way")
        assert not self.browser.has("remember")
        self.browser.press("other-way")
        self.browser.await_page("code")
        self.look("second-factor-recovery")
        self.browser.type("code", self.codes[4].upper())
        self.browser.press("submit")
        self.browser.await_page("codes-left")
        assert "9 more" in self.browser.find("codes-left").text
        self.look("recovery-code-used")
        self.browser.press("continue")
        self.browser.await_page("two-step-on")
        assert self.browser.find("codes-left").text == "9"

    def forget_browser(self):
        self.browser.await_page("devices")
        self.look("account-security-devices")
        button = self.browser.find("devices").find_element("css selector", "button[name=device]")
        assert "on Linux" in button.text
        button.click()
        self.browser.wait(lambda: not self.browser.has("devices"), "the browser is forgotten")
        self.browser.await_page("two-step-on")
        self.sign_out()
        self.browser.open(self.party.authorization(state="third")[0])
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.browser.await_page("other-way")
        self.enter_code()
        self.at_client("third")

    def switch_off(self):
        self.open("/account/security")
        self.browser.await_page("new-codes")
        self.browser.press("new-codes")
        self.browser.await_page("codes")
        new = [entry.text for entry in self.browser.find("codes").find_elements("tag name", "code")]
        assert len(new) == 10 and not set(new) & set(self.codes)
        self.browser.press("done")
        self.browser.await_page("switch-off")
        self.browser.press("switch-off")
        self.browser.await_page("two-step-off")
        self.sign_out()
        self.browser.open(self.party.authorization(state="last")[0])
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, PASSWORD)
        self.at_client("last")

    def change_password(self):
        self.open("/account/security")
        self.browser.await_page("change-password")
        self.browser.press("change-password")
        self.browser.await_page("current")
        self.look("account-password")
        self.browser.expect_status(403)
        self.fill("not my password", NEW_PASSWORD)
        self.browser.await_page("current-error")
        self.look("account-password-wrong")
        self.browser.expect_status(422)
        self.fill(PASSWORD, "passwordpassword")
        self.browser.await_page("password-error")
        self.look("account-password-unfit")
        other = Person(self.provider, EMAIL, PASSWORD)
        self.party.sign_in(other)
        self.fill(PASSWORD, self.provider.confidential(NEW_PASSWORD))
        self.browser.await_page("done")
        self.look("account-password-done")
        assert "/account/sign-in" in other.open("/account").url
        self.browser.press("continue")
        self.browser.await_page("two-step-off")

    def fill(self, current, password):
        self.browser.type("current", current)
        self.browser.type("password", password)
        self.browser.press("submit")

    def change_email(self):
        self.browser.press("change-email")
        self.browser.await_page("email")
        self.look("account-email")
        self.browser.type("email", NEW_EMAIL)
        self.browser.press("submit")
        self.browser.await_page("code")
        waiting = self.browser.driver.current_url
        code = self.read_mail(r"(\d{6}) is your code").group(1)
        self.browser.open(waiting)
        self.browser.await_page("code")
        self.browser.type("code", self.provider.confidential(code))
        self.browser.press("submit")
        self.browser.await_page("done")
        assert self.browser.find("account").text == NEW_EMAIL
        link = self.read_mail(r"https?://\S+/account/restore-email\?link=[\w-]+").group(0)
        self.provider.confidential(link.partition("=")[2])
        self.browser.open(link)
        self.browser.await_page("submit")
        self.look("follow-link")
        self.browser.press("submit")
        self.browser.await_page("done")
        self.look("account-email-restored")
        reset = self.read_mail(r"https?://\S+/reset-password\?link=[\w-]+").group(0)
        self.provider.confidential(reset.partition("=")[2])
        self.browser.open(reset)
        self.browser.await_page("password")
        self.browser.type("password", self.provider.confidential(NEW_PASSWORD + " twice"))
        self.browser.press("submit")
        self.browser.await_page("done")

    def delete_and_keep(self):
        # The address was taken back: whoever is signed in changes nothing for a day, and deletes nothing.
        self.open("/account/security")
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, NEW_PASSWORD + " twice")
        self.browser.await_page("frozen")
        self.look("account-security-frozen")
        self.sign_out()
        self.open("/account/security/delete")
        self.browser.await_page("password")
        self.browser.sign_in(LEAVING, PASSWORD)
        self.browser.await_page("grace")
        self.look("account-delete")
        self.browser.press("submit")
        self.browser.await_page("done")
        self.look("account-leaving-done")
        self.browser.open(self.party.authorization(state="leaving")[0])
        self.browser.await_page("password")
        self.browser.sign_in(LEAVING, PASSWORD)
        self.browser.await_page("keep")
        self.look("account-leaving")
        self.browser.press("keep")
        self.at_client("leaving")
        self.open("/account")
        self.browser.await_page("rename")
        assert not self.browser.has("leaving")

    # What several steps need.

    def enter_code(self):
        self.browser.type("code", self.provider.confidential(self.app.code()))
        self.browser.press("submit")


if __name__ == "__main__":
    main()
