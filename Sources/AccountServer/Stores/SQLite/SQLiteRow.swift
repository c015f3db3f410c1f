import GRDB
import NKeys
import Trust

/// One row of the table of items, and what it is checked by.
struct SQLiteRow {
    let item: StoredItem
    /// The beginning of the SHA-256 of all that the row says.
    let digest: UInt64

    static let columns = "key, token, deleted, seal, revision, digest"

    /// A row to be written.
    init(_ item: StoredItem) {
        (self.item, digest) = (item, Self.digest(of: item))
    }

    /// A row as it was read. The values of a damaged database can be anything.
    init(_ row: Row, path: String) throws {
        guard let item = Self.item(row), case .int64(let digest) = (row[5] as DatabaseValue).storage,
            UInt64(bitPattern: digest) == Self.digest(of: item)
        else {
            throw StoreFault.damaged(path, "a row does not hold what was stored")
        }
        (self.item, self.digest) = (item, UInt64(bitPattern: digest))
    }

    private static func item(_ row: Row) -> StoredItem? {
        guard case .string(let name) = (row[0] as DatabaseValue).storage, let key = key(named: name),
            case .string(let hex) = (row[3] as DatabaseValue).storage, let seal = bytes(hex: hex),
            case .int64(let revision) = (row[4] as DatabaseValue).storage
        else { return nil }
        let value: StoreValue
        switch ((row[1] as DatabaseValue).storage, (row[2] as DatabaseValue).storage) {
        case (.string(let token), .null): value = .token(token)
        case (.null, .int64(let seconds)):
            guard let time = UnixTime(seconds) else { return nil }
            value = .deleted(time)
        default: return nil
        }
        return StoredItem(
            key: key, value: value, revision: StoreRevision(UInt64(bitPattern: revision)), seal: seal)
    }

    /// The values of the columns, in their order.
    func arguments() throws(StoreFault) -> StatementArguments {
        var (token, deleted): (String?, Int64?)
        switch item.value {
        case .token(let text): token = text
        case .deleted(let time): deleted = time.seconds
        }
        let name = Self.name(of: item.key)
        // The binding of texts ends at a zero byte. Neither a token nor a hash has one.
        guard !name.utf8.contains(0), token?.utf8.contains(0) != true else {
            throw StoreFault("a text with a zero byte cannot be kept")
        }
        return [
            name, token, deleted, Self.hex(item.seal), Int64(bitPattern: item.revision.number),
            Int64(bitPattern: digest),
        ]
    }

    // MARK: - Texts

    static func name(of key: StoreKey) -> String {
        switch key {
        case .account(let key): "account/\(key)"
        case .activation(let hash): "activation/\(hash)"
        case .operator: "operator"
        }
    }

    private static func key(named name: String) -> StoreKey? {
        if name == "operator" { return .operator }
        guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let rest = String(name[name.utf8.index(after: slash)...])
        switch name[..<slash] {
        case "account": return (try? PublicKey(rest, role: .account)).map(StoreKey.account)
        case "activation": return .activation(rest)
        default: return nil
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                text[index * 2] = digits[Int(byte >> 4)]
                text[index * 2 + 1] = digits[Int(byte & 15)]
            }
            return bytes.count * 2
        }
    }

    private static func bytes(hex: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hex.utf8.count / 2)
        var high: UInt8?
        for digit in hex.utf8 {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let known = high {
                bytes.append(known << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }

    /// Over every field, each with its length before it, so that no two items have the same bytes.
    private static func digest(of item: StoredItem) -> UInt64 {
        var bytes: [UInt8] = []
        func append(_ text: String) {
            withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: text.utf8)
        }
        append(name(of: item.key))
        switch item.value {
        case .token(let token): append(token)
        case .deleted(let time):
            append("")
            append("\(time.seconds)")
        }
        withUnsafeBytes(of: item.revision.number.littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: item.seal)
        return SHA256.hash(bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
