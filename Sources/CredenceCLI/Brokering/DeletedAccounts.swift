import NKeys
import Replay
import Trust

/// Which accounts a request for a deletion says that it is about. The rules judge the request; this only names them.
enum DeletedAccounts {
    /// The keys in `nats.accounts`, none of what is no such token.
    static func keys(in request: [UInt8], by verifier: TokenVerifier) -> [PublicKey] {
        let report = request.withUnsafeBufferPointer { verifier.report(utf8: $0, at: WallClock.now()) }
        guard let claims = report.claims as? GenericClaims,
            let content = try? JSONValue(parsing: Array(claims.content.utf8))
        else { return [] }
        return (content["accounts"]?.elements ?? []).compactMap { element in
            element.text.flatMap { try? PublicKey($0, role: .account) }
        }
    }
}
