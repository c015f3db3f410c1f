/// The routes of one account that were worked out, found by the bytes of a subject.
///
/// A cache of bounded size: two places for each hash, and what is found in neither is worked out again. The hash is
/// seeded for each table, so that nobody can choose subjects that share a place. It counts no references on the way of a
/// message: what it finds is kept by it alone until the next change of it.
final class RouteTable {
    private var places: UnsafeMutablePointer<Unmanaged<Route>?>
    private var count = 0
    private var mask = -1
    private var misses = 0
    private let seed = UInt64.random(in: .min ... .max)

    private static let smallest = 64
    /// As many places at most: an account whose subjects are all different, as those of answers are, fills them.
    static let largest = 1 << 13

    init() { places = .allocate(capacity: 1) }

    deinit { clear() }

    private func clear() {
        for place in 0..<count { places[place]?.release() }
        places.deallocate()
    }

    /// The route of a subject; nil when it is not here, or not what it was worked out from any more. Valid until the next
    /// change of the table.
    @inline(__always)
    func find(_ key: UnsafeBufferPointer<UInt8>) -> Unmanaged<Route>? {
        if count == 0 { return nil }
        let place = Int(truncatingIfNeeded: hash(key)) & mask
        if let route = places[place], Self.isUsable(route, key) { return route }
        if let route = places[place ^ 1], Self.isUsable(route, key) { return route }
        return nil
    }

    /// Keeps a route; one that stands in its place gives way.
    func insert(_ route: Route) {
        if count == 0 { resize(Self.smallest) }
        let place = Int(truncatingIfNeeded: hash(route.key)) & mask
        if isFree(place, for: route) {
            put(route, at: place)
        } else if isFree(place ^ 1, for: route) {
            put(route, at: place ^ 1)
        } else {
            misses &+= 1
            if misses > count / 4, count < Self.largest {
                resize(count * 4)
                return insert(route)
            }
            // The newer of the two is the likelier to be asked for again.
            swap(&places[place], &places[place ^ 1])
            put(route, at: place)
        }
    }

    /// How many routes there is room for.
    var room: Int { count }

    /// Forgets what is not what it was worked out from any more, and with it who listened then.
    func removeStale() {
        var current = 0
        for place in 0..<count {
            guard let route = places[place] else { continue }
            if route._withUnsafeGuaranteedRef({ $0.isCurrent }) {
                current += 1
            } else {
                places[place] = nil
                route.release()
            }
        }
        if current == 0 {
            removeAll()
        } else if current < count / 16, count > Self.smallest {
            resize(count / 4)
        }
    }

    /// Forgets everything, and gives back the memory.
    func removeAll() {
        clear()
        places = .allocate(capacity: 1)
        (count, mask, misses) = (0, -1, 0)
    }

    private func put(_ route: Route, at place: Int) {
        let old = places[place]
        places[place] = Unmanaged.passRetained(route)
        old?.release()
    }

    /// Whether a place holds nothing, the same subject's route, or one that is out of date.
    private func isFree(_ place: Int, for route: Route) -> Bool {
        guard let known = places[place] else { return true }
        return known._withUnsafeGuaranteedRef { !$0.isCurrent || Self.isSame($0, route.key) }
    }

    private func resize(_ newCount: Int) {
        let (old, oldCount) = (places, count)
        places = .allocate(capacity: newCount)
        places.initialize(repeating: nil, count: newCount)
        (count, mask, misses) = (newCount, newCount &- 1, 0)
        for place in 0..<oldCount {
            guard let route = old[place]?.takeRetainedValue(), route.isCurrent else { continue }
            let place = Int(truncatingIfNeeded: hash(route.key)) & mask
            put(route, at: places[place] == nil ? place : place ^ 1)
        }
        old.deallocate()
    }

    @inline(__always)
    private static func isUsable(_ route: Unmanaged<Route>, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        route._withUnsafeGuaranteedRef { isSame($0, key) && $0.isCurrent }
    }

    @inline(__always)
    private static func isSame(_ route: Route, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let known = route.key
        guard known.count == key.count, let one = known.baseAddress, let other = key.baseAddress else { return false }
        return ByteRun.isEqual(one, other, key.count)
    }

    @inline(__always)
    private func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let base = key.baseAddress else { return seed }
        return ByteRun.hash(base, key.count, seed: seed)
    }
}

/// Bytes, compared and hashed eight at a time.
enum ByteRun {
    @inline(__always)
    static func isEqual(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while index &+ 8 <= count {
            if word(one, index) != word(other, index) { return false }
            index &+= 8
        }
        while index < count {
            if one[index] != other[index] { return false }
            index &+= 1
        }
        return true
    }

    /// A multiplicative hash, folded. Not for secrets; its seed is.
    @inline(__always)
    static func hash(_ base: UnsafePointer<UInt8>, _ count: Int, seed: UInt64) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: count)
        var index = 0
        while index &+ 8 <= count {
            hash = fold(hash ^ word(base, index))
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < count {
            rest = rest << 8 | UInt64(base[index])
            index &+= 1
        }
        return fold(hash ^ rest)
    }

    @inline(__always)
    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func word(_ base: UnsafePointer<UInt8>, _ index: Int) -> UInt64 {
        UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
    }
}
