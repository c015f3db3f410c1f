/// The keys of one issuer: which verify, and why others of its key set do not.
struct KeySet: Sendable {
    /// What a token's `kid` and `alg` select.
    enum Selection: Sendable {
        case key(VerifyingKey)
        /// No key of this name, or none at all that fits: the issuer may have a new one by now.
        case unknown
        /// The key of this name is for another algorithm.
        case unfit
        /// The token names no key and several fit.
        case ambiguous
    }

    /// The keys, none of one name twice.
    let keys: [VerifyingKey]
    /// What the set held beside them: one line each, that names the place.
    let warnings: [String]
    /// Whether the one key is a secret, which has no name.
    private let isSecret: Bool

    /// The keys of a key set (RFC 7517) that verify one of these algorithms.
    init(_ document: KeyDocument, for algorithms: Set<ForeignAlgorithm>) async {
        var (keys, warnings): ([VerifyingKey], [(index: Int, text: String)]) = ([], [])
        for left in document.leftOut {
            if case .fault(let reason) = left.refusal { warnings.append((left.index, reason)) }
        }
        for (index, key) in document.keys {
            let fitting = algorithms.filter { key.fits($0) && (key.algorithm ?? $0) == $0 }
            // A key is for one algorithm. One that does not say for which, where several could be meant, is for none.
            guard let algorithm = fitting.first, fitting.count == 1 else {
                if fitting.count > 1 {
                    warnings.append(
                        (index, "it has no `alg`, and several of the issuer's algorithms fit: configure one"))
                }
                continue
            }
            if let verifying = await VerifyingKey(key, for: algorithm) {
                keys.append(verifying)
            } else {
                warnings.append((index, "its numbers are no key: a point that is not on the curve, or no modulus"))
            }
        }
        self.keys = keys
        self.warnings = warnings.sorted { $0.index < $1.index }.map { "`keys[\($0.index)]` is left out: \($0.text)" }
        isSecret = false
    }

    /// One secret, for HMAC.
    init(secret: [UInt8], for algorithms: Set<ForeignAlgorithm>) async {
        var keys: [VerifyingKey] = []
        for algorithm in ForeignAlgorithm.allCases where algorithms.contains(algorithm) {
            if let key = await VerifyingKey(secret: secret, for: algorithm) { keys.append(key) }
        }
        (self.keys, warnings, isSecret) = (keys, [], true)
    }

    /// The key for a token. Linear in the keys, of which there are few.
    ///
    /// - Parameter identifier: the token's `kid`; nil for none.
    func selection(_ identifier: [UInt8]?, _ algorithm: ForeignAlgorithm) -> Selection {
        if let identifier, !isSecret {
            guard let named = keys.first(where: { $0.identifier == identifier }) else { return .unknown }
            return named.algorithm == algorithm ? .key(named) : .unfit
        }
        let fitting = keys.filter { $0.algorithm == algorithm }
        guard let only = fitting.first else { return .unknown }
        return fitting.count == 1 ? .key(only) : .ambiguous
    }
}
