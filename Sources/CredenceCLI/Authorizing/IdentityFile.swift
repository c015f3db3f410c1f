import Glibc
import Identity
import NKeys
import SystemTimeZones
import Trust

/// The configuration of issuers and roles, and the files that it names.
struct IdentityFile {
    /// What it says; paths are from where the command was started.
    let configuration: IdentityConfiguration
    /// Signs by each of the signing keys.
    let signers: [TokenSigner]

    /// Reads a configuration and the seeds of its signing keys.
    init(_ path: String) throws(CommandFailure) {
        let folder = Self.folder(of: path)
        let text = try Files.read(path, limit: 16 << 20)
        var configuration: IdentityConfiguration
        do throws(IdentityConfigurationRefusal) {
            configuration = try IdentityConfiguration(reading: text) { (name) throws(IdentityFileFault) in
                do throws(CommandFailure) {
                    return try Files.read(name.hasPrefix("/") ? name : "\(folder)/\(name)", limit: 16 << 20)
                } catch { throw IdentityFileFault(error.what) }
            }
        } catch {
            let others = error.faults.dropFirst().prefix(20).map { Printable.line("\($0)") }
            throw CommandFailure(
                .badInput, "\(Files.quoted(path)): \(error.faults.first?.description ?? "")",
                hint: others.isEmpty ? nil : "also: " + others.joined(separator: "; "))
        }
        configuration.locateFiles(in: folder)
        self.configuration = configuration
        signers = try configuration.signingKeyFiles.map { file throws(CommandFailure) in
            TokenSigner(try Self.pair(file, role: .account, member: "signing_keys"), zones: SystemZones())
        }
    }

    /// The key pair in a file that nobody else can read.
    static func pair(_ path: String, role: KeyRole, member: String) throws(CommandFailure) -> KeyPair {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
            throw CommandFailure(
                .badInput, "\(Files.quoted(path)) holds a seed and can be read by others", hint: "set its mode to 0600")
        }
        return try ServerFiles.keyPair(path, role: role, flag: "`\(member)`")
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
