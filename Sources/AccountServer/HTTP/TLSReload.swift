import HummingbirdTLS
import NIOSSL
import Synchronization

/// The certificate in use. New handshakes go by what was read last; connections that are open keep theirs.
final class TLSReload: Sendable {
    /// What came of reading files again.
    enum Outcome: String, CaseIterable, Hashable, Sendable {
        /// They are in use.
        case changed
        /// They cannot be used; what was read before stays in use.
        case refused
    }

    typealias Channel = TLSChannel<ConnectionChannel>

    private struct State {
        var channel: Channel
        var stamps: [SmallFile.Stamp?]
    }

    private let files: TLSFiles
    private let base: ConnectionChannel
    private let state: Mutex<State>

    /// Reads the files; what cannot be used is thrown.
    init(_ files: TLSFiles, base: ConnectionChannel) throws(TLSFiles.Fault) {
        (self.files, self.base) = (files, base)
        let stamps = Self.stamps(of: files)
        state = Mutex(State(channel: try Self.channel(files, base), stamps: stamps))
    }

    /// What a new connection goes by.
    var current: Channel { state.withLock { $0.channel } }

    /// Whether a file has changed since it was read last.
    var isStale: Bool {
        let stamps = Self.stamps(of: files)
        return state.withLock { $0.stamps != stamps }
    }

    /// Reads the files again.
    ///
    /// - Throws: when they cannot be used. What was in use stays so.
    func reload() throws(TLSFiles.Fault) {
        // Stamps are taken before the bytes: a change in between shows at the next look.
        let stamps = Self.stamps(of: files)
        state.withLock { $0.stamps = stamps }
        let channel = try Self.channel(files, base)
        state.withLock { $0.channel = channel }
    }

    private static func stamps(of files: TLSFiles) -> [SmallFile.Stamp?] { files.paths.map { SmallFile.Stamp($0) } }

    private static func channel(_ files: TLSFiles, _ base: ConnectionChannel) throws(TLSFiles.Fault) -> Channel {
        let configuration = try files.configuration()
        do {
            return try TLSChannel(base, tlsConfiguration: configuration)
        } catch {
            let reason = "do not belong together, or are not fit for TLS"
            throw TLSFiles.Fault(
                description: "the certificate `\(files.certificateChain)` and the key `\(files.privateKey)` \(reason)")
        }
    }
}
