import NATSWire

/// Writes, each over exactly the revision that it expects.
extension KeyValueBucket {
    /// Writes a value where there is none, or where it was deleted by a marker of the protocol. The revision.
    ///
    /// - Throws: `conflict` where there is one.
    @discardableResult
    public func create(
        _ key: String, _ value: [UInt8], headers: MessageHeaders = MessageHeaders()
    ) async throws(BucketFault) -> UInt64 {
        do throws(BucketFault) { return try await update(key, value, headers: headers, expecting: nil) } catch {
            guard case .conflict(let revision?) = error, let present = try await entry(key), present.operation != .put,
                present.revision == revision
            else { throw error }
            return try await update(key, value, headers: headers, expecting: revision)
        }
    }

    /// Writes a value over a revision; nil for where nothing ever was. The new revision.
    ///
    /// Made once, however often it had to be sent. When it returns or throws `conflict` that is so; when it throws
    /// `outcomeUnknown` it may have been made, and any other fault says that it was not.
    @discardableResult
    public func update(
        _ key: String, _ value: [UInt8], headers: MessageHeaders = MessageHeaders(), expecting revision: UInt64?
    ) async throws(BucketFault) -> UInt64 {
        var random = SystemRandomNumberGenerator()
        let identifier = String(random.next(), radix: 36) + String(random.next(), radix: 36)
        var headers = headers
        headers.add(BucketEntry.expectationHeader, "\(revision ?? 0)")
        headers.add(BucketEntry.identifierHeader, identifier)
        let subject = try subject(key)
        let end = ContinuousClock.now + settings.patience
        // What an attempt that was not answered died of: from then on the write may have been made.
        var doubt: NATSFault?
        var attempt = 0
        while true {
            let fault: BucketFault
            do throws(BucketFault) { return try await write(subject, value, headers) } catch { fault = error }
            if case .connection(let reason) = fault, reason.isOutcomeUnknown { doubt = reason }
            if case .refused(let code, _) = fault, APICode.wrongSequence.contains(code) {
                let present = try await readBack(key, doubt)
                if let present, present.headers[BucketEntry.identifierHeader] == identifier { return present.revision }
                if present?.revision != revision {
                    // It could have been made and written over since.
                    if let doubt { throw .outcomeUnknown(doubt) }
                    throw .conflict(present?.revision)
                }
            } else if !JetStreamAPI.passes(fault) || ContinuousClock.now >= end {
                if let doubt { throw .outcomeUnknown(doubt) }
                throw fault
            }
            guard ContinuousClock.now < end else { throw doubt.map { .outcomeUnknown($0) } ?? fault }
            attempt += 1
            do throws(BucketFault) { try await JetStreamAPI.pause(attempt, after: fault) } catch {
                throw doubt.map { .outcomeUnknown($0) } ?? error
            }
        }
    }

    /// Leaves a marker in place of the value.
    @discardableResult
    public func delete(_ key: String, expecting revision: UInt64) async throws(BucketFault) -> UInt64 {
        let headers = MessageHeaders([.init(BucketEntry.operationHeader, "DEL")])
        return try await update(key, [], headers: headers, expecting: revision)
    }

    /// Leaves a marker in place of the value and of all that was there before.
    @discardableResult
    public func purge(_ key: String, expecting revision: UInt64) async throws(BucketFault) -> UInt64 {
        let headers = MessageHeaders([.init(BucketEntry.operationHeader, "PURGE"), .init("Nats-Rollup", "sub")])
        return try await update(key, [], headers: headers, expecting: revision)
    }

    private func readBack(_ key: String, _ doubt: NATSFault?) async throws(BucketFault) -> BucketEntry? {
        do throws(BucketFault) { return try await entry(key) } catch {
            throw doubt.map { .outcomeUnknown($0) } ?? error
        }
    }

    private func write(
        _ subject: String, _ value: [UInt8], _ headers: MessageHeaders
    ) async throws(BucketFault) -> UInt64 {
        let answer: NATSMessage
        do throws(NATSFault) {
            answer = try await api.connection.request(
                subject, headers: headers, payload: value, timeout: settings.timeout)
        } catch { throw .connection(error) }
        do throws(BucketFault) {
            let json = try JetStreamAPI.read(answer)
            guard json["stream"]?.string == stream, let revision = json["seq"]?.unsigned, revision > 0 else {
                throw .answer("the acknowledgement of a write")
            }
            return revision
        } catch {
            // Who answers something else may have kept it all the same.
            guard case .answer(let text) = error else { throw error }
            throw .outcomeUnknown(.answer(text))
        }
    }
}
