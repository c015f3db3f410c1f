/// The routes of one account that were worked out, found by the bytes of a subject.
///
/// A cache of bounded size: two places for each hash, and what is found in neither is worked out again. The hash is
/// seeded for each table, so that nobody can choose subjects that share a place.
struct RouteTable {
    private var places: [Route?] = []
    private var mask = 0
    private var misses = 0
    private let seed = UInt64.random(in: .min ... .max)

    private static let smallest = 64
    private static let largest = 1 << 15

    /// The route of a subject; nil when it is not here, or not what it was worked out from any more.
    @inline(__always)
    func find(_ key: UnsafeBufferPointer<UInt8>) -> Route? {
        if mask == 0 { return nil }
        let place = Int(truncatingIfNeeded: hash(key)) & mask
        if let route = places[place], Self.isSame(route, key) { return route.isCurrent ? route : nil }
        if let route = places[place ^ 1], Self.isSame(route, key) { return route.isCurrent ? route : nil }
        return nil
    }

    /// Keeps a route; one that stands in its place gives way.
    mutating func insert(_ route: Route) {
        if mask == 0 { resize(Self.smallest) }
        let place = route.key.withUnsafeBufferPointer { Int(truncatingIfNeeded: hash($0)) & mask }
        if places[place] == nil || places[place]?.key == route.key {
            places[place] = route
        } else if places[place ^ 1] == nil || places[place ^ 1]?.key == route.key {
            places[place ^ 1] = route
        } else {
            misses &+= 1
            if misses > places.count / 4, places.count < Self.largest {
                resize(places.count * 4)
                return insert(route)
            }
            // The newer of the two is the likelier to be asked for again.
            places[place ^ 1] = places[place]
            places[place] = route
        }
    }

    /// How many routes there is room for.
    var room: Int { places.count }

    /// Forgets what is not what it was worked out from any more, and with it who listened then.
    mutating func removeStale() {
        var count = 0
        for index in places.indices {
            guard let route = places[index] else { continue }
            if route.isCurrent { count += 1 } else { places[index] = nil }
        }
        if count == 0 {
            removeAll()
        } else if count < places.count / 16, places.count > Self.smallest {
            resize(places.count / 4)
        }
    }

    /// Forgets everything, and gives back the memory.
    mutating func removeAll() {
        places = []
        mask = 0
        misses = 0
    }

    private mutating func resize(_ count: Int) {
        let old = places
        places = Array(repeating: nil, count: count)
        mask = count &- 1
        misses = 0
        for case let route? in old where route.isCurrent {
            let place = route.key.withUnsafeBufferPointer { Int(truncatingIfNeeded: hash($0)) & mask }
            if places[place] == nil { places[place] = route } else { places[place ^ 1] = route }
        }
    }

    @inline(__always)
    private static func isSame(_ route: Route, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        route.key.withUnsafeBufferPointer { known in
            guard known.count == key.count, let one = known.baseAddress, let other = key.baseAddress else {
                return false
            }
            return ByteRun.isEqual(one, other, key.count)
        }
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
