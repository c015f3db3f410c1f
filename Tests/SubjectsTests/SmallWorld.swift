/// Every pattern and literal over a few words, for tests that leave nothing out.
enum SmallWorld {
    /// Every pattern of 1 to `depth` tokens over the words, `*`, and `>` at the end.
    static func patterns(_ words: [String], depth: Int) -> [String] {
        let stems = sequences(words + ["*"], depth: depth - 1)
        return sequences(words + ["*"], depth: depth) + [">"] + stems.map { $0 + ".>" }
    }

    /// Every sequence of 1 to `depth` of the words.
    static func sequences(_ words: [String], depth: Int) -> [String] {
        var result: [String] = []
        var level = [""]
        for _ in 0..<max(0, depth) {
            level = level.flatMap { stem in words.map { stem.isEmpty ? $0 : stem + "." + $0 } }
            result += level
        }
        return result
    }
}
