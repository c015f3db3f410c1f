/// The output of a mapping as it grows.
struct MappingOutput {
    let input: [UInt8]
    let captures: Captures
    private(set) var bytes: [UInt8] = []

    init(input: [UInt8], captures: Captures) {
        self.input = input
        self.captures = captures
        bytes.reserveCapacity(input.count &+ 32)
    }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }
    mutating func append(_ slice: ArraySlice<UInt8>) { bytes.append(contentsOf: slice) }

    /// Appends what `function` stands for. Words are the caller's to append, being the destination's bytes.
    mutating func append(_ function: MappingFunction, using generator: inout some RandomNumberGenerator) {
        switch function {
        case .word: break
        case .rest:
            if let rest = captures.rest { append(input[rest]) }
        case .wildcard(let index, _): append(input[captured(index)])
        case .partition(let buckets, let indices):
            append(number: hash(indices) % buckets)
        case .random(let bound):
            append(number: UInt32.random(in: 0..<bound, using: &generator))
        case .split(let index, let separator): split(input[captured(index)], by: separator)
        case .cut(let cut, let index, let size): self.cut(cut, captured(index), Int(size))
        }
    }

    private func captured(_ index: Int) -> Range<Int> {
        captures.stars.indices.contains(index &- 1) ? captures.stars[index &- 1] : 0..<0
    }

    private mutating func append(number: UInt32) {
        append(Array(String(number).utf8)[...])
    }

    /// 32-bit FNV-1a of the wildcards one behind the other; of the whole subject when none is named or the
    /// source has none.
    private func hash(_ indices: [Int]) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        func feed(_ slice: ArraySlice<UInt8>) {
            for byte in slice { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        }
        if indices.isEmpty || (captures.stars.isEmpty && captures.rest == nil) {
            feed(input[...])
        } else {
            for index in indices { feed(input[captured(index)]) }
        }
        return hash
    }

    private mutating func split(_ token: ArraySlice<UInt8>, by separator: [UInt8]) {
        var first = true
        func dot() {
            if !first { bytes.append(Bytes.dot) }
            first = false
        }
        if separator.isEmpty {
            for byte in token {
                // A token for each character: a continuation byte belongs to the one before.
                if byte & 0xc0 != 0x80 { dot() }
                bytes.append(byte)
            }
            return
        }
        var start = token.startIndex
        var index = start
        while index <= token.endIndex {
            let found = token[index...].starts(with: separator)
            if found || index == token.endIndex {
                if index > start {
                    dot()
                    bytes.append(contentsOf: token[start..<index])
                }
                index += found ? separator.count : 1
                start = index
            } else {
                index += 1
            }
        }
    }

    private mutating func cut(_ cut: MappingFunction.Cut, _ range: Range<Int>, _ size: Int) {
        guard range.count > size else {
            append(input[range])
            return
        }
        let fromLeft = range.lowerBound &+ size
        let fromRight = range.upperBound &- size
        switch cut {
        case .left: append(input[range.lowerBound..<fromLeft])
        case .right: append(input[fromRight..<range.upperBound])
        case .splitFromLeft: pieces(range, first: fromLeft, step: range.count)
        case .splitFromRight: pieces(range, first: fromRight, step: range.count)
        case .sliceFromLeft: pieces(range, first: fromLeft, step: size)
        case .sliceFromRight:
            let left = range.count % size
            pieces(range, first: range.lowerBound &+ (left == 0 ? size : left), step: size)
        }
    }

    private mutating func pieces(_ range: Range<Int>, first: Int, step: Int) {
        append(input[range.lowerBound..<first])
        var start = first
        while start < range.upperBound {
            let end = min(start &+ step, range.upperBound)
            append(Bytes.dot)
            append(input[start..<end])
            start = end
        }
    }
}
