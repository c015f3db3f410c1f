import Foundation
import RealServers

/// A web server that answers as its path says, for as long as this value lives: `/ok/KEY` with a text, `/empty/` with
/// none, others as no account server should.
final class ResolverServer: Sendable {
    let port: Int
    private let process: Process
    private let lifeline: Pipe

    init(token: String) throws {
        let script = #"""
            import http.server, sys, threading, time
            token = sys.argv[1].encode()
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    kind, key = self.path.split("/")[1], self.path.split("/")[2]
                    # The first request of a server names no account.
                    body, status = (token, 200) if key else (b"", 200)
                    if kind == "created": status = 201
                    if kind == "missing" and key: status = 404
                    if kind == "error" and key: status = 500
                    if kind == "redirect" and key: status = 302
                    if kind == "newline": body += b"\n"
                    if kind == "large" and key: body = b"x" * (4 << 20)
                    if kind == "slow" and key: self.server.hung.wait(30)
                    self.send_response(status)
                    if status == 302: self.send_header("Location", "/ok/" + key)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    try: self.wfile.write(body)
                    except OSError: pass
                def log_message(self, *arguments): pass
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.hung = threading.Event()
            server.daemon_threads = True
            print(server.server_address[1], flush=True)
            threading.Thread(target=lambda: (sys.stdin.read(), server.hung.set(), server.shutdown()), daemon=True).start()
            server.serve_forever()
            """#
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, token]
        let process = process
        let (lifeline, output) = try oneAtATime {
            let (lifeline, output) = (Pipe(), Pipe())
            (process.standardInput, process.standardOutput) = (lifeline, output)
            try process.run()
            return (lifeline, output)
        }
        self.lifeline = lifeline
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .newlines)) else { throw Fault("the server does not start") }
        self.port = port
    }

    deinit {
        try? lifeline.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The resolver that asks it so.
    func resolver(_ kind: String) -> String { "URL(http://127.0.0.1:\(port)/\(kind))" }
}
