import Trust

/// A foreign token in compact form (RFC 7515, section 7.1; RFC 7519), taken apart and judged by nothing but its form: one
/// token has one spelling here.
///
///     eyJhbGciOiJFUzI1NiJ9 . eyJpc3MiOiJodHRwczovL2EifQ . AAECAw
///     header                 claims                        signature
///
/// Three segments, none empty, of base64url without padding, white space or set bits that no byte uses; header and claims
/// each one JSON object in UTF-8, nothing after it, no member twice at any depth. Parts that cannot be read are nil, and
/// `faults` says why.
struct CompactToken: Sendable {
    /// The largest token that is taken apart, in bytes. Tokens travel in headers of HTTP and in CONNECT of NATS, which end
    /// well below; beyond it nothing is decoded.
    static let maximumBytes = 65_536

    /// The protected header.
    let header: JSONMembers?
    /// The claims.
    let claims: JSONMembers?
    /// The signature.
    let signature: [UInt8]?
    /// What the signature covers: the first two segments and the dot between them, as received.
    let signedBytes: ArraySlice<UInt8>
    /// What is wrong with the form (F-size, F-form).
    let faults: [IdentityFinding]

    /// Takes a token apart. Linear in its size, which is judged first.
    init(_ token: String) {
        var faults: [IdentityFinding] = []
        let segments = Self.segments(token, &faults)
        if segments.isEmpty {
            (header, claims, signature, signedBytes) = (nil, nil, nil, [])
        } else {
            header = Self.object(segments[0], at: "header", &faults)
            claims = Self.object(segments[1], at: "claims", &faults)
            signature = Self.decoded(segments[2], at: "signature", &faults)
            signedBytes = segments[0] + [UInt8(ascii: ".")] + segments[1]
        }
        self.faults = faults
    }

    /// Three segments, or none and a fault.
    private static func segments(_ token: String, _ faults: inout [IdentityFinding]) -> [ArraySlice<UInt8>] {
        guard token.utf8.count <= maximumBytes else {
            let message = "a token has at most \(maximumBytes) bytes, not \(token.utf8.count)"
            faults.append(IdentityFinding(.foreignSize, at: "", message))
            return []
        }
        let segments = Array(token.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if segments.count == 3, !segments.contains(where: \.isEmpty) { return segments }
        let message = "a token has three segments between dots, none empty: encrypted and unsigned ones are not taken"
        faults.append(IdentityFinding(.foreignForm, at: "", message))
        return []
    }

    private static func decoded(
        _ segment: ArraySlice<UInt8>, at place: String, _ faults: inout [IdentityFinding]
    ) -> [UInt8]? {
        if let bytes = Base64URL.bytes(segment) { return bytes }
        faults.append(IdentityFinding(.foreignForm, at: place, "not base64url in its one spelling, without padding"))
        return nil
    }

    private static func object(
        _ segment: ArraySlice<UInt8>, at place: String, _ faults: inout [IdentityFinding]
    ) -> JSONMembers? {
        guard let bytes = decoded(segment, at: place, &faults) else { return nil }
        if let members = JSONMembers(json: bytes) { return members }
        faults.append(
            IdentityFinding(.foreignForm, at: place, "not one JSON object in UTF-8 in which no member is twice"))
        return nil
    }
}
