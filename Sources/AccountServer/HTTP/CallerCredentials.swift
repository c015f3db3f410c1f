import Glibc
import NKeys
import Trust

/// The credentials that callers may show, and what each allows.
///
/// They come from a file, which is one JSON object and holds no secret:
///
///     {"credentials": [
///         {"name": "ci", "bearer_sha256": "9f86d081…", "allows": ["upload", "list"]},
///         {"name": "ops", "certificate_sha256": "2c26b46b…", "allows": ["upload", "delete", "operator"]}
///     ]}
///
/// `name` has 1 to 64 letters, digits, `.`, `_` and `-`, and stands once. A credential is either a bearer token, of which
/// the file has the SHA-256 (the token must be random, of 128 bits at least: a hash of what can be guessed hides
/// nothing), or a client certificate, of whose DER form it has the SHA-256; both in 64 lower-case hexadecimal digits.
/// `allows` lists actions of `AccessPolicy`. Any other member, a name or hash that comes twice, and a text that is not
/// strict JSON refuse the whole file.
public struct CallerCredentials: Sendable {
    /// Why a file of credentials is not taken.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// One line in lower case, with nothing from the file.
        public let description: String
    }

    /// How a caller shows that it is the one.
    enum Proof: Hashable {
        case bearer([UInt8])
        case certificate([UInt8])
    }

    struct Credential: Sendable {
        let name: String
        let hash: [UInt8]
        let allows: Set<AccessPolicy.Action>
    }

    private(set) var bearers: [Credential] = []
    private(set) var certificates: [Credential] = []

    /// No credentials: nobody is anybody.
    public init() {}

    /// Reads the text of a file.
    public init(json: [UInt8]) throws(Fault) {
        let tree: JSONTree
        do throws(JSONTree.Fault) {
            tree = try JSONTree(json)
        } catch {
            throw Fault(description: "not strict JSON at byte \(error.offset)")
        }
        guard case .object(let members) = tree, members.count == 1, members[0].name == "credentials",
            case .list(let list) = members[0].value
        else { throw Fault(description: "not an object with the one member `credentials`, a list") }
        var names: Set<String> = []
        var proofs: Set<Proof> = []
        for (index, element) in list.enumerated() {
            let (credential, proof) = try Self.credential(element, at: "credentials[\(index)]")
            guard names.insert(credential.name).inserted else {
                throw Fault(description: "credentials[\(index)].name: the name stands twice")
            }
            guard proofs.insert(proof).inserted else {
                throw Fault(description: "credentials[\(index)]: the hash stands twice")
            }
            if case .bearer = proof { bearers.append(credential) } else { certificates.append(credential) }
        }
    }

    /// Reads a file of at most a mebibyte.
    public init(contentsOf path: String) throws(Fault) {
        guard let bytes = SmallFile.read(path, limit: 1 << 20) else {
            throw Fault(description: "the file cannot be read, or is larger than 1 MiB")
        }
        try self.init(json: bytes)
    }

    /// The credential whose bearer token this is. Every one is compared, each in constant time.
    func bearer(_ secret: some Collection<UInt8>) -> Credential? { Self.match(SHA256.hash(secret), in: bearers) }

    /// The credential whose certificate has this SHA-256.
    func certificate(sha256: [UInt8]) -> Credential? { Self.match(sha256, in: certificates) }

    private static func match(_ hash: [UInt8], in credentials: [Credential]) -> Credential? {
        var found: Credential?
        for credential in credentials where SHA256.areEqual(credential.hash, hash) { found = credential }
        return found
    }

    private static func credential(
        _ tree: JSONTree, at place: String
    ) throws(Fault) -> (credential: Credential, proof: Proof) {
        guard case .object(let members) = tree else { throw Fault(description: "\(place): not an object") }
        var name: String?
        var proof: Proof?
        var allows: Set<AccessPolicy.Action>?
        for member in members {
            switch (member.name, member.value) {
            case ("name", .string(let text)) where isName(text): name = text
            case ("bearer_sha256", .string(let text)) where proof == nil: proof = hash(text).map(Proof.bearer)
            case ("certificate_sha256", .string(let text)) where proof == nil:
                proof = hash(text).map(Proof.certificate)
            case ("allows", .list(let list)):
                allows = []
                for element in list {
                    guard case .string(let text) = element, let action = AccessPolicy.Action(rawValue: text),
                        allows?.insert(action).inserted == true
                    else {
                        let known = AccessPolicy.Action.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                        throw Fault(description: "\(place).allows: not a list of \(known), each once")
                    }
                }
            default: throw Fault(description: "\(place): a member that is not known, or not as it should be")
            }
        }
        guard let name else { throw Fault(description: "\(place).name: missing") }
        guard let allows else { throw Fault(description: "\(place).allows: missing") }
        switch proof {
        case .bearer(let hash): return (Credential(name: name, hash: hash, allows: allows), .bearer(hash))
        case .certificate(let hash): return (Credential(name: name, hash: hash, allows: allows), .certificate(hash))
        case nil:
            throw Fault(description: "\(place): no `bearer_sha256` or `certificate_sha256` of 64 lower-case hex digits")
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func hash(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x57
            default: nil
            }
        }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
