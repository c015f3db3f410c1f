/// The member names seen in one object, to find one that comes twice. Linear while few, hashed when many, so that
/// neither a common object nor a hostile one is slow. The standard library's hashing is seeded for each process.
struct NameSet {
    private var few: [[UInt8]] = []
    private var many: Set<[UInt8]> = []

    /// False when the name was there already.
    mutating func insert(_ name: [UInt8]) -> Bool {
        if !many.isEmpty { return many.insert(name).inserted }
        if few.contains(name) { return false }
        few.append(name)
        if few.count > 8 {
            many = Set(few)
            few = []
        }
        return true
    }
}
