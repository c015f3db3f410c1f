import NKeys
import Subjects

extension ClaimsReader {
    private static let operatorMembers: MemberSet = [
        .signingKeys, .accountServerURL, .operatorServiceURLs, .systemAccount, .assertServerVersion,
        .strictSigningKeyUsage, .tags, .type, .version,
    ]

    /// The `nats` object of an operator token.
    mutating func `operator`(_ frame: inout Payload) throws(Fault) -> OperatorClaims {
        var claims = OperatorClaims(common: .unread)
        guard var scope = try json.beginObject(known: Self.operatorMembers) else { return claims }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .signingKeys: claims.signingKeys = try keys(.operator)
            case .accountServerURL: claims.accountServerURL = try accountServerURL()
            case .operatorServiceURLs:
                claims.serviceURLs = try list { reader throws(Fault) in try reader.serviceURL() } ?? []
            case .systemAccount: claims.systemAccount = try key(.account)
            case .assertServerVersion:
                let offset = json.index
                claims.assertServerVersion = try string()
                if !claims.assertServerVersion.isEmpty, !Self.isVersion(claims.assertServerVersion) {
                    note(.tokenContent, at: offset, .versionFormat)
                }
            case .strictSigningKeyUsage: claims.strictSigningKeys = try flag()
            case .tags: claims.tags = try strings()
            case .type: frame.contentType = try json.string()
            case .version: frame.version = try json.integer()
            default: try unknownMember(scope)
            }
        }
        return claims
    }

    private mutating func accountServerURL() throws(Fault) -> String {
        let offset = json.index
        let text = try string()
        if text.isEmpty { return text }
        if let url = URLText(text) {
            if url.scheme.isEmpty { note(.tokenContent, at: offset, .url("it has no scheme")) }
        } else {
            note(.tokenContent, at: offset, .url("it does not parse"))
        }
        return text
    }

    private mutating func serviceURL() throws(Fault) -> String? {
        let offset = json.index
        guard let text = try json.string() else { return nil }
        if let url = URLText(text) {
            if !["nats", "tls", "ws", "wss"].contains(url.scheme) {
                note(.tokenContent, at: offset, .url("its scheme is not `nats`, `tls`, `ws` or `wss`"))
            }
            if url.userInfo != nil { note(.tokenContent, at: offset, .url("it holds credentials")) }
            if !url.path.isEmpty { note(.tokenContent, at: offset, .url("it holds a path")) }
        } else {
            note(.tokenContent, at: offset, .url("it does not parse"))
        }
        return text
    }

    /// `major.minor.update`, each a plain number.
    private static func isVersion(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 3
            && parts.allSatisfy { part in
                (1...9).contains(part.count) && part.allSatisfy { (0x30...0x39).contains($0) }
                    && (part.count == 1 || part.first != UInt8(ascii: "0"))
            }
    }
}
