/// A control line that is being read, in bytes that somebody else holds.
struct ControlLine {
    /// The operations that begin lines of clients.
    enum Operation {
        case connect, publish, publishWithHeaders, subscribe, unsubscribe, ping, pong, ok, info, error, unknown
    }

    let base: UnsafePointer<UInt8>
    /// Where the line begins.
    let start: Int
    /// Where the bytes end.
    let count: Int
    /// Where reading goes on.
    private(set) var position: Int
    /// Whether the end of the line was found: then `textEnd` is where its text ends and `next` where what follows begins.
    private(set) var isWhole = false
    private(set) var textEnd = 0
    private(set) var next = 0

    init(_ base: UnsafePointer<UInt8>, _ start: Int, _ count: Int) {
        (self.base, self.start, self.count, position) = (base, start, count, start)
    }

    /// The operation that the line begins with, and whether more bytes could make another of it.
    @inline(__always)
    mutating func word() -> (operation: Operation, isCertain: Bool) {
        if count &- position >= 4 {
            let four = UnsafeRawPointer(base + position).loadUnaligned(as: UInt32.self).littleEndian & 0xDFDF_DFDF
            // `PUB` and a blank, whose bit for the case is taken away too: a blank or a NUL.
            if four & 0x00FF_FFFF == 0x0042_5550, isBlank(position &+ 3) {
                position &+= 3
                return (.publish, true)
            }
        }
        return otherWord()
    }

    @inline(never)
    private mutating func otherWord() -> (operation: Operation, isCertain: Bool) {
        var known = (operation: Operation.unknown, isCertain: true)
        let names: [(StaticString, Operation, Ending)] = [
            ("PUB", .publish, .blank), ("HPUB", .publishWithHeaders, .blank), ("SUB", .subscribe, .blank),
            ("UNSUB", .unsubscribe, .blank), ("PING", .ping, .any), ("PONG", .pong, .any),
            ("CONNECT", .connect, .blank), ("+OK", .ok, .any), ("INFO", .info, .blank), ("-ERR", .error, .any),
        ]
        for (name, operation, ending) in names {
            let length = name.utf8CodeUnitCount
            var index = 0
            while index < length, position &+ index < count,
                Self.upper(base[position &+ index]) == name.utf8Start[index]
            {
                index &+= 1
            }
            if index < length {
                if position &+ index == count { known.isCertain = false }
                continue
            }
            switch ending {
            case .any: break
            case .blank:
                guard position &+ length < count else {
                    known.isCertain = false
                    continue
                }
                guard isBlank(position &+ length) || isLineEnd(position &+ length) else { continue }
            }
            position &+= length
            return (operation, true)
        }
        return known
    }

    /// What follows an operation's name.
    private enum Ending { case blank, any }

    @inline(__always)
    private static func upper(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte & 0xDF : byte }

    @inline(__always)
    private func isBlank(_ index: Int) -> Bool { base[index] == 0x20 || base[index] == 0x09 }

    @inline(__always)
    private func isLineEnd(_ index: Int) -> Bool { base[index] == 0x0D || base[index] == 0x0A }

    @inline(__always)
    mutating func skipBlanks() {
        while position < count, isBlank(position) { position &+= 1 }
    }

    /// The next argument; nil at the end of the line, or of the bytes.
    @inline(__always)
    mutating func argument() -> Range<Int>? {
        skipBlanks()
        guard position < count else { return nil }
        if takeLineEnd() { return nil }
        let first = position
        while position < count {
            position = firstAtMostBlank(from: position)
            guard position < count else { return nil }
            if isBlank(position) { return first..<position }
            if base[position] == 0x0A { return first..<position }
            if base[position] == 0x0D {
                guard position &+ 1 < count else { return nil }
                if base[position &+ 1] == 0x0A { return first..<position }
            }
            // Another control character is part of what it stands in; it is judged with it.
            position &+= 1
        }
        return nil
    }

    /// Takes the line's end, if it is here.
    @inline(__always)
    private mutating func takeLineEnd() -> Bool {
        var index = position
        if base[index] == 0x0D {
            index &+= 1
            guard index < count else { return false }
        }
        guard base[index] == 0x0A else { return false }
        isWhole = true
        textEnd = position
        next = index &+ 1
        return true
    }

    /// Looks for the line's end from here on, through at most `limit` bytes and the end itself.
    ///
    /// `textEnd` is then where the text ends, or where the search did.
    mutating func findEnd(within limit: Int) -> Bool {
        let (last, over) = position.addingReportingOverflow(limit &+ 2)
        let stop = over ? count : min(count, last)
        var index = position
        while index < stop, base[index] != 0x0A { index &+= 1 }
        textEnd = index
        guard index < stop else {
            // A CR that an LF may follow is no text yet.
            if index > position, base[index &- 1] == 0x0D { textEnd = index &- 1 }
            return false
        }
        if index > position, base[index &- 1] == 0x0D { textEnd = index &- 1 }
        next = index &+ 1
        isWhole = true
        return true
    }

    /// Where the first byte stands that is a blank or a control character; the end of the bytes for none.
    @inline(__always)
    private func firstAtMostBlank(from first: Int) -> Int {
        var index = first
        while index &+ 8 <= count {
            let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self).littleEndian
            // The lowest mark is exact: a borrow goes upward only.
            let marks = (word &- 0x2121_2121_2121_2121) & ~word & 0x8080_8080_8080_8080
            if marks != 0 { return index &+ marks.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count, base[index] > 0x20 { index &+= 1 }
        return index
    }

    /// Whether an argument holds a control character.
    @inline(__always)
    func hasControlCharacter(_ place: Range<Int>) -> Bool {
        for index in place where base[index] < 0x20 || base[index] == 0x7F { return true }
        return false
    }

    /// One to nine digits.
    @inline(__always)
    func size(_ place: Range<Int>) -> Int? {
        guard place.count <= 9, place.count > 0 else { return nil }
        var value = 0
        for index in place {
            let digit = base[index] &- 0x30
            if digit > 9 { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }
}
