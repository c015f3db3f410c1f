/// What is found wrong, or without effect, while a configuration is read.
final class ConfigurationFindings {
    var faults: [ConfigurationFault] = []
    var warnings: [ConfigurationFault] = []

    /// Notes a fault. Nil, so that a reader can give up with it.
    func refuse<T>(_ fault: ConfigurationFault) -> T? {
        faults.append(fault)
        return nil
    }
}

/// One block of a configuration, of which keys are taken one by one; what is left at the end is not known.
struct ConfigurationSection {
    /// A value that was found, and where.
    struct Found<Value> {
        let value: Value
        let place: ConfigurationPlace
        let key: String

        func fault(_ what: String, hint: String? = nil) -> ConfigurationFault {
            ConfigurationFault(what, at: place, key: key, hint: hint)
        }

        func with<Other>(_ other: Other) -> Found<Other> { .init(value: other, place: place, key: key) }
    }

    let findings: ConfigurationFindings
    /// The keys of the blocks around it, each with a `.` behind it.
    private let path: String
    private var entries: [ConfigurationEntry]

    init(_ entries: [ConfigurationEntry], path: String = "", _ findings: ConfigurationFindings) {
        (self.entries, self.path, self.findings) = (entries, path, findings)
    }

    /// Takes the one entry that has one of these names, however its letters are written. Two are a fault.
    mutating func entry(_ names: [String]) -> Found<ConfigurationValue>? {
        var found: Found<ConfigurationValue>?
        entries.removeAll { entry in
            guard names.contains(entry.key.lowercased()) else { return false }
            let this = Found(value: entry.value, place: entry.place, key: path + entry.key)
            if let found {
                findings.faults.append(this.fault("`\(found.key)` at \(found.place) says the same"))
            } else {
                found = this
            }
            return true
        }
        return found
    }

    /// A text; an empty one is a fault.
    mutating func text(_ names: String...) -> Found<String>? {
        guard let found = entry(names) else { return nil }
        guard case .text(let text) = found.value.content else { return wrong(found, "a text") }
        guard !text.isEmpty else { return findings.refuse(found.fault("the text is empty")) }
        return found.with(text)
    }

    /// A whole number in `range`.
    mutating func number(_ names: String..., in range: ClosedRange<Int64>) -> Found<Int>? {
        guard let found = entry(names) else { return nil }
        guard case .number(let number) = found.value.content else { return wrong(found, "a whole number") }
        guard range.contains(number) else {
            return findings.refuse(
                found.fault("\(number) is not in the range \(range.lowerBound) to \(range.upperBound)"))
        }
        return found.with(Int(number))
    }

    mutating func truth(_ names: String...) -> Found<Bool>? {
        guard let found = entry(names) else { return nil }
        guard case .truth(let truth) = found.value.content else { return wrong(found, "true or false") }
        return found.with(truth)
    }

    mutating func block(_ names: String...) -> Found<ConfigurationSection>? {
        guard let found = entry(names) else { return nil }
        guard case .block(let entries) = found.value.content else { return wrong(found, "a block") }
        return found.with(ConfigurationSection(entries, path: found.key + ".", findings))
    }

    /// One text, or a list of them.
    mutating func texts(_ names: [String]) -> Found<[Found<String>]>? {
        guard let found = entry(names) else { return nil }
        var values = [found.value]
        if case .list(let list) = found.value.content { values = list }
        var texts: [Found<String>] = []
        for value in values {
            guard case .text(let text) = value.content, !text.isEmpty else {
                return wrong(found, "a text, or a list of texts")
            }
            texts.append(Found(value: text, place: value.place, key: found.key))
        }
        return found.with(texts)
    }

    /// A length of time: a text such as `1.9s`; where `numbers` are seconds, a number too.
    mutating func duration(_ names: String..., numbers: Numbers = .refused) -> Found<Duration>? {
        guard let found = entry(names) else { return nil }
        let duration: Duration?
        switch (found.value.content, numbers) {
        case (.text(let text), _): duration = ConfigurationWord.duration(text)
        case (.number(let number), .seconds): duration = abs(number) < 1 << 32 ? .seconds(number) : nil
        case (.fraction(let number), .seconds): duration = abs(number) < 4e9 ? .seconds(number) : nil
        case (.number(let number), .refused):
            return findings.refuse(
                found.fault("a length of time needs its unit", hint: "write it as a text: `\"\(number)s\"`"))
        default: return wrong(found, "a length of time such as `\"2m\"` or `\"1.5s\"`")
        }
        guard let duration else { return wrong(found, "a length of time such as `\"2m\"` or `\"1.5s\"`") }
        guard duration >= .zero else { return findings.refuse(found.fault("a length of time is not negative")) }
        return found.with(duration)
    }

    /// What a number is where a length of time is expected.
    enum Numbers {
        case refused
        case seconds
    }

    /// Says of everything that was not taken that it is not known, in the words of `remarks` where there are some.
    func finish(_ remarks: [String: ConfigurationRemark] = [:]) {
        for entry in entries {
            let found = Found(value: entry.value, place: entry.place, key: path + entry.key)
            switch remarks[entry.key.lowercased()] {
            case .refused(let what, let hint): findings.faults.append(found.fault(what, hint: hint))
            case .refusedUnless(let off, let what, let hint):
                if !off.contains(entry.value.content) { findings.faults.append(found.fault(what, hint: hint)) }
            case .ignored(let what): findings.warnings.append(found.fault(what))
            case .silent: break
            case nil:
                // A key that is there to be named by others is a variable.
                if entry.isVariable { continue }
                findings.faults.append(
                    found.fault("the key is not known to this broker", hint: "remove it, or correct its spelling"))
            }
        }
    }

    /// The entries that are left.
    var rest: [ConfigurationEntry] { entries }

    private func wrong<T>(_ found: Found<ConfigurationValue>, _ expected: String) -> T? {
        findings.refuse(found.fault("\(expected) is expected, and this is \(found.value.kind)"))
    }
}

/// What is said of a key that servers of the field know and this broker does not use.
enum ConfigurationRemark {
    /// Without it the broker would not do what the file asks for: a fault.
    case refused(String, hint: String? = nil)
    /// The same, unless it has one of these values.
    case refusedUnless([ConfigurationValue.Content], String, hint: String? = nil)
    /// It has no effect, and a warning says so.
    case ignored(String)
    /// It has no effect that anybody could miss.
    case silent
}
