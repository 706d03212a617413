"""nginx and HAProxy: each as a server of its own and as a proxy in front of Martlet, with a log of what it read."""

import contextlib
import json
import signal
import socket
import subprocess
from pathlib import Path

from provider import PATIENCE, free_port, within
from scratch import die_with_parent

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error;
events {{ worker_connections 2000; }}
http {{
    log_format read escape=json '{{"port":$server_port,"status":$status,"method":"$request_method","path":"$uri",'
        '"target":"$request_uri","id":"$upstream_http_x_request_id"}}';
    access_log {folder}/nginx.log read;
    client_body_temp_path {folder}/nginx.body;
    proxy_temp_path {folder}/nginx.proxy;
    fastcgi_temp_path {folder}/nginx.fastcgi;
    uwsgi_temp_path {folder}/nginx.uwsgi;
    scgi_temp_path {folder}/nginx.scgi;
    client_header_timeout 60;
    client_body_timeout 60;
    keepalive_timeout 60;
    keepalive_requests 10000;
    merge_slashes off;
    upstream martlet {{ server 127.0.0.1:{martlet}; keepalive 64; }}
    server {{ listen 127.0.0.1:{alone}; location / {{ return 200 "read"; }} }}
    server {{ listen 127.0.0.1:{buffered}; location / {{ {proxy} }} }}
    server {{ listen 127.0.0.1:{unbuffered}; location / {{ {proxy} proxy_request_buffering off; }} }}
}}
"""

NGINX_PROXY = """proxy_pass http://martlet; proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_set_header Host $http_host; proxy_next_upstream off;"""

HAPROXY = """
global
    log stdout len 20000 format raw local0
    maxconn 2000
    nbthread 1
defaults
    mode http
    log global
    timeout connect 60s
    timeout client 60s
    timeout server 60s
    timeout http-request 60s
    timeout http-keep-alive 60s
    retries 0
    log-format "%fp|%ST|%hs|%{{+E}}r"
frontend alone
    bind 127.0.0.1:{alone}
    option http-buffer-request
    http-request return status 200 content-type text/plain string read
frontend proxy
    bind 127.0.0.1:{proxy}
    capture response header X-Request-Id len 20
    default_backend martlet
backend martlet
    http-reuse always
    server martlet 127.0.0.1:{martlet}
"""


class Nginx:
    """Started by `with`, stopped at its end."""

    def __init__(self, folder, martlet):
        self.folder = Path(folder)
        self.alone, self.buffered, self.unbuffered = free_port(), free_port(), free_port()
        (self.folder / "nginx.conf").write_text(NGINX.format(
            folder=folder, martlet=martlet, proxy=NGINX_PROXY, alone=self.alone, buffered=self.buffered,
            unbuffered=self.unbuffered))

    def __enter__(self):
        # The folder for its own early errors, the configuration from ours.
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", str(self.folder), "-e", f"{self.folder}/nginx.error", "-c", f"{self.folder}/nginx.conf"],
            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent())
        within(PATIENCE, lambda: (self.folder / "nginx.log").exists(), "nginx starts")
        return self

    def __exit__(self, *_):
        stop(self.process)

    def records(self):
        """What it logged: port, status, method, decoded path, raw target, id of the answer that it passed on."""
        return [json.loads(line) for line in lines(self.folder / "nginx.log")]


class HAProxy:
    """Started by `with`, stopped at its end."""

    def __init__(self, folder, martlet):
        self.folder = Path(folder)
        self.alone, self.proxy = free_port(), free_port()
        (self.folder / "haproxy.conf").write_text(HAPROXY.format(martlet=martlet, alone=self.alone, proxy=self.proxy))

    def __enter__(self):
        with open(self.folder / "haproxy.log", "wb") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/haproxy", "-db", "-f", f"{self.folder}/haproxy.conf"], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, preexec_fn=die_with_parent())
        within(PATIENCE, lambda: self.process.poll() is not None or answers(self.proxy), "HAProxy starts")
        assert self.process.poll() is None, (self.folder / "haproxy.log").read_text()
        return self

    def __exit__(self, *_):
        stop(self.process)

    def records(self):
        """The same as of nginx, but for the decoded path, which it has none of."""
        records = []
        for line in lines(self.folder / "haproxy.log"):
            fields = line.split("|", 3)
            if len(fields) == 4 and fields[0].isdigit():
                words = fields[3].split(" ")
                records.append({
                    "port": int(fields[0]), "status": int(fields[1]), "method": words[0], "path": None,
                    "target": words[1] if len(words) > 1 else "", "id": fields[2].strip("{}"),
                })
        return records


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
        return True
    except OSError:
        return False


def lines(path):
    # Not `splitlines`, to which a form feed ends a line.
    return path.read_text(errors="replace").split("\n")[:-1] if path.exists() else []


def stop(process):
    process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=60)
    if process.poll() is None:
        process.kill()
        process.wait()
