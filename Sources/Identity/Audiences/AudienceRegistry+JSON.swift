import NKeys
import Trust

/// The registry as it is served at `/.well-known/credence-audiences`: one object with the list `audiences`, each with
/// `name`, `description` and `keys`, in the order of their names.
extension AudienceRegistry {
    /// Why a document is no registry.
    public struct DocumentFault: Error, Hashable, Sendable, CustomStringConvertible {
        /// Where, such as `audiences[2].name`; empty for the whole.
        public let place: String
        /// What is wrong, in one line.
        public let message: String

        /// Both.
        public var description: String { place.isEmpty ? message : "\(place): \(message)" }
    }

    /// The most audiences of a document.
    public static let maximumCount = 10_000

    /// The entry of this name.
    public subscript(name: AudienceName) -> Entry? {
        let index = entries.partitioningIndex { !($0.name < name) }
        return index < entries.count && entries[index].name == name ? entries[index] : nil
    }

    /// The document, in UTF-8.
    public var document: [UInt8] {
        var json = JSONWriter()
        json.object { (json: inout JSONWriter) in
            json.list("audiences") { (json: inout JSONWriter) in
                for entry in entries {
                    json.object { (json: inout JSONWriter) in
                        json.member("name", entry.name.text)
                        json.member("description", entry.description)
                        json.member("keys", entry.keys.map(\.text))
                    }
                }
            }
        }
        return json.bytes
    }

    /// Reads a document by strict rules. Members that are not known are left alone: another version may serve them.
    public init(document: [UInt8]) throws(DocumentFault) {
        let tree: JSONTree
        do throws(JSONTree.Fault) {
            tree = try JSONTree(document)
        } catch {
            throw DocumentFault(place: "", message: "it is no JSON object (byte \(error.offset))")
        }
        guard case .object(let members) = tree, let list = members.first(where: { $0.name == "audiences" })?.value,
            case .list(let elements) = list
        else { throw DocumentFault(place: "audiences", message: "there is no list of audiences") }
        guard elements.count <= Self.maximumCount else {
            throw DocumentFault(place: "audiences", message: "there are more than \(Self.maximumCount) audiences")
        }
        var entries: [Entry] = []
        for (index, element) in elements.enumerated() {
            entries.append(try Self.entry(element, at: "audiences[\(index)]"))
        }
        guard Set(entries.map(\.name)).count == entries.count else {
            throw DocumentFault(place: "audiences", message: "an audience stands twice")
        }
        self.init(entries)
    }

    private static func entry(_ element: JSONTree, at place: String) throws(DocumentFault) -> Entry {
        guard case .object(let members) = element else {
            throw DocumentFault(place: place, message: "it is no object")
        }
        func member(_ name: String) -> JSONTree? { members.first { $0.name == name }?.value }
        guard case .string(let text)? = member("name") else {
            throw DocumentFault(place: "\(place).name", message: "it is no text")
        }
        let name: AudienceName
        do throws(AudienceFault) {
            name = try AudienceName(text)
        } catch {
            throw DocumentFault(place: "\(place).name", message: error.description)
        }
        var description = ""
        if let value = member("description") {
            guard case .string(let text) = value else {
                throw DocumentFault(place: "\(place).description", message: "it is no text")
            }
            description = text
        }
        var keys: [PublicKey] = []
        if let value = member("keys") {
            guard case .list(let elements) = value else {
                throw DocumentFault(place: "\(place).keys", message: "it is no list")
            }
            for (index, element) in elements.enumerated() {
                guard case .string(let text) = element, let key = try? PublicKey(text) else {
                    throw DocumentFault(place: "\(place).keys[\(index)]", message: "it is no public key")
                }
                keys.append(key)
            }
        }
        return Entry(name: name, description: description, keys: keys)
    }
}

extension RandomAccessCollection {
    /// The first index whose element fulfils the condition, where all behind it do as well; else the end. Binary search.
    fileprivate func partitioningIndex(_ isBehind: (Element) -> Bool) -> Index {
        var (low, count) = (startIndex, self.count)
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if isBehind(self[middle]) {
                count = half
            } else {
                low = index(after: middle)
                count -= half + 1
            }
        }
        return low
    }
}
