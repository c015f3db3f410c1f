import AsyncHTTPClient
import NIOCore
import Replay
import Trust

/// Talks to one account server: requests of a suite out, statuses and codes of rules in.
///
/// Redirects are not followed and certificates are verified. No part of a token or of a credential stands in an error.
struct AccountServerClient: Sendable {
    /// What a server answers.
    struct Answer: Equatable {
        let status: Int
        /// The codes of the rules that it names, each once, in the order of the catalogue; then what is none of ours.
        let rules: [String]

        var isAccepted: Bool { (200..<300).contains(status) }
        var text: String { rules.isEmpty ? "status \(status)" : "\(rules.joined(separator: ", ")) (status \(status))" }
    }

    /// What stands under a path; nil for nothing.
    typealias Stored = [UInt8]?

    /// Why there is no answer.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// The server.
    let address: AccountServerAddress
    private let client: HTTPClient
    private let bearer: String?
    /// In seconds.
    private static let patience: Int64 = 30
    private static let sizeLimit = 4 << 20
    /// How often a server may say that it is asked too often, before that is its answer.
    private static let attempts = 100

    /// A client.
    ///
    /// - Parameters:
    ///   - authorities: a file of certificates that are trusted beside the system's.
    ///   - bearer: the credential that is shown.
    init(_ address: AccountServerAddress, authorities: String?, bearer: String?) {
        client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: .asking(
                within: .seconds(Self.patience), trusting: authorities.map { .beside($0) } ?? .system))
        (self.address, self.bearer) = (address, bearer)
    }

    /// Lets go of the connections.
    func close() async { try? await client.shutdown() }

    /// Sends a request of the suite.
    func send(_ request: ReplaySuite.Request, isDry: Bool = false) async throws(Fault) -> Answer {
        let (status, bytes) = try await exchange(
            request.verb.rawValue, request.path + (isDry ? "?dry_run=true" : ""), request.body)
        return Answer(status: status, rules: Self.rules(in: bytes))
    }

    /// What stands under a path.
    func read(_ path: String) async throws(Fault) -> Stored {
        let (status, bytes) = try await exchange("GET", path, nil)
        switch status {
        case 200: return bytes
        case 404: return nil
        default: throw Fault(description: "the server answers with status \(status) when asked for what is stored")
        }
    }

    private func exchange(_ method: String, _ path: String, _ body: [UInt8]?) async throws(Fault) -> (Int, [UInt8]) {
        for _ in 0..<Self.attempts {
            var request = HTTPClientRequest(url: address.url + path)
            request.method = .RAW(value: method)
            request.headers.add(name: "user-agent", value: "credence/\(Credence.number)")
            if let bearer { request.headers.add(name: "authorization", value: "Bearer \(bearer)") }
            if let body { request.body = .bytes(body) }
            do {
                let response = try await client.execute(request, timeout: .seconds(2 * Self.patience))
                var bytes: [UInt8] = []
                for try await piece in response.body {
                    guard bytes.count + piece.readableBytes <= Self.sizeLimit else {
                        throw Fault(description: "the server answers with more than \(Self.sizeLimit) bytes")
                    }
                    bytes += piece.readableBytesView
                }
                guard response.status.code == 429 else { return (Int(response.status.code), bytes) }
                let seconds = response.headers.first(name: "retry-after").flatMap { Int64($0) } ?? 1
                try await Task.sleep(for: .seconds(min(max(seconds, 1), Self.patience)))
            } catch let fault as Fault {
                throw fault
            } catch {
                throw Fault(description: HTTPFailure.reason(of: error, patience: Self.patience))
            }
        }
        throw Fault(description: "the server says again and again that it is asked too often")
    }

    /// The codes in an answer: of one upload, or of the lines of a pack.
    private static func rules(in bytes: [UInt8]) -> [String] {
        guard let json = try? JSONValue(parsing: bytes) else { return [] }
        let failures = ([json] + (json["results"]?.elements ?? [])).flatMap { $0["failures"]?.elements ?? [] }
        let codes = Set(failures.compactMap { $0["rule"]?.text })
        let known = Rule.allCases.map(\.code).filter(codes.contains)
        return known + codes.subtracting(known).sorted()
    }
}
