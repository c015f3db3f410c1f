import Trust

/// How an account stands. Its token is not here, nor are those of its imports.
public struct AccountSurvey: Sendable {
    /// Its public key, as text.
    public var key: String
    /// Its name.
    public var name: String
    /// The public key that signed its token, as text.
    public var issuer = ""
    /// When its token was taken.
    public var updated: SurveyTime
    /// Whether its token counts.
    public var standing = Standing.inForce
    /// Its users' connections now.
    public var connections = 0
    /// Its users' connections since the start.
    public var totalConnections: UInt64 = 0
    /// Its subscriptions now.
    public var subscriptions = 0
    /// What its users sent, and were sent.
    public var traffic = TrafficSurvey()
    /// Its users' connections that were closed because they did not read.
    public var slowConsumers: UInt64 = 0
    /// What it exports, where it was asked for by itself.
    public var exports: [ExportSurvey] = []
    /// What it imports, where it was asked for by itself.
    public var imports: [ImportSurvey] = []

    /// Whether an account's token counts.
    public enum Standing: Hashable, Sendable {
        case inForce
        /// It has, and nobody of it is let in.
        case expired
    }

    /// An account.
    public init(key: String, name: String, updated: SurveyTime) {
        (self.key, self.name, self.updated) = (key, name, updated)
    }
}

/// What an account offers.
public struct ExportSurvey: Hashable, Sendable {
    /// The subject, which may have wildcards.
    public var subject: String
    /// Stream or service.
    public var kind: ExportKind
    /// Whether an importer needs a token.
    public var access: Access
    /// How a service answers; nil for a stream.
    public var responseType: ResponseType?
    /// The token of the subject at which the importer's key stands; 0 for none.
    public var accountTokenPosition: Int

    /// Who may import.
    public enum Access: Hashable, Sendable {
        case everyone, holdersOfTokens
    }

    /// What is told of an export.
    public init(_ export: Export) {
        (subject, kind) = (export.subject.text, export.kind)
        access = export.tokenRequired ? .holdersOfTokens : .everyone
        responseType = kind == .service ? export.responseType ?? .singleton : nil
        accountTokenPosition = export.accountTokenPosition
    }
}

/// What an account takes from another.
public struct ImportSurvey: Hashable, Sendable {
    /// The subject on the exporter's side.
    public var subject: String
    /// The subject on the importer's side.
    public var localSubject: String
    /// The exporter's public key, as text.
    public var account: String
    /// Stream or service.
    public var kind: ExportKind
    /// Whether it is in force.
    public var standing: Standing
    /// Whether the exporter is told who asks.
    public var share: Share

    /// Whether messages cross.
    public enum Standing: Hashable, Sendable {
        case inForce, refused
    }

    /// What the exporter is told.
    public enum Share: Hashable, Sendable {
        case account, requester
    }

    /// What is told of an import.
    public init(_ item: Import, standing: Standing) {
        subject = item.exporterSubject.text
        localSubject = item.localPattern?.text ?? item.localSubject ?? item.subject.text
        (account, kind) = (item.account.text, item.kind)
        self.standing = standing
        share = item.share ? .requester : .account
    }
}
