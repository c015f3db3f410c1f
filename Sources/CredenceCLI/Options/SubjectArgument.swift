import Subjects

/// Subjects as a command line gives them, read strictly.
enum SubjectArgument {
    /// A subject that may hold wildcards.
    static func pattern(_ text: String, flag: String) throws(CommandFailure) -> SubjectPattern {
        do throws(SubjectError) {
            return try SubjectPattern(text)
        } catch {
            throw failure(error, text, flag)
        }
    }

    /// A subject without wildcards.
    static func literal(_ text: String, flag: String) throws(CommandFailure) -> Subject {
        do throws(SubjectError) {
            return try Subject(text)
        } catch {
            throw failure(error, text, flag)
        }
    }

    private static func failure(_ error: SubjectError, _ text: String, _ flag: String) -> CommandFailure {
        CommandFailure(
            .badInput, "\(Files.quoted(text)) in \(flag): \(error)", hint: PermissionOptions.hint(for: error, in: text))
    }
}
