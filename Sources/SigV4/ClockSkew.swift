// How far this machine's clock is off, learned from the `Date` of every answer, as AWS's SDKs
// have specified it among themselves: the offset is taken against the middle of the round trip.

package import HTTP

/// What has been learned about the server's clock; a client keeps one for all its calls.
package struct ClockSkew: Sendable, Hashable {
    /// What to add to this machine's clock, in seconds, to have the server's.
    package private(set) var seconds: Int64

    /// A clock that is right until an answer says otherwise.
    package init(seconds: Int64 = 0) { self.seconds = seconds }

    /// The time to sign with, when this machine's clock says `now`.
    package func signingTime(at now: SigningTime) -> SigningTime {
        SigningTime(secondsSince1970: now.secondsSince1970 + seconds)
    }

    /// Learns from an answer; the offset it shows, or `nil` where it shows none.
    ///
    /// `sent` and `received` are of this machine's clock, when the request began and when the
    /// answer was there. An answer from a cache (`Age`) and one that took over 15 minutes show none.
    @discardableResult
    package mutating func learn(
        from headers: HTTPHeaders, sent: SigningTime, received: SigningTime
    ) -> Int64? {
        let way = received.secondsSince1970 - sent.secondsSince1970
        guard 0...900 ~= way, headers["Age"] == nil,
            let date = headers["Date"].flatMap(SigningTime.init(httpDate:))
        else { return nil }
        let offset = date.secondsSince1970 - (sent.secondsSince1970 + way / 2)
        seconds = offset
        return offset
    }

    /// Whether an error may come from the clock, so that signing again with `shown` may help.
    ///
    /// `shown` is what ``learn(from:sent:received:)`` gave for the error's answer. It counts when it
    /// is four minutes away from the offset `used` for the refused signature: AWS's narrowest
    /// window is five, and a wrong secret is refused with the same codes.
    package static func explains(_ code: String, shown: Int64?, used: Int64) -> Bool {
        guard let shown, codes.contains(code) else { return false }
        return abs(shown - used) > 240
    }

    /// `Forbidden` stands for the 403 to a HEAD, which has no body to name a code in.
    private static let codes: Set<String> = [
        "AccessDeniedException", "AuthFailure", "Forbidden", "InvalidSignatureException",
        "RequestExpired",
        "RequestInTheFuture", "RequestTimeTooSkewed", "SignatureDoesNotMatch",
    ]
}

extension SigningTime {
    /// Reads a `Date` header, `Sun, 30 Aug 2015 12:36:00 GMT`; `nil` if it is none (RFC 9110 5.6.7).
    package init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT",
            let month = Self.months.firstIndex(of: parts[2]),
            let day = Self.number(parts[1].utf8), let year = Self.number(parts[3].utf8)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Self.number($0.utf8) }
        guard clock.count == 3,
            let seconds = Self.seconds(
                year: year, month: Int64(month) + 1, day: day, hour: clock[0], minute: clock[1],
                second: clock[2])
        else { return nil }
        self.init(secondsSince1970: seconds)
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
