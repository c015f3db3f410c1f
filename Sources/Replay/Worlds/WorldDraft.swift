import NKeys
import Trust

/// A world before its tokens are written: the facts of one import, each of which a mutation may change.
struct WorldDraft {
    /// When tokens hold, seen from the moment that the suite is made for. All in Unix seconds.
    struct Times {
        /// The moment that the suite is made for.
        let at: Int64
        /// The second from which on the suite's good tokens are expired.
        let until: Int64

        /// When operators, accounts and users were issued.
        var accountsIssued: Int64 { at - 3600 }
        /// When the accounts of an attack were issued, after those of the good import.
        var accountsReissued: Int64 { accountsIssued + 60 }
        /// When activations were issued.
        var issued: Int64 { at - 1800 }
        var revoked: Int64 { at - 900 }
        /// Later than the suite is used: what holds from then on only never holds in a run.
        var future: Int64 { until + (until - at) }
        var past: Int64 { at - 600 }
    }

    /// What stands where the activation belongs.
    enum Text: Hashable {
        case whole, absent, url, userToken
        /// The signature is of other claims.
        case changed
        case noAlgorithm, versionOne
        /// Two spellings of one signature: low bits that nothing reads, and a line break.
        case spareBits, lineBreak
        /// Two subjects, of which readers take one or the other: named twice, or once in capitals.
        case subjectTwice, subjectInCapitals
    }

    struct Revocation: Hashable {
        /// A key, or `*`.
        let subject: String
        let time: Int64
    }

    let times: Times
    /// When the importer's token is issued, and the exporter's where it is another than in the good import.
    var accountsIssued: Int64
    // The exporter's side.
    var exportSubject: String
    var exportKind: ExportKind
    let tokenRequired: Bool
    let position: Int
    var revocations: [Revocation] = []
    let isStrict: Bool
    // The importer's side.
    var importSubject: String
    var importKind: ExportKind
    /// The account that the import names.
    var exporterNamed: PublicKey
    // The activation.
    var text: Text
    var issuer: KeyPair
    var issuerAccount: PublicKey?
    /// `sub`, as text.
    var subject: String
    var tokenSubject: String
    var tokenKind: ExportKind
    var audience: String?
    var issuedAt: Int64?
    var notBefore: Int64?
    var expires: Int64
    // The trial.
    /// A subject inside the import: what must not cross if the import is an attack.
    var published: String

    /// The good import.
    init(_ base: ReplayBase, _ cast: Cast, _ times: Times) {
        self.times = times
        accountsIssued = times.accountsIssued
        (exportSubject, importSubject, published) =
            switch base.shape {
            case .literal: ("orders.new", "orders.new", "orders.new")
            case .wildcard: ("orders.*", "orders.*", "orders.new")
            case .narrow: ("orders.eu.*", "orders.eu.new", "orders.eu.new")
            case .positioned:
                (
                    "feed.*.new", "feed.\(cast.importer.publicKey.text).new",
                    "feed.\(cast.importer.publicKey.text).new"
                )
            }
        tokenSubject = importSubject
        (exportKind, importKind, tokenKind) = (base.kind, base.kind, base.kind)
        tokenRequired = base.demand.token
        position = base.demand.position ? 2 : 0
        isStrict = base.isStrict
        exporterNamed = cast.exporter.publicKey
        text = base.signer == nil ? .absent : .whole
        issuer = base.signer == .signingKey ? cast.exporterSigner : cast.exporter
        issuerAccount = base.signer == .signingKey ? cast.exporter.publicKey : nil
        subject = cast.importer.publicKey.text
        issuedAt = times.issued
        expires = times.until
    }

    /// Whether the exporter's token says the same as in the other.
    func exports(as other: WorldDraft) -> Bool {
        exportSubject == other.exportSubject && exportKind == other.exportKind && revocations == other.revocations
    }
}
