import AsyncHTTPClient

/// Why an HTTP request came to nothing.
enum HTTPFailure {
    /// The reason in words of our own: the libraries below give theirs as text, which is not passed on.
    ///
    /// - Parameter patience: for how long was waited, in seconds.
    static func reason(of error: any Error, patience: Int64) -> String {
        switch error as? HTTPClientError {
        case .connectTimeout?: return "no connection within \(patience) seconds"
        case .readTimeout?, .deadlineExceeded?: return "no answer for \(patience) seconds"
        case .remoteConnectionClosed?: return "the server closed the connection"
        default: break
        }
        let text = String(describing: error)
        let reasons = [
            ("CERTIFICATE_VERIFY_FAILED", "the server's certificate is not one that is trusted"),
            ("Connection refused", "the connection was refused"), ("UnknownHost", "no server of that name is known"),
        ]
        return reasons.first { text.contains($0.0) }?.1 ?? "the connection failed"
    }
}
