import Glibc
import NKeys
import Replay

/// A folder with a suite: `suite.json`, the seed of its user, and configurations for servers.
struct SuiteFolder {
    let path: String
    /// A suite of all pairs has some 20 MB.
    private static let sizeLimit = 256 << 20

    /// Writes the suite, for the owner of the folder alone.
    func write(_ product: SuiteGenerator.Product, replacing: Files.Replacement) throws(CommandFailure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw CommandFailure(
                .inputOutput, "the folder \(Files.quoted(path)) cannot be made: \(Files.text(of: errno))")
        }
        // The suite first: where there is one already, nothing is changed.
        let suite = product.suite
        try write(suite.json, ReplaySuite.suiteFile, replacing)
        try write(suite.serverConfiguration, ReplaySuite.configurationFile, replacing)
        for (name, token) in zip(ReplaySuite.operatorFiles, suite.operators) {
            try write(Array("\(token)\n".utf8), name, replacing)
        }
        try product.user.seed.withUnsafeText { (text) throws(CommandFailure) in
            try Files.writeSecret(UnsafeRawBufferPointer(text), to: file(ReplaySuite.seedFile), replacing: replacing)
        }
    }

    private func write(
        _ bytes: [UInt8], _ name: String, _ replacing: Files.Replacement
    ) throws(CommandFailure) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(CommandFailure) in
            try Files.writeSecret(UnsafeRawBufferPointer(bytes), to: file(name), replacing: replacing)
        }
    }

    /// Reads the suite.
    func suite() throws(CommandFailure) -> ReplaySuite {
        let path = file(ReplaySuite.suiteFile)
        let bytes = try Files.read(path, limit: Self.sizeLimit)
        do throws(ReplaySuite.Fault) {
            return try ReplaySuite(parsing: bytes)
        } catch {
            throw CommandFailure(
                .badInput, "\(Files.quoted(path)) is no suite: \(error)",
                hint: "make one with `credence replay generate`")
        }
    }

    /// Reads the key of the suite's user.
    func user(of suite: ReplaySuite) throws(CommandFailure) -> KeyPair {
        let path = file(ReplaySuite.seedFile)
        let bytes = try Files.readSecret(path, limit: 4096)
        let pair: KeyPair
        do {
            pair = try KeyPair(Seed(parsing: bytes))
        } catch {
            throw CommandFailure(.badInput, "\(Files.quoted(path)) is no seed: \(error)")
        }
        guard pair.publicKey == suite.user else {
            throw CommandFailure(
                .badInput, "\(Files.quoted(path)) is not the seed of the suite's user",
                hint: "the files of a suite belong together: generate it again")
        }
        return pair
    }

    private func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }
}
