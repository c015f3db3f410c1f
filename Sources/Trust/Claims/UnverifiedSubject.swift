import NKeys

/// Reading of whom a token is, without judging it: to file tokens by their subject before anyone relies on them.
public enum UnverifiedSubject {
    /// The `sub` of a token that nobody has judged; nil when it cannot be read. It proves nothing: whoever wrote the
    /// token chose it.
    public static func unsafeSubject(utf8 token: UnsafeBufferPointer<UInt8>, policy: Policy = .strict) -> PublicKey? {
        guard let text = try? TokenText(token, limit: policy.maximumTokenSize),
            let bytes = try? Base64URL.decode(
                UnsafeBufferPointer(rebasing: token[text.payload]), padding: JSONReader.padding)
        else { return nil }
        return bytes.withUnsafeBytes { raw in
            try? subject(in: PaddedBytes(raw, count: raw.count - JSONReader.padding))
        }
    }

    private static func subject(in payload: PaddedBytes) throws(JSONReader.Fault) -> PublicKey? {
        var reader = try JSONReader(payload)
        var scope = try reader.beginText(known: [.sub])
        var subject: PublicKey?
        while let member = try reader.nextMember(&scope) {
            if member == .sub {
                subject = try reader.withString { try? PublicKey(utf8: $0) } ?? nil
            } else {
                try reader.skipValue()
            }
        }
        return subject
    }
}
