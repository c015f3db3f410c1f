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

    /// The `sub` of a token that nobody has judged, when that is a user's key, and the account whose user it says it is:
    /// `issuer_account`, or else `iss`. Nil when it is no token of a user of ours. It proves nothing: it says where to
    /// look for the account by which the token is to be judged.
    package static func unsafeUser(utf8 token: UnsafeBufferPointer<UInt8>, policy: Policy = .strict) -> (
        user: PublicKey, account: PublicKey
    )? {
        guard let text = try? TokenText(token, limit: policy.maximumTokenSize),
            let bytes = try? Base64URL.decode(
                UnsafeBufferPointer(rebasing: token[text.payload]), padding: JSONReader.padding)
        else { return nil }
        return bytes.withUnsafeBytes { raw in
            try? user(in: PaddedBytes(raw, count: raw.count - JSONReader.padding))
        }
    }

    private static func user(
        in payload: PaddedBytes
    ) throws(JSONReader.Fault) -> (user: PublicKey, account: PublicKey)? {
        var reader = try JSONReader(payload)
        var scope = try reader.beginText(known: [.sub, .iss, .nats])
        var subject: PublicKey?
        var issuer: PublicKey?
        var named: PublicKey?
        while let member = try reader.nextMember(&scope) {
            switch member {
            case .sub: subject = try reader.withString { try? PublicKey(utf8: $0) } ?? nil
            case .iss: issuer = try reader.withString { try? PublicKey(utf8: $0) } ?? nil
            case .nats:
                guard var inner = try reader.beginObject(known: [.issuerAccount]) else { break }
                while let member = try reader.nextMember(&inner) {
                    if member == .issuerAccount {
                        named = try reader.withString { try? PublicKey(utf8: $0) } ?? nil
                    } else {
                        try reader.skipValue()
                    }
                }
            default: try reader.skipValue()
            }
        }
        guard let subject, subject.role == .user, let account = named ?? issuer, account.role == .account else {
            return nil
        }
        return (subject, account)
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
