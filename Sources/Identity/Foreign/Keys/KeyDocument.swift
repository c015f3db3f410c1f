import Trust

/// A key set (RFC 7517, section 5) as a document: the keys in it that could verify signatures, and why others could not.
struct KeyDocument: Sendable {
    /// Why a document is no key set at all.
    enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case size
        case form
        case tooManyKeys

        var description: String {
            switch self {
            case .size: "a key set has at most \(KeyDocument.maximumBytes) bytes"
            case .form: "not one JSON object in which no member is twice, with a list of objects `keys`"
            case .tooManyKeys: "a key set has at most \(KeyDocument.maximumKeys) keys"
            }
        }
    }

    /// A key that is not used.
    struct LeftOut: Hashable, Sendable {
        /// Its place among the keys, from 0.
        let index: Int
        /// Why.
        let refusal: KeyDescription.Refusal
    }

    /// The largest document, in bytes: 64 keys of 4 KiB.
    static let maximumBytes = 262_144
    /// How many keys a set has at most, usable or not. Issuers show a handful.
    static let maximumKeys = 64

    /// The keys, with their places.
    let keys: [(index: Int, key: KeyDescription)]
    /// Keys that are not used.
    let leftOut: [LeftOut]

    /// Reads a document. Linear in its size.
    init(_ bytes: [UInt8]) throws(Fault) {
        guard bytes.count <= Self.maximumBytes else { throw .size }
        guard let set = JSONMembers(json: bytes), case .list(let elements)? = set["keys"] else { throw .form }
        guard elements.count <= Self.maximumKeys else { throw .tooManyKeys }
        var (keys, leftOut): ([(index: Int, key: KeyDescription)], [LeftOut]) = ([], [])
        for (index, element) in elements.enumerated() {
            guard case .object(let members) = element else { throw .form }
            do throws(KeyDescription.Refusal) {
                keys.append((index, try KeyDescription(JSONMembers(members))))
            } catch {
                leftOut.append(LeftOut(index: index, refusal: error))
            }
        }
        // Of two keys of one name nobody can say which is meant.
        var uses: [[UInt8]: Int] = [:]
        for (_, key) in keys { if let name = key.identifier { uses[name, default: 0] += 1 } }
        for (index, key) in keys {
            guard let name = key.identifier, uses[name, default: 0] > 1 else { continue }
            leftOut.append(LeftOut(index: index, refusal: .fault("another key of the set has the same `kid`")))
        }
        self.keys = keys.filter { entry in entry.key.identifier.map { uses[$0, default: 0] == 1 } ?? true }
        self.leftOut = leftOut.sorted { $0.index < $1.index }
    }
}
