import NKeys
import Trust

/// Faults as they are found. Not shared: a reader has one for itself.
final class ConfigurationFaults {
    private(set) var all: [IdentityConfigurationFault] = []

    /// Whether something is wrong at a place, or inside it.
    func isFaulty(_ place: String) -> Bool { all.contains { $0.place.hasPrefix(place) } }

    func add(_ place: String, _ message: String) {
        let fault = IdentityConfigurationFault(place, message)
        // A file can be wrong in more places than anybody reads.
        if all.count < 100, !all.contains(fault) { all.append(fault) }
    }
}

/// An object of a configuration, whose members are taken one by one. What is left at the end is unknown.
struct ConfigurationObject {
    let place: String
    let faults: ConfigurationFaults
    private var members: [String: JSONTree]
    private let names: [String]
    private var known: [String] = []

    /// The longest list, and the longest text that is no file, of a configuration.
    static let maximumElements = 4096
    static let maximumText = 4096

    init?(_ tree: JSONTree, at place: String, _ faults: ConfigurationFaults) {
        guard case .object(let members) = tree else {
            faults.add(place, "it is to be an object")
            return nil
        }
        (self.place, self.faults) = (place, faults)
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
        names = members.map(\.name)
    }

    /// The place of a member.
    func place(of name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

    /// Every member that was not taken is a fault.
    func end() {
        for name in names where members[name] != nil {
            let shown = String(name.unicodeScalars.prefix(64).map { $0.isControl ? " " : Character($0) })
            faults.add(
                place(of: shown),
                "there is no such member: it is one of \(known.map { "`\($0)`" }.joined(separator: ", "))")
        }
    }

    func has(_ name: String) -> Bool { members[name] != nil }

    /// Whether the member stood there, taken or not.
    func wasGiven(_ name: String) -> Bool { names.contains(name) }

    func peek(_ name: String) -> JSONTree? { members[name] }

    /// The names of the members that were not taken, in their order.
    var remaining: [String] { names.filter { members[$0] != nil } }

    mutating func take(_ name: String) -> JSONTree? {
        if !known.contains(name) { known.append(name) }
        return members.removeValue(forKey: name)
    }

    func fault(_ name: String, _ message: String) { faults.add(place(of: name), message) }

    // MARK: Values

    mutating func text(_ name: String) -> String? {
        guard let value = take(name) else { return nil }
        return Self.text(value, at: place(of: name), faults)
    }

    mutating func neededText(_ name: String, _ what: String) -> String? {
        guard has(name) else {
            _ = take(name)
            fault(name, "\(what) is missing")
            return nil
        }
        return text(name)
    }

    /// A list of texts, none twice, not empty; nil when absent.
    mutating func texts(_ name: String) -> [String]? {
        elements(name)?.compactMap { Self.text($0.value, at: $0.place, faults) }.noneTwice(place(of: name), faults)
    }

    /// A text, or a list of them.
    mutating func textOrTexts(_ name: String) -> [String]? {
        guard case .list? = members[name] else { return text(name).map { [$0] } }
        return texts(name)
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int64>, unit: String) -> Int64? {
        guard let value = take(name) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            fault(name, "it is to be a whole number of \(unit) from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// One of the words; nil when absent.
    mutating func word<Word: RawRepresentable>(_ name: String, of words: [Word]) -> Word?
    where Word.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let word = words.first(where: { $0.rawValue == text }) else {
            fault(name, "it is to be one of \(words.map { "`\($0.rawValue)`" }.joined(separator: ", "))")
            return nil
        }
        return word
    }

    mutating func key(_ name: String, _ role: KeyRole) -> PublicKey? {
        text(name).flatMap { Self.key($0, role, at: place(of: name), faults) }
    }

    mutating func keys(_ name: String, _ role: KeyRole) -> [PublicKey]? {
        elements(name)?.compactMap { element in
            Self.text(element.value, at: element.place, faults).flatMap {
                Self.key($0, role, at: element.place, faults)
            }
        }.noneTwice(place(of: name), faults)
    }

    mutating func object(_ name: String) -> ConfigurationObject? {
        guard let value = take(name) else { return nil }
        return ConfigurationObject(value, at: place(of: name), faults)
    }

    mutating func objects(_ name: String) -> [ConfigurationObject]? {
        elements(name)?.compactMap { ConfigurationObject($0.value, at: $0.place, faults) }
    }

    // MARK: Pieces

    /// The elements of a list, each with its place; an empty list is a fault, since it says nothing that absence does not.
    mutating func elements(
        _ name: String
    ) -> [(place: String, value: JSONTree)]? {
        guard let value = take(name) else { return nil }
        guard case .list(let elements) = value else {
            fault(name, "it is to be a list")
            return nil
        }
        if elements.isEmpty {
            fault(name, "the list is empty: leave it out, or say what is in it")
        }
        guard elements.count <= Self.maximumElements else {
            fault(name, "the list has more than \(Self.maximumElements) elements")
            return nil
        }
        return elements.enumerated().map { ("\(place(of: name))[\($0.offset)]", $0.element) }
    }

    static func text(_ value: JSONTree, at place: String, _ faults: ConfigurationFaults) -> String? {
        guard case .string(let text) = value, !text.isEmpty else {
            faults.add(place, "it is to be a text that is not empty")
            return nil
        }
        guard text.utf8.count <= maximumText, !text.unicodeScalars.contains(where: \.isControl) else {
            faults.add(place, "the text is longer than \(maximumText) bytes, or has control characters")
            return nil
        }
        return text
    }

    static func key(_ text: String, _ role: KeyRole, at place: String, _ faults: ConfigurationFaults) -> PublicKey? {
        do throws(KeyTextError) { return try PublicKey(text, role: role) } catch {
            faults.add(place, "it is no public key of the role \(role): \(error)")
            return nil
        }
    }
}

extension [String] {
    fileprivate func noneTwice(_ place: String, _ faults: ConfigurationFaults) -> [String] {
        var seen: Set<String> = []
        for text in self where !seen.insert(text).inserted { faults.add(place, "`\(text)` stands in it twice") }
        return self
    }
}

extension [PublicKey] {
    fileprivate func noneTwice(_ place: String, _ faults: ConfigurationFaults) -> [PublicKey] {
        var seen: Set<PublicKey> = []
        for key in self where !seen.insert(key).inserted { faults.add(place, "`\(key)` stands in it twice") }
        return self
    }
}
