import Replay

/// A file of settings: one JSON object of texts, numbers, truth values and lists of texts.
enum SettingsFile {
    /// Why a file cannot be read.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// The members in the order of their names: each with its values as text, and their kind.
    static func members(of text: [UInt8]) throws(Fault) -> [(String, [String], ServerSetting.Kind)] {
        let value: JSONValue
        do throws(JSONValue.Fault) {
            value = try JSONValue(parsing: text)
        } catch {
            throw Fault(description: error.description)
        }
        guard case .object(let members) = value else { throw Fault(description: "the file is no JSON object") }
        var read: [(String, [String], ServerSetting.Kind)] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .string(let text): read.append((name, [text], .text))
            case .integer(let number): read.append((name, ["\(number)"], .text))
            case .boolean(let isOn): read.append((name, [isOn ? "true" : "false"], .flag))
            case .list(let elements):
                let texts = elements.compactMap(\.text)
                guard texts.count == elements.count else { throw Fault(description: "`\(name)` is no list of texts") }
                read.append((name, texts, .list))
            case .object, .null:
                throw Fault(description: "`\(name)` is neither a text, a number, a truth value nor a list")
            }
        }
        return read
    }
}
