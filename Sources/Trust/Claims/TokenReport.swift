/// What is known of a token, accepted or refused, for people and tools that look at it.
public struct TokenReport: Sendable {
    /// Whether every T rule holds.
    public let isAccepted: Bool
    /// The type that the token states; nil when it could not be read.
    public let type: TokenType?
    /// The shape of the token; nil when its marks contradict one another.
    public let version: TokenVersion?
    /// The header as JSON text; nil when it is no JSON.
    public let header: String?
    /// The payload as JSON text; nil when it is no JSON. Embedded tokens and secrets stand in it: see `JSONMask`.
    public let payload: String?
    /// What the token says; nil when issuer or subject is no key. Claims of a refused token prove nothing.
    public let claims: (any TokenClaims)?
    /// The failed rules in catalogue order.
    public let failures: [Finding]
    /// The warnings in catalogue order.
    public let warnings: [Finding]
    /// Rules that could not be judged.
    public let notJudged: [Rule]

    init(_ judge: TokenJudge) {
        let verdict = judge.judgement.verdict(())
        isAccepted = verdict.isAccepted
        type = judge.type
        version = judge.version
        header = judge.header.flatMap(Self.jsonText)
        payload = judge.payload.flatMap(Self.jsonText)
        claims = judge.read?.anyClaims
        failures = verdict.failures
        warnings = verdict.warnings
        notJudged = verdict.notJudged
    }

    /// The text of `bytes` when they are one JSON object.
    private static func jsonText(_ bytes: [UInt8]) -> String? {
        do throws(JSONReader.Fault) {
            try bytes.withUnsafeBufferPointer { buffer throws(JSONReader.Fault) in
                var reader = try JSONReader(PaddedBytes(UnsafeRawBufferPointer(buffer), count: buffer.count))
                var scope = try reader.beginText(known: [])
                while try reader.nextMember(&scope) != nil { try reader.skipValue() }
                try reader.endText()
            }
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            return nil
        }
    }
}
