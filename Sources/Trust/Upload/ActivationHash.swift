import NKeys

/// The name under which an activation token is stored and asked for, as the field computes it.
///
/// It is the SHA-256, in base32 without padding, of `ISS.SUB.SUBJECT`, where the subject is cut before its first
/// wildcard; `_` stands for one of which nothing is left. So one exporter has one token for one importer and one subject.
public enum ActivationHash {
    /// The hash of what a token allows to whom: 52 characters.
    public static func hash(of claims: ActivationClaims) -> String {
        let tokens = claims.subject.text.split(separator: ".", omittingEmptySubsequences: false)
        let literal = tokens.prefix { $0 != "*" && $0 != ">" }
        let subject = literal.isEmpty ? "_" : literal.joined(separator: ".")
        return SHA256.base32("\(claims.common.issuer.text).\(claims.common.subject.text).\(subject)".utf8)
    }

    /// The hash that a caller wrote, with or without the padding of base32; nil when it is none.
    public static func hash(from text: String) -> String? {
        let trimmed = text.hasSuffix("====") ? text.dropLast(4) : Substring(text)
        guard trimmed.utf8.count == 52,
            trimmed.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x32...0x37).contains($0) })
        else { return nil }
        return String(trimmed)
    }
}
