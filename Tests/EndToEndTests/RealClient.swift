import Foundation

/// The real client nats-py, run by `client.py` beside this file.
enum RealClient {
    /// What became of a login.
    struct Outcome: Decodable {
        let connected: Bool
        /// The message that came back; nil when none did.
        let received: String?
        let error: String?
    }

    /// A login: with creds, with a token, with a name and a password, and a subject to publish to itself on.
    struct Login: Encodable {
        var creds: String?
        let subject: String
        var token: String?
        var user: String?
        var password: String?
    }

    /// Logs in with the creds in each file, and publishes to itself on the subject beside it.
    static func log(in logins: [(creds: String, subject: String)], to server: RealServer) throws -> [Outcome] {
        try log(in: logins, to: server.url)
    }

    /// As above, to any server.
    static func log(in logins: [(creds: String, subject: String)], to url: String) throws -> [Outcome] {
        try log(in: logins.map { Login(creds: $0.creds, subject: $0.subject) }, to: url)
    }

    /// As above, with more than creds.
    static func log(in logins: [Login], to url: String) throws -> [Outcome] {
        guard let script = Bundle.module.path(forResource: "client", ofType: "py") else {
            throw Fault("client.py is not among the resources of these tests")
        }
        let input = try JSONEncoder().encode(logins)
        let run = try Program.onPath(
            "python3", [script, url], input: String(decoding: input, as: UTF8.self))
        guard run.status == 0 else { throw Fault("the client cannot be run: \(run.errors)") }
        let outcomes = try JSONDecoder().decode([Outcome].self, from: Data(run.output.utf8))
        guard outcomes.count == logins.count else { throw Fault("the client says less than it was asked") }
        return outcomes
    }
}
