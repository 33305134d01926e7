// Calls of Service Quotas: how much the account may have at once.

/// Reads a quota.
package struct GetServiceQuota: JSONCall {
    /// As in `ec2`.
    package var serviceCode: String
    /// As in `L-34B43A08`, the virtual CPUs of standard spot instances.
    package var quotaCode: String

    /// Reads a quota.
    package init(serviceCode: String, quotaCode: String) {
        self.serviceCode = serviceCode
        self.quotaCode = quotaCode
    }

    /// Service Quotas' interface.
    package static var api: ServiceAPI {
        ServiceAPI(
            service: .serviceQuotas,
            dialect: .json(target: "ServiceQuotasV20190624", version: "1.1"))
    }

    package func write(to object: inout JSONObject) {
        object.set("ServiceCode", serviceCode)
        object.set("QuotaCode", quotaCode)
    }

    /// A quota.
    package struct Answer: Sendable, Equatable {
        /// In words.
        package let name: String?
        /// How much.
        package let value: Double
        /// Whether one can ask for more.
        package let isAdjustable: Bool
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        guard let quota = value["Quota"] else { throw .missing("Quota", in: "answer") }
        return Answer(
            name: try quota.value("QuotaName"), value: try quota.need("Value"),
            isAdjustable: try quota.value("Adjustable") ?? false)
    }
}
