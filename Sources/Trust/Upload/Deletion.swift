import NKeys

/// Accounts that a trusted operator says are to be deleted. Only `ChainVerifier.deletion` makes one.
///
/// The token is the one that a full resolver takes: a generic token that the operator's key, or one of its signing keys,
/// signed for itself (`sub` is `iss`), with the account keys in `accounts`.
public struct Deletion: Sendable {
    /// The accounts, as the token lists them.
    public let accounts: [PublicKey]
    /// When it was signed. What was stored later stays: an old token deletes no new account.
    public let issuedAt: UnixTime
    /// The token as received.
    public let text: String

    fileprivate init(accounts: [PublicKey], issuedAt: UnixTime, text: String) {
        (self.accounts, self.issuedAt, self.text) = (accounts, issuedAt, text)
    }
}

extension ChainVerifier {
    /// Judges a token that deletes accounts, by the T rules and those of uploads.
    ///
    /// `path` is the key that the caller named, as it was written: one of those that the token lists.
    public func deletion(_ token: String, at path: String, at now: UnixTime) -> Verdict<Deletion> {
        let verdict = verifier.verify(token, as: GenericClaims.self, at: now)
        var judgement = Judgement(verifier.policy)
        judgement.merge(verdict)
        guard let verified = verdict.proof else {
            judgement.couldNotJudge([.uploadPath, .uploadSigner])
            return .refused(judgement.refusal ?? Refusal(Self.unread))
        }
        if verified.subject != verified.issuer {
            judgement.refuse(.uploadSigner, at: "sub", .text("a deletion is signed by the key that it is about"))
        }
        if let fault = anchors.fault(ofSigner: verified.issuer) { judgement.refuse(.uploadSigner, at: "iss", fault) }
        let accounts = Self.accounts(in: verified.claims.content)
        if let accounts {
            if !accounts.contains(where: { $0.text == path }) {
                judgement.refuse(.uploadPath, at: "path", .pathIsNotSubject)
            }
            for (index, key) in accounts.enumerated() where key == systemAccount || anchors.hasSystemAccount(key) {
                judgement.refuse(
                    .uploadDenied, at: Place("accounts").element(index), .text("the system account is not deleted"))
            }
        } else {
            judgement.refuse(.tokenContent, at: "accounts", .text("a deletion lists the keys of accounts"))
        }
        return judgement.verdict(
            Deletion(
                accounts: accounts ?? [], issuedAt: verified.claims.common.issuedAt ?? .zero, text: verified.text))
    }

    /// The keys in the member `accounts`; nil unless it is a list of one to a thousand of them.
    private static func accounts(in content: String) -> [PublicKey]? {
        let bytes = Array(content.utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            try? list(PaddedBytes(UnsafeRawBufferPointer(buffer), count: buffer.count))
        }
    }

    private static func list(_ content: PaddedBytes) throws(JSONReader.Fault) -> [PublicKey]? {
        var reader = try JSONReader(content)
        var scope = try reader.beginText(known: [])
        var accounts: [PublicKey]?
        while let name = try reader.nextFreeName(&scope) {
            guard name.elementsEqual("accounts".utf8) else {
                try reader.skipValue()
                continue
            }
            guard try reader.beginList() else { return nil }
            var keys: [PublicKey] = []
            var isFirst = true
            while try reader.nextElement(&isFirst) {
                guard keys.count < 1_000, let text = try reader.string(),
                    let key = try? PublicKey(text, role: .account)
                else { return nil }
                keys.append(key)
            }
            accounts = keys
        }
        try reader.endText()
        return accounts?.isEmpty == true ? nil : accounts
    }
}
