import FolderStores
import Glibc
import NKeys
import Trust

/// What is kept of a journal when it is pruned. Whole segments go, never the one that is appended to.
public enum JournalRetention: Hashable, Sendable {
    /// Segments whose last entry was judged at that time or later.
    case since(UnixTime)
    /// The newest so many segments, at least one.
    case segments(Int)
}

extension JournalFolder {
    /// Lets entries go into a new segment from now on; nothing where the one in use is empty.
    public func rotate() throws(JournalFault) {
        var journal = try current()
        guard journal.file.length > 0 else { return }
        do throws(SystemError) {
            try journal.file.mend()
            let segment = JournalLayout.Segment(first: journal.last.number + 1)
            journal.file = try JournalSegmentFile(new: segment, in: journal.folder, counter)
        } catch {
            throw Self.fault(error, "a new segment of the journal cannot be made")
        }
        opened = journal
    }

    /// A clock that steps back makes a segment younger, and never loses an entry.
    func rotateIfDue(at time: UnixTime) throws(JournalFault) {
        let journal = try current()
        let isOld =
            if let limit = settings.segmentSeconds, let begun = journal.file.begun {
                begun.advanced(by: max(0, limit)) <= time
            } else {
                false
            }
        if journal.file.length >= settings.segmentBytes || isOld { try rotate() }
    }

    /// Takes old segments away. What is left stays provable: the base, which names the last entry that went, is on the
    /// disk before the first segment goes, so that an interruption leaves the old beginning or the new.
    ///
    /// - Returns: the new base; nil when there was nothing to take away.
    /// - Throws: `JournalFault`, too when the journal was signed and there is no key to sign the base with.
    @discardableResult
    public func prune(keeping retention: JournalRetention) throws(JournalFault) -> JournalSeal? {
        let journal = try current()
        let layout = try layout(journal)
        let segments = layout.segments(behind: journal.base)
        guard let (next, lastGone) = try Self.firstKept(of: segments, retention, in: journal.folder) else {
            try remove(layout.segments.prefix { $0.first < segments.first?.first ?? 0 }, from: journal)
            return nil
        }
        if pair == nil, journal.head?.key != nil || journal.base?.key != nil {
            throw JournalFault(
                "the journal is signed, and there is no key to sign what is taken away",
                hint: "prune it with the server's key")
        }
        // The head must not name an entry that is gone.
        try signHead()
        let entry = (number: lastGone.number, hash: lastGone.hash)
        var changed = try current()
        changed.base = try Self.put(.base, entry, signedBy: pair, at: clock(), in: journal.folder, counter)
        opened = changed
        try remove(layout.segments.prefix { $0.first < next.first }, from: changed)
        return changed.base
    }

    /// The first segment that stays, and the last entry before it; nil when all stay.
    private static func firstKept(
        of segments: ArraySlice<JournalLayout.Segment>, _ retention: JournalRetention, in folder: Folder
    ) throws(JournalFault) -> (next: JournalLayout.Segment, lastGone: JournalEntry)? {
        var found: (JournalLayout.Segment, JournalEntry)?
        for (segment, next) in zip(segments, segments.dropFirst()) {
            if case .segments(let count) = retention, segments.endIndex - max(1, count) <= segment.index(in: segments) {
                break
            }
            let tail = try JournalTail.read(segment, in: folder, size: 1 << 16)
            guard let last = try tail.last(of: segment) else {
                throw JournalFault(broken: segment.name, "it has no entries, and another segment follows")
            }
            if case .since(let time) = retention, last.time >= time { break }
            guard last.number == next.first - 1 else {
                throw JournalFault(broken: next.name, "it does not follow entry \(last.number)")
            }
            if let first = try JournalLines.first(of: next, in: folder), first.previous != last.hash {
                throw JournalFault(broken: next.name, "it does not follow entry \(last.number)")
            }
            found = (next, last)
        }
        return found
    }

    /// Removes segments, the oldest first, so that what an interruption leaves is a stretch before the base.
    private func remove(
        _ segments: ArraySlice<JournalLayout.Segment>, from journal: Opened
    ) throws(JournalFault) {
        guard !segments.isEmpty else { return }
        do throws(SystemError) {
            for segment in segments { try journal.folder.calls.removeFile(segment.name, in: journal.folder.descriptor) }
            counter.add(1)
            try journal.folder.calls.synchronise(journal.folder.descriptor)
        } catch {
            throw JournalFault(
                "old segments of the journal cannot be removed: \(error.text)",
                hint: "they count as taken away; prune again to end it")
        }
    }
}

extension JournalLayout.Segment {
    /// Its place among others.
    fileprivate func index(in segments: ArraySlice<Self>) -> Int { segments.firstIndex(of: self) ?? segments.endIndex }
}
