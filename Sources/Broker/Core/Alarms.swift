import NKeys

/// What is to happen at some time: a heap, the earliest first.
struct Alarms {
    enum Kind: Equatable {
        /// A client has not said who it is, in its attempt of this number.
        case authentication(session: UInt64, attempt: Int)
        /// A silent client is to be asked, as the user that it was let in as by its attempt of this number.
        case ping(session: UInt64, attempt: Int)
        /// The time of that user may be over.
        case expiry(session: UInt64, attempt: Int)
        /// Tokens may expire or begin.
        case trust
        /// Answers may have been waited for long enough.
        case replies
        /// The next client is sent away.
        case lameDuck
    }

    private var heap: [(time: UInt64, kind: Kind)] = []

    /// How many there are.
    var count: Int { heap.count }

    /// When something is to happen next; nil for never.
    var next: UInt64? { heap.first?.time }

    mutating func set(_ kind: Kind, at time: UInt64) {
        heap.append((time, kind))
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            if heap[parent].time <= heap[index].time { break }
            heap.swapAt(parent, index)
            index = parent
        }
    }

    /// Takes out what is due at `now`; nil when nothing is.
    mutating func pop(at now: UInt64) -> Kind? {
        guard let first = heap.first, first.time <= now else { return nil }
        let last = heap.removeLast()
        if heap.isEmpty { return first.kind }
        heap[0] = last
        var index = 0
        while true {
            let left = 2 * index + 1
            if left >= heap.count { break }
            let right = left + 1
            let child = right < heap.count && heap[right].time < heap[left].time ? right : left
            if heap[index].time <= heap[child].time { break }
            heap.swapAt(index, child)
            index = child
        }
        return first.kind
    }
}
