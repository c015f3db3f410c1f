/// One thing that is wrong in a configuration: where, and what to do about it.
public struct IdentityConfigurationFault: Hashable, Sendable, CustomStringConvertible {
    /// Where it stands: `roles[2].claims.groups`; empty for the whole file.
    public let place: String
    /// What is wrong, in one line, and what to do.
    public let message: String

    init(_ place: String, _ message: String) { (self.place, self.message) = (place, message) }

    /// `roles[2].name: what`.
    public var description: String { place.isEmpty ? message : "\(place): \(message)" }
}

/// Everything that is wrong in a configuration; never empty.
public struct IdentityConfigurationRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The faults, in the order in which they were found.
    public let faults: [IdentityConfigurationFault]

    init(_ first: IdentityConfigurationFault, _ others: [IdentityConfigurationFault] = []) {
        faults = [first] + others
    }

    /// The faults, one a line.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// Why a file that a configuration names could not be read: `there is no such file`. Without its name.
public struct IdentityFileFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// In one line: lower case, no full stop.
    public let description: String

    /// A fault with this text.
    public init(_ description: String) { self.description = description }
}

/// Reads a file that a configuration names, the whole of it. The path is as it stands there: a relative one is meant from
/// the folder of the configuration.
public typealias IdentityFiles = @Sendable (_ path: String) throws(IdentityFileFault) -> [UInt8]
