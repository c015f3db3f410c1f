import Foundation

/// `credence callout` as a process of its own, for as long as this value lives.
final class CalloutProcess: Sendable {
    private let process: ServedProcess

    /// Starts a service on a configuration, and returns when it is ready.
    init(_ configuration: String, _ arguments: [String] = []) throws {
        process = try ServedProcess([Program.credence, "callout", "-c", configuration] + arguments)
        guard log.wait(for: { $0.contains(": ready") || $0.contains("\"ready\"") ? true : nil }) != nil else {
            throw Fault("the service does not start: \(log.text)")
        }
    }

    var log: ProcessLog { process.log }

    func signal(_ number: Int32) { process.signal(number) }

    /// Ends it, and waits until it has ended.
    func end(_ number: Int32) throws {
        signal(number)
        guard log.waitForEnd() else { throw Fault("the service does not end: \(log.text)") }
    }

    /// Whether it said this, now or within a while.
    func says(_ text: String, times: Int = 1) -> Bool { process.says(text, times: times) }
}
