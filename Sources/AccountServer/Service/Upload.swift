import NKeys
import Trust

/// Who asks, as far as it is known.
public struct Caller: Hashable, Sendable {
    /// The name of the credential that it showed; nil for nobody in particular.
    public var name: String?
    /// The address that it came from.
    public var address: String

    /// A caller.
    public init(name: String? = nil, address: String) { (self.name, self.address) = (name, address) }

    /// What a journal says of it.
    public var text: String { name.map { "\($0)@\(address)" } ?? address }
}

/// A token that somebody wants to have stored.
public struct Upload: Sendable {
    /// What is to become of an upload that is accepted.
    public enum Purpose: Hashable, Sendable {
        /// It is stored.
        case store
        /// It is judged, and neither stored nor written into the journal.
        case dryRun
    }

    /// The key in the path, as the caller wrote it.
    public var path: String
    /// The token, as it was received.
    public var token: [UInt8]
    /// Who brings it.
    public var caller: Caller
    /// What is to become of it.
    public var purpose: Purpose

    /// An upload.
    public init(path: String, token: [UInt8], caller: Caller, purpose: Purpose = .store) {
        (self.path, self.token, self.caller, self.purpose) = (path, token, caller, purpose)
    }
}

/// What became of an upload.
public enum UploadAnswer: Sendable {
    /// What is said of an upload that was accepted.
    public struct Acceptance: Sendable {
        /// Rules that the policy relaxes, and remarks; in catalogue order.
        public var warnings: [Finding]
        /// What it changes for other accounts; in the order of their keys.
        public var dependents: [DependentImport]
        /// The token that is stored, where it is not the one that was brought: a self-signed account that the
        /// operator's key signed again.
        public var resigned: String?

        /// An acceptance.
        public init(warnings: [Finding] = [], dependents: [DependentImport] = [], resigned: String? = nil) {
            (self.warnings, self.dependents, self.resigned) = (warnings, dependents, resigned)
        }
    }

    /// It is stored, durably; or, for a dry run, would be.
    case accepted(Acceptance)
    /// Nothing was changed: these rules stand against it.
    case refused(Refusal)
    /// It signs itself, and waits for what is said here: one line each.
    case pending([String])
    /// The server could not do its part; nothing was acknowledged.
    case failed
}
