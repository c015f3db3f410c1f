import Foundation
import NKeys

/// What `Testdata/nsc/expected.json` says that was measured with nats-server 2.15.1.
struct CorpusExpectations: Decodable {
    struct Login: Decodable {
        let `operator`: String
        let conf: String?
        let creds: String?
        let variant: String?
        let ok: Bool
        let error: String?
    }

    struct Permission: Decodable {
        let creds: String
        let op: String
        let subject: String
        let queue: String?
        let allowed: Bool
        let error: String?
    }

    struct Flow: Decodable {
        let `operator`: String
        let conf: String?
        let publisher: String
        let publish: String
        let subscriber: String
        let subscribe: String
        let received_as: [String]
        let note: String
    }

    struct Request: Decodable {
        let `operator`: String
        let requester: String
        let request: String
        let responder: String
        let listen: String
        let responder_saw: [String]
        let reply: [String]
        let no_responders: Bool
        let request_info_keys: [String]?
        let note: String
    }

    let connect: [Login]
    let permissions: [Permission]
    let flows: [Flow]
    let requests: [Request]

    static func read() throws -> CorpusExpectations {
        try JSONDecoder().decode(
            CorpusExpectations.self, from: Data(contentsOf: URL(fileURLWithPath: Testdata.nsc("expected.json"))))
    }

    /// The user whose creds stand in a file of the corpus.
    static func user(_ path: String) throws -> Cast.User {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Testdata.nsc(path))))
        let creds = try bytes.withUnsafeBytes { try CredentialsFile(parsing: $0) }
        return Cast.User(token: String(decoding: creds.token, as: UTF8.self), keys: try KeyPair(creds.seed))
    }
}

extension CorpusExpectations.Login {
    /// The configuration that it is tried on.
    var configuration: String { conf ?? "config/\(`operator`)-mem-resolver.conf" }
    var id: String { [configuration, creds, variant].compactMap { $0 }.joined(separator: " ") }
    /// As a conversation writes it down.
    var outcome: [String] { ok ? ["in"] : ["-ERR '\(error ?? "")'", "closed"] }
}

extension CorpusExpectations.Permission {
    var id: String { [creds, op, subject, queue].compactMap { $0 }.joined(separator: " ") }
    var outcome: [String] {
        guard let error else { return [] }
        return ["-ERR '\(error)'"] + (error == "Maximum Payload Violation" ? ["closed"] : [])
    }
}

extension CorpusExpectations.Flow {
    var configuration: String { conf ?? "config/\(`operator`)-mem-resolver.conf" }
    var id: String { "\(configuration) \(publisher) \(publish) -> \(subscriber) \(subscribe)" }
}

extension CorpusExpectations.Request {
    var configuration: String { "config/\(`operator`)-mem-resolver.conf" }
    var id: String { "\(configuration) \(requester) \(request) -> \(responder) \(listen)" }
}
