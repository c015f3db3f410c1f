/// Characters that nobody can guess.
enum RandomText {
    private static let base62Alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let base64Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// So many letters and digits, from the system's randomness.
    static func base62(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in base62Alphabet[Int.random(in: 0..<62, using: &generator)] }
    }

    /// So many characters of base64url, each with six bits of the system's randomness.
    static func base64(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in base64Alphabet[Int(generator.next(upperBound: UInt64(64)))] }
    }
}
