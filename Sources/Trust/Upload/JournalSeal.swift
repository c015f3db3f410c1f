import NKeys

/// What is known of a journal beside its entries: how far it goes (the head), or what was taken away from its beginning
/// (the base). Signed where there is a key.
///
/// It is one line of JSON, its members in this order and without white space; `key` and `signature` are empty where
/// nobody signed:
///
///     {"number":2,"hash":"H2","time":1795203400,"key":"N…","signature":"…"}
///
/// The signature is Ed25519, in base64url without padding, over four lines without an end of the last: `credence journal
/// head` or `credence journal base`, the number, the hash, and the time. So neither stands for the other, nor for
/// anything else that a server signs.
public struct JournalSeal: Hashable, Sendable {
    /// What it says of the entry that it names.
    public enum Purpose: String, Hashable, Sendable {
        /// The journal goes up to it, or further.
        case head
        /// It and all before it were taken away.
        case base
    }

    /// What it says.
    public let purpose: Purpose
    /// The number of the entry.
    public let number: Int64
    /// The hash of the entry.
    public let hash: String
    /// When it was sealed.
    public let time: UnixTime
    /// Whose signature it bears; nil when it bears none.
    public let key: PublicKey?
    /// The signature, whether or not it is genuine.
    public let signature: Signature?

    /// Seals an entry, with a signature where there is a key; about 15 µs.
    ///
    /// - Throws: `KeyUseError.keyType` for a key that does not sign.
    public init(
        _ purpose: Purpose, number: Int64, hash: String, at time: UnixTime, signedBy pair: KeyPair?
    ) throws(KeyUseError) {
        (self.purpose, self.number, self.hash, self.time) = (purpose, number, hash, time)
        key = pair?.publicKey
        signature = try pair?.sign(Self.signedText(purpose, number, hash, time))
    }

    /// Whether the owner of the key signed this. No for what bears no signature. About 40 µs.
    public var isGenuine: Bool {
        guard let key, let signature else { return false }
        return key.isValid(signature, for: Self.signedText(purpose, number, hash, time))
    }

    private static func signedText(_ purpose: Purpose, _ number: Int64, _ hash: String, _ time: UnixTime) -> [UInt8] {
        Array("credence journal \(purpose.rawValue)\n\(number)\n\(hash)\n\(time.seconds)".utf8)
    }

    /// The line, without its end.
    public var line: String {
        var writer = JSONWriter()
        writer.object {
            $0.member("number", number)
            $0.member("hash", hash)
            $0.member("time", time.seconds)
            $0.member("key", key?.text ?? "")
            $0.member(
                "signature", signature.map { String(decoding: Base64URL.encode($0.rawBytes), as: UTF8.self) } ?? "")
        }
        return writer.text
    }

    /// Reads a line without its end; nil for what is not written as seals are. Whether the signature is genuine is not
    /// asked here.
    public init?(_ purpose: Purpose, line: UnsafeBufferPointer<UInt8>) {
        var texts: [String: String] = [:]
        var numbers: [String: Int64] = [:]
        do throws(JSONReader.Fault) {
            let raw = UnsafeRawBufferPointer(line)
            var reader = try JSONReader(PaddedBytes(raw, count: raw.count))
            var scope = try reader.beginText(known: [])
            while let bytes = try reader.nextFreeName(&scope) {
                let name = String(decoding: bytes, as: UTF8.self)
                switch name {
                case "number", "time": numbers[name] = try reader.integer()
                default: texts[name] = try reader.string()
                }
            }
            try reader.endText()
        } catch {
            return nil
        }
        guard let number = numbers["number"], number > 0, let time = numbers["time"].flatMap(UnixTime.init),
            let hash = texts["hash"], let keyText = texts["key"], let signatureText = texts["signature"]
        else { return nil }
        (self.purpose, self.number, self.hash, self.time) = (purpose, number, hash, time)
        if keyText.isEmpty, signatureText.isEmpty {
            (key, signature) = (nil, nil)
        } else {
            guard let key = try? PublicKey(keyText, role: .server),
                let raw = Array(signatureText.utf8).withUnsafeBufferPointer({ try? Base64URL.decode($0) }),
                let signature = Signature(rawBytes: raw)
            else { return nil }
            (self.key, self.signature) = (key, signature)
        }
        guard self.line.utf8.elementsEqual(line) else { return nil }
    }
}
