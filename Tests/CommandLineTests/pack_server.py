"""An account server for tests: answers the requests for packs that a test asks for, well and badly.

Writes the port that it listens on, on loopback. Ends when its
standard input does. With the names of a certificate and its key it speaks TLS.
"""

import http.server
import ssl
import sys
import threading

pack = open(sys.argv[1], "rb").read()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path
        if path == "/jwt/v1/pack" or path == "/sub/jwt/v1/pack":
            self.answer(200, pack)
        elif path == "/moved/jwt/v1/pack":
            self.send_response(302)
            self.send_header("Location", "/jwt/v1/pack")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/short/jwt/v1/pack":
            self.send_response(200)
            self.send_header("Content-Length", str(len(pack) + 10))
            self.end_headers()
            self.wfile.write(pack)
            self.close_connection = True
        elif path == "/denied/jwt/v1/pack":
            self.answer(403, pack)
        elif path == "/broken/jwt/v1/pack":
            self.answer(500, pack)
        elif path == "/page/jwt/v1/pack":
            self.answer(200, b"<html>\n<body>\xff\xfe|no pack</body>\n")
        else:
            self.answer(404, pack)

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
