import ArgumentParser

/// What a run answers, as a number (the codes of sysexits.h where there is one).
enum ExitStatus: Int32 {
    /// Yes: accepted, allowed, done.
    case yes = 0
    /// No: refused, denied, findings.
    case no = 1
    /// The command line is wrong.
    case usage = 64
    /// Input that cannot be read as what it should be.
    case badInput = 65
    /// No such input.
    case noInput = 66
    /// A fault of the program.
    case internalError = 70
    /// The system refuses to read or to write.
    case inputOutput = 74

    /// Ends the command with this status; nothing more is printed.
    var asError: ExitCode { ExitCode(rawValue) }
}
