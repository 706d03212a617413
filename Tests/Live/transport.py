"""Listeners as they are seen from outside: a scan of what TLS accepts, certificates that change, proxies that lie, sockets
from a service manager, the listener for operators.

H-01, H-02, H-17.
"""

import contextlib
import http.client
import json
import os
import queue
import re
import resource
import signal
import socket
import ssl
import stat
import subprocess
import threading
import urllib.parse

from provider import PATIENCE, Provider, end_on_signals, free_port, step, within

ISSUER = "https://login.example"
OLDER_CIPHERS = {
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
}
CIPHERS = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
LIES = {
    "Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "81",
    "X-Forwarded-For": "192.0.2.66", "Forwarded": "for=192.0.2.66;host=evil.example;proto=http", "X-Original-URL": "/x",
    "X-Forwarded-Prefix": "/evil", "X-Real-IP": "192.0.2.66", "Client-Cert": ":MIIB:",
}


def main():
    end_on_signals()
    with Provider(mode="production", issuer=ISSUER) as provider:
        for name, kind in (("login", "ec"), ("other", "rsa")):
            make_certificate(provider, name, kind)
        tls, asking, management = free_port(), free_port(), free_port()
        path = provider.folder / "http.sock"
        with step("plain HTTP on a public address is refused"):
            refused = {**provider.environment, "MARTLET_LISTEN": f"0.0.0.0:{provider.port}"}
            told = run_to_end(provider, refused)
            assert told.returncode == 78 and "MARTLET_LISTEN" in told.stderr, told
        provider.environment.update({
            "MARTLET_LISTEN": f"127.0.0.1:{provider.port},https://127.0.0.1:{tls},unix:{path}?mode=600,"
            f"https://127.0.0.1:{asking}?client-certificates",
            "MARTLET_TLS_CERTIFICATE": f"{provider.folder}/login.pem,{provider.folder}/other.pem",
            "MARTLET_TLS_KEY": f"{provider.folder}/login.key,{provider.folder}/other.key",
            "MARTLET_TRUSTED_PROXIES": "127.0.0.1",
            "MARTLET_MANAGEMENT_LISTEN": str(management),
        })
        manager = ServiceManager(provider)
        provider.environment.update(NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="400000")
        provider.start()
        with step("the service manager hears that the server is ready, and well"):
            heard = manager.hear("READY=1")
            assert heard == ["READY=1"], heard
            manager.hear("WATCHDOG=1")
        with step("a scan: TLS 1.2 and 1.3, and only strong ciphers"):
            scan(tls)
        with step("curl speaks http/1.1 over it, with both certificates"):
            curl(provider, tls)
        with step("a session is resumed by its ticket"):
            resumption(provider, tls)
        with step("only the listener that is told to asks for a certificate"):
            for port, asks in ((tls, False), (asking, True)):
                said = s_client(port, "-tls1_2").stdout
                assert ("Client Certificate Types" in said) == asks, said
            own = ["--cert", provider.folder / "other.pem", "--key", provider.folder / "other.key"]
            assert curl_health(provider, asking, "login", *own) == "200"
        with step("links and issuer come from the configuration, whatever is sent"):
            lies(provider)
        with step("the log names the client that a trusted proxy names"):
            get(provider.port, "/health?x", {"X-Forwarded-For": "198.51.100.9, 192.0.2.77"})
            get(provider.port, "/health?x", {"X-Forwarded-For": "192.0.2.78, rubbish"})
            get(provider.port, "/health?x", {"X-Forwarded-For": "192.0.2.79"})
            peers = within(PATIENCE, lambda: "192.0.2.79" in (found := peers_of(provider, "/health")) and found, "the log")
            assert peers[-3:] == ["192.0.2.77", "127.0.0.1", "192.0.2.79"], peers
        with step("a socket in the file system, with its mode"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            said = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", path, "http://x/health")
            assert said.stdout == "200", said
        with step("the listener for operators: /health and /ready, and nothing of the site"):
            assert json.loads(get(management, "/health")[2]) == {"status": "healthy"}
            assert json.loads(get(management, "/ready")[2]) == {"status": "ready"}
            assert get(management, "/jwks")[0] == 404 and get(provider.port, "/ready")[0] == 404
        with step("content: 64 KiB, and less for the forms of our pages"):
            contents(provider)
        with step("SIGHUP: a broken key is named and changes nothing, a good pair is shown at once"):
            reload(provider, tls, manager)
        with step("a pair that is replaced is shown without being asked"):
            before = shown(tls, "login")
            make_certificate(provider, "login", "ec")
            within(PATIENCE, lambda: shown(tls, "login") != before, "the new certificate")
        with step("SIGTERM: the service manager is told, and the socket is gone"):
            assert provider.stop() == 0
            manager.hear("STOPPING=1")
            assert not path.exists()
        with step("sockets of the service manager are used"):
            handed_over(provider)
        with step("a socket of the service manager stays in the file system"):
            handed_over_path(provider)
        with step("a server that drains leaves the path to the next one"):
            overlap(provider)
    with step("more clients than descriptors: site and operators are still served"):
        crowded()
    address = other_address()
    if address:
        with step("plain HTTP of production: refused to strangers, there for this machine and for its proxies"):
            strangers(address)
    else:
        print("  plain HTTP of strangers: not tried, this machine has no address but loopback")


# TLS.


def make_certificate(provider, name, kind):
    """A pair that is put in its place by renaming, as certificate clients do."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else ["-newkey", "rsa:2048"]
    host = f"{name}.example"
    paths = [provider.folder / f"{name}.{end}" for end in ("pem", "key")]
    drafts = [path.with_suffix(path.suffix + ".new") for path in paths]
    run(
        "openssl", "req", "-x509", *key, "-nodes", "-days", "30", "-subj", f"/CN={host}", "-addext",
        f"subjectAltName=DNS:{host}", "-out", drafts[0], "-keyout", drafts[1], check=True,
    )
    os.chmod(drafts[1], 0o600)
    for draft, path in zip(drafts, paths):
        os.rename(draft, path)


def s_client(port, *options, stdin=""):
    return run("openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options, stdin=stdin)


def negotiated(port, *options):
    """The cipher that came about, or nothing."""
    found = re.search(r"Cipher is (\S+)", s_client(port, *options).stdout)
    return None if not found or found[1] == "(NONE)" else found[1]


def scan(port):
    weak = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
    versions = [v for v in ("tls1", "tls1_1", "tls1_2", "tls1_3") if negotiated(port, f"-{v}", "-cipher", weak)]
    assert versions == ["tls1_2", "tls1_3"], versions
    assert negotiated(port) in CIPHERS, "the newest version first"
    names = run("openssl", "ciphers", "-s", "-tls1_2", weak, check=True).stdout.strip().split(":")
    assert len(names) > 60, "a scan with few ciphers says little"
    hosts = ("login.example", "other.example")
    taken = {name for host in hosts for name in names if takes(port, host, name)}
    assert taken == OLDER_CIPHERS, taken ^ OLDER_CIPHERS
    newer = [*CIPHERS, "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"]
    taken = {name for name in newer if negotiated(port, "-tls1_3", "-ciphersuites", name)}
    assert taken == CIPHERS, taken
    said = s_client(port, "-tls1_2").stdout
    assert "Compression: NONE" in said and "Secure Renegotiation IS supported" in said, said


def takes(port, host, cipher):
    """Whether the server goes on with this cipher of TLS 1.2 alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    except ssl.SSLError:
        return False
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
        with contextlib.suppress(OSError), context.wrap_socket(plain, server_hostname=host) as stream:
            return stream.cipher()[0] == cipher
    return False


def curl_health(provider, port, name, *options):
    """The status of /health, with the certificate of `name` as the only one to be trusted."""
    host = f"{name}.example"
    done = run(
        "curl", "-s", "-S", "--http2", "--cacert", provider.folder / f"{name}.pem", "--resolve",
        f"{host}:{port}:127.0.0.1", "-o", "/dev/null", "-w", "%{http_code}", *options, f"https://{host}:{port}/health",
    )
    return done.stdout or done.stderr


def curl(provider, port):
    for name in ("login", "other"):
        for version in ("1.2", "1.3"):
            status = curl_health(provider, port, name, f"--tlsv{version}", "--tls-max", version)
            assert status == "200", (name, version, status)
    assert "ALPN protocol: http/1.1" in s_client(port, "-alpn", "h2,http/1.1").stdout
    assert negotiated(port, "-alpn", "h2") is None


def resumption(provider, port):
    kept = provider.folder / "session"
    for version in ("-tls1_2", "-tls1_3"):
        request = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        first = s_client(port, version, "-ign_eof", "-sess_out", kept, stdin=request).stdout
        second = s_client(port, version, "-ign_eof", "-sess_in", kept, stdin=request).stdout
        assert "New, TLSv" in first and "Reused, TLSv" in second and "200 OK" in second, (version, second)


def shown(port, name):
    """The certificate that the server shows for a host."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
        with context.wrap_socket(plain, server_hostname=f"{name}.example") as stream:
            return stream.getpeercert(binary_form=True)


def reload(provider, port, manager):
    before = shown(port, "login")
    key = provider.folder / "login.key"
    good = key.read_text()
    key.write_text("nothing")
    provider.process.send_signal(signal.SIGHUP)
    manager.hear("RELOADING=1")
    manager.hear("READY=1")
    kept = within(PATIENCE, lambda: [r for r in provider.log_records() if r["event"] == "tls.kept"], "a line in the log")
    assert kept[0]["file"] == str(key) and shown(port, "login") == before, kept
    key.write_text(good)
    make_certificate(provider, "login", "ec")
    provider.process.send_signal(signal.SIGHUP)
    within(PATIENCE, lambda: shown(port, "login") != before, "the new certificate")
    assert curl_health(provider, port, "login") == "200"


# Proxies.


def lies(provider):
    discovery = "/.well-known/openid-configuration"
    assert get(provider.port, discovery, LIES)[2] == get(provider.port, discovery)[2]
    assert b"evil.example" not in get(provider.port, "/nothing-here", LIES)[2]
    client = provider.add_client("shop", "--first-party")
    query = urllib.parse.urlencode({
        "client_id": client["client_id"], "response_type": "code", "redirect_uri": "https://app.example/callback",
        "scope": "openid", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
    })
    within(PATIENCE, lambda: get(provider.port, f"/authorize?{query}", LIES)[0] == 303, "the client is known")
    status, headers, _ = get(provider.port, f"/authorize?{query}", LIES)
    location = urllib.parse.urljoin(ISSUER + "/authorize", headers["Location"])
    assert status == 303 and location.startswith(ISSUER + "/interaction/"), location
    assert "__Host-" in headers["Set-Cookie"] and "evil.example" not in str(headers), headers


def other_address():
    """An address of this machine that is not loopback, if it has one; nothing is sent for that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]
        return None if address.startswith(("127.", "0.")) else address
    return None


def strangers(address):
    with Provider(mode="production", issuer=ISSUER) as provider:
        provider.environment["MARTLET_LISTEN"] += f",{address}:{provider.port}"
        # A proxy that somebody else is.
        provider.environment["MARTLET_TRUSTED_PROXIES"] = "192.0.2.1"
        provider.start()
        for method, path in (("GET", "/health"), ("GET", "/authorize"), ("POST", "/token")):
            for headers in ({}, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}):
                status, _, said = ask(address, provider.port, method, path, headers)
                assert status == 403 and b"https" in said, (method, path, status, said)
        assert ask("127.0.0.1", provider.port, "GET", "/health")[0] == 200
        refused = within(
            PATIENCE, lambda: [r for r in provider.log_records() if r["event"] == "request" and r["status"] == 403], "the log")
        assert {record["peer"] for record in refused} == {address}, refused
        assert provider.stop() == 0
        provider.environment["MARTLET_TRUSTED_PROXIES"] = address
        provider.start()
        assert ask(address, provider.port, "GET", "/health")[0] == 200
        assert provider.stop() == 0


def contents(provider):
    for path, limit in (("/token", 65536), ("/authorize", 65536), ("/interaction/x/sign-in", 16384)):
        for count, is_taken in ((limit, True), (limit + 1, False)):
            status = ask("127.0.0.1", provider.port, "POST", path, {"Content-Type": "text/plain"}, b"a" * count)[0]
            assert (status != 413) == is_taken, (path, count, status)


def peers_of(provider, path):
    return [r["peer"] for r in provider.log_records() if r["event"] == "request" and r["path"] == path]


# The service manager.


class ServiceManager:
    """Hears everything, as a service manager does, and says what came when it is asked."""

    def __init__(self, provider):
        self.path = str(provider.folder / "notify")
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.bind(self.path)
        self._heard = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            self._heard.put(self._ear.recv(500).decode())

    def hear(self, word):
        """Waits for a word; everything that came until then."""
        heard = []
        while not heard or not heard[-1].startswith(word):
            heard.append(self._heard.get(timeout=60))
        return heard


def handed_over(provider):
    listener = socket.create_server(("127.0.0.1", 0))
    unwanted = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    provider.environment["MARTLET_LISTEN"] = f"127.0.0.1:{port}"
    provider.environment.pop("NOTIFY_SOCKET")
    fixed = [os.dup(listener.fileno()), os.dup(unwanted.fileno())]

    def place():
        high = [os.dup2(descriptor, 20 + index) for index, descriptor in enumerate(fixed)]
        for index, descriptor in enumerate(high):
            os.dup2(descriptor, 3 + index)

    # A connection that nobody has accepted yet waits for the server to come.
    with socket.create_connection(("127.0.0.1", port), timeout=60) as early:
        early.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        process = subprocess.Popen(
            ["sh", "-c", f'LISTEN_PID=$$ LISTEN_FDS=2 exec "{provider.binary}" serve'], env=provider.environment,
            cwd=provider.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=place, pass_fds=(3, 4), text=True,
        )
        try:
            listener.close()
            assert early.recv(12) == b"HTTP/1.1 200"
            assert get(port, "/health")[0] == 200
        finally:
            process.terminate()
            said = process.communicate(timeout=60)[0]
    assert process.returncode == 0, said
    unused = [line for line in said.splitlines() if "socket.unused" in line]
    assert len(unused) == 1 and str(unwanted.getsockname()[1]) in unused[0], said


def handed_over_path(provider):
    path = provider.folder / "handed.sock"
    provider.environment["MARTLET_LISTEN"] = f"unix:{path}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        fixed = listener.fileno()
        process = subprocess.Popen(
            ["sh", "-c", f'LISTEN_PID=$$ LISTEN_FDS=1 exec "{provider.binary}" serve'], env=provider.environment,
            cwd=provider.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.dup2(fixed, 3, inheritable=True), pass_fds=(3,), text=True,
        )
        try:
            assert path_status(path) == 200
        finally:
            process.terminate()
            said = process.communicate(timeout=60)[0]
        assert process.returncode == 0, said
        # The next server finds its clients where they were: they wait in the queue of the same socket.
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def overlap(provider):
    path = provider.folder / "overlap.sock"
    provider.environment.pop("MARTLET_MANAGEMENT_LISTEN", None)
    provider.environment["MARTLET_LISTEN"] = f"unix:{path}"
    provider.launch()
    first = provider.process
    within(30, lambda: path_status(path, missing=True) == 200, "the first server answers")
    # A request that is not whole keeps the first one from its end.
    with socket.socket(socket.AF_UNIX) as unfinished:
        unfinished.connect(str(path))
        unfinished.settimeout(60)
        unfinished.sendall(b"POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert unfinished.recv(64).startswith(b"HTTP/1.1 100")
        first.terminate()
        within(30, lambda: path_status(path, missing=True) is None, "the first server takes nothing new")
        provider.launch()
        within(30, lambda: path_status(path, missing=True) == 200, "the second server answers")
        # On a slow machine the time to drain may be over by now.
        with contextlib.suppress(OSError):
            unfinished.sendall(b"a=b&c")
            while unfinished.recv(4096):
                pass
    assert first.wait(timeout=60) == 0
    assert path_status(path) == 200
    assert provider.stop() == 0 and not path.exists()


def path_status(path, missing=False):
    try:
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(30)
            stream.connect(str(path))
            stream.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return int(stream.recv(12).split()[1])
    except (OSError, IndexError):
        if missing:
            return None
        raise


# Crowds.


def crowded():
    management = free_port()
    with Provider(management_listen=management) as provider, contextlib.ExitStack() as stack:
        provider.limit_files(300, 400)
        provider.start()
        assert resource.prlimit(provider.process.pid, resource.RLIMIT_NOFILE) == (400, 400)
        for _ in range(600):
            stack.enter_context(socket.create_connection(("127.0.0.1", provider.port), timeout=30))
        for port in (provider.port, management):
            assert get(port, "/health")[0] == 200
        assert get(management, "/ready")[0] == 200
        provider.add_client("shop")
        assert provider.stop() == 0


# Everything else.


def run(*arguments, stdin="", check=False):
    # OpenSSL reads what it can of the server's bytes; some of them are no text.
    return subprocess.run(
        [str(argument) for argument in arguments], input=stdin, text=True, errors="replace", capture_output=True,
        timeout=60, check=check,
    )


def run_to_end(provider, environment):
    return subprocess.run(
        [provider.binary, "serve"], env=environment, cwd=provider.folder, capture_output=True, text=True, timeout=60,
    )


def get(port, path, headers=None):
    return ask("127.0.0.1", port, "GET", path, headers)


def ask(host, port, method, path, headers=None, content=None):
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.request(method, path, body=content, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
