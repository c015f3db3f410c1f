/// Options whose value may be left out, as nsc has them: `--allow-pub-response` alone means one response.
enum OptionalValues {
    private static let defaults = ["--allow-pub-response": "1"]

    /// The arguments with what was left out put in; what follows `--` is left alone.
    static func filled(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments[..<end].map { argument in defaults[argument].map { "\(argument)=\($0)" } ?? argument }
            + arguments[end...]
    }
}
