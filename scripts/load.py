#!/usr/bin/env python3
"""Memory of the guard under clients and upstreams that mean it no good.

    cargo build --release && python3 scripts/load.py [--guard target/release/clinik-guard] [--tls] [--only TEXT]

Starts the guard in front of an upstream of its own (on loopback, plain HTTP or with --tls as in earnest), plays one scene
after the other, or those whose name holds the text, each with a fresh guard, and prints the resident memory the kernel
reports: before, at its highest, and what a client was told. Not a test: it judges nothing and takes a minute. Needs 25,000
file descriptors for the largest scene; fewer are used if fewer are allowed. Standard library, and openssl for --tls.
"""

import argparse
import collections
import gzip
import os
import resource
import socket
import ssl
import subprocess
import tempfile
import threading
import time

BOMB = gzip.compress(bytes(100 * 1024 * 1024), 9)


def certificate(folder):
    """A server's side of TLS, with a certificate that is its own authority."""
    names = [os.path.join(folder, name) for name in ("cert.pem", "key.pem")]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([*make, *subject, "-out", names[0], "-keyout", names[1]], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*names)
    context.ca_file = names[0]
    return context


class Upstream(threading.Thread):
    """Answers every request as the scene says."""

    def __init__(self, tls):
        super().__init__(daemon=True)
        self.tls = tls
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.socket.getsockname()[1]
        self.answer = self.usual
        self.sent = 0

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        unread = b""
        try:
            if self.tls:
                peer = self.tls.wrap_socket(peer, server_side=True)
            while True:
                while b"\r\n\r\n" not in unread:
                    piece = peer.recv(65536)
                    if not piece:
                        return
                    unread += piece
                unread = unread.split(b"\r\n\r\n", 1)[1]
                self.answer(peer)
        except OSError:
            pass

    def policy(self):
        if self.tls:
            return f"url: 'https://localhost:{self.port}', ca_file: {self.tls.ca_file}, public_roots: false"
        return f"url: 'http://127.0.0.1:{self.port}', allow_plaintext_loopback: true"

    def usual(self, peer):
        peer.sendall(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"data":{}}')

    def bomb(self, peer):
        peer.sendall(
            b"HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"
            % len(BOMB)
        )
        peer.sendall(BOMB)

    def long(self, peer):
        """An error as long as one may be, with something to hide in each line."""
        text = (b"WARN intake: patient Marisol Quintanar-Abbott (DOB 1987-11-23, ssn 912-84-6713) not matched\n" * 2900)[: 255 * 1024]
        peer.sendall(b"HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n" % len(text))
        peer.sendall(text)

    def endless(self, peer):
        peer.sendall(b"HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        while True:
            peer.sendall(chunk)
            self.sent += len(chunk)


class Guard:
    def __init__(self, program, upstream, listen=""):
        self.dir = tempfile.TemporaryDirectory()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        policy = os.path.join(self.dir.name, "policy.yaml")
        with open(policy, "w", encoding="utf-8") as file:
            file.write(
                f"listen: {{addresses: ['127.0.0.1:{self.port}'], {listen}}}\nops: {{address: null}}\n"
                f"upstream: {{{upstream.policy()}}}\n"
                f"audit: {{sink: file, file: {self.dir.name}/audit.jsonl}}\ntelemetry: {{level: error}}\n"
            )
        env = dict(os.environ, CLINIKAPI_SECRET_KEY="clk_test_load00000000000000000")
        self.process = subprocess.Popen([program, "run", "-c", policy], env=env, stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                self.connect().close()
                break
            except OSError:
                time.sleep(0.02)
        time.sleep(0.2)
        self.peak = self.rss()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port))

    def rss(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def look(self):
        self.peak = max(self.peak, self.rss())

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.dir.cleanup()


def status_of(peer):
    """What the guard said last, without waiting."""
    try:
        came = peer.recv(65536)
    except BlockingIOError:
        return "nothing yet"
    except OSError:
        return "reset"
    return came[9:12].decode("ascii", "replace") if came else "closed"


def crowd(guard, count, first, trickle, seconds):
    """So many clients that send `first`, then a piece of `trickle` a second; what each was told in the end."""
    peers = []
    for number in range(count):
        peer = guard.connect()
        peer.sendall(first)
        peer.setblocking(False)
        peers.append(peer)
        if number % 500 == 0:
            guard.look()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for peer in peers:
            try:
                if trickle:
                    peer.send(trickle)
            except OSError:
                pass
        guard.look()
        time.sleep(1)
    told = collections.Counter(status_of(peer) for peer in peers)
    for peer in peers:
        peer.close()
    return dict(told)


def ask_at_once(guard, count):
    """So many GETs at once, each read to its end."""
    told, lock = collections.Counter(), threading.Lock()

    def ask():
        with guard.connect() as peer:
            peer.settimeout(60)
            peer.sendall(b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            came = b""
            while piece := peer.recv(65536):
                came += piece
        with lock:
            told[came[9:12].decode("ascii", "replace")] += 1

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        guard.look()
        time.sleep(0.02)
    return dict(told)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guard", default="target/release/clinik-guard")
    parser.add_argument("--tls", action="store_true", help="an upstream behind TLS")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the scenes whose name holds it")
    options = parser.parse_args()
    program = options.guard
    folder = tempfile.TemporaryDirectory()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    room = min(10_000, hard - 200)
    upstream = Upstream(certificate(folder.name) if options.tls else None)
    upstream.start()
    many = "connections_max: 20000, connections_per_peer_max: 20000, requests_in_flight_max: 4000, "
    head = b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n"
    post = b"POST /v1/patients HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n"
    scenes = [
        ("2,000 slow heads, 5 s a head", many + "header_timeout: 5s",
         lambda g: crowd(g, 2000, head + b"x-a: ", b"b", 9)),
        ("2,000 slow heads of 30 KB", many + "header_timeout: 5s",
         lambda g: crowd(g, 2000, head + b"x-a: " + b"b" * 30_000, b"b", 9)),
        ("2,000 slow bodies, 5 s a body", many + "body_timeout: 5s",
         lambda g: crowd(g, 2000, post + b'{"a":"', b"b", 9)),
        ("2,000 slow bodies with 50 KB sent", many + "body_timeout: 5s",
         lambda g: crowd(g, 2000, post + b'{"a":"' + b"b" * 50_000, b"b", 9)),
        ("the same with every default", "body_timeout: 5s",
         lambda g: crowd(g, 2000, post + b'{"a":"' + b"b" * 50_000, b"b", 9)),
        (f"{room:,} idle connections", many, lambda g: crowd(g, room, b"", b"", 3)),
        (f"{room:,} connections, each after one request", many, lambda g: crowd(g, room, head + b"\r\n", b"", 3)),
        ("the same with every default", "", lambda g: crowd(g, room, head + b"\r\n", b"", 3)),
    ]
    print(f"{'scene':48} {'before':>9} {'peak':>9}   told")
    for name, listen, play in scenes:
        if options.only not in name:
            continue
        guard = Guard(program, upstream, listen)
        before = guard.rss()
        told = play(guard)
        guard.look()
        print(f"{name:48} {before:6} KiB {guard.peak:6} KiB   {told}", flush=True)
        guard.end()
    errors = [
        ("50 errors of 100 MiB as 100 KB of gzip, at once", upstream.bomb, 50),
        ("50 errors without end, at once", upstream.endless, 50),
        ("200 errors of 255 KiB, at once", upstream.long, 200),
    ]
    for name, answer, many in errors:
        if options.only not in name:
            continue
        upstream.answer = answer
        guard = Guard(program, upstream)
        before = guard.rss()
        told = ask_at_once(guard, many)
        print(f"{name:48} {before:6} KiB {guard.peak:6} KiB   {told}", flush=True)
        guard.end()


if __name__ == "__main__":
    main()
