import Logging
import NATSClient
import NKeys

extension NATSConnection {
    /// Takes the messages on a subject one by one until the task is cancelled. A subscription that ends, because the
    /// server does not permit it or messages come faster than they are taken, is made again after a pause.
    func follow(
        _ subject: String, queue: String? = nil, pause: Duration = .seconds(5), logger: Logger,
        _ body: (NATSMessage) async -> Void
    ) async {
        while !Task.isCancelled {
            do throws(NATSFault) {
                let messages = try await subscribe(to: subject, queue: queue)
                while let message = try await messages.next() { await body(message) }
            } catch {
                logger.warning("a subscription ended", metadata: ["subject": "\(subject)", "fault": "\(error)"])
            }
            // Cancelled when the connection is closed for good.
            try? await Task.sleep(for: pause)
        }
    }
}

/// The fourth token of a subject such as `$SYS.REQ.ACCOUNT.KEY.CLAIMS.UPDATE`, or the third of `$SYS.ACCOUNT.KEY…`, if it
/// is the key of an account in its one spelling.
func accountKey(inSubject subject: String) -> PublicKey? {
    let tokens = subject.split(separator: ".", omittingEmptySubsequences: false)
    let index = tokens.count > 1 && tokens[1] == "REQ" ? 3 : 2
    guard tokens.indices.contains(index) else { return nil }
    return try? PublicKey(String(tokens[index]), role: .account)
}
