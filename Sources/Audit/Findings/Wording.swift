import NKeys

/// Names and lists in messages: in backquotes, and never longer than a line.
enum Wording {
    private static let longest = 100

    /// A name from a token, or else that of its file, cut where it is too long for a line.
    static func name(_ name: String?, or other: String) -> String {
        let name = name.flatMap { $0.isEmpty ? nil : $0 } ?? other
        return name.unicodeScalars.count > longest ? String(name.unicodeScalars.prefix(longest)) + "…" : name
    }

    /// Some of many names; `total` is how many there are, where not all are given.
    static func list(_ names: [String], of total: Int? = nil) -> String {
        let shown = names.prefix(3).map { "`\(name($0, or: ""))`" }.joined(separator: ", ")
        let rest = (total ?? names.count) - min(3, names.count)
        return rest > 0 ? "\(shown) and \(rest) more" : shown
    }

    /// How many of how many: `2 of 3 users`.
    static func share(_ count: Int, of total: Int, _ noun: String) -> String {
        "\(count) of \(total) \(noun)\(total == 1 ? "" : "s")"
    }

    /// The place of something in a user's token.
    static func place(ofUser user: String) -> String { "users[\(name(user, or: ""))]" }
}
