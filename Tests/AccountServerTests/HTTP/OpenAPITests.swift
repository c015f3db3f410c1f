import Foundation
import NKeys
import Testing
import Trust

@testable import AccountServer

/// Holds Docs/openapi.json to what the server does: its routes, their parameters, and every status that they give.
@Suite struct OpenAPITests {
    private struct Operation: Hashable, Comparable, CustomStringConvertible {
        let route: String
        let verb: String
        var description: String { "\(verb) \(route)" }
        static func < (left: Self, right: Self) -> Bool { left.description < right.description }
    }

    private struct Document {
        var parameters: [Operation: Set<String>] = [:]
        var statuses: [Operation: Set<String>] = [:]
        var anyRequest: Set<String> = []

        init(_ text: String) throws {
            let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            anyRequest = Set(try #require(root["x-any-request"] as? [String]))
            for (route, item) in try #require(root["paths"] as? [String: [String: [String: Any]]]) {
                for (verb, operation) in item {
                    let key = Operation(route: route, verb: verb.uppercased())
                    let references = operation["parameters"] as? [[String: String]] ?? []
                    parameters[key] = Set(
                        references.compactMap { $0["$ref"]?.split(separator: "/").last.map(String.init) })
                    statuses[key] = Set((operation["responses"] as? [String: Any] ?? [:]).keys)
                }
            }
        }
    }

    private static var file: String {
        get throws {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
            return try String(contentsOf: root.appendingPathComponent("Docs/openapi.json"), encoding: .utf8)
        }
    }

    @Test func `what is served is the document`() async throws {
        #expect(try Self.file == OpenAPIText.json)
        try await TestServer.run { server in
            let served = try await server.ask("GET", "/openapi.json")
            #expect(served.text == OpenAPIText.json)
            #expect(served.fields["content-type"] == "application/json")
        }
    }

    @Test func `every route, method and parameter is described, and no other`() throws {
        let document = try Document(try Self.file)
        #expect(Self.differences(document) == [])
        // What is looked for is found: the same document without a route, with a stranger, with another parameter.
        var without = document
        without.parameters[Operation(route: "/jwt/v1/pack", verb: "GET")] = nil
        #expect(Self.differences(without).count == 1)
        var stranger = document
        stranger.parameters[Operation(route: "/jwt/v2/pack", verb: "GET")] = []
        #expect(Self.differences(stranger).count == 1)
        var other = document
        other.parameters[Operation(route: "/jwt/v1/pack", verb: "GET")] = ["min"]
        #expect(Self.differences(other).count == 1)
    }

    private static func differences(_ document: Document) -> [String] {
        var real: [Operation: Set<String>] = [:]
        for route in Route.allCases {
            for (verb, parameters) in route.parameters {
                let inPath = ["key", "hash"].filter { route.rawValue.contains("{\($0)}") }
                real[Operation(route: route.rawValue, verb: verb.rawValue)] =
                    Set(parameters.map(\.rawValue) + inPath)
            }
        }
        return Set(real.keys).union(document.parameters.keys).sorted().compactMap {
            real[$0] == document.parameters[$0] ? nil : "\($0) differs"
        }
    }

    @Test func `every status that a route gives is described, and what is described is given`() async throws {
        let document = try Document(try Self.file)
        let seen = try await Self.observed()
        for operation in document.statuses.keys.sorted() {
            let described = document.statuses[operation] ?? []
            let given = seen[operation] ?? []
            #expect(described.subtracting(given) == [], "\(operation): described, and not given")
            let strange = given.subtracting(described).subtracting(document.anyRequest)
            #expect(strange == [], "\(operation): given, and not described")
        }
        #expect(Set(seen.keys) == Set(document.statuses.keys))
        let all = seen.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        #expect(document.anyRequest.subtracting(all) == ["408", "431", "505"], "those that name no route")
    }

    /// Asks every route in every way that this file knows, and gives the statuses that came.
    private static func observed() async throws -> [Operation: Set<String>] {
        let seen = Seen()
        let key = try TestTokens.key()
        let now = try #require(UnixTime(1_000_000))
        let clock = ServerClock(now: { now }, uptime: ServerClock.system.uptime)
        let uploads = [
            ("POST", "/jwt/v1/accounts/\(key)"), ("DELETE", "/jwt/v1/accounts/\(key)"),
            ("POST", "/jwt/v1/operator"), ("POST", "/jwt/v1/activations"),
        ]
        var open = HTTPSettings.testing { $0.tokenBytes = 100 }
        open.packBytes = 1000
        open.access.audiences[.operator] = .everyone
        open.formBytes = 100
        let issuing = GivenTokens()
        let form = "Content-Type: application/x-www-form-urlencoded"
        try await TestServer.run(open, issuing: issuing, clock: clock) { server in
            server.accounts.keep(key, token: "a.b.c", expires: now)
            server.accounts.state.withLock { $0.activations[SHA256.base32([1])] = "a.b.c" }
            let paths = Route.allCases.map {
                $0.rawValue.replacing("{key}", with: key.text).replacing("{hash}", with: SHA256.base32([1]))
            }
            for path in paths {
                for method in ["GET", "HEAD"] {
                    let answer = try await seen.ask(server, method, path)
                    if let tag = answer.fields["etag"] {
                        try await seen.ask(server, method, path, ["If-None-Match: \(tag)"])
                    }
                    try await seen.ask(server, method, path + "?x=y")
                    try await seen.ask(server, method, path, ["Expect: tea"])
                    try await seen.ask(server, method, path, ["Content-Encoding: gzip"])
                }
                try await seen.ask(server, "PUT", path)
            }
            for method in ["GET", "HEAD"] {
                try await seen.ask(server, method, "/jwt/v1/accounts/\(key)?check=true")
                try await seen.ask(server, method, "/jwt/v1/accounts/\(key)?jti=x")
                try await seen.ask(server, method, "/jwt/v1/activations/\(SHA256.base32([2]))")
                server.accounts.state.withLock { $0.hindrance = "no" }
                try await seen.ask(server, method, "/readyz")
                server.accounts.state.withLock { $0.hindrance = nil }
            }
            server.accounts.state.withLock { $0.announceFault = DistributionFault("no") }
            try await seen.ask(server, "GET", "/jwt/v1/accounts/\(key)?notify=true")
            let stale = Refusal(Finding(.uploadStale, at: "iat", .sameTimeOtherContent))
            let bad = Refusal(Finding(.uploadSigner, at: "iss", .accountSignerUnknown))
            for (method, path) in uploads {
                try await seen.ask(server, method, path, body: "a.b.c")
                for answer in [UploadAnswer.refused(stale), .refused(bad), .pending(["x"]), .failed] {
                    server.accounts.answer(answer)
                    try await seen.ask(server, method, path, body: "a.b.c")
                }
                try await seen.ask(server, method, path, body: String(repeating: "a", count: 101))
            }
            for answer in [GivenTokens.issued, GivenTokens.refused("invalid_scope"), GivenTokens.unavailable] {
                issuing.give(answer)
                try await seen.ask(server, "POST", "/oauth2/token", [form], body: "a=b")
            }
            try await seen.ask(server, "POST", "/oauth2/token", [form], body: String(repeating: "a", count: 101))
            try await seen.ask(server, "POST", "/jwt/v1/pack", body: "\(key)|a.b.c")
            try await seen.ask(server, "POST", "/jwt/v1/pack", body: "x")
            try await seen.ask(server, "POST", "/jwt/v1/pack", body: String(repeating: "a", count: 1001))
        }
        let all = uploads + [("POST", "/jwt/v1/pack")]
        try await TestServer.run(.testing { $0.access.changes = .refused }) { server in
            for (method, path) in all { try await seen.ask(server, method, path, body: "a") }
        }
        try await TestServer.run(.testing { $0.plainHTTP = .readOnly }, issuing: issuing) { server in
            try await seen.ask(server, "POST", "/oauth2/token", [form], body: "a=b")
        }
        try await TestServer.run { server in
            try await seen.ask(server, "POST", "/oauth2/token", [form], body: "a=b")
            for method in ["GET", "HEAD"] {
                try await seen.ask(server, method, "/.well-known/credence-audiences")
            }
        }
        // Somebody with a credential that is none is let nowhere but to the probe of life.
        try await TestServer.run { server in
            for route in Route.allCases {
                let path = route.rawValue.replacing("{key}", with: key.text).replacing(
                    "{hash}", with: SHA256.base32([1]))
                for verb in route.parameters.keys {
                    let body = verb == .post || verb == .delete ? "a" : nil
                    try await seen.ask(server, verb.rawValue, path, ["Authorization: Bearer x"], body: body)
                }
            }
        }
        let none = HTTPSettings.Budget(perSecond: 0, burst: 1)
        try await TestServer.run(.testing { ($0.reads, $0.loopbackCallers) = (none, .limited) }) { server in
            for _ in 0..<2 { try await seen.ask(server, "GET", "/jwt/v1/help") }
        }
        return seen.all
    }

    private final class Seen: @unchecked Sendable {
        // Asked by one task after the other.
        private(set) var all: [Operation: Set<String>] = [:]

        @discardableResult
        func ask(
            _ server: TestServer, _ method: String, _ path: String, _ fields: [String] = [], body: String? = nil
        ) async throws -> RawAnswer {
            let answer = try await server.ask(method, path, fields, body: body)
            let target = try #require(RequestTarget(path))
            let verb = target.route.parameters.keys.first { $0.rawValue == method } ?? .get
            let counted = target.route.parameters[verb] == nil ? target.route.parameters.keys.first ?? .get : verb
            all[Operation(route: target.route.rawValue, verb: counted.rawValue), default: []].insert("\(answer.status)")
            return answer
        }
    }
}
