import NKeys
import Subjects

// All text of the verdicts is made here: one line each, lower case, without a full stop, never a token or a seed.

extension Detail {
    /// One line for people.
    public var message: String {
        tokenMessage ?? contentMessage ?? chainMessage ?? bindingMessage ?? "the rule does not hold"
    }

    private var tokenMessage: String? {
        switch self {
        case .tokenTooLarge(let bytes, let limit): "the token is \(bytes) bytes long, more than the \(limit) allowed"
        case .wrongNumberOfSegments(let count): "a token has three segments, this one has \(count)"
        case .emptySegment(let segment): "the \(segment.rawValue) segment is empty"
        case .base64(let segment, let fault): "the \(segment.rawValue) segment is not base64url: \(fault.message)"
        case .json(let segment, let fault, let offset):
            "the \(segment.rawValue) is not one JSON object: \(fault.message) at byte \(offset)"
        case .duplicateMember: "the member is named twice"
        case .memberDiffersByCase: "the name differs from a known one by upper and lower case alone"
        case .wrongJSONType(let expected, let found): "\(expected.article) is expected, found \(found.article)"
        case .notAnInteger: "a plainly written integer is expected"
        case .numberOutOfRange: "the number is out of range"
        case .negativeTime: "a time is never negative"
        case .headerType: "`typ` must be JWT"
        case .headerTypeMissing: "`typ` is missing"
        case .headerMember(let name): "the header may hold `typ` and `alg` only, found \(quoted(name))"
        case .algorithmMissing: "`alg` is missing"
        case .algorithm(let expected): "`alg` must be `\(expected)`"
        case .algorithmOfOtherVersion(let expected):
            "`alg` belongs to the other version of tokens; this one needs `\(expected)`"
        case .versionMissing: "`nats.version` is missing"
        case .versionUnknown(let version): "version \(version) is not known"
        case .versionMixed: "the token shows marks of version 1 and of version 2"
        case .legacyToken: "a version 1 token: its signature does not cover its header"
        case .typeMismatch(let expected, let found):
            if let expected {
                "\(expected.article) token is expected, found \(found.article) token"
            } else {
                "a token of a known type is expected, found \(found.article) token"
            }
        case .claimMissing(let name): "`\(name)` is missing"
        case .issuerNotAKey: "the issuer is no public key"
        case .issuerRole(let role, let type): "\(role.named) key may not sign \(type.article) token"
        case .issuerNotSubject: "the token must be signed by its own subject"
        case .subjectNotAKey: "the subject is no public key"
        case .subjectRole(let role, let type): "the subject of \(type.article) token cannot be \(role.named) key"
        case .signatureLength(let bytes): "a signature is 64 bytes long, this one has \(bytes)"
        case .signatureInvalid: "the signature is not the issuer's over this token"
        case .signatureKeyUnusable: "no signature can be trusted under the issuer's key: \(KeyTextError.smallOrder)"
        case .expired(let at, let now): "expired at \(at), now is \(now)"
        case .notYetValid(let from, let now): "valid from \(from), now is \(now)"
        case .issuedInFuture(let at, let now): "issued at \(at), ahead of now, \(now)"
        case .lifetime(let seconds, let limit): "lives \(seconds) seconds, more than the \(limit) allowed"
        case .lifetimeUnlimited(let limit): "never expires, but may live \(limit) seconds only"
        case .key(let error): "not the key that belongs here: \(error)"
        case .keyRole(let expected, let found): "\(expected.named) key belongs here, found \(found.named) key"
        default: nil
        }
    }

    private var contentMessage: String? {
        switch self {
        case .subject(let error): "\(error)"
        case .renaming(let error): "\(error)"
        case .mapping(let fault): "\(fault)"
        case .unknownMember(let name):
            "the member \(quoted(name)) is not known here; a newer version may give it a meaning"
        case .unknownValue(let expected): "the value is not one of \(expected)"
        case .onlyForServices(let name): "`\(name)` is for services only"
        case .onlyForStreams(let name): "`\(name)` is for streams only"
        case .outOfRange(let range): "the number must be \(range)"
        case .wildcardNotAllowed: "the subject must not hold a wildcard"
        case .noWildcardAtPosition(let position): "token \(position) of the subject must be `*`"
        case .positionBeyondSubject(let position, let tokens):
            "token position \(position) is beyond the \(tokens) tokens of the subject"
        case .exportContained(let index): "the subject is inside that of `exports[\(index)]` of the same kind"
        case .exportRepeated(let index): "the subject is exported already by `exports[\(index)]` of the same kind"
        case .importsOverlap(let index): "the local subject overlaps that of `imports[\(index)]` from the same account"
        case .importFromSelf: "an account does not import from itself"
        case .bothToAndLocalSubject: "`to` and `local_subject` exclude each other"
        case .deprecated(let name): "`\(name)` is deprecated"
        case .tooLong(let bytes, let limit): "\(bytes) bytes long, more than the \(limit) allowed"
        case .url(let reason): "not a usable URL: \(reason)"
        case .notANetwork: "not a network in CIDR notation"
        case .notATimeOfDay: "not a time of day `HH:MM:SS`"
        case .unknownTimeZone: "not an IANA time zone known here"
        case .unknownConnectionTypes: "none of the connection types is known"
        case .signingKeyIsIdentity: "the identity key is listed as a signing key"
        case .signingKeyRepeated: "the signing key is listed twice"
        case .tierWithoutName: "a tier has no name"
        case .tooMany(let what, let count, let limit): "\(count) \(what), more than the \(limit) allowed"
        case .wildcardExportsForbidden: "the operator allows no wildcards in exports"
        case .accountsWithoutUsers: "`allowed_accounts` needs `auth_users`"
        case .anyAccountBesideOthers: "`*` must be the only entry"
        case .selfSignedWithLimits: "an account that signs itself should not set an operator's limits"
        case .neitherTokenNorError: "neither `jwt` nor `error` is there"
        case .bothTokenAndError: "`jwt` and `error` exclude each other"
        case .versionFormat: "not a version `major.minor.update`"
        case .budgetExhausted(let what): "\(what) cannot be judged within its budget"
        case .templateFault(let reason): "the template is faulty: \(reason)"
        default: nil
        }
    }

    private var chainMessage: String? {
        switch self {
        case .operatorNotTrusted: "the operator is not one of the trust anchors"
        case .accountSignerUnknown: "the account is signed by no key of a trusted operator"
        case .accountSignerIsIdentity: "the operator demands signing keys, and its identity key signed the account"
        case .accountNotKnown(let key): "the account `\(key)` is not known"
        case .accountNotPinned: "the account is not one of those pinned"
        case .limitReached(let what, let limit): "the account's limit of \(limit) \(what) is reached"
        case .otherAccountReturned(let key): "the resolver answered with the account `\(key)`"
        case .userSignerUnknown: "the user is signed by no key of the account"
        case .userSignerIsIdentity: "the operator demands signing keys, and the account's identity key signed"
        case .issuerAccountMissing: "a signing key signed, so `issuer_account` must name the account"
        case .issuerAccountMismatch: "`issuer_account` names another account"
        case .scopedUserNotEmpty: "a user of a scoped key carries no permissions or limits of its own"
        case .templateValueMissing(let function): "the template needs \(quoted(function)), which this user lacks"
        case .templateValueNotLiteral(let function): "the value of \(quoted(function)) is not one literal subject token"
        case .templateFunctionUnknown: "the template calls a function that is not known"
        case .templateTooLarge(let limit): "the template expands to more than \(limit) subjects"
        case .revoked(let at, let issuedAt):
            "revoked at \(at); the token was issued \(issuedAt.map { "at \($0)" } ?? "at no stated time")"
        case .proofMissing: "the server's nonce is not signed"
        case .proofEncoding: "the signature of the nonce is not written as base64url or padded base64"
        case .proofInvalid: "the signature of the nonce is not the user's"
        case .bearerNotAllowed: "the account allows no bearer users"
        case .sourceUnknown: "the client's address is not known"
        case .sourceNotAllowed: "the client's address is in none of the user's networks"
        case .outsideHours: "the time is in none of the user's windows"
        case .connectionTypeNotAllowed: "the connection's type is none of the user's"
        case .proxyRequired: "the user must come through a trusted proxy"
        case .audienceMissing: "an audience is required"
        case .audienceOther: "the audience is not this verifier"
        case .audienceWildcard: "`*` is never an audience"
        case .audienceUnfit(let fault): fault.description
        default: nil
        }
    }

    private var bindingMessage: String? {
        switch self {
        case .exporterNotKnown(let key): "the exporting account `\(key)` is not known"
        case .exporterRefused(let key, let codes):
            "the exporting account `\(key)` is refused itself (\(codes.joined(separator: ", ")))"
        case .notExported: "the exporter exports nothing of this kind that contains the subject"
        case .otherKindExported: "the exporter exports the subject as the other kind"
        case .exportsDisagree(let count): "\(count) exports contain the subject, and not all of them approve"
        case .tokenRequired: "the export needs an activation token"
        case .tokenIsURL: "a URL stands in place of the token; nothing is fetched on a token's word"
        case .tokenRefused: "the activation token is refused by itself"
        case .importerOther(let key): "the token is for the account `\(key)`, not for the importer"
        case .exporterKeyUnknown: "the token is signed by no key of the exporter"
        case .exporterKeyIsIdentity:
            "the operator demands signing keys, and the exporter's identity key signed the token"
        case .exporterIssuerAccountMissing: "a signing key signed the token, so `issuer_account` must name the exporter"
        case .exporterIssuerAccountMismatch: "`issuer_account` of the token does not name the exporter"
        case .scopedKeySigned: "a scoped signing key signed the token; it may sign users only"
        case .kindOther(let expected): "the token is not for a \(expected)"
        case .subjectNotTheImports: "the token's subject is not the import's"
        case .subjectOutsideToken: "the import's subject is not inside the token's"
        case .tokenWiderThanExport: "the token's subject is not inside the export's"
        case .positionNotImporter(let position): "token \(position) of the subject must be the importer's own key"
        case .activationRevoked(let at, let issuedAt):
            "revoked at \(at); the token was issued \(issuedAt.map { "at \($0)" } ?? "at no stated time")"
        case .audienceNotImporter: "the token's audience is not the importer"
        case .tokenOnPublicExport: "the token on this public export does not hold"
        case .localSubject: "the local subject is no renaming of the subject"
        case .cycle(let keys): "following imports comes back through \(keys.map { "`\($0)`" }.joined(separator: ", "))"
        case .pathIsNotSubject: "the key in the path is not the token's subject"
        case .older(let time): "older than the stored token, issued at \(time)"
        case .sameTimeOtherContent: "issued in the same second as the stored token, with other content"
        case .notAfterDeletion(let time): "the account was deleted at \(time), and the token is not newer"
        case .serverReadOnly: "the server takes no uploads"
        case .callerNotAllowed: "the caller's credential does not allow this"
        case .importRefused: "the import does not hold, and an upload counts whole or not at all"
        case .dependentImport(let account, let index, let stops):
            "import \(index) of the account `\(account)` \(stops ? "stops" : "starts") to hold"
        case .text(let text): text
        default: nil
        }
    }

    /// A name that came from a token, made safe to print: short, on one line.
    private func quoted(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars.prefix(64) {
            text.unicodeScalars.append(
                scalar.value < 0x20 || scalar.properties.generalCategory == .control ? "?" : scalar)
        }
        return "`\(text)`"
    }
}

extension Base64Fault {
    fileprivate var message: String {
        switch self {
        case .alphabet(let offset): "character \(offset) is not of the alphabet"
        case .whitespace(let offset): "character \(offset) is white space"
        case .padding(let offset): "character \(offset) is padding"
        case .length: "no value has this length"
        case .trailingBits: "the last character has bits that no byte uses"
        }
    }
}

extension JSONSyntaxFault {
    fileprivate var message: String {
        switch self {
        case .byteOrderMark: "it begins with a byte order mark"
        case .utf8: "it is not UTF-8"
        case .notAnObject: "it is something else"
        case .syntax: "it is not well-formed"
        case .control: "a string holds a bare control character"
        case .escape: "a string holds an unknown escape"
        case .surrogate: "a string holds half of a surrogate pair"
        case .depth: "it nests more than 64 deep"
        case .trailing: "something follows it"
        case .end: "it ends too early"
        }
    }
}

extension JSONType {
    fileprivate var article: String {
        switch self {
        case .object: "an object"
        case .list: "a list"
        case .string: "a string"
        case .number: "a number"
        case .boolean: "a boolean"
        case .null: "null"
        }
    }
}

extension TokenType {
    fileprivate var article: String {
        switch self {
        case .operator: "an operator"
        case .account: "an account"
        case .user: "a user"
        case .activation: "an activation"
        case .authorizationRequest: "an authorization request"
        case .authorizationResponse: "an authorization response"
        case .generic: "a generic"
        }
    }
}

extension KeyRole {
    fileprivate var named: String {
        switch self {
        case .operator: "an operator"
        case .account: "an account"
        case .user: "a user"
        case .server: "a server"
        case .cluster: "a cluster"
        case .curve: "a curve"
        }
    }
}

extension UnixTime: CustomStringConvertible {
    /// The moment as RFC 3339 text in UTC.
    public var description: String {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        guard days < 2_932_897 else { return "second \(seconds)" }  // after the year 9999
        let (year, month, day) = Self.date(days)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let yearText = String(repeating: "0", count: Swift.max(0, 4 - String(year).count)) + String(year)
        let time = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        return "\(yearText)-\(two(month))-\(two(day))T\(time)Z"
    }

    /// The civil date that is `days` after 1970-01-01, in the proleptic Gregorian calendar. Years are counted from
    /// March, so that the leap day is the last of a year, in cycles of 400 years of 146,097 days.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let cycle = shifted / 146_097
        let dayOfCycle = shifted % 146_097
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
