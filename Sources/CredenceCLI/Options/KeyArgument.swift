import NKeys

/// Keys as a command line names them. A seed is never one: other users of the machine can read a command line.
enum KeyArgument {
    /// Whether the text has the looks of a seed, well formed or not.
    static func looksLikeSeed(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.count >= 50 && bytes.first == UInt8(ascii: "S")
            && bytes.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }
    }

    /// Refuses a seed, without showing it.
    static func refuseSeed(_ text: String, flag: String) throws(CommandFailure) {
        guard looksLikeSeed(text) else { return }
        throw CommandFailure(
            .usage, "\(flag): a seed on a command line can be read by others on this machine",
            hint: "put the seed in a file and name the file, or `-` for standard input; and replace this key")
    }

    /// A public key of this role.
    static func publicKey(_ text: String, role: KeyRole, flag: String) throws(CommandFailure) -> PublicKey {
        try refuseSeed(text, flag: flag)
        do {
            return try PublicKey(text, role: role)
        } catch {
            throw CommandFailure(
                .badInput, "\(flag): \(error)",
                hint:
                    "the public key of the role `\(role.name)` begins with `\(Character(Unicode.Scalar(role.letter)))`")
        }
    }

    /// The key pair whose seed stands in a file, or on standard input for `-`; of this role.
    static func pair(inFile path: String, role: KeyRole, flag: String) throws(CommandFailure) -> KeyPair {
        let text = try Files.readSecret(path, limit: 16_384)
        let pair: KeyPair
        do {
            pair = try KeyPair(Seed(parsing: text))
        } catch {
            throw CommandFailure(
                .badInput, "\(Files.name(path)): \(error)", hint: "\(flag) takes a file with one seed, and nothing else"
            )
        }
        guard pair.role == role else {
            throw CommandFailure(
                .badInput,
                "\(Files.name(path)): the key of the role `\(role.name)` is needed, and this is one of "
                    + "`\(pair.role.name)`",
                hint: "name the right file with \(flag)")
        }
        return pair
    }
}
