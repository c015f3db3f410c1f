/// The options of a page, as they stand behind the `?` of its address.
///
/// Options that are not known are passed over, as the field does: browsers and dashboards add their own. Those that are
/// known are read strictly: what cannot be read, stands twice, or does not fit a number refuses the request, and no
/// number that comes from here can overflow anything.
struct MonitoringQuery {
    private let values: [String: String]

    /// Reads the query of an address, without its `?`.
    init(_ text: Substring) throws(MonitoringFault) {
        var values: [String: String] = [:]
        for part in text.split(separator: "&") {
            let name = part.prefix { $0 != "=" }
            let value = part.dropFirst(name.count).dropFirst()
            guard let name = Self.decoded(name), let value = Self.decoded(value) else {
                throw MonitoringFault("the query cannot be read")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw MonitoringFault("the option \(MonitoringFault.quoted(name)) stands twice")
            }
        }
        self.values = values
    }

    /// A text; nil where it is not given or empty.
    func text(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// Whether a switch is on: `1`, `t`, `true`, `0`, `f` or `false`, in small letters, capitals or with one.
    func isOn(_ name: String) throws(MonitoringFault) -> Bool {
        guard let value = text(name) else { return false }
        switch value {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw MonitoringFault("\(name) is 1 or 0, not \(MonitoringFault.quoted(value))")
        }
    }

    /// A number of things, from 0 on; nil where it is not given. What is below 0 counts as not given, as the field has it.
    func count(_ name: String) throws(MonitoringFault) -> Int? {
        guard let value = text(name) else { return nil }
        let digits = value.hasPrefix("-") || value.hasPrefix("+") ? value.dropFirst() : value[...]
        let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, let count = Int(value) else {
            throw MonitoringFault("\(name) is a number, not \(MonitoringFault.quoted(value))")
        }
        return count < 0 ? nil : count
    }

    /// The number of a connection; nil where it is not given.
    func number(_ name: String) throws(MonitoringFault) -> UInt64? {
        guard let value = text(name) else { return nil }
        guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(value) else {
            throw MonitoringFault("\(name) is a number, not \(MonitoringFault.quoted(value))")
        }
        return number
    }

    /// The characters that `%` and two digits stand for, and blanks for `+`; nil for what is no UTF-8 text, or holds a
    /// control character.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(Self.digit), let low = rest.popFirst().flatMap(Self.digit)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// Which part of a list a page shows.
struct MonitoringWindow {
    /// How many entries stand before it.
    let offset: Int
    /// How many it has at the most.
    let limit: Int
    /// Entries where nothing is said.
    static let standard = 1024

    init(_ query: MonitoringQuery) throws(MonitoringFault) {
        offset = try query.count("offset") ?? 0
        let limit = try query.count("limit") ?? 0
        self.limit = limit == 0 ? Self.standard : limit
    }

    /// The first ones.
    init(limit: Int) { (offset, self.limit) = (0, limit) }

    /// The part of a list; empty for one that ends before.
    func part<Element>(of list: [Element]) -> ArraySlice<Element> { list.dropFirst(offset).prefix(limit) }
}

/// Why a page is not shown.
struct MonitoringFault: Error, Equatable {
    /// The status of HTTP.
    var status = 400
    /// One line.
    let text: String

    init(_ text: String, status: Int = 400) { (self.text, self.status) = (text, status) }

    /// What somebody sent, for a line of text: in backticks, short, without control characters.
    static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(80).map { scalar -> Character in
            scalar.properties.generalCategory == .control || scalar == "`" ? "?" : Character(scalar)
        }
        return "`\(String(scalars))`"
    }
}
