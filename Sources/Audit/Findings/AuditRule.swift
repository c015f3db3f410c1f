/// What an audit looks for beyond the rules of the trust model: things that every rule may accept and that are abuse or
/// weakness all the same, and what the script of the advisory looked for.
///
/// A raw value is the code. Codes are stable, as those of the rules are; Docs/Audit.md says of each what it means and
/// what to do.
public enum AuditRule: String, CaseIterable, Hashable, Sendable {
    // What the script of CVE-2021-3127 checks, and the importer, which it forgets
    case advisoryAccount = "A-cve-account"
    case advisoryContent = "A-cve-content"
    case advisoryType = "A-cve-type"
    case advisoryKind = "A-cve-kind"
    case advisoryExporter = "A-cve-exporter"
    case advisorySubject = "A-cve-subject"
    case advisoryImporter = "A-cve-importer"

    // Who uses what is not theirs
    case tokenReuse = "A-token-reuse"
    case signerRemoved = "A-signer-removed"
    case revocationOutlived = "A-revocation-outlived"
    case revocationDropped = "A-revocation-dropped"
    case userDeleted = "A-user-deleted"
    case bearerShared = "A-bearer-share"

    // Weakness
    case publicCoversPrivate = "A-public-covers-private"
    case exportOverlap = "A-export-overlap"
    case sharedInbox = "A-shared-inbox"
    case broadAudience = "A-broad-audience"
    case noExpiry = "A-no-expiry"

    // What could not be audited, or stands twice
    case accountTwice = "A-account-twice"
    case packLine = "A-pack-line"
    case journalBroken = "A-journal-broken"
    case unreadable = "A-unreadable"
    case notCompared = "A-not-compared"

    /// The code, for example `A-token-reuse`.
    public var code: String { rawValue }

    /// How bad it is.
    public var severity: Severity {
        switch self {
        case .advisoryImporter, .advisoryExporter, .advisorySubject, .advisoryAccount, .tokenReuse, .journalBroken:
            .critical
        case .advisoryType, .advisoryKind, .advisoryContent, .signerRemoved, .revocationOutlived, .revocationDropped,
            .userDeleted, .bearerShared, .publicCoversPrivate:
            .high
        case .exportOverlap, .sharedInbox, .broadAudience, .accountTwice, .packLine, .unreadable, .notCompared: .medium
        case .noExpiry: .low
        }
    }

    /// What it means, in one line.
    public var meaning: String {
        switch self {
        case .advisoryAccount: "a token is filed under another account than the one that it is of"
        case .advisoryContent: "a token cannot be read, or says nothing of an account"
        case .advisoryType: "what stands in the place of an import's token is no activation"
        case .advisoryKind: "an import's token is for the other kind, stream or service"
        case .advisoryExporter: "an import's token is issued by another account than the one imported from"
        case .advisorySubject: "an import takes a subject that its token does not name"
        case .advisoryImporter: "an import's token was given to another account"
        case .tokenReuse: "several accounts import with one activation token"
        case .signerRemoved: "a token is signed by a key that was withdrawn"
        case .revocationOutlived: "a token is dated ahead, so that a revocation of its subject does not reach it"
        case .revocationDropped: "a later version of an account lacks a revocation"
        case .userDeleted: "a user was deleted and not revoked, and is still let in"
        case .bearerShared: "a service that an account shares with learns the tokens of its bearers"
        case .publicCoversPrivate: "a public export covers what a private one withholds"
        case .exportOverlap: "exports of one kind overlap, and servers differ in which of them decides"
        case .sharedInbox: "users of one account can read the replies to one another"
        case .broadAudience: "a token's audience means more than one verifier"
        case .noExpiry: "a token never expires"
        case .accountTwice: "an account stands more than once"
        case .packLine: "a line of a pack is not an account's key and token"
        case .journalBroken: "the entries of a journal are not those that were written, one behind the other"
        case .unreadable: "a file cannot be read"
        case .notCompared: "there is more than an audit compares"
        }
    }

    /// What to do about it, in one line.
    public var hint: String {
        switch self {
        case .advisoryAccount: "remove the entry, and find out who wrote it"
        case .advisoryContent: "restore the token from its operator"
        case .advisoryType: "ask the exporter for an activation, and find out who put this here"
        case .advisoryKind, .advisorySubject: "remove the import, or ask the exporter for an activation of it"
        case .advisoryExporter: "remove the import, and ask the importer where the token is from"
        case .advisoryImporter, .tokenReuse:
            "remove the import from the accounts that the token was not given to, then have the exporter revoke it and "
                + "issue another"
        case .signerRemoved: "sign what is still wanted with a key that stands, and remove the rest"
        case .revocationOutlived: "revoke the subject again as of the token's `iat`, and find out who dated it ahead"
        case .revocationDropped: "put the revocation back; if it was taken back on purpose, keep a record of why"
        case .userDeleted: "revoke the user's key in the account"
        case .bearerShared: "take `share` off the import, or give the account's users keys to prove"
        case .publicCoversPrivate: "narrow the public export, or demand a token there too"
        case .exportOverlap: "export subjects that do not overlap"
        case .sharedInbox: "give each user an inbox of its own, such as `_INBOX_{{name()}}.>`, and deny `_INBOX.>`"
        case .broadAudience: "sign it again for the one verifier that it is meant for, and revoke this one"
        case .noExpiry: "sign it again with an expiry, and renew it in time"
        case .accountTwice: "keep the version that the operator signed last, and remove the others"
        case .packLine: "ask the server for the pack again, and look at the line"
        case .journalBroken: "compare the journal with a copy of it, and find out who could write to it"
        case .unreadable: "make the file readable, or remove it"
        case .notCompared: "split the account, or compare its exports by hand"
        }
    }
}
