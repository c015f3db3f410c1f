/// The types of JSON values, as people name them.
public enum JSONType: String, Hashable, Sendable {
    case object, list, string, number, boolean, null
}
