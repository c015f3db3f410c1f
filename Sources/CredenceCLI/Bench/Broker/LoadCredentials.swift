import NKeys
import Trust

/// The creds of a user, ready to connect again and again: all of CONNECT is there but the signature.
struct LoadCredentials: Sendable {
    private let pair: KeyPair?
    private let head: [UInt8]
    private static let tail = Array("}\r\nPING\r\n".utf8)

    /// Nobody's: for a server that asks for none.
    static let none = LoadCredentials(pair: nil, token: nil)

    /// Reads a creds file.
    init(file path: String) throws(CommandFailure) {
        let text = try Files.readSecret(path, limit: CredentialsFile.sizeLimit)
        do throws(DecoratedTextError) {
            let file = try CredentialsFile(parsing: text)
            self.init(pair: try Self.pair(of: file.seed, path), token: String(decoding: file.token, as: UTF8.self))
        } catch {
            throw CommandFailure(
                .badInput, "\(Files.name(path)): \(error)",
                hint: "a creds file comes from `credence generate creds` or `credence bench make-world`")
        }
    }

    private init(pair: KeyPair?, token: String?) {
        var json = JSONWriter()
        json.object {
            for name in ["verbose", "pedantic", "tls_required"] { $0.member(name, false) }
            for name in ["echo", "headers", "no_responders"] { $0.member(name, true) }
            $0.member("protocol", 1)
            $0.member("lang", "swift")
            $0.member("version", Credence.number)
            $0.member("name", "credence bench broker")
            if let token { $0.member("jwt", token) }
        }
        self.pair = pair
        // Without its last bracket: the signature is put behind it.
        head = Array("CONNECT ".utf8) + json.bytes.dropLast()
    }

    private static func pair(of seed: Seed, _ path: String) throws(DecoratedTextError) -> KeyPair {
        do throws(KeyUseError) {
            return try KeyPair(seed)
        } catch {
            throw .memory
        }
    }

    /// CONNECT and a PING behind it, with the nonce that the server sent signed. What it calls a nonce is signed only
    /// if it looks like one.
    func introduction(nonce: [UInt8]?) throws(LoadFault) -> [UInt8] {
        guard let pair else { return head + Self.tail }
        guard let nonce else {
            throw .unsupported("the server sends no nonce: it does not know of users with tokens")
        }
        guard (8...128).contains(nonce.count), nonce.allSatisfy(Self.isNonceCharacter) else {
            throw .malformed("what it wants signed is no nonce")
        }
        do throws(KeyUseError) {
            let signature = try pair.sign(nonce)
            return head + Array(",\"sig\":\"".utf8) + Base64URL.encode(signature.rawBytes) + [0x22] + Self.tail
        } catch {
            throw .system("the nonce cannot be signed: \(error)")
        }
    }

    private static func isNonceCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
