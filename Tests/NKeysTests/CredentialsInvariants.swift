import NKeys

/// What holds for every input that is offered as creds, a decorated token or a seed file.
enum CredentialsInvariants {
    /// What is wrong with how this input was judged; nil if nothing is.
    static func violation(for input: UnsafeBufferPointer<UInt8>) -> String? {
        tokenViolation(for: UnsafeRawBufferPointer(input)) ?? credentialsViolation(for: UnsafeRawBufferPointer(input))
    }

    private static func credentialsViolation(for input: UnsafeRawBufferPointer) -> String? {
        guard let credentials = try? CredentialsFile(parsing: input) else { return nil }
        guard credentials.seed.role == .user else { return "the seed is not a user's" }
        if credentials.token.contains(0x0A) { return "the token has two lines" }
        if isSeed(credentials.token) { return "a seed is taken for the token" }
        guard let written = try? CredentialsFile.render(token: credentials.token, seed: credentials.seed),
            let again = try? CredentialsFile(parsing: written)
        else { return "the creds cannot be written and read again" }
        guard again.token == credentials.token, text(of: again.seed) == text(of: credentials.seed) else {
            return "the creds change when they are written"
        }
        let token = written.withUnsafeBytes { try? DecoratedToken(parsing: $0) }
        return token?.token == credentials.token ? nil : "the written creds hold another token"
    }

    private static func tokenViolation(for input: UnsafeRawBufferPointer) -> String? {
        guard let file = try? DecoratedToken(parsing: input) else { return nil }
        if file.token.isEmpty { return "the token is empty" }
        if isSeed(file.token) { return "a seed is taken for the token" }
        guard let written = try? DecoratedToken.render(file.token, label: file.label ?? .generic) else { return nil }
        // Three dashes at either end make the value a line of dashes, which only a bare file can hold.
        let dashes = Array("---".utf8)
        if file.token.starts(with: dashes) && file.token.reversed().starts(with: dashes) { return nil }
        let again = try? DecoratedToken(parsing: written)
        return again?.token == file.token ? nil : "the token changes when it is written"
    }

    private static func isSeed(_ text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { (try? Seed(utf8: $0)) != nil }
    }

    private static func text(of seed: Seed) -> [UInt8] { seed.withUnsafeText { Array($0) } }
}
