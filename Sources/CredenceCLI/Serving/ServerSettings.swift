import Trust

/// What an account server was told, each setting by the strongest of those who said something of it: a flag, then the
/// environment, then the file.
///
/// A name that is not known is a fault wherever it stands: of a setting that makes a server stricter a typing error must
/// not go unnoticed.
struct ServerSettings {
    /// Who said something.
    enum Source: Equatable {
        case flag
        case environment
        case file(String)
    }

    private var values: [ServerSetting: (values: [String], source: Source)] = [:]

    init(
        flags: [ServerSetting: [String]], environment: [String: String], file: (path: String, text: [UInt8])?
    ) throws(CommandFailure) {
        if let file { try read(file.text, of: file.path) }
        try read(environment)
        for (setting, given) in flags { values[setting] = (given, .flag) }
    }

    /// What was said of a setting; nil for nothing.
    func text(_ setting: ServerSetting) -> String? { values[setting]?.values.last }

    func list(_ setting: ServerSetting) -> [String] { values[setting]?.values ?? [] }

    func isOn(_ setting: ServerSetting) throws(CommandFailure) -> Bool {
        switch text(setting) {
        case nil, "false": return false
        case "true": return true
        case let other?: throw fault(setting, "`\(other)` is neither `true` nor `false`")
        }
    }

    /// A number of a setting, within a range.
    func number(_ setting: ServerSetting, in range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
        guard let text = text(setting) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw fault(setting, "`\(text)` is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// One of several words.
    func choice<Value>(_ setting: ServerSetting, _ words: [String: Value]) throws(CommandFailure) -> Value? {
        guard let text = text(setting) else { return nil }
        guard let value = words[text] else {
            throw fault(
                setting, "`\(text)` is none of \(words.keys.sorted().map { "`\($0)`" }.joined(separator: ", "))")
        }
        return value
    }

    /// A failure about a setting, with who said it.
    func fault(_ setting: ServerSetting, _ what: String, hint: String? = nil) -> CommandFailure {
        let place: String
        switch values[setting]?.source {
        case .environment?: place = "the variable \(setting.variable)"
        case .file(let path)?: place = "`\(setting.rawValue)` in \(Files.quoted(path))"
        case .flag?, nil: place = "--\(setting.rawValue)"
        }
        return CommandFailure(.usage, "\(place): \(what)", hint: hint)
    }

    // MARK: -

    private mutating func read(_ environment: [String: String]) throws(CommandFailure) {
        let known = Dictionary(uniqueKeysWithValues: ServerSetting.allCases.map { ($0.variable, $0) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix(ServerSetting.variablePrefix) {
            guard let setting = known[name] else {
                throw CommandFailure(
                    .usage, "the variable \(Files.quoted(name)) is no setting of the account server",
                    hint: "credence account-server --help lists them")
            }
            let parts = setting.kind == .list ? value.split(separator: ",").map(String.init) : [value]
            values[setting] = (parts, .environment)
        }
    }

    private mutating func read(_ text: [UInt8], of path: String) throws(CommandFailure) {
        let members: [(String, [String], ServerSetting.Kind)]
        do throws(SettingsFile.Fault) {
            members = try SettingsFile.members(of: text)
        } catch {
            throw CommandFailure(.badInput, "\(Files.quoted(path)): \(error.description)")
        }
        for (name, given, kind) in members {
            guard let setting = ServerSetting(rawValue: name) else {
                throw CommandFailure(
                    .badInput, "\(Files.quoted(path)): \(Files.quoted(name)) is no setting of the account server",
                    hint: "credence account-server --help lists them")
            }
            guard setting.kind == kind || (setting.kind == .list && kind == .text) else {
                throw CommandFailure(.badInput, "\(Files.quoted(path)): `\(name)` holds a value of another kind")
            }
            values[setting] = (given, .file(path))
        }
    }
}
