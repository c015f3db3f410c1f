/// A place in a configuration: a file and a line of it.
public struct ConfigurationPlace: Hashable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    public let file: String
    /// The line, from 1.
    public let line: Int

    /// A place.
    public init(file: String, line: Int) { (self.file, self.line) = (file, line) }

    /// `FILE:LINE`.
    public var description: String { "\(file):\(line)" }
}

/// What is wrong in a configuration, or what it says that has no effect.
public struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where; nil where no line is to blame.
    public let place: ConfigurationPlace?
    /// The key, with those of the blocks around it: `resolver.type`; empty for none.
    public let key: String
    /// What is wrong, in one line: lower case, no full stop, never a token.
    public let what: String
    /// What to do about it, where there is something to say.
    public let hint: String?

    /// A fault.
    public init(_ what: String, at place: ConfigurationPlace? = nil, key: String = "", hint: String? = nil) {
        (self.place, self.key, self.what, self.hint) = (place, key, what, hint)
    }

    /// `FILE:LINE: KEY: what`.
    public var description: String {
        let parts = [place.map { "\($0)" }, key.isEmpty ? nil : ConfigurationText.quoted(key), what]
        return parts.compactMap(\.self).joined(separator: ": ")
    }
}

/// Everything that is wrong in a configuration; never empty.
public struct ConfigurationRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The faults, in the order in which they were found.
    public let faults: [ConfigurationFault]

    /// A refusal for these.
    public init(_ first: ConfigurationFault, _ others: [ConfigurationFault] = []) { faults = [first] + others }

    /// The faults, one a line.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// Reads a file that a configuration names: the whole of it.
///
/// What it throws says what is wrong with the file without naming it: `there is no such file`. Its name, as far as it can
/// be shown, and the place that named it are added.
public typealias ConfigurationFiles = (_ path: String) throws(ConfigurationFault) -> [UInt8]
