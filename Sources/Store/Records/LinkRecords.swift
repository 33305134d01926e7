// Where a run's controller takes in what its workers see, second by second. It stands in the store
// because that is the one place which only the fleet's own nodes can read: who has the key belongs to
// the run.

/// The live channel of a run, as its controller announces it; a restarted controller does so anew.
package struct RunLink: Record, Equatable {
    /// The controller's IPv4 address.
    package var address: String
    package var port: Int
    /// 32 random bytes in hexadecimal, with which both sides prove that they belong to the run.
    package var key: String

    package init(address: String, port: Int, key: String) {
        self.address = address
        self.port = port
        self.key = key
    }
}
