import AsyncHTTPClient

/// Why an HTTP request came to nothing, in words of our own: the libraries below give theirs as text, which is not passed on.
enum HTTPFailure {
    /// The reason.
    ///
    /// - Parameter patience: for how long was waited, in seconds.
    static func reason(of error: any Error, patience: Int64) -> String {
        switch error as? HTTPClientError {
        case .connectTimeout?: "no connection within \(patience) seconds"
        case .readTimeout?, .deadlineExceeded?: "no answer for \(patience) seconds"
        case .remoteConnectionClosed?: "the server closed the connection"
        default: connection(error)
        }
    }

    /// Why there was no connection, apart from time.
    ///
    /// - Parameter owner: whose certificate is spoken of.
    static func connection(_ error: any Error, of owner: String = "the server's") -> String {
        let text = String(describing: error)
        let reasons = [
            ("CERTIFICATE_VERIFY_FAILED", "\(owner) certificate is not one that is trusted"),
            ("Connection refused", "the connection was refused"), ("UnknownHost", "no server of that name is known"),
        ]
        return reasons.first { text.contains($0.0) }?.1 ?? "the connection failed"
    }
}
