import Synchronization

/// How often each page was asked for.
final class RequestCounter: Sendable {
    private let state = Mutex<[String: UInt64]>([:])

    /// By path.
    var counts: [String: UInt64] { state.withLock { $0 } }

    /// Counts a request. Only for paths that there are: what somebody makes up is not kept.
    func count(_ path: String) { state.withLock { $0[path, default: 0] &+= 1 } }
}
