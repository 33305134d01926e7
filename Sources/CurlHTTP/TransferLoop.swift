// The one thread on which libcurl runs. Others put orders into its inbox and wake it; everything
// that libcurl touches, the thread alone touches, so there is nothing to lock but the inbox.

internal import Glibc
internal import HTTP
private import Synchronization

/// The transfers of one transport.
final class TransferLoop: Sendable {
    private enum Order: Sendable {
        case start(Transfer)
        case cancel(UInt64)
    }

    private struct Inbox: Sendable {
        var orders: [Order] = []
        var isClosed = false
    }

    /// The multi handle, which two threads share.
    private struct SharedHandle: ~Copyable, @unchecked Sendable {
        // Safe: the thread calls it, and anyone else only wakes it, which libcurl allows.
        let handle: MultiHandle
    }

    private let multi: SharedHandle
    private let limit: Int
    private let inbox = Mutex(Inbox())

    init(maximumTransfers: Int) throws(HTTPError) {
        limit = max(1, maximumTransfers)
        multi = SharedHandle(handle: try MultiHandle(connections: limit))
    }

    // MARK: - From any thread

    func start(_ transfer: Transfer) { give(.start(transfer)) }

    func cancel(_ id: UInt64) { give(.cancel(id)) }

    /// Ends the thread when the last transfer has ended.
    func close() {
        inbox.withLock { $0.isClosed = true }
        multi.handle.wake()
    }

    private func give(_ order: Order) {
        inbox.withLock { $0.orders.append(order) }
        multi.handle.wake()
    }

    /// Starts the thread, which keeps the loop alive until it is closed.
    func startThread() throws(HTTPError) {
        let loop = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, unsafe loop.toOpaque())
        guard code == 0 else {
            unsafe loop.release()
            throw .library(unsafe "no thread: \(String(cString: strerror(code)))")
        }
        pthread_detach(thread)
    }

    // MARK: - On the thread

    private func run() {
        var work = Work(limit: limit)
        while true {
            let (orders, isClosed) = inbox.withLock { inbox in
                defer { inbox.orders = [] }
                return (inbox.orders, inbox.isClosed)
            }
            for order in orders {
                switch order {
                case .start(let transfer): work.waiting.append(transfer)
                case .cancel(let id): work.cancel(id, multi.handle)
                }
            }
            work.expire()
            work.startWaiting(multi.handle)
            multi.handle.perform()
            work.endDone(multi.handle)
            if isClosed, work.isIdle { return }
            // A turn that became free is taken before anything is waited for.
            if !work.canStart { multi.handle.wait(milliseconds: work.patience) }
        }
    }

    /// The transfers that wait for their turn, and those that run.
    private struct Work {
        let limit: Int
        var waiting: [Transfer] = []
        private var running: [EasyHandle.Identity: Transfer] = [:]

        init(limit: Int) { self.limit = limit }

        var isIdle: Bool { waiting.isEmpty && running.isEmpty }
        var canStart: Bool { !waiting.isEmpty && running.count < limit }

        /// How long nothing needs to be looked at; what runs wakes libcurl by itself.
        var patience: Int32 {
            guard let next = waiting.map(\.deadline).min() else { return 60_000 }
            return Int32(min(60_000, (next - .now).milliseconds))
        }

        mutating func cancel(_ id: UInt64, _ multi: borrowing MultiHandle) {
            if let index = waiting.firstIndex(where: { $0.id == id }) {
                let transfer = waiting.remove(at: index)
                transfer.end(.failure(.cancelled(transfer.url)))
            } else if let (handle, transfer) = running.first(where: { $0.value.id == id }) {
                running[handle] = nil
                multi.remove(transfer.easy)
                transfer.end(.failure(.cancelled(transfer.url)))
            }
        }

        /// Ends those whose time passed before their turn came.
        mutating func expire() {
            let now = ContinuousClock.now
            for transfer in waiting where transfer.deadline <= now {
                transfer.end(.failure(.deadline(transfer.url, sent: false)))
            }
            waiting.removeAll { $0.deadline <= now }
        }

        mutating func startWaiting(_ multi: borrowing MultiHandle) {
            while canStart {
                let transfer = waiting.removeFirst()
                do throws(HTTPError) {
                    try transfer.easy.setLimit((transfer.deadline - .now).milliseconds)
                } catch {
                    transfer.end(.failure(error))
                    continue
                }
                if multi.add(transfer.easy) {
                    running[transfer.easy.identity] = transfer
                } else {
                    transfer.end(.failure(.library("libcurl takes no more transfers")))
                }
            }
        }

        mutating func endDone(_ multi: borrowing MultiHandle) {
            while let (handle, code) = multi.nextDone() {
                guard let transfer = running.removeValue(forKey: handle) else { continue }
                let outcome = transfer.outcome(code)
                multi.remove(transfer.easy)
                transfer.end(outcome)
            }
        }
    }
}
