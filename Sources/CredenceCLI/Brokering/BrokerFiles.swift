import Broker
import Glibc
import Trust

/// Reads the files that a broker's configuration names.
enum BrokerFiles {
    /// The largest file that is read.
    private static let limit = 64 << 20

    /// Reads a configuration and whatever it names.
    ///
    /// - Throws: the first fault, when the others are said.
    static func configuration(
        _ path: String, verifier: TokenVerifier
    ) throws(BrokerConfigurationFailure) -> BrokerConfiguration {
        do throws(ConfigurationRefusal) {
            return try BrokerConfiguration.read(
                path, environment: ServerEnvironment.all(), verifier: verifier, at: WallClock.now(), files: read)
        } catch {
            // A file that is not there at all is another fault than one that says something wrong.
            let isMissing = path != "-" && access(path, F_OK) != 0 && errno == ENOENT
            throw BrokerConfigurationFailure(status: isMissing ? .noInput : .badInput, faults: error.faults)
        }
    }

    private static func read(_ path: String) throws(ConfigurationFault) -> [UInt8] {
        do throws(CommandFailure) {
            return try Files.read(path, limit: limit)
        } catch {
            let name = Files.name(path)
            var what = error.what[...]
            if what.hasPrefix(name) { what = what.dropFirst(name.count).drop { $0 == ":" || $0 == " " } }
            throw ConfigurationFault(String(what), hint: error.hint)
        }
    }
}

/// What is wrong with a configuration.
struct BrokerConfigurationFailure: Error {
    let status: ExitStatus
    let faults: [ConfigurationFault]

    /// Says everything, and is the error that ends the command.
    func said() -> any Error {
        for fault in faults {
            StandardError.write(CommandFailure(status, fault.description, hint: fault.hint).text)
        }
        return status.asError
    }
}
