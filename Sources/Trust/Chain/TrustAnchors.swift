import NKeys

/// The operators that are trusted. They come from configuration, never from a token that is judged (C-operator).
public struct TrustAnchors: Sendable {
    /// A key that may sign accounts, and for whom.
    struct Signer: Sendable {
        /// The index of the operator.
        let anchor: Int
        let isIdentity: Bool
    }

    /// What the operators say, in the order they were given.
    public let operators: [OperatorClaims]
    private let signers: [PublicKey: Signer]

    /// Trusts these operators. Of two tokens of one operator the later issued one counts, of equal ones the first.
    ///
    /// A key that stands in two operators signs for the first of them that lets it sign.
    public init(_ tokens: [VerifiedToken<OperatorClaims>]) {
        var latest: [OperatorClaims] = []
        for claims in tokens.map(\.claims) {
            guard let known = latest.firstIndex(where: { $0.common.subject == claims.common.subject }) else {
                latest.append(claims)
                continue
            }
            if claims.common.issuedAt ?? .zero > latest[known].common.issuedAt ?? .zero { latest[known] = claims }
        }
        var signers: [PublicKey: Signer] = [:]
        func add(_ key: PublicKey, _ signer: Signer) {
            guard let known = signers[key] else { return signers[key] = signer }
            let knownSigns = !known.isIdentity || !latest[known.anchor].strictSigningKeys
            if !knownSigns { signers[key] = signer }
        }
        for (index, claims) in latest.enumerated() {
            // Listed as a signing key as well, the identity key still signs nothing under strict signing keys.
            let identity = claims.common.subject
            add(identity, Signer(anchor: index, isIdentity: true))
            for key in claims.signingKeys where key != identity { add(key, Signer(anchor: index, isIdentity: false)) }
        }
        operators = latest
        self.signers = signers
    }

    /// Whether `key` is the identity key of a trusted operator.
    public func trusts(_ key: PublicKey) -> Bool { operators.contains { $0.common.subject == key } }

    /// The operator that `issuer` signs accounts for, as its identity key or as one of its signing keys; nil when it
    /// belongs to none. An identity key is found even where `strictSigningKeys` forbids it to sign.
    public func `operator`(of issuer: PublicKey) -> OperatorClaims? {
        signers[issuer].map { operators[$0.anchor] }
    }

    /// Whether `key` may sign accounts: it is the identity key of a trusted operator that does not demand signing keys, or
    /// a signing key of one.
    public func signsAccounts(_ key: PublicKey) -> Bool { fault(ofSigner: key) == nil }

    /// Whether some operator has this system account.
    public func hasSystemAccount(_ account: PublicKey) -> Bool { operators.contains { $0.systemAccount == account } }

    /// What stands against `issuer` as the signer of accounts; nil when nothing does (C-account-signer).
    func fault(ofSigner issuer: PublicKey) -> Detail? {
        guard let signer = signers[issuer] else { return .accountSignerUnknown }
        return signer.isIdentity && operators[signer.anchor].strictSigningKeys ? .accountSignerIsIdentity : nil
    }
}
