import Foundation
import Trust

/// `expected.json`: what nats-server 2.15.1 did.
struct Measured: Decodable {
    /// A login with the creds in a file, or a variant of it.
    struct Login: Decodable {
        let `operator`: String
        let conf: String?
        let creds: String?
        let variant: String?
        let ok: Bool

        var name: String {
            [conf, creds, variant].compactMap { $0 }.joined(separator: ", ")
        }
    }

    /// One operation of a connected user.
    struct Operation: Decodable {
        let creds: String
        let op: String
        let subject: String
        let queue: String?
        let allowed: Bool

        var name: String { [creds, op, subject, queue].compactMap { $0 }.joined(separator: " ") }
    }

    /// A message published by one user and subscribed to by another.
    struct Flow: Decodable {
        let `operator`: String
        let conf: String?
        let publisher: String
        let publish: String
        let subscriber: String
        let subscribe: String
        let receivedAs: [String]

        var name: String {
            [conf, publisher, publish, subscriber, subscribe].compactMap { $0 }.joined(separator: " ")
        }
    }

    /// A request by one user that another may answer.
    struct Request: Decodable {
        let `operator`: String
        let conf: String?
        let requester: String
        let request: String
        let responder: String
        let listen: String
        let responderSaw: [String]
        let noResponders: Bool

        var name: String { [conf, requester, request, responder, listen].compactMap { $0 }.joined(separator: " ") }
    }

    /// Whether the server starts on a configuration.
    struct Start: Decodable {
        let conf: String
        let starts: Bool
    }

    let measuredAt: Date
    let configStart: [Start]
    let connect: [Login]
    let permissions: [Operation]
    let flows: [Flow]
    let requests: [Request]

    /// When it was measured: the time by which the corpus is judged.
    var now: UnixTime { UnixTime(Int64(measuredAt.timeIntervalSince1970)) ?? .zero }

    static func read() throws -> Measured {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(Measured.self, from: Data(Corpus.bytes("expected.json")))
    }
}
