import Subjects

/// Where the entries of permission lists stand in the token that they come from.
///
/// Entries stand where their list does, each at its own index. Only a template's list is not the list that is applied:
/// of it, the index that each applied entry was made from is kept.
struct PermissionPlaces: Hashable, Sendable {
    /// Stands for the whole allow list of the direction: it was dropped entry by entry, and so denies everything.
    private static let droppedAllowList = UInt32.max

    /// Where the object stands that holds `pub`, `sub` and `resp`.
    let base: Place
    private var written: [TemplateList: [UInt32]] = [:]

    init(base: Place) { self.base = base }

    /// Notes the written index of each entry of a list; nil where entries stand at their own.
    mutating func set(_ indices: [UInt32]?, of list: TemplateList) { written[list] = indices }

    /// Notes that a deny of everything follows the `count` entries of a list, because every allow entry was dropped.
    mutating func appendDenial(to list: TemplateList, holding count: Int) {
        let before = written[list] ?? (0..<count).map { UInt32(truncatingIfNeeded: $0) }
        written[list] = before + [Self.droppedAllowList]
    }

    /// Where a list stands.
    func place(of list: TemplateList) -> Place { list.place(below: base) }

    /// Where the entry at `index` of a list stands: for one made from a template, the template.
    func place(of index: Int, in list: TemplateList) -> Place {
        guard let indices = written[list], indices.indices.contains(index) else {
            return place(of: list).element(index)
        }
        guard indices[index] != Self.droppedAllowList else {
            return place(of: list == .publishDeny ? .publishAllow : .subscribeAllow)
        }
        return place(of: list).element(Int(indices[index]))
    }
}
