import ArgumentParser
import NKeys

/// `credence generate nkey`: new keys, each as its seed and its public key.
struct GenerateNKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nkey", abstract: "Make a new key and print its seed and its public key.",
        discussion: "The seed is the secret: whoever reads it can sign. It is printed here and nowhere else.")

    @Flag(name: [.short, .long], help: "An operator's key.") var `operator` = false
    @Flag(name: [.short, .long], help: "An account's key.") var account = false
    @Flag(name: [.short, .long], help: "A user's key.") var user = false
    @Flag(help: "A server's key.") var server = false
    @Flag(help: "A cluster's key.") var cluster = false
    @Flag(name: [.customShort("x"), .long], help: "A curve key, which seals and opens.") var curve = false

    private var roles: [KeyRole] {
        let wanted: [(Bool, KeyRole)] = [
            (`operator`, .operator), (account, .account), (user, .user), (server, .server), (cluster, .cluster),
            (curve, .curve),
        ]
        return wanted.filter(\.0).map(\.1)
    }

    func validate() throws {
        if roles.isEmpty {
            throw ValidationError("say whose key: --operator, --account, --user, --server, --cluster or --curve")
        }
    }

    func run() throws {
        for role in roles {
            let pair = try Keys.generate(role)
            try pair.seed.withUnsafeText { (text) throws(CommandFailure) in
                try StandardOutput.write(UnsafeRawBufferPointer(text))
            }
            try StandardOutput.write("\n\(pair.publicKey.text)\n")
        }
    }
}
