import Subjects

/// The text of an entry in a role's list, such as `dev.{{name()}}.>`.
enum TemplateText {
    /// What is wrong with an entry, whoever the user is; nil when nothing is.
    static func fault(in text: String, _ place: PermissionEntry.Place) -> Detail? {
        if text.contains("{{") { return nil }
        do throws(SubjectError) {
            _ = try PermissionEntry(text, in: place)
            return nil
        } catch {
            return .subject(error)
        }
    }
}
