import Synchronization

/// A file of credentials that is read again when it changes.
final class ReloadedCredentials: Sendable {
    private let path: String
    private let gate: AccessGate
    private let stamp: Mutex<SmallFile.Stamp?>

    /// Of a file that was read already.
    init(_ path: String, gate: AccessGate) {
        (self.path, self.gate) = (path, gate)
        stamp = Mutex(SmallFile.Stamp(path))
    }

    /// Whether the file has changed since it was read last.
    var isStale: Bool {
        let now = SmallFile.Stamp(path)
        return stamp.withLock { $0 != now }
    }

    /// Reads the file again.
    ///
    /// - Throws: when it cannot be used. The credentials that were in use stay so.
    func reload() throws(CallerCredentials.Fault) {
        let now = SmallFile.Stamp(path)
        stamp.withLock { $0 = now }
        gate.use(try CallerCredentials(contentsOf: path))
    }
}
