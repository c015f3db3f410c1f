import NKeys

/// Names and lists in messages: in backquotes, and never longer than a line.
enum Wording {
    private static let longest = 100

    /// A name from a token, or else that of its file, cut where it is too long for a line.
    static func name(_ name: String?, or other: String) -> String {
        let name = name.flatMap { $0.isEmpty ? nil : $0 } ?? other
        return name.unicodeScalars.count > longest ? String(name.unicodeScalars.prefix(longest)) + "…" : name
    }

    /// Some of many names.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).map { "`\(name($0, or: ""))`" }.joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
    }

    /// How many of how many: `2 of 3 users`.
    static func share(_ count: Int, of total: Int, _ noun: String) -> String {
        "\(count) of \(total) \(noun)\(total == 1 ? "" : "s")"
    }

    /// The place of something in a user's token.
    static func place(ofUser user: String) -> String { "users[\(name(user, or: ""))]" }
}
