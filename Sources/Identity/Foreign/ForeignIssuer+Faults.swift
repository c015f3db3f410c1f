import Trust

extension ForeignIssuer {
    /// Why an issuer cannot be configured like this.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// The member of the configuration: `algorithms`, `keys`.
        public let place: String
        /// What is wrong, and what to do.
        public let message: String

        /// In one line.
        public var description: String { "`\(place)`: \(message)" }
    }

    /// The least secret, in bytes (RFC 7518, section 3.2).
    static let minimumSecretBytes = 32

    /// What is wrong with it; empty when its tokens can be taken. A verifier refuses every token of an issuer with a fault.
    ///
    /// A secret and public keys never stand together: who could choose between them would sign with a public key.
    public var faults: [Fault] {
        var faults: [Fault] = []
        func fault(_ place: String, _ message: String) { faults.append(Fault(place: place, message: message)) }

        if issuer.isEmpty || issuer.utf8.contains(where: { $0 < 0x21 || $0 == 0x7F }) {
            fault("issuer", "the name is empty, or has blanks or control characters")
        }
        if audiences.isEmpty { fault("audiences", "name at least one audience: a token for anybody is not taken") }
        for audience in audiences.sorted() {
            do throws(AudienceFault) {
                if audience == "*" { throw .wildcard }
                _ = try AudienceName(audience)
            } catch {
                fault("audiences", error.description)
            }
        }
        if algorithms.isEmpty { fault("algorithms", "name at least one algorithm") }
        faults += keyFaults
        let times: [(place: String, value: Int64, range: ClosedRange<Int64>)] = [
            ("leeway", leeway, 0...300), ("maximum_age", maximumAge, 1...31_536_000),
            ("keep_keys", keepsKeys, 0...2_592_000), ("fresh_keys", freshKeys, 1...86_400),
            ("refetch_interval", refetchInterval, 1...86_400),
        ]
        for (place, value, range) in times where !range.contains(value) {
            fault(place, "not between \(range.lowerBound) and \(range.upperBound) seconds")
        }
        return faults
    }

    private var keyFaults: [Fault] {
        let symmetric = algorithms.filter(\.isSymmetric)
        switch keys {
        case .secret(let secret):
            if symmetric.count != algorithms.count {
                return [Fault(place: "algorithms", message: "a secret is for HMAC alone: `HS256`, `HS384` or `HS512`")]
            }
            let length = max(Self.minimumSecretBytes, symmetric.compactMap(\.hashBytes).max() ?? 0)
            guard secret.count < length else { return [] }
            return [
                Fault(
                    place: "keys",
                    message: "the secret has \(secret.count) bytes: its algorithms need \(length) at least")
            ]
        case .set(let document):
            do throws(KeyDocument.Fault) {
                _ = try KeyDocument(document)
            } catch {
                return [Fault(place: "keys", message: error.description)] + misplaced(symmetric)
            }
            return misplaced(symmetric)
        case .url(let address): return addressFaults(address, at: "keys") + misplaced(symmetric)
        case .discovery: return addressFaults(issuer, at: "issuer") + misplaced(symmetric)
        }
    }

    private func misplaced(_ symmetric: Set<ForeignAlgorithm>) -> [Fault] {
        if symmetric.isEmpty { return [] }
        return [Fault(place: "algorithms", message: "HMAC needs a secret of this issuer: give `keys.secret_file`")]
    }

    private func addressFaults(_ address: String, at place: String) -> [Fault] {
        if KeyAddress(address) != nil { return [] }
        return [Fault(place: place, message: "keys are fetched over https, or over http from this machine alone")]
    }
}
