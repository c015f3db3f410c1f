import NKeys

/// Keys made for a command.
enum Keys {
    /// A new key pair of this role.
    static func generate(_ role: KeyRole) throws(CommandFailure) -> KeyPair {
        do {
            return try KeyPair.generate(role)
        } catch {
            throw CommandFailure(.internalError, "no key could be made: \(error)")
        }
    }
}
