import NKeys
import Subjects

/// What an activation token (the import token of the advisory) says: one account may import one subject of another.
public struct ActivationClaims: TokenClaims, Hashable {
    /// The activation type.
    public static var type: TokenType { .activation }
    /// What every token states: `sub` is the importing account.
    public var common: CommonClaims
    /// `issuer_account`: the exporting account, when one of its signing keys signed; nil when absent.
    public var issuerAccount: PublicKey?
    /// `subject`: what may be imported, on the exporter's side.
    public var subject: SubjectPattern
    /// `kind` (`type` in version 1).
    public var kind: ExportKind
    /// `tags`.
    public var tags: [String] = []
    /// Members that this library does not know.
    public var unknown: [UnknownMember] = []

    /// An activation of `subject`.
    public init(common: CommonClaims, subject: SubjectPattern, kind: ExportKind, issuerAccount: PublicKey? = nil) {
        self.common = common
        self.subject = subject
        self.kind = kind
        self.issuerAccount = issuerAccount
    }
}

/// What is exported and imported.
public enum ExportKind: String, Hashable, Sendable {
    /// Messages flow from the exporter to the importer.
    case stream
    /// Requests flow from the importer to the exporter, and replies back.
    case service
}
