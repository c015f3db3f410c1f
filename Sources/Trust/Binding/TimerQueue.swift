import NKeys

/// When accounts have to be judged again, the earliest first: a binary heap. An account has one time; an earlier entry
/// of it that is no longer its time is passed over when its turn comes.
struct TimerQueue: Sendable {
    private struct Entry: Sendable {
        let time: UnixTime
        let account: PublicKey
    }

    private var heap: [Entry] = []
    private var times: [PublicKey: UnixTime] = [:]

    /// The time of an account; nil for none. Setting it costs O(log n).
    subscript(account: PublicKey) -> UnixTime? {
        get { times[account] }
        set {
            guard newValue != times[account] else { return }
            times[account] = newValue
            if let newValue { push(Entry(time: newValue, account: account)) }
            // Entries passed over must not pile up.
            if heap.count > 2 * times.count + 64 { rebuild() }
        }
    }

    /// The earliest time there is.
    var first: UnixTime? {
        mutating get {
            while let entry = heap.first, times[entry.account] != entry.time { pop() }
            return heap.first?.time
        }
    }

    /// Takes out the next account whose time has come.
    mutating func next(at now: UnixTime) -> PublicKey? {
        guard let time = first, time <= now, let entry = heap.first else { return nil }
        pop()
        times[entry.account] = nil
        return entry.account
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var place = heap.count - 1
        while place > 0, heap[place].time < heap[(place - 1) / 2].time {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func pop() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        sink(0)
    }

    private mutating func sink(_ from: Int) {
        var place = from
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].time < heap[least].time
            {
                least = child
            }
            if least == place { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    private mutating func rebuild() {
        heap = times.map { Entry(time: $0.value, account: $0.key) }
        for place in (0..<heap.count / 2).reversed() { sink(place) }
    }
}
