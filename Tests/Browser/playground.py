"""A person with Chromium signs in through the playground of development mode, with JavaScript and without.

Keeps screenshots of every page for people to look at.
"""

import opening
from provider import step
from relying_party import RelyingParty


def main():
    opening.run(__doc__, visit)


def visit(provider, browser, callback, folder, scripts):
    client = provider.add_client(
        "visitor", "--public", redirect_uri="http://127.0.0.1/callback", scopes=["openid", "email", "boats"]
    )
    provider.start()
    Visit(provider, browser, client, callback, folder).run(scripts)


class Visit:
    """The steps in their order; each starts where the one before ended."""

    def __init__(self, provider, browser, client, callback, folder):
        self.provider = provider
        self.browser = browser
        self.callback = callback
        self.folder = folder
        self.visitor = RelyingParty(provider, client, redirect_uri=callback.address, scope="openid email boats")

    def run(self, scripts):
        with step("the browser itself: JavaScript as wanted, and its console is heard"):
            self.check_browser(scripts)
        with step("home: the demo person and a way to the playground"):
            self.home()
        with step("a wrong password is refused, and the address stays in its field"):
            self.wrong_password()
        with step("the right one leads to consent, and consent to the playground with verified tokens"):
            self.sign_in()
        with step("refresh"):
            self.refresh()
        with step("going back to an answered page, reloading it, and forward again"):
            self.back_and_reload()
        with step("two tabs, two requests: each ends at its client with its own state"):
            self.two_tabs()
        with step("form_post"):
            self.form_post(scripts)
        with step("choosing an account, and consent refused"):
            self.select_account()
        with step("an address that leads nowhere, and a request that cannot be answered"):
            self.errors()
        with step("sign-out with a hint: home again, and the next sign-in asks for the password"):
            self.sign_out()
        with step("sign-out without a hint asks first"):
            self.sign_out_unasked()
        with step("two tabs of the playground both finish"):
            self.two_playgrounds()
        with step("a session that ended in another tab"):
            self.old_tab()
        with step("SIGTERM: a clean end; no secret in the log"):
            assert self.provider.stop() == 0
            self.provider.check_log()

    # Steps.

    def check_browser(self, scripts):
        self.browser.open(self.callback.page("<title>off</title><script>document.title = 'on'</script>"))
        assert self.browser.driver.title == ("on" if scripts else "off")
        if scripts:
            self.browser.open(self.callback.page("<title>x</title><script>console.error('canary')</script>"))
            try:
                self.browser.check_console()
            except AssertionError:
                pass
            else:
                raise RuntimeError("a console error goes unnoticed")
            self.browser.open(
                self.callback.page("<title>x</title><script>document.title = 'refused'</script>", "default-src 'none'")
            )
            try:
                self.browser.check_console()
            except AssertionError:
                pass
            else:
                raise RuntimeError("a violation of the content security policy goes unnoticed")

    def home(self):
        self.browser.open(self.provider.issuer + "/")
        self.email = self.browser.find("demo-email").text
        self.password = self.browser.find("demo-password").text
        assert "@" in self.email and self.password
        self.look("home")
        self.browser.press("playground")

    def wrong_password(self):
        self.browser.await_page("password")
        self.look("sign-in")
        self.browser.expect_status(403)
        self.browser.sign_in(self.email, "not " + self.password)
        self.browser.await_page("error")
        assert self.browser.find("email").get_attribute("value") == self.email
        assert not self.browser.find("password").get_attribute("value")
        self.look("sign-in-error")

    def sign_in(self):
        self.browser.sign_in(self.email, self.password)
        self.browser.await_page("allow")
        assert self.email in self.browser.find("account").text
        self.look("consent")
        self.browser.press("allow")
        self.browser.await_page("userinfo")
        assert not self.browser.has("error")
        assert self.browser.json_of("userinfo")["email"] == self.email
        self.note_playground()
        self.look("playground")

    def refresh(self):
        before = len(self.steps())
        assert before >= 4
        self.browser.press("refresh")
        self.browser.await_page("userinfo")
        assert len(self.steps()) > before and not self.browser.has("error")
        self.note_playground()
        self.browser.driver.refresh()
        self.browser.await_page("userinfo")
        assert not self.browser.has("error"), "reloading after a refresh does no harm"
        self.browser.check_console()

    def back_and_reload(self):
        playground = self.browser.driver.current_url
        for _ in range(6):
            self.browser.driver.back()
            if "/interaction/" in self.browser.driver.current_url:
                break
        # The browser may show the consent page from its own memory; its button, too, leads to a kind word.
        if self.browser.has("allow"):
            self.browser.expect_status(410)
            self.browser.press("allow")
        elif self.browser.has("advice"):
            self.browser.expect_status(410)
        self.already_done()
        self.look("already-done")
        self.browser.expect_status(410)
        self.browser.open(self.browser.driver.current_url.removesuffix("/consent"))
        self.already_done()
        self.browser.expect_status(410)
        self.browser.driver.refresh()
        self.already_done()
        self.browser.check_console()
        self.browser.open(playground)
        self.browser.await_page("userinfo")
        assert not self.browser.has("error")

    def already_done(self):
        self.browser.await_page("advice")
        assert "already done" in self.browser.text() and not self.browser.has("allow")
        assert not self.browser.has("password")

    def two_tabs(self):
        first = self.browser.driver.current_window_handle
        states = {}
        for tab in ("one", "two"):
            self.browser.driver.switch_to.new_window("tab")
            self.browser.open(self.authorization(state=tab, prompt="login"))
            self.browser.await_page("password")
            states[tab] = self.browser.driver.current_window_handle
        # The older tab ends last, with a session that the newer one has replaced meanwhile.
        for tab in ("two", "one"):
            self.browser.driver.switch_to.window(states[tab])
            self.browser.sign_in(self.email, self.password)
            self.browser.await_page("allow")
            self.browser.press("allow")
            self.browser.await_page("callback")
            answer = self.browser.json_of("callback")
            assert answer["state"] == tab and answer["code"], answer
            self.browser.check_console()
            self.browser.driver.close()
        self.browser.driver.switch_to.window(first)

    def two_playgrounds(self):
        first = self.browser.driver.current_window_handle
        tabs = []
        for _ in range(2):
            self.browser.driver.switch_to.new_window("tab")
            self.browser.open(self.provider.issuer + "/")
            self.browser.press("playground")
            self.browser.await_page("password")
            tabs.append(self.browser.driver.current_window_handle)
        for tab in tabs:
            self.browser.driver.switch_to.window(tab)
            self.browser.sign_in(self.email, self.password)
            self.browser.await_page("steps")
            assert not self.browser.has("error"), self.browser.find("error").text
            self.note_playground()
            self.browser.check_console()
        for tab in tabs:
            self.browser.driver.switch_to.window(tab)
            self.browser.driver.close()
        self.browser.driver.switch_to.window(first)

    def form_post(self, scripts):
        self.browser.open(self.authorization(state="posted", response_mode="form_post"))
        self.browser.await_page("allow")
        self.browser.press("allow")
        if not scripts:
            self.browser.await_page("form-post")
            self.look("form-post")
            self.browser.press("continue")
        self.browser.await_page("callback")
        answer = self.browser.json_of("callback")
        assert answer["method"] == "POST" and answer["state"] == "posted" and answer["code"], answer
        assert answer["iss"] == self.provider.issuer
        self.browser.check_console()

    def select_account(self):
        self.browser.open(self.authorization(state="chosen", prompt="select_account"))
        self.browser.await_page("other-account")
        assert self.email in self.browser.text()
        self.look("select-account")
        self.browser.press("other-account")
        self.browser.await_page("password")
        self.browser.driver.back()
        self.browser.await_page("other-account")
        self.browser.press("continue")
        self.browser.await_page("deny")
        self.browser.press("deny")
        self.browser.await_page("callback")
        answer = self.browser.json_of("callback")
        assert answer["error"] == "access_denied" and answer["state"] == "chosen", answer
        self.browser.check_console()

    def errors(self):
        self.browser.expect_status(400)
        self.browser.open(self.provider.issuer + "/authorize?client_id=nobody&response_type=code")
        assert self.browser.find("support-code").text and self.browser.find("advice").text
        self.look("error")
        self.browser.expect_status(404)
        self.browser.open(self.provider.issuer + "/nothing-here")
        assert self.browser.find("advice").text
        self.look("not-found")

    def sign_out(self):
        self.browser.open(self.provider.issuer + "/playground")
        address = self.browser.find("sign-out").get_attribute("href")
        # The ID token is of this session, so there is nothing to ask.
        self.browser.press("sign-out")
        self.at_home_signed_out()
        # It proves nothing about the session that began afterwards.
        self.browser.open(address)
        self.browser.await_page("stay")
        self.browser.press("sign-out")
        self.at_home_signed_out()

    def at_home_signed_out(self):
        self.browser.await_page("playground")
        assert self.browser.driver.current_url == self.provider.issuer + "/"
        self.browser.press("playground")
        self.browser.await_page("password")
        self.browser.sign_in(self.email, self.password)
        self.browser.await_page("userinfo")
        assert not self.browser.has("error"), "what was allowed is not asked again"
        self.note_playground()
        self.browser.check_console()

    def sign_out_unasked(self):
        self.browser.open(self.provider.issuer + "/logout")
        self.browser.await_page("stay")
        self.look("sign-out")
        self.browser.press("stay")
        # An application on this device is never let through silently (RFC 8252 §8.6); but it is not the sign-in that lacks.
        assert self.silent_error() == "consent_required"
        self.browser.open(self.provider.issuer + "/logout")
        self.browser.await_page("stay")
        self.browser.press("sign-out")
        self.browser.await_page("signed-out")
        self.look("signed-out")
        assert self.silent_error() == "login_required"

    def old_tab(self):
        """The consent page waits while the person signs out elsewhere: its button allows nothing, and says how to go on."""
        first = self.browser.driver.current_window_handle
        self.browser.open(self.authorization(state="waiting", prompt="login"))
        self.browser.await_page("password")
        self.browser.sign_in(self.email, self.password)
        self.browser.await_page("allow")
        self.browser.driver.switch_to.new_window("tab")
        self.browser.open(self.provider.issuer + "/logout")
        self.browser.await_page("stay")
        self.browser.press("sign-out")
        self.browser.await_page("signed-out")
        self.browser.driver.close()
        self.browser.driver.switch_to.window(first)
        self.browser.expect_status(403)
        self.browser.press("allow")
        self.browser.await_page("advice")
        self.look("another-person")
        # What it advises.
        self.browser.driver.back()
        self.browser.driver.refresh()
        self.browser.await_page("password")
        self.browser.sign_in(self.email, self.password)
        self.browser.await_page("allow")
        self.browser.press("allow")
        self.browser.await_page("callback")
        answer = self.browser.json_of("callback")
        assert answer["state"] == "waiting" and answer["code"], answer
        self.browser.check_console()

    # What several steps need.

    def authorization(self, **extra):
        return self.visitor.authorization(**extra)[0]

    def silent_error(self):
        self.browser.open(self.authorization(state="silent", prompt="none"))
        self.browser.await_page("callback")
        answer = self.browser.json_of("callback")
        assert answer["state"] == "silent" and answer["iss"] == self.provider.issuer, answer
        return answer["error"]

    def steps(self):
        return self.browser.find("steps").find_elements("xpath", "./li")

    def note_playground(self):
        """The playground shows tokens; the log must not."""
        for cookie in self.browser.driver.get_cookies():
            self.provider.confidential(cookie["value"])
        for entry in self.browser.driver.find_elements("css selector", "#steps pre"):
            for word in entry.get_attribute("textContent").replace('"', " ").replace(",", " ").split():
                if len(word) > 60:
                    self.provider.confidential(word)

    def look(self, name):
        """Checks a page and keeps pictures of it."""
        self.browser.check_layout(name)
        if self.folder:
            self.browser.screenshots(self.folder, name)
        self.browser.check_console()


if __name__ == "__main__":
    main()
