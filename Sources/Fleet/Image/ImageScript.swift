// What the instance that becomes an image does: the same as a node up to its agent, then it says in
// the store that it is done. It has no other way to say so: it may call nothing of EC2.

internal import Store

extension UserData {
    /// The script of an instance of which an image is made.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)`` for a value with a line break in it.
    func imageScript(telling done: StoreKey) throws(FleetError) -> String {
        """
        \(try preparation())
        done_key=\(Self.quoted(done.path))
        \(Self.imageBody)

        """
    }

    private static let imageBody = #"""
        # Each instance of the image gets an identity of its own.
        [ -f /etc/machine-id ] && : >/etc/machine-id
        sync
        # An empty object, so its hash is that of nothing, too.
        for attempt in 1 2 3 4 5; do
          curl -sSf --connect-timeout 10 --max-time 60 -X PUT -H 'Content-Length: 0' \
            --aws-sigv4 "aws:amz:$region:s3" --config - "$objects/$done_key" <<CONFIG &&
        user = "$(field AccessKeyId):$(field SecretAccessKey)"
        header = "x-amz-security-token: $(field Token)"
        header = "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        CONFIG
            say "the image can be made" && exit
          say "attempt $attempt to say so failed"
          sleep "$attempt"
        done
        fail "the store can't be told that it is done"
        """#
}
