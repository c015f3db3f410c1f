/// The checks of documents against what is there. Each takes texts, so that a test can plant a fault.
enum Documents {
    /// Files and folders that a text names in backquotes and as targets of links, and that are not there.
    ///
    /// What is taken for a path: a text with a slash whose first part stands at the top of the repository, and names
    /// such as `Package.swift` that stand there themselves. Placeholders in capitals end a path.
    static func missingPaths(in text: String, at path: String, top: Set<String>, exists: (String) -> Bool) -> [String] {
        let quoted = text.matches(of: /`([\w.][\w.\/+-]*)`/).map { String($0.output.1) }
            .filter { top.contains(String($0.prefix { $0 != "/" })) }
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        let linked = text.matches(of: /\]\(([^)#:]+)(?:#[^)]*)?\)/).map { match in
            folder.isEmpty ? String(match.output.1) : "\(folder)/\(match.output.1)"
        }
        return (quoted + linked).filter { !exists($0) }.map { "\(path) names \($0), which is not there" }
    }

    /// Rules and tests that a checklist rests on, by their codes and names in backquotes, and that none of the sources
    /// has: a code stands there as a text of its own, a test as the name of a function.
    static func unkept(in text: String, sources: String) -> [String] {
        let codes = Set(text.matches(of: /`([A-Z]-[a-z-]+)`/).map { String($0.output.1) })
        let tests = Set(text.matches(of: /test `([^`]+)`/).map { String($0.output.1) })
        return codes.filter { !sources.contains("\"\($0)\"") }.sorted()
            + tests.filter { !sources.contains("func `\($0)`") }.sorted()
    }

    /// The blocks of commands in a text, by name: those fenced as sh and a name.
    static func commandBlocks(in text: String) -> [(name: String, commands: String)] {
        text.matches(of: /(?ms)^```sh ?(\w*)\n(.*?)^```$/).map { (String($0.output.1), String($0.output.2)) }
    }

    /// Blocks of commands that the script does not run by their names.
    static func blocksNotRun(in text: String, by script: String) -> [String] {
        let steps = script.firstMatch(of: /steps=\(([\w ]+)\)/)?.output.1.split(separator: " ").map(String.init) ?? []
        return commandBlocks(in: text).map(\.name).filter { name in
            guard !name.isEmpty else { return true }
            let runsIt = script.contains("run_readme \(name)\n") || script.contains("run_readme \(name) ")
            return !runsIt || !steps.contains(name)
        }
    }

    /// The rows of a table by the head of its first column: the cells, without blanks around them.
    static func rows(ofTable head: String, in text: String) -> [[String]] {
        var rows: [[String]] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                isInside = false
                continue
            }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map {
                    String($0.trimmingPrefix(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
                }
            if isInside, !cells.allSatisfy({ $0.allSatisfy { $0 == "-" } }) { rows.append(cells) }
            if cells.first == head { isInside = true }
        }
        return rows
    }
}
