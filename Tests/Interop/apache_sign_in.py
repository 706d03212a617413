"""A strict relying party of another language stack: Apache with mod_auth_openidc, in C.

It finds everything by discovery, uses PKCE, verifies the ID token by the key set, refreshes, and signs out by way of the
provider. It runs as a process of this test on loopback, and ends with it.
"""

import os
import secrets
import shutil
import subprocess
import sys
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Live"))

import requests

from person import Person
from provider import Provider, end_on_signals, free_port, step, within

MODULES = "/usr/lib/apache2/modules"
PATIENCE = 60

CONFIGURATION = """
ServerName 127.0.0.1
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/apache.log
LogLevel warn auth_openidc:warn
Listen 127.0.0.1:{port}
DocumentRoot {folder}/pages
Mutex file:{folder}
DefaultRuntimeDir {folder}
{user}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
StartServers 1

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret {secret}
OIDCRedirectURI {site}/callback
OIDCCryptoPassphrase {passphrase}
OIDCScope "openid email"
OIDCPKCEMethod S256
OIDCIDTokenSignedResponseAlg ES256
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCCookieSameSite On
OIDCRefreshAccessTokenBeforeExpiry 3600
OIDCPassRefreshToken On
OIDCInfoHook iat access_token id_token userinfo refresh_token session
OIDCDefaultLoggedOutURL {site}/bye

<Location /inside>
    AuthType openid-connect
    Require valid-user
    Header set X-Person "%{{OIDC_CLAIM_email}}e"
    Header set X-Subject "%{{OIDC_CLAIM_sub}}e"
</Location>
<Location /callback>
    AuthType openid-connect
    Require valid-user
</Location>
<Location /bye>
    Require all granted
</Location>
"""


def main():
    end_on_signals()
    with Provider() as provider:
        site = Site(provider)
        try:
            run(provider, site)
        finally:
            site.stop()


class Site:
    """Apache in a folder of its own."""

    def __init__(self, provider):
        self.provider = provider
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.folder = provider.folder / "apache"
        self.process = None

    def start(self, secret):
        pages = self.folder / "pages"
        pages.mkdir(parents=True)
        for name in ("inside", "bye"):
            (pages / name).write_text(name + "\n")
        # Root would have to give its rights away; whoever reads the folder then has to be let in.
        user = ""
        if os.getuid() == 0:
            user = "User www-data\nGroup www-data"
            for folder in [self.folder, pages, *self.folder.parents[:1]]:
                folder.chmod(0o755)
            shutil.chown(self.folder, "www-data", "www-data")
        path = self.folder / "apache.conf"
        path.write_text(
            CONFIGURATION.format(
                folder=self.folder, port=self.port, modules=MODULES, issuer=self.provider.issuer, secret=secret,
                site=self.address, passphrase=secrets.token_hex(16), user=user,
            )
        )
        self.process = subprocess.Popen(
            ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", str(path)],
            env={"PATH": "/usr/sbin:/usr/bin:/bin"},
        )
        within(PATIENCE, self.answers, "Apache answers")

    def answers(self):
        assert self.process.poll() is None, self.log()
        try:
            return requests.get(self.address + "/bye", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def log(self):
        path = self.folder / "apache.log"
        return path.read_text() if path.exists() else "no log"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


class Browser:
    """Cookies of both sites, each by its port, as a browser that knows two hosts would keep them."""

    def __init__(self, person, site):
        self.person = person
        self.site = site
        self.own = requests.Session()
        self.own.trust_env = False

    def open(self, address):
        """Goes wherever it is led, through the pages of the provider, until a page of the site comes."""
        for _ in range(12):
            if address.startswith(self.site.address):
                answer = self.own.get(address, allow_redirects=False, timeout=PATIENCE)
                if answer.status_code not in (302, 303, 307):
                    return answer
                address = urllib.parse.urljoin(address, answer.headers["Location"])
                continue
            page = self.person.finish(self.person.open(address))
            address = page.location
        raise AssertionError("the redirects do not end")


def run(provider, site):
    with step("a client, a person, a web server"):
        password = secrets.token_urlsafe(16)
        provider.add_user("ada@example.com", password)
        client = provider.add_client(
            "apache", "--post-logout-redirect-uri", site.address + "/bye", redirect_uri=site.address + "/callback",
            scopes=["openid", "email"], grants=["authorization_code", "refresh_token"],
        )
        provider.start()
        site.start(client["client_secret"])
        browser = Browser(Person(provider, "ada@example.com", password), site)

    with step("sign-in: whoever is let in is told by name"):
        answer = browser.open(site.address + "/inside")
        assert answer.status_code == 200 and answer.text == "inside\n", (answer.status_code, site.log())
        assert answer.headers["X-Person"] == "ada@example.com" and answer.headers["X-Subject"].startswith("u_")
        subject = answer.headers["X-Subject"]

    with step("refresh: another access token, the same person"):
        before = information(browser, site)
        assert before["userinfo"]["sub"] == subject and before["id_token"]["sub"] == subject
        query = urllib.parse.urlencode({"refresh": site.address + "/inside", "access_token": before["access_token"]})
        answer = browser.open(f"{site.address}/callback?{query}")
        assert answer.status_code == 200 and answer.headers["X-Subject"] == subject, (answer.status_code, site.log())
        after = information(browser, site)
        assert after["access_token"] != before["access_token"]
        assert after["refresh_token"] != before["refresh_token"]

    with step("sign-out: at the web server, and at the provider"):
        query = urllib.parse.urlencode({"logout": site.address + "/bye"})
        answer = browser.open(f"{site.address}/callback?{query}")
        assert answer.status_code == 200 and answer.text == "bye\n", (answer.status_code, answer.url, site.log())
        person = browser.person
        assert person.open("/authorize?" + silent(site)).answer["error"] == "login_required"
        page = person.open(
            browser.own.get(site.address + "/inside", allow_redirects=False, timeout=PATIENCE).headers["Location"]
        )
        assert page.asks_for("password"), page.title

    with step("no complaint of Apache, no secret in the log"):
        for line in site.log().splitlines():
            assert ":error]" not in line, line
        for content in (before, after):
            provider.confidential(content["access_token"])
            provider.confidential(content["refresh_token"])
        assert provider.stop() == 0
        provider.check_log()


def information(browser, site):
    """What the module says of its session."""
    answer = browser.own.get(site.address + "/callback?info=json", timeout=PATIENCE)
    assert answer.status_code == 200, (answer.status_code, site.log())
    return answer.json()


def silent(site):
    return urllib.parse.urlencode(
        {
            "client_id": "apache", "redirect_uri": site.address + "/callback", "response_type": "code",
            "scope": "openid", "prompt": "none", "code_challenge": "a" * 43, "code_challenge_method": "S256",
        }
    )


if __name__ == "__main__":
    main()
