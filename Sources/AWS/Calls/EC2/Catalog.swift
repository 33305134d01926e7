// Calls about what can be rented: images, instance types, where they are, what they cost.

package import FoundationEssentials

/// Lists images.
///
/// Name owners or ids; without them the answer is enormous.
package struct DescribeImages: EC2Call, PagedCall {
    /// Only these.
    package var imageIDs: [String]
    /// Accounts, or `amazon` and `self`.
    package var owners: [String]
    /// Only those that meet all of these, as in `name`.
    package var filters: [Filter]
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists images.
    package init(imageIDs: [String] = [], owners: [String] = [], filters: [Filter] = []) {
        self.imageIDs = imageIDs
        self.owners = owners
        self.filters = filters
    }

    /// One page.
    package struct Answer: Sendable {
        /// The images.
        package let images: [Image]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("ImageId", imageIDs)
        form.set("Owner", owners)
        form.set("Filter", filters)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            images: try node.list("imagesSet", Image.init), nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// What an instance boots from.
package struct Image: Sendable, Equatable {
    /// The id.
    package let imageID: String
    /// The name.
    package let name: String?
    /// As in `available` or `pending`.
    package let state: String?
    /// `arm64` or `x86_64`.
    package let architecture: String?
    /// The account that owns it.
    package let ownerID: String?
    /// As in `/dev/xvda`.
    package let rootDeviceName: String?
    /// When it was made, as AWS writes it: in an order that sorts.
    package let creationDate: String?
    /// Why it is in its state, as when its making failed.
    package let stateReason: String?
    /// The snapshots that its volumes are made from.
    package let snapshotIDs: [String]
    /// The tags.
    package let tags: [Tag]

    init(_ node: XMLNode) throws(AnswerFault) {
        imageID = try node.need("imageId")
        name = try node.value("name")
        state = try node.value("imageState")
        architecture = try node.value("architecture")
        ownerID = try node.value("imageOwnerId")
        rootDeviceName = try node.value("rootDeviceName")
        creationDate = try node.value("creationDate")
        stateReason = try node.child("stateReason")?.value("message")
        var snapshotIDs: [String] = []
        for device in node.items("blockDeviceMapping", item: "item") {
            if let id: String = try device.child("ebs")?.value("snapshotId") {
                snapshotIDs.append(id)
            }
        }
        self.snapshotIDs = snapshotIDs
        tags = try node.tags()
    }
}

/// Lists instance types.
package struct DescribeInstanceTypes: EC2Call, PagedCall {
    /// Only these, at most 100.
    package var instanceTypes: [String]
    /// Only those that meet all of these.
    package var filters: [Filter]
    /// Types a page, 5 to 100.
    package var maxResults: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists types.
    package init(instanceTypes: [String] = [], filters: [Filter] = [], maxResults: Int? = nil) {
        self.instanceTypes = instanceTypes
        self.filters = filters
        self.maxResults = maxResults
    }

    /// One page.
    package struct Answer: Sendable {
        /// The types.
        package let types: [InstanceType]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("InstanceType", instanceTypes)
        form.set("Filter", filters)
        form.set("MaxResults", maxResults)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            types: try node.list("instanceTypeSet", InstanceType.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A type of instance.
package struct InstanceType: Sendable, Equatable {
    /// As in `c7g.large`.
    package let name: String
    /// Its virtual CPUs.
    package let vCPUs: Int
    /// MiB.
    package let memory: Int
    /// As in `Up to 12.5 Gigabit`.
    package let network: String?
    /// `arm64`, `x86_64`.
    package let architectures: [String]
    /// `spot`, `on-demand`.
    package let usageClasses: [String]
    /// Whether its speed depends on credits.
    package let isBurstable: Bool
    /// Whether it is of the current generation.
    package let isCurrent: Bool
    /// Whether it is a whole machine.
    package let isBareMetal: Bool

    init(_ node: XMLNode) throws(AnswerFault) {
        name = try node.need("instanceType")
        guard let cpu = node.child("vCpuInfo") else { throw .missing("vCpuInfo", in: node.name) }
        vCPUs = try cpu.need("defaultVCpus")
        guard let memoryNode = node.child("memoryInfo") else {
            throw .missing("memoryInfo", in: node.name)
        }
        memory = try memoryNode.need("sizeInMiB")
        network = try node.child("networkInfo")?.value("networkPerformance")
        architectures = node.child("processorInfo")?.texts("supportedArchitectures") ?? []
        usageClasses = node.texts("supportedUsageClasses")
        isBurstable = try node.value("burstablePerformanceSupported") ?? false
        isCurrent = try node.value("currentGeneration") ?? false
        isBareMetal = try node.value("bareMetal") ?? false
    }
}

/// Lists where instance types can be had.
package struct DescribeInstanceTypeOfferings: EC2Call, PagedCall {
    /// `region` or `availability-zone`.
    package var locationType: String
    /// Only those that meet all of these, as in `instance-type`.
    package var filters: [Filter]
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists offers.
    package init(locationType: String = "availability-zone", filters: [Filter] = []) {
        self.locationType = locationType
        self.filters = filters
    }

    /// One page.
    package struct Answer: Sendable {
        /// The offers.
        package let offers: [InstanceTypeOffer]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("LocationType", locationType)
        form.set("Filter", filters)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            offers: try node.list("instanceTypeOfferingSet", InstanceTypeOffer.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A type that can be had somewhere.
package struct InstanceTypeOffer: Sendable, Equatable {
    /// The type.
    package let instanceType: String
    /// The zone or region.
    package let location: String

    init(_ node: XMLNode) throws(AnswerFault) {
        instanceType = try node.need("instanceType")
        location = try node.need("location")
    }
}

/// Lists prices of spot instances.
package struct DescribeSpotPriceHistory: EC2Call, PagedCall {
    /// Only these types.
    package var instanceTypes: [String]
    /// As in `Linux/UNIX`.
    package var productDescriptions: [String]
    /// From when on; now for the present prices only.
    package var startTime: Date?
    /// Only those that meet all of these, as in `availability-zone`.
    package var filters: [Filter]
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists prices.
    package init(
        instanceTypes: [String] = [], productDescriptions: [String] = ["Linux/UNIX"],
        startTime: Date? = nil, filters: [Filter] = []
    ) {
        self.instanceTypes = instanceTypes
        self.productDescriptions = productDescriptions
        self.startTime = startTime
        self.filters = filters
    }

    /// One page.
    package struct Answer: Sendable {
        /// The prices, newest first.
        package let prices: [SpotPrice]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("InstanceType", instanceTypes)
        form.set("ProductDescription", productDescriptions)
        form.set("StartTime", startTime)
        form.set("Filter", filters)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            prices: try node.list("spotPriceHistorySet", SpotPrice.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// What a spot instance costs in a zone.
package struct SpotPrice: Sendable, Equatable {
    /// The type.
    package let instanceType: String
    /// The zone.
    package let availabilityZone: String
    /// Dollars an hour, as AWS writes it.
    package let price: String
    /// As in `Linux/UNIX`.
    package let product: String?
    /// Since when.
    package let time: Date

    init(_ node: XMLNode) throws(AnswerFault) {
        instanceType = try node.need("instanceType")
        availabilityZone = try node.need("availabilityZone")
        price = try node.need("spotPrice")
        product = try node.value("productDescription")
        time = try node.need("timestamp")
    }
}
