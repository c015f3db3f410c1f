/// The bounds of this module, in one place, each with its reason.
///
/// They are constants and not options: a subject that one part of a system accepts and another refuses is a
/// fault of its own.
public enum SubjectLimits {
    /// The longest subject or pattern, in bytes of UTF-8. It is the `max_control_line` that servers of this
    /// protocol come with: what is longer could not be published or subscribed to.
    public static let length = 4096

    /// The most tokens of a subject or pattern. Walks that branch keep a row of state for each token, and
    /// subjects in the field have fewer than 20; 256 leaves room and bounds the rows.
    public static let depth = 256

    /// The most rules of one compiled permission set, both lists of one direction together. A token of the
    /// greatest allowed size (1 MiB) cannot name as many; more is refused rather than compiled slowly.
    public static let rules = 2_000_000

    /// The most bytes of pattern text in one direction of a permission set: places in it are kept in 32 bits,
    /// beside tables that may be several times as large.
    public static let ruleText = 1 << 29

    /// The most output bytes of a transform: a longer subject could not be delivered.
    public static let transformOutput = length

    /// The most destinations of one account mapping. Weights are whole percents, so 100 for each cluster are
    /// of use.
    public static let mappingDestinations = 4096

    /// The most replies that one connection's response permission remembers. The oldest are forgotten first.
    public static let pendingReplies = 65_536

    /// How many steps a search in the algebra of pattern sets takes unless the caller says otherwise: about
    /// 10 ms of work.
    public static let algebraSteps = 1_000_000
}
