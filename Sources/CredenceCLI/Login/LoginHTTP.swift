import AsyncHTTPClient
import Identity
import NIOCore

/// Carries the forms of a login: to an issuer, and to an account server. Over TLS, or to this machine.
///
/// Redirects are not followed: they would carry a token to somebody else. Certificates are verified, answers are bounded
/// in size and time, and no part of a token stands in an error.
struct LoginHTTP: Sendable {
    /// Why there is no answer.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let client: HTTPClient
    /// In seconds.
    private static let patience: Int64 = 30
    private static let sizeLimit = 4 << 20

    /// - Parameter authorities: a file of certificates that are trusted beside the system's.
    init(authorities: String?) {
        client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: .asking(
                within: .seconds(Self.patience), trusting: authorities.map { .beside($0) } ?? .system))
    }

    /// Lets go of the connections.
    func close() async { try? await client.shutdown() }

    /// Asks for a document.
    func document(at url: String) async throws(Fault) -> IssuerAnswer {
        try await answer(to: HTTPClientRequest(url: url))
    }

    /// Sends a form. What is secret stands in its body, never in the address.
    func send(_ form: ExchangeForm, to url: String) async throws(Fault) -> IssuerAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(Array(form.text.utf8))
        return try await answer(to: request)
    }

    private func answer(to request: HTTPClientRequest) async throws(Fault) -> IssuerAnswer {
        var request = request
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: "credence/\(Credence.number)")
        do {
            let response = try await client.execute(request, timeout: .seconds(2 * Self.patience))
            var bytes: [UInt8] = []
            for try await piece in response.body {
                guard bytes.count + piece.readableBytes <= Self.sizeLimit else {
                    throw Fault(description: "it answers with more than \(Self.sizeLimit) bytes")
                }
                bytes += piece.readableBytesView
            }
            let status = Int(response.status.code)
            guard !(300..<400).contains(status) else {
                throw Fault(description: "it answers with a redirect (\(status)), which is not followed")
            }
            return IssuerAnswer(status: status, body: bytes)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(description: HTTPFailure.reason(of: error, patience: Self.patience))
        }
    }
}
