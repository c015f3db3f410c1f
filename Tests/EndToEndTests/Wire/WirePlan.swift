import Foundation

/// What `wire.py` does for each user, and what it says of it; the script documents both.
struct WirePlan: Codable {
    struct User: Codable {
        let token: String
        let publish: [String]
        let subscribe: [String]
        let listen: [String]
        let exchange: [Exchange]
    }

    struct Exchange: Codable {
        let subscribe: String
        let request: String
        let reply: String
        let answers: [String]
    }

    struct Result: Codable {
        let publish: [Bool]
        let subscribe: [Bool]
        let listen: [[Int]?]
        let exchange: [Answered?]
    }

    struct Answered: Codable {
        let received: Bool
        let answers: [Bool]
    }

    let peer: String
    let world: [String]
    let users: [User]

    /// Does it, on a server.
    func run(on server: RealServer) throws -> [Result] {
        guard let script = Bundle.module.path(forResource: "wire", ofType: "py") else {
            throw Fault("wire.py is not among the resources of these tests")
        }
        guard let address = URLComponents(string: server.url), let host = address.host, let port = address.port else {
            throw Fault("the server is at `\(server.url)`, which is no address")
        }
        let input = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        let run = try Program.onPath("python3", [script, host, "\(port)"], input: input)
        guard run.status == 0 else { throw Fault("the plan cannot be carried out: \(run.errors)") }
        let results = try JSONDecoder().decode([Result].self, from: Data(run.output.utf8))
        guard results.count == users.count, zip(users, results).allSatisfy({ $1.answers($0) }) else {
            throw Fault("the script says less than it was asked")
        }
        return results
    }
}

extension WirePlan.Result {
    /// Whether everything that the user tried has its answer.
    fileprivate func answers(_ user: WirePlan.User) -> Bool {
        publish.count == user.publish.count && subscribe.count == user.subscribe.count
            && listen.count == user.listen.count && exchange.count == user.exchange.count
            && zip(exchange, user.exchange).allSatisfy {
                $0.map { $0.answers.count } ?? $1.answers.count == $1.answers.count
            }
    }
}
