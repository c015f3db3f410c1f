"""The OpenID provider of the tests: a process on the loopback, as far as these tests need one, and as hostile as they want.

    python3 openid_provider.py [--port PORT] [--path /tenant] [--cert FILE --key FILE]

It prints `listening PORT` on a line when it takes requests, and ends when its standard input ends. It signs with joserfc
and cryptography (PyPI). Issuer: http(s)://127.0.0.1:PORT, and the path where one is given.

What tests ask it comes over HTTP, or as a line on standard input (the path, a blank, JSON), answered by a line of JSON.

What an issuer has:
    GET  /.well-known/openid-configuration     discovery; with a path below it, and in front of it (RFC 8414) too
    GET  /jwks                                  the key set: RS256, ES256, EdDSA
    POST /device_authorization                  RFC 8628: client_id, scope
    POST /token                                 the device code, and refresh_token
What tests ask it (JSON in, JSON out):
    POST /mint       {"alg": "RS256", "kid": null, "claims": {…}, "header": {…}}   a token; a null takes a member out
    POST /sign       {"alg": "RS256", "input": base64url}                            a signature of any bytes
    POST /rotate     {"keep": true}      new keys; the old ones stay in the set, or go
    POST /keys       {"keys": […]}       this key set from now on; null: its own again
    POST /behave     {"what": "jwks", "mode": "ok"}   modes: see `Handler.misbehave`
    POST /settings   {"interval": 1, "lifetime": 300, "device_lifetime": 600, "audience": "credence", "claims": {…}}
    POST /approve    {"user_code": …}    POST /deny {"user_code": …}
    GET  /counters   how often each path was asked
    GET  /awaited    answers when a device waits to be approved: its user code
"""

import argparse
import base64
import json
import os
import secrets
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA"]
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Provider:
    """Keys, grants and counters, behind one lock."""

    def __init__(self, path):
        self.lock = threading.Condition()
        self.path = path
        self.issuer = ""
        self.generation = 0
        self.keys = {}
        self.shown = []
        self.override = None
        self.modes = {}
        self.counters = {}
        self.devices = {}
        self.refresh_tokens = {}
        self.settings = {
            "interval": 1, "lifetime": 300, "device_lifetime": 600, "audience": "credence", "client_id": "credence-cli",
            "subject": "alice", "claims": {},
        }
        self.rotate(keep=False)

    def rotate(self, keep):
        self.generation += 1
        old = self.shown if keep else []
        use = {"use": "sig"}
        self.keys = {
            "RS256": RSAKey.generate_key(2048, {**use, "alg": "RS256", "kid": f"rsa-{self.generation}"}),
            "ES256": ECKey.generate_key("P-256", {**use, "alg": "ES256", "kid": f"ec-{self.generation}"}),
            "EdDSA": OKPKey.generate_key("Ed25519", {**use, "alg": "EdDSA", "kid": f"ed-{self.generation}"}),
        }
        self.shown = old + [key.as_dict(private=False) for key in self.keys.values()]

    def key(self, algorithm):
        return self.keys["RS256" if algorithm[:2] in ("RS", "PS") else algorithm]

    def sign(self, algorithm, signed):
        """The raw signature of any bytes, however wrong they are as a token."""
        private = self.key(algorithm).private_key
        if algorithm == "EdDSA":
            return private.sign(signed)
        if algorithm == "ES256":
            r, s = utils.decode_dss_signature(private.sign(signed, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[algorithm[2:]]
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return private.sign(signed, pss if algorithm[0] == "P" else padding.PKCS1v15(), digest)

    def mint(self, algorithm="ES256", kid=None, claims=None, header=None):
        now = int(time.time())
        content = {
            "iss": self.issuer, "sub": self.settings["subject"], "aud": self.settings["audience"], "iat": now,
            "exp": now + self.settings["lifetime"], "jti": secrets.token_urlsafe(16), **self.settings["claims"],
            **(claims or {}),
        }
        head = {"alg": algorithm, "typ": "at+jwt", "kid": kid or self.key(algorithm).kid, **(header or {})}
        content = {name: value for name, value in content.items() if value is not None}
        head = {name: value for name, value in head.items() if value is not None}
        payload = json.dumps(content).encode()
        if head.get("alg") == algorithm and algorithm in self.keys and set(head) <= {"alg", "typ", "kid"}:
            return jws.serialize_compact(head, payload, self.key(algorithm), algorithms=ALGORITHMS)
        signed = f"{text(json.dumps(head).encode())}.{text(payload)}"
        return f"{signed}.{text(self.sign(algorithm, signed.encode()))}"

    def discovery(self):
        return {
            "issuer": self.issuer,
            "jwks_uri": self.issuer + "/jwks",
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "device_authorization_endpoint": self.issuer + "/device_authorization",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "grant_types_supported": [DEVICE_GRANT, "refresh_token"],
        }

    # The device flow

    def authorize_device(self, form):
        if form.get("client_id") != self.settings["client_id"]:
            return 401, {"error": "invalid_client"}
        device = {
            "user_code": secrets.token_hex(4).upper(), "state": "pending", "asked": None,
            "interval": self.settings["interval"], "scope": form.get("scope", ""),
            "end": time.monotonic() + self.settings["device_lifetime"],
        }
        code = secrets.token_urlsafe(24)
        self.devices[code] = device
        self.lock.notify_all()
        address = self.issuer + "/device"
        return 200, {
            "device_code": code, "user_code": device["user_code"], "verification_uri": address,
            "verification_uri_complete": f"{address}?user_code={device['user_code']}",
            "expires_in": self.settings["device_lifetime"], "interval": device["interval"],
        }

    def token(self, form):
        if form.get("client_id") != self.settings["client_id"]:
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") == "refresh_token":
            scope = self.refresh_tokens.pop(form.get("refresh_token"), None)
            return (400, {"error": "invalid_grant"}) if scope is None else (200, self.tokens(scope))
        if form.get("grant_type") != DEVICE_GRANT:
            return 400, {"error": "unsupported_grant_type"}
        device = self.devices.get(form.get("device_code"))
        if device is None:
            return 400, {"error": "invalid_grant"}
        now = time.monotonic()
        before, device["asked"] = device["asked"], now
        self.lock.notify_all()
        if now >= device["end"]:
            return 400, {"error": "expired_token"}
        if before is not None and now - before < device["interval"] - 0.05:
            device["interval"] += 5
            return 400, {"error": "slow_down"}
        if device["state"] == "pending":
            return 400, {"error": "authorization_pending"}
        del self.devices[form["device_code"]]
        if device["state"] == "denied":
            return 400, {"error": "access_denied"}
        return 200, self.tokens(device["scope"])

    def tokens(self, scope):
        refresh = secrets.token_urlsafe(24)
        self.refresh_tokens[refresh] = scope
        client = self.settings["client_id"]
        return {
            "access_token": self.mint("ES256", claims={"client_id": client, "scope": scope or None}),
            "id_token": self.mint("ES256", claims={"aud": client, "azp": client}, header={"typ": "JWT"}),
            "token_type": "Bearer", "expires_in": self.settings["lifetime"], "refresh_token": refresh, "scope": scope,
        }

    def decide(self, user_code, state):
        """The caller holds the lock."""
        for device in self.devices.values():
            if device["user_code"] == user_code:
                device["state"] = state
                return 200, {}
        return 404, {"error": "no such code"}

    # What tests ask

    def control(self, path, asked):
        with self.lock:
            if path == "/mint":
                arguments = {name: asked.get(name) for name in ("kid", "claims", "header")}
                return 200, {"token": self.mint(asked.get("alg") or "ES256", **arguments)}
            if path == "/sign":
                return 200, {"signature": text(self.sign(asked["alg"], data(asked["input"])))}
            if path == "/rotate":
                self.rotate(asked.get("keep", True))
                return 200, {"kids": [key.kid for key in self.keys.values()]}
            if path == "/keys":
                self.override = asked.get("keys")
                return 200, {"keys": self.shown}
            if path == "/behave":
                self.modes[asked["what"]] = asked["mode"]
                return 200, {}
            if path == "/settings":
                self.settings.update(asked)
                return 200, self.settings
            if path == "/counters":
                return 200, self.counters
            if path == "/awaited":
                found = self.lock.wait_for(
                    lambda: [d["user_code"] for d in self.devices.values() if d["state"] == "pending"], 60)
                return (200 if found else 404), {"user_code": found[0] if found else None}
            if path in ("/approve", "/deny"):
                return self.decide(asked["user_code"], "approved" if path == "/approve" else "denied")
            return 404, {"error": "unknown"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider = None

    def log_message(self, *arguments):
        pass

    def answer(self, status, value, kind="application/json", headers=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def misbehave(self, mode, value):
        """What a hostile or broken endpoint does in place of answering."""
        body = json.dumps(value).encode()
        if mode == "huge":  # a valid set, with a member that never seems to end
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            piece = b" " * 65536
            for _ in range(4096):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.close_connection = True
        elif mode == "announced":  # says that it will be huge
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
        elif mode == "slow":  # one byte now and then
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.2)
        elif mode == "silent":  # takes the request and says nothing
            time.sleep(60)
            self.close_connection = True
        elif mode == "redirect":
            self.answer(302, b"", headers=[("Location", "/elsewhere")])
        elif mode == "type":
            self.answer(200, body, kind="text/html")
        elif mode == "parameters":
            self.answer(200, body, kind="Application/JWK-Set+JSON; charset=utf-8")
        elif mode == "error":
            self.answer(500, {"error": "server_error"})
        elif mode == "garbage":
            self.answer(200, b"\xff\xfe{")
        elif mode == "twice":  # a member twice, so that readers could disagree
            self.answer(200, b'{"keys":[],"keys":' + json.dumps(value.get("keys", [])).encode() + b"}")
        elif mode == "issuer":
            self.answer(200, {**value, "issuer": value["issuer"] + "/"})
        elif mode == "clear":  # keys from elsewhere, in the clear
            self.answer(200, {**value, "jwks_uri": "http://keys.example.com/jwks"})
        else:
            return False
        return True

    def serve(self, what, value):
        with self.provider.lock:
            mode = self.provider.modes.get(what, "ok")
        try:
            if not self.misbehave(mode, value):
                self.answer(200, value)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def count(self):
        path = self.path.split("?")[0]
        with self.provider.lock:
            self.provider.counters[path] = self.provider.counters.get(path, 0) + 1
        return path

    def do_GET(self):
        path, provider = self.count(), self.provider
        inner = path[len(provider.path):] if provider.path and path.startswith(provider.path + "/") else path
        in_front = "/.well-known/oauth-authorization-server" + provider.path
        if path == in_front or inner == "/.well-known/openid-configuration":
            what = "front" if path == in_front else "discovery"
            if what == "discovery" and provider.modes.get(what) == "missing":
                return self.answer(404, {})
            self.serve(what, provider.discovery())
        elif inner == "/jwks":
            with provider.lock:
                keys = provider.shown if provider.override is None else provider.override
            self.serve("jwks", {"keys": keys})
        elif path == "/elsewhere":
            self.answer(200, {"keys": provider.shown})
        else:
            self.answer(*provider.control(path, {}))

    def do_POST(self):
        path, provider = self.count(), self.provider
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        inner = path[len(provider.path):] if provider.path and path.startswith(provider.path + "/") else path
        with provider.lock:
            if inner in ("/device_authorization", "/token"):
                form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
                if provider.modes.get(inner[1:]) == "error":
                    return self.answer(500, {"error": "server_error"})
                respond = provider.authorize_device if inner == "/device_authorization" else provider.token
                return self.answer(*respond(form), headers=[("Cache-Control", "no-store")])
        self.answer(*provider.control(path, json.loads(body or b"{}")))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # clients that leave early are part of the tests


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--path", default="")
    arguments.add_argument("--cert")
    arguments.add_argument("--key")
    options = arguments.parse_args()
    Handler.provider = Provider(options.path)
    server = Server(("127.0.0.1", options.port), Handler)
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "https" if options.cert else "http"
    Handler.provider.issuer = f"{scheme}://127.0.0.1:{server.server_address[1]}{options.path}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening {server.server_address[1]}", flush=True)
    for line in sys.stdin:
        path, _, asked = line.strip().partition(" ")
        print(json.dumps(Handler.provider.control(path, json.loads(asked or "{}"))[1]), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
