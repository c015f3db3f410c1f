import Trust

@testable import Identity

extension ForeignSubject {
    /// What is taken to be verified. The claim `a.b` is the member `b` of the claim `a`.
    static func of(
        _ issuer: String = "https://login.example.com", subject: String = "alice",
        expires: UnixTime = IssuingWorld.now.advanced(by: 3600), claims: [String: ForeignClaims.Value] = [:]
    ) -> ForeignSubject {
        var json = JSONWriter()
        json.object { json in
            for (name, value) in claims.merging(["sub": .text(subject)], uniquingKeysWith: { given, _ in given }) {
                write(name.split(separator: ".").map(String.init)[...], value, to: &json)
            }
        }
        return ForeignSubject(
            issuer: issuer, expires: expires, claims: ForeignClaims(JSONMembers(json: json.bytes) ?? JSONMembers([])))
    }

    private static func write(_ path: ArraySlice<String>, _ value: ForeignClaims.Value, to json: inout JSONWriter) {
        guard let name = path.first else { return }
        if path.count > 1 { return json.object(name) { write(path.dropFirst(), value, to: &$0) } }
        switch value {
        case .text(let text): json.member(name, text)
        case .texts(let texts): json.member(name, texts)
        case .integer(let number): json.member(name, number)
        case .boolean(let isTrue): json.member(name, isTrue)
        case .other:
            json.name(name)
            json.number(1.5)
        }
    }
}
