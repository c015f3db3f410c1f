import NATSClient
import NATSWire
import NKeys
import Trust

/// How an item stands in a bucket, so that other tools can read it.
///
/// The key is `account.KEY`, `activation.HASH` or `operator`. The value is the token as it was received, or the seconds
/// of the time at which it was deleted; the header `Credence-Item` says which, and `Credence-Seal` holds the seal in
/// hexadecimal digits. A deletion is a value and no marker of the bucket, which would not say when, and could be purged.
enum JetStreamItem {
    static let kind = "Credence-Item"
    static let seal = "Credence-Seal"

    /// The key in the bucket.
    ///
    /// - Throws: for a hash that has characters no key may have.
    static func key(_ key: StoreKey) throws(StoreFault) -> String {
        switch key {
        case .account(let account): return "account.\(account.text)"
        case .operator: return "operator"
        case .activation(let hash):
            let isHash = hash.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x2D || byte == 0x5F || byte == 0x3D
            }
            guard isHash, !hash.isEmpty, hash.utf8.count <= 256 else {
                throw StoreFault("the hash of an activation cannot be a key of a bucket")
            }
            return "activation.\(hash)"
        }
    }

    /// The value and the headers of a change.
    static func content(_ change: StoreChange) -> (value: [UInt8], headers: MessageHeaders) {
        var headers = MessageHeaders()
        let value: [UInt8]
        switch change.value {
        case .token(let token):
            headers.add(kind, "token")
            value = Array(token.utf8)
        case .deleted(let time):
            headers.add(kind, "deleted")
            value = Array("\(time.seconds)".utf8)
        }
        if !change.seal.isEmpty { headers.add(seal, hexadecimal(change.seal)) }
        return (value, headers)
    }

    /// The item that an entry is.
    ///
    /// - Throws: for an entry that no store wrote: nothing is left out in silence.
    static func item(_ entry: BucketEntry) throws(StoreFault) -> StoredItem {
        let seal = entry.headers[seal].map { bytes($0[...]) } ?? []
        guard entry.operation == .put, let key = storeKey(entry.key), let value = value(of: entry), let seal else {
            throw StoreFault(
                "the entry `\(entry.key.prefix(128))` of the bucket, revision \(entry.revision), was not written by a store",
                hint: "look at it with `nats kv get`, and write it again through an account server")
        }
        return StoredItem(key: key, value: value, revision: StoreRevision(entry.revision), seal: seal)
    }

    private static func storeKey(_ text: String) -> StoreKey? {
        if text == "operator" { return .operator }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, !parts[1].contains(".") else { return nil }
        switch parts[0] {
        case "account": return (try? PublicKey(String(parts[1]), role: .account)).map { .account($0) }
        case "activation": return .activation(String(parts[1]))
        default: return nil
        }
    }

    private static func value(of entry: BucketEntry) -> StoreValue? {
        guard let text = String(validating: entry.value, as: UTF8.self) else { return nil }
        switch entry.headers[kind] {
        case "token": return text.isEmpty ? nil : .token(text)
        case "deleted": return Int64(text).flatMap { "\($0)" == text ? UnixTime($0) : nil }.map { .deleted($0) }
        default: return nil
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.utf8.map { byte in Character(Unicode.Scalar(byte)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
