import Glibc
import Logging
import Synchronization
import Trust

/// Writes log lines to standard error, one an event: as text for people, or as JSON for machines.
struct LineLogHandler: LogHandler {
    private static let output = Mutex(())

    let label: String
    let format: AccountServerConfiguration.LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, level: Logger.Level, format: AccountServerConfiguration.LogFormat) {
        (self.label, logLevel, self.format) = (label, level, format)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line = format == .json ? json(event, merged) : text(event, merged)
        Self.output.withLock { _ in StandardError.write(line + "\n") }
    }

    private func text(_ event: LogEvent, _ metadata: [(key: String, value: Logger.MetadataValue)]) -> String {
        let pairs = metadata.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        return
            "\("\(WallClock.now())") \(event.level.rawValue) \(label): \(Printable.line("\(event.message)"))\(pairs)"
    }

    private func json(_ event: LogEvent, _ metadata: [(key: String, value: Logger.MetadataValue)]) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("time", "\(WallClock.now())")
            $0.member("level", event.level.rawValue)
            $0.member("label", label)
            $0.member("message", "\(event.message)")
            for (key, value) in metadata { $0.member(key, "\(value)") }
        }
        return writer.text
    }

    private static func quoted(_ value: String) -> String {
        let line = Printable.line(value)
        return line.contains(" ") ? "\"\(line)\"" : line
    }
}
