import Trust

/// A stretch of a journal as one stream of lines that can be verified by itself: what is known of the entries before it
/// (`{"base":…}`), the signed head where it names an entry of the stretch (`{"head":…}`), and the entries.
///
/// Where the stretch begins behind the first entry that there is, the base is made for it and is not signed: that the
/// entries follow it is proved by the head, which is behind them.
public struct JournalExtract {
    /// Writes the entries from `from` to `to`, those that there are, as they stand in the folder.
    ///
    /// - Parameter sink: takes the next bytes, whole lines.
    /// - Returns: the survey of the whole journal; what does not fit is left out of the stream.
    /// - Throws: what the sink throws first, as `Failure.sink`, or why the journal cannot be read.
    public static func write(
        folderAt path: String, from: Int64 = 1, to: Int64 = .max,
        _ sink: ([UInt8]) throws -> Void
    ) throws -> JournalSurvey {
        let begun = try JournalSurvey.seals(folderAt: path)
        var isBegun = false
        var buffer: [UInt8] = []
        var failure: (any Error)?
        let survey = try JournalSurvey.folder(at: path) { entry, _, _ in
            guard failure == nil, entry.number >= from, entry.number <= to else { return }
            if !isBegun {
                isBegun = true
                for seal in seals(before: entry, to: to, base: begun.base, head: begun.head) {
                    buffer += Array("{\"\(seal.purpose.rawValue)\":\(seal.line)}\n".utf8)
                }
            }
            buffer += entry.bytes
            buffer.append(JournalTail.newline)
            guard buffer.count >= 1 << 18 else { return }
            do {
                try sink(buffer)
            } catch {
                failure = error
            }
            buffer.removeAll(keepingCapacity: true)
        }
        if let failure { throw failure }
        if !buffer.isEmpty { try sink(buffer) }
        return survey
    }

    /// The seals that stand before a stretch that begins with this entry.
    private static func seals(
        before entry: JournalEntry, to: Int64, base: JournalSeal?, head: JournalSeal?
    ) -> [JournalSeal] {
        var seals: [JournalSeal] = []
        if let base, base.number == entry.number - 1 {
            seals.append(base)
        } else if entry.number > 1,
            let made = try? JournalSeal(
                .base, number: entry.number - 1, hash: entry.previous, at: entry.time, signedBy: nil)
        {
            seals.append(made)
        }
        // One that names an entry further on would say that this stretch was cut off.
        if let head, head.number >= entry.number, head.number <= to { seals.append(head) }
        return seals
    }

    /// The seal that a line of an extract holds; nil when it holds none of this purpose.
    static func seal(_ purpose: JournalSeal.Purpose, in line: ArraySlice<UInt8>) -> JournalSeal? {
        let start = Array("{\"\(purpose.rawValue)\":".utf8)
        guard line.starts(with: start), line.last == UInt8(ascii: "}") else { return nil }
        return line.dropFirst(start.count).dropLast().withUnsafeBufferPointer { JournalSeal(purpose, line: $0) }
    }
}
