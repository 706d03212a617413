"""A stranger with Chromium makes an account, forgets the password, is locked out, and meets the pages of errors; with
JavaScript and without.

Keeps screenshots of every page for people to look at.
"""

import http.client
import re
from urllib.parse import urlsplit

import opening
from provider import step
from relying_party import RelyingParty

NAME = "Mary <Somerville>"
EMAIL = "mary@example.org"
PASSWORD = "the connexion of physical sciences"
NEW_PASSWORD = "on molecular and microscopic science"


def main():
    opening.run(__doc__, visit, lock_failures=5, mail_codes="yes")


def visit(provider, browser, callback, folder, scripts):
    provider.confidential(PASSWORD)
    client = provider.add_client("stars", "--first-party", redirect_uri=callback.address)
    provider.start()
    Visit(provider, browser, RelyingParty(provider, client, redirect_uri=callback.address), folder).run(scripts)


class Visit(opening.Visit):
    """The steps in their order; each starts where the one before ended."""

    def run(self, scripts):
        with step("sign-up on the way to a client: a slip, a wrong code, another mail, the right code"):
            self.sign_up()
        with step("sign-up by the link of the mail, in the same browser"):
            self.sign_up_by_link()
        with step("a forgotten password: the link sets a new one once, and the old one opens nothing"):
            self.reset()
        with step("codes by mail: switched on, asked for, and none the better after a reset"):
            self.mail_codes()
        with step("five wrong passwords in another browser lock it out, tell the owner, and not this one"):
            self.lock_out(scripts)
        with step("pages of errors: 400, 403, 404, 405, 413"):
            self.errors()
        with step("the same in German"):
            self.german()
        with step("SIGTERM: a clean end; no secret in the log"):
            assert self.provider.stop() == 0
            self.provider.check_log()

    # Steps.

    def sign_up(self):
        self.browser.open(self.party.authorization(state="new")[0])
        self.browser.await_page("sign-up")
        self.browser.press("sign-up")
        self.browser.await_page("name")
        self.look("sign-up")
        self.browser.expect_status(422)
        self.fill(EMAIL, "passwordpassword")
        self.browser.await_page("password-error")
        assert self.browser.find("email").get_attribute("value") == EMAIL
        assert self.browser.find("name").get_attribute("value") == NAME
        self.look("sign-up-unfit")
        self.fill(EMAIL, PASSWORD)
        self.browser.await_page("code")
        waiting = self.browser.driver.current_url
        self.look("sign-up-code")
        first = self.read_mail(r"(\d{6}) is your code").group(1)
        self.browser.open(waiting)
        self.browser.expect_status(422)
        self.browser.type("code", "000000" if first != "000000" else "000001")
        self.browser.press("submit")
        self.browser.await_page("code-error")
        self.look("sign-up-code-wrong")
        self.browser.press("resend")
        self.browser.await_page("code")
        second = self.read_mail(r"(\d{6}) is your code").group(1)
        self.browser.open(waiting)
        self.browser.type("code", self.provider.confidential(second))
        self.browser.press("submit")
        self.at_client("new")
        self.open("/account")
        self.browser.await_page("account")
        assert self.browser.find("account").text == EMAIL
        assert self.browser.find("name").get_attribute("value") == NAME

    def sign_up_by_link(self):
        self.sign_out()
        self.open("/sign-up")
        self.browser.await_page("name")
        self.fill("caroline@example.org", PASSWORD)
        self.browser.await_page("code")
        link = self.read_mail(r"https?://\S+/sign-up/confirm\?link=[\w-]+", to="caroline@example.org").group(0)
        self.provider.confidential(link.partition("=")[2])
        self.browser.open(link)
        self.browser.await_page("submit")
        assert not self.browser.has("password"), "in the browser of the sign-up the password is known"
        self.look("sign-up-confirm")
        self.browser.press("submit")
        self.browser.await_page("done")
        self.look("account-done")
        self.browser.expect_status(410)
        self.browser.open(link)
        self.browser.await_page("over")
        self.look("link-over")

    def reset(self):
        self.sign_out()
        self.browser.open(self.party.authorization(state="forgot")[0])
        self.browser.await_page("forgot")
        self.browser.press("forgot")
        self.browser.await_page("email")
        self.look("forgot-password")
        self.browser.type("email", EMAIL)
        self.browser.press("submit")
        self.browser.await_page("sent")
        self.look("mail-sent")
        link = self.reset_link()
        self.browser.open(link)
        self.browser.await_page("password")
        self.look("reset-password")
        self.browser.type("password", self.provider.confidential(NEW_PASSWORD))
        self.browser.press("submit")
        self.browser.await_page("done")
        self.browser.expect_status(410)
        self.browser.open(link)
        self.browser.await_page("over")
        self.open("/account/sign-in")
        self.browser.await_page("password")
        self.browser.expect_status(403)
        self.browser.sign_in(EMAIL, PASSWORD)
        self.browser.await_page("error")
        self.browser.sign_in(EMAIL, NEW_PASSWORD)
        self.browser.await_page("to-security")

    def mail_codes(self):
        self.open("/account/security")
        self.browser.await_page("mail-codes-on")
        self.look("account-security-mail-codes-off")
        self.browser.press("mail-codes-on")
        self.browser.await_page("codes")
        codes = [entry.text for entry in self.browser.find("codes").find_elements("tag name", "code")]
        for code in codes:
            self.provider.confidential(code)
        self.sign_out()
        self.open("/account/sign-in")
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, NEW_PASSWORD)
        self.browser.await_page("send")
        page = self.browser.driver.current_url
        self.look("second-factor-mail")
        code = self.read_mail(r"(\d{6}) is your sign-in code").group(1)
        self.browser.open(page)
        self.browser.type("code", self.provider.confidential(code))
        self.browser.press("submit")
        self.browser.await_page("to-security")
        self.sign_out()
        self.open("/forgot-password")
        self.browser.await_page("email")
        self.browser.type("email", EMAIL)
        self.browser.press("submit")
        self.browser.await_page("sent")
        self.browser.open(self.reset_link())
        self.browser.await_page("password")
        self.browser.type("password", self.provider.confidential(NEW_PASSWORD + " twice"))
        self.browser.press("submit")
        self.browser.await_page("done")
        self.open("/account/sign-in")
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, NEW_PASSWORD + " twice")
        self.browser.await_page("needs-recovery")
        self.look("second-factor-needs-recovery")
        self.browser.type("code", codes[0])
        self.browser.press("submit")
        self.browser.await_page("codes-left")
        self.browser.press("continue")
        self.browser.await_page("to-security")

    def lock_out(self, scripts):
        known = self.browser.driver.get_cookie("martlet-known") or self.browser.driver.get_cookie("__Host-martlet-known")
        assert known, "this browser is known"
        self.sign_out()
        self.browser.driver.delete_cookie(known["name"])
        self.open("/account/sign-in")
        self.browser.await_page("password")
        for _ in range(5):
            self.browser.expect_status(403)
            self.browser.sign_in(EMAIL, "not my password")
            self.browser.await_page("error")
            self.browser.check_console()
        self.browser.expect_status(429)
        self.browser.sign_in(EMAIL, NEW_PASSWORD + " twice")
        self.browser.await_page("wait")
        self.look("sign-in-locked")
        if scripts:
            left = self.browser.find("wait").text
            self.browser.wait(lambda: self.browser.find("wait").text != left, "the page counts down")
        self.read_mail(r"Too many failed attempts to sign in")
        # Who has signed in in a browser before is not locked out of it.
        self.browser.driver.add_cookie({key: known[key] for key in ("name", "value", "path", "httpOnly") if key in known})
        self.open("/account/sign-in")
        self.browser.await_page("password")
        self.browser.sign_in(EMAIL, NEW_PASSWORD + " twice")
        self.browser.await_page("send")

    def errors(self):
        for status, path in ((400, "/authorize?client_id=nobody"), (404, "/nothing-here"), (410, "/reset-password?link=x")):
            self.browser.expect_status(status)
            self.open(path)
            assert self.browser.has("advice") or self.browser.has("over"), path
            self.look(f"error-{status}")
        address = urlsplit(self.provider.address)
        for status, method, path, body in (
            (403, "POST", "/account/sign-in", "csrf=x"), (405, "POST", "/account", "x=y"),
            (413, "POST", "/account/sign-in", "x" * 20_000), (413, "POST", "/token", "x" * 70_000),
        ):
            for language, word in (("en", "What you can do"), ("de", "Was Sie tun können")):
                connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
                connection.request(
                    method, path, body,
                    {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": language})
                answer = connection.getresponse()
                text = answer.read().decode()
                assert answer.status == status, (status, path, answer.status, text[:200])
                if path == "/token":
                    assert '"invalid_request"' in text, text
                else:
                    assert f'lang="{language}"' in text and word in text, (path, text[:600])
                connection.close()

    def german(self):
        self.browser.open(self.party.authorization(state="de", ui_locales="de", prompt="login")[0])
        self.browser.await_page("sign-up")
        assert self.browser.driver.execute_script("return document.documentElement.lang") == "de"
        self.look("sign-in-de")
        self.browser.press("sign-up")
        self.browser.await_page("name")
        assert self.browser.driver.execute_script("return document.documentElement.lang") == "de"
        self.look("sign-up-de")

    # What several steps need.

    def fill(self, email, password):
        self.browser.type("name", NAME)
        self.browser.type("email", email)
        self.browser.type("password", password)
        self.browser.press("submit")

    def reset_link(self):
        link = self.read_mail(r"https?://\S+/reset-password\?link=[\w-]+").group(0)
        self.provider.confidential(link.partition("=")[2])
        return link


if __name__ == "__main__":
    main()
