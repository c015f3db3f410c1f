import CLookupTable

/// Looks whole subjects up in a hash table of the C++ standard library: what a cache in front of the checks would
/// cost, and so the unit in which checks are compared between machines.
final class LookupTable {
    private let table: OpaquePointer

    /// A table of these subjects; nil when memory runs out.
    init?(_ subjects: [String]) {
        guard let table = lookup_table_create() else { return nil }
        self.table = table
        for var subject in subjects {
            let isAdded = subject.withUTF8 { text in
                text.withMemoryRebound(to: CChar.self) { lookup_table_add(table, $0.baseAddress, $0.count) != 0 }
            }
            if !isAdded { return nil }
        }
    }

    deinit { lookup_table_destroy(table) }

    /// Looks up every subject once.
    ///
    /// - Returns: how many were found, which is all of them.
    @inline(never)
    func pass() -> Int { lookup_table_pass(table) }
}
