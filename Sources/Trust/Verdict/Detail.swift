import NKeys
import Subjects

/// What was seen where a rule failed. Typed, so that programs need not read the text, and bounded: a text that came
/// from a token is held only when it is a name, a subject or a key, never a token or a seed.
public enum Detail: Hashable, Sendable {
    // Text, base64url, JSON
    case tokenTooLarge(bytes: Int, limit: Int)
    case wrongNumberOfSegments(Int)
    case emptySegment(segment: TokenSegment)
    case base64(segment: TokenSegment, fault: Base64Fault)
    case json(segment: TokenSegment, fault: JSONSyntaxFault, offset: Int)
    case duplicateMember
    case memberDiffersByCase
    case wrongJSONType(expected: JSONType, found: JSONType)
    case notAnInteger
    case numberOutOfRange
    case negativeTime

    // Header, version, type
    case headerType
    case headerTypeMissing
    case headerMember(String)
    case algorithmMissing
    case algorithm(expected: String)
    case algorithmOfOtherVersion(expected: String)
    case versionMissing
    case versionUnknown(Int64)
    case versionMixed
    case legacyToken
    case typeMismatch(expected: TokenType?, found: TokenType)

    // Issuer, subject, signature, times, keys
    case claimMissing(String)
    case issuerNotAKey
    case issuerRole(KeyRole, type: TokenType)
    case issuerNotSubject
    case subjectNotAKey
    case subjectRole(KeyRole, type: TokenType)
    case signatureLength(bytes: Int)
    case signatureInvalid
    case signatureKeyUnusable
    case expired(at: UnixTime, now: UnixTime)
    case notYetValid(from: UnixTime, now: UnixTime)
    case issuedInFuture(at: UnixTime, now: UnixTime)
    case lifetime(seconds: Int64, limit: Int64)
    case lifetimeUnlimited(limit: Int64)
    case key(KeyTextError)
    case keyRole(expected: KeyRole, found: KeyRole)

    // Content
    case subject(SubjectError)
    case renaming(TransformError)
    case mapping(WeightedMapping.Fault)
    case unknownMember(String)
    case unknownValue(expected: String)
    case onlyForServices(String)
    case onlyForStreams(String)
    case outOfRange(String)
    case wildcardNotAllowed
    case noWildcardAtPosition(Int)
    case positionBeyondSubject(position: Int, tokens: Int)
    case exportContained(in: Int)
    case exportRepeated(of: Int)
    case importsOverlap(with: Int)
    case importFromSelf
    case bothToAndLocalSubject
    case deprecated(String)
    case tooLong(bytes: Int, limit: Int)
    case url(String)
    case notANetwork
    case notATimeOfDay
    case unknownTimeZone
    case unknownConnectionTypes
    case signingKeyIsIdentity
    case signingKeyRepeated
    case tierWithoutName
    case tooMany(what: String, count: Int, limit: Int64)
    case wildcardExportsForbidden
    case accountsWithoutUsers
    case anyAccountBesideOthers
    case selfSignedWithLimits
    case neitherTokenNorError
    case bothTokenAndError
    case versionFormat
    case budgetExhausted(String)
    case templateFault(String)

    // Chain
    case operatorNotTrusted
    case accountSignerUnknown
    case accountSignerIsIdentity
    case accountNotKnown(PublicKey)
    case accountNotPinned
    case limitReached(what: String, limit: Int64)
    case otherAccountReturned(PublicKey)
    case userSignerUnknown
    case userSignerIsIdentity
    case issuerAccountMissing
    case issuerAccountMismatch
    case scopedUserNotEmpty
    case templateValueMissing(String)
    case templateValueNotLiteral(function: String)
    case templateFunctionUnknown
    case templateTooLarge(limit: Int)
    case revoked(at: UnixTime, issuedAt: UnixTime?)
    case proofMissing
    case proofEncoding
    case proofInvalid
    case bearerNotAllowed
    case sourceUnknown
    case sourceNotAllowed
    case outsideHours
    case connectionTypeNotAllowed
    case proxyRequired
    case audienceMissing
    case audienceOther
    case audienceWildcard
    case audienceUnfit(AudienceFault)

    // Binding
    case exporterNotKnown(PublicKey)
    case exporterRefused(PublicKey, codes: [String])
    case notExported
    case otherKindExported
    case exportsDisagree(count: Int)
    case tokenRequired
    case tokenIsURL
    case tokenRefused
    case importerOther(PublicKey)
    case exporterKeyUnknown
    case exporterKeyIsIdentity
    case exporterIssuerAccountMissing
    case exporterIssuerAccountMismatch
    case scopedKeySigned
    case kindOther(expected: String)
    case subjectNotTheImports
    case subjectOutsideToken
    case tokenWiderThanExport
    case positionNotImporter(Int)
    case activationRevoked(at: UnixTime, issuedAt: UnixTime?)
    case audienceNotImporter
    case tokenOnPublicExport
    case localSubject
    case cycle([PublicKey])

    // Uploads and stores
    case pathIsNotSubject
    case older(than: UnixTime)
    case sameTimeOtherContent
    case notAfterDeletion(UnixTime)
    case serverReadOnly
    case callerNotAllowed
    case importRefused
    case dependentImport(PublicKey, Int, stops: Bool)
    case text(String)
}

/// The parts of a token's text.
public enum TokenSegment: String, Hashable, Sendable {
    case header, payload, signature
}

/// Why a segment is not base64url.
public enum Base64Fault: Hashable, Sendable {
    case alphabet(offset: Int)
    case whitespace(offset: Int)
    case padding(offset: Int)
    case length
    case trailingBits
}

/// Why a text is not JSON that can be read.
public enum JSONSyntaxFault: Hashable, Sendable {
    case byteOrderMark, utf8, notAnObject, syntax, control, escape, surrogate, depth, trailing, end
}
