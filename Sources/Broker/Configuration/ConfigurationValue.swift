/// A value of a configuration, and where it stands.
public struct ConfigurationValue: Hashable, Sendable {
    /// What a value is.
    public enum Content: Hashable, Sendable {
        /// A text, quoted or bare.
        case text(String)
        /// A whole number; `64KB` is 65,536.
        case number(Int64)
        /// A number with a fraction.
        case fraction(Double)
        /// `true`, `yes` and `on`, or `false`, `no` and `off`.
        case truth(Bool)
        /// `[ … ]`.
        case list([ConfigurationValue])
        /// `{ … }`.
        case block([ConfigurationEntry])
    }

    /// What it is.
    public let content: Content
    /// Where it stands; of a variable's value, where the variable is used.
    public let place: ConfigurationPlace
    /// How many values it is made of, itself included, as far as that can be counted.
    let size: Int

    /// A value. Linear in the values of a list or a block, not in theirs.
    public init(_ content: Content, at place: ConfigurationPlace) {
        (self.content, self.place) = (content, place)
        size =
            switch content {
            case .list(let values): values.reduce(1) { $0.addingSaturated($1.size) }
            case .block(let entries): entries.reduce(1) { $0.addingSaturated($1.value.size) }
            default: 1
            }
    }

    /// What kind of value it is, for people.
    var kind: String {
        switch content {
        case .text: "a text"
        case .number: "a number"
        case .fraction: "a number with a fraction"
        case .truth: "true or false"
        case .list: "a list"
        case .block: "a block"
        }
    }
}

/// A key of a configuration and its value.
public struct ConfigurationEntry: Hashable, Sendable {
    /// The key, as it is spelled.
    public let key: String
    /// Where the key stands.
    public let place: ConfigurationPlace
    /// Its value.
    public let value: ConfigurationValue
    /// Whether some `$KEY` took its value: a key that is only there to be named so need not be known.
    public internal(set) var isVariable: Bool

    /// An entry.
    public init(_ key: String, _ value: ConfigurationValue, at place: ConfigurationPlace, isVariable: Bool = false) {
        (self.key, self.value, self.place, self.isVariable) = (key, value, place, isVariable)
    }
}

extension Int {
    fileprivate func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
