import NKeys
import Trust

/// Those who are in one attack on uploads, and how their tokens are written: by hand, since most of them are tokens that
/// nobody would sign.
struct UploadScene {
    let id: String
    let company: Company
    let times: WorldDraft.Times
    /// The account that is attacked, or attacks.
    let account: KeyPair
    let accountSigner: KeyPair
    /// Another account under the same operator.
    let other: KeyPair
    let third: KeyPair
    /// An operator whom nobody trusts.
    let foreign: KeyPair
    let accountsOperator: KeyPair
    let writing: TokenWriting

    init(
        _ company: Company, _ keys: KeySource, _ writing: TokenWriting, id: String, strict: Bool
    ) throws(KeyUseError) {
        (self.company, self.writing, self.id, times) = (company, writing, id, writing.times)
        account = try keys.pair(.account, "\(id) account")
        accountSigner = try keys.pair(.account, "\(id) account signing key")
        other = try keys.pair(.account, "\(id) other account")
        third = try keys.pair(.account, "\(id) third account")
        foreign = try keys.pair(.operator, "\(id) foreign operator")
        accountsOperator = strict ? company.strictOperatorSigner : company.operator
    }

    var key: String { account.publicKey.text }
    static let open =
        #""limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"conn":-1,"leaf":-1,"wildcards":true}"#
    static let kind = #""type":"account","version":2"#

    /// The whole payload of an account: `version` orders the tokens of one account, `nats` are members of its content.
    func payload(
        of subject: String? = nil, version: Int64 = 1, issuer: String? = nil, issued: String? = nil,
        nats: String = "", limits: String = open, more: String = ""
    ) -> String {
        let content = [nats, limits, Self.kind].filter { !$0.isEmpty }.joined(separator: ",")
        return common(
            of: subject ?? key, version: version, issuer: issuer ?? accountsOperator.publicKey.text, issued: issued,
            more: more, nats: "{\(content)}")
    }

    /// A payload with any content.
    func common(
        of subject: String, version: Int64 = 1, issuer: String, issued: String? = nil, more: String = "", nats: String
    ) -> String {
        let issued = issued ?? "\(times.accountsIssued + 10 * version)"
        return #"{"exp":\#(times.until),"jti":"\#(id) \#(version)","iat":\#(issued),"iss":"\#(issuer)","#
            + #""name":"replay","sub":"\#(subject)",\#(more)"nats":\#(nats)}"#
    }

    /// Signs any payload.
    func sign(_ payload: String, by pair: KeyPair? = nil) throws(KeyUseError) -> String {
        try TokenForgery.token(Array(payload.utf8), by: pair ?? accountsOperator)
    }

    /// An account's token that is good in itself.
    func token(
        _ pair: KeyPair? = nil, version: Int64 = 1, nats: String = "", limits: String = open
    ) throws(KeyUseError) -> String {
        let subject = (pair ?? account).publicKey.text
        return try sign(payload(of: subject, version: version, nats: nats, limits: limits))
    }

    /// Stores an account.
    func store(
        _ pair: KeyPair? = nil, version: Int64 = 1, nats: String = "", limits: String = open
    ) throws(KeyUseError) -> ReplaySuite.Request {
        .store(try token(pair, version: version, nats: nats, limits: limits), for: (pair ?? account).publicKey)
    }

    /// The token of an operator that deletes accounts.
    func deletion(of accounts: [String], version: Int64, by pair: KeyPair? = nil) throws(KeyUseError) -> String {
        let signer = pair ?? company.operator
        let list = accounts.map { "\"\($0)\"" }.joined(separator: ",")
        let nats = #"{"accounts":[\#(list)],"type":"generic","version":2}"#
        let key = signer.publicKey.text
        return try sign(common(of: key, version: version, issuer: key, nats: nats), by: signer)
    }

    /// Deletes, at the path of the attacked account.
    func delete(_ token: String) -> ReplaySuite.Request { .init(.delete, ReplaySuite.Request.accounts + key, token) }

    /// The account is stored, then this token is brought for it.
    func over(_ token: String) throws(KeyUseError) -> UploadVector.Requests {
        ([try store()], .store(token, for: account.publicKey))
    }

    // MARK: Content

    /// `"exports":[...]` with one export.
    static func exports(_ subject: String, _ kind: ExportKind, _ more: String = "") -> String {
        #""exports":[\#(export(subject, kind, more))]"#
    }

    static func export(_ subject: String, _ kind: ExportKind, _ more: String = "") -> String {
        #"{"name":"export","subject":"\#(subject)","type":"\#(kind.rawValue)"\#(more)}"#
    }

    static func imported(
        _ subject: String, _ kind: ExportKind, from pair: KeyPair, local: String? = nil, _ more: String = ""
    ) -> String {
        let local = local.map { #","local_subject":"\#($0)""# } ?? ""
        return #"{"name":"import","subject":"\#(subject)","account":"\#(pair.publicKey.text)"\#(local)\#(more),"#
            + #""type":"\#(kind.rawValue)"}"#
    }

    static func imports(_ imports: String...) -> String { #""imports":[\#(imports.joined(separator: ","))]"# }
}
