/// What a word without quotes says.
enum ConfigurationWord {
    /// A truth, a number or a text.
    ///
    /// - Throws: for a number that no 64 bits hold.
    static func content(of word: String) throws(ConfigurationFault) -> ConfigurationValue.Content {
        switch word.lowercased() {
        case "true", "yes", "on": return .truth(true)
        case "false", "no", "off": return .truth(false)
        default: break
        }
        let digits = word.utf8.drop { $0 == UInt8(ascii: "-") }.prefix { (0x30...0x39).contains($0) }
        let sign = word.utf8.distance(from: word.startIndex, to: digits.startIndex)
        guard !digits.isEmpty, sign < 2 else { return .text(word) }
        let rest = word[digits.endIndex...]
        if let factor = factor(of: rest.lowercased()) {
            let (number, overflow) =
                Int64(word[..<digits.endIndex])?.multipliedReportingOverflow(by: factor) ?? (0, true)
            guard !overflow else { throw ConfigurationFault("`\(word.prefix(40))` is too large a number") }
            return .number(number)
        }
        let fraction = rest.dropFirst()
        if rest.first == ".", !fraction.isEmpty, fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Double(word), number.isFinite
        {
            return .fraction(number)
        }
        return .text(word)
    }

    /// How much a number's ending multiplies it; nil for what is no such ending.
    private static func factor(of ending: String) -> Int64? {
        switch ending {
        case "": 1
        case "k": 1_000
        case "kb", "ki", "kib": 1 << 10
        case "m": 1_000_000
        case "mb", "mi", "mib": 1 << 20
        case "g": 1_000_000_000
        case "gb", "gi", "gib": 1 << 30
        case "t": 1_000_000_000_000
        case "tb", "ti", "tib": 1 << 40
        default: nil
        }
    }

    /// A length of time as Go writes it: `1.9s`, `2m`, `1h30m`, `300ms`; nil when it is none, or longer than 290 years.
    static func duration(_ text: String) -> Duration? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" { return .zero }
        guard !rest.isEmpty, text.utf8.count <= 64 else { return nil }
        var sum: Int64 = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest[number.endIndex...]
            let unit = rest.prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
            rest = rest[unit.endIndex...]
            guard let length = nanoseconds(ofUnit: unit).flatMap({ product(number, $0) }) else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(length)
            guard !overflow else { return nil }
            sum = next
        }
        return .nanoseconds(isNegative ? -sum : sum)
    }

    /// `1.9` times so many nanoseconds, without what is less than one.
    private static func product(_ number: Substring, _ factor: Int64) -> Int64? {
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
        var (result, overflow) = (parts[0].isEmpty ? 0 : Int64(parts[0]) ?? .max).multipliedReportingOverflow(
            by: factor)
        guard !overflow else { return nil }
        var share = factor
        for digit in parts.count == 2 ? parts[1] : "" {
            share /= 10
            (result, overflow) = result.addingReportingOverflow(share &* Int64(digit.wholeNumberValue ?? 0))
            guard !overflow else { return nil }
        }
        return result
    }

    private static func nanoseconds(ofUnit unit: Substring) -> Int64? {
        switch unit {
        case "ns": 1
        case "us", "µs", "μs": 1_000
        case "ms": 1_000_000
        case "s": 1_000_000_000
        case "m": 60_000_000_000
        case "h": 3_600_000_000_000
        default: nil
        }
    }
}
