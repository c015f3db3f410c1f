import Trust

/// A time of a foreign token (RFC 7519, section 2): seconds since 1970, with a fraction or without.
enum NumericDate {
    /// The last second of the year 9999. Nothing is issued for later: a larger number is milliseconds, or made to
    /// overflow.
    static let maximum: Int64 = 253_402_300_799

    /// The time, its fraction dropped; nil when the value is no number, negative, beyond the year 9999 or written with an
    /// exponent.
    static func time(_ value: JSONTree) -> UnixTime? {
        let seconds: Int64?
        switch value {
        case .integer(let whole): seconds = whole
        case .number(let text):
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let whole = parts.first, whole.first != "-",
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            seconds = Int64(whole)
        default: return nil
        }
        guard let seconds, seconds <= maximum else { return nil }
        return UnixTime(seconds)
    }
}
