// What the cloud answers, call by call.

import FoundationEssentials
import HTTP
import Store
import Synchronization

@testable import AWS
@testable import Fleet

/// A refusal by the cloud.
struct Refusal: Error {
    let code: String
    var message = "so the test wants it"
    var status = 400
}

/// The cloud as one process reaches it.
struct ProcessTransport: HTTPTransport {
    let cloud: FakeCloud
    let life: Mortality
    /// What else happens in the world before a call, by its name.
    var before: @Sendable (String) async throws -> Void = { _ in }

    func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse {
        do {
            try await before(CloudRequest(request).name)
            return try life.call { try cloud.answer(CloudRequest(request), request.url) }
        } catch let error as HTTPError {
            throw error
        } catch {
            throw .cancelled(request.url)
        }
    }
}

extension FakeCloud {
    func answer(_ request: CloudRequest, _ url: HTTPURL) throws -> HTTPResponse {
        let now = time.elapsed
        let (answer, isLost) = state.withLock { state -> (Result<String, any Error>, Bool) in
            state.calls.append(request.name)
            if now < state.habits.throttledUntil {
                return (.failure(Refusal(code: "RequestLimitExceeded", status: 503)), false)
            }
            if let code = state.habits.refusals[request.name] {
                return (.failure(Refusal(code: code)), false)
            }
            let answer = Result { try state.answer(request, now, time.now) }
            let losses = state.habits.lostAnswers[request.name] ?? 0
            state.habits.lostAnswers[request.name] = max(0, losses - 1)
            return (answer, losses > 0)
        }
        if isLost { throw HTTPError.noAnswer(url, reason: "so the test wants it") }
        do {
            let body = try answer.get()
            let xml = "<\(request.name)Response>\(body)</\(request.name)Response>"
            let isJSON = request.service != "ec2" && request.service != "cloudformation"
            return HTTPResponse(status: 200, body: Array((isJSON ? body : xml).utf8))
        } catch let refusal as Refusal {
            let body =
                request.service == "ec2"
                ? "<Response><Errors><Error><Code>\(refusal.code)</Code><Message>"
                    + "\(refusal.message)</Message></Error></Errors><RequestID>r</RequestID></Response>"
                : "{\"__type\":\"\(refusal.code)\",\"message\":\"\(refusal.message)\"}"
            return HTTPResponse(
                status: refusal.status, headers: ["x-amzn-RequestId": "r"], body: Array(body.utf8))
        }
    }
}

extension FakeCloud.State {
    static let zones = ["subnet-a": "eu-test-1a", "subnet-b": "eu-test-1b"]
    static let sizes = ["large": 2, "xlarge": 4, "2xlarge": 8]

    mutating func answer(_ request: CloudRequest, _ now: Duration, _ date: Date) throws -> String {
        switch request.name {
        case "DescribeSubnets":
            return items(
                "subnetSet",
                Self.zones.sorted { $0.key < $1.key }.map {
                    "<subnetId>\($0)</subnetId><vpcId>vpc-1</vpcId><availabilityZone>\($1)"
                        + "</availabilityZone><availableIpAddressCount>4000</availableIpAddressCount>"
                })
        case "DescribeImages":
            guard let id = request.form["ImageId.1"], id != "ami-00000000" else {
                throw Refusal(code: "InvalidAMIID.NotFound")
            }
            return items(
                "imagesSet",
                [
                    "<imageId>\(id)</imageId><name>debian-12</name><imageState>available</imageState>"
                        + "<architecture>x86_64</architecture><rootDeviceName>/dev/xvda</rootDeviceName>"
                ])
        case "GetParameter":
            return "{\"Parameter\":{\"Name\":\"n\",\"Value\":\"ami-12345678\"}}"
        case "GetServiceQuota": return "{\"Quota\":{\"Value\":\(habits.quota * 4).0}}"
        case "DescribeInstanceTypes":
            return items("instanceTypeSet", request.list("InstanceType").map(Self.type))
        case "DescribeSpotPriceHistory":
            return items(
                "spotPriceHistorySet",
                request.list("InstanceType").flatMap { type in
                    Self.zones.values.sorted().map {
                        "<instanceType>\(type)</instanceType><availabilityZone>\($0)</availabilityZone>"
                            + "<spotPrice>0.0600000</spotPrice><timestamp>2026-11-21T00:00:00Z</timestamp>"
                    }
                })
        case "DescribeInstances": return describeInstances(request, now, date)
        case "CreateLaunchTemplate": return try createTemplate(request, now)
        case "DescribeLaunchTemplates":
            return items(
                "launchTemplates",
                templates.values.filter {
                    request.match($0.tags) && now >= $0.made + habits.visibleAfter
                        && (request.filters["launch-template-name"]?.first ?? $0.name)
                            == $0.name
                }.map(Self.template))
        case "DeleteLaunchTemplate":
            let id = request.form["LaunchTemplateId"] ?? ""
            guard let made = templates[id]?.made, now >= made + habits.visibleAfter else {
                throw Refusal(code: "InvalidLaunchTemplateId.NotFound")
            }
            templates[id] = nil
            return ""
        case "CreateFleet": return try createFleet(request, now)
        case "DeleteFleets": return deleteFleets(request, now)
        case "RequestSpotFleet": return try requestSpotFleet(request, now)
        case "DescribeSpotFleetRequests":
            return items(
                "spotFleetRequestConfigSet",
                spotFleets.values.map { fleet in
                    "<spotFleetRequestId>\(fleet.id)</spotFleetRequestId><spotFleetRequestState>"
                        + "\(fleet.state)</spotFleetRequestState>\(Self.tags(fleet.tags))"
                })
        case "DescribeSpotFleetInstances":
            let fleet = spotFleets[request.form["SpotFleetRequestId"] ?? ""]
            return items(
                "activeInstanceSet",
                (fleet?.instances ?? []).map {
                    "<instanceId>\($0)</instanceId>"
                })
        case "DescribeSpotFleetRequestHistory": return items("historyRecordSet", [])
        case "CancelSpotFleetRequests": return cancelSpotFleets(request, now)
        case "TerminateInstances":
            let ids = request.list("InstanceId")
            guard ids.allSatisfy({ machines[$0] != nil }) else {
                throw Refusal(code: "InvalidInstanceID.NotFound")
            }
            for id in ids { end(id, now) }
            return items("instancesSet", [])
        case "GetConsoleOutput":
            return "<output>\(Data("loadfleet: no Java\n".utf8).base64EncodedString())</output>"
        case "POST scheduler":
            schedules[String(request.path.dropFirst("/schedules/".count))] = request.body
            return "{\"ScheduleArn\":\"arn\"}"
        case "DELETE scheduler":
            schedules[String(request.path.dropFirst("/schedules/".count))] = nil
            return "{}"
        case "GET scheduler":
            let prefix = request.form["NamePrefix"] ?? ""
            let names = schedules.keys.filter { $0.hasPrefix(prefix) }.sorted()
            let list = names.map { "{\"Name\":\"\($0)\",\"GroupName\":\"default\"}" }
            return "{\"Schedules\":[\(list.joined(separator: ","))]}"
        default: throw Refusal(code: "InvalidAction", message: request.name)
        }
    }

    // MARK: - Instances

    private func describeInstances(_ request: CloudRequest, _ now: Duration, _ date: Date) -> String
    {
        let found = machines.values.filter { machine in
            guard request.match(machine.tags), now >= machine.launched + habits.visibleAfter else {
                return false
            }
            return request.filters["instance-state-name"].map {
                $0.contains(stateName(machine, now))
            }
                ?? true
        }
        let start = date.timeIntervalSince1970 - Double(now.components.seconds)
        return items(
            "reservationSet",
            found.sorted { $0.id < $1.id }.map { machine in
                let launch = Date(
                    timeIntervalSince1970: start + Double(machine.launched.components.seconds))
                return items(
                    "instancesSet",
                    [
                        "<instanceId>\(machine.id)</instanceId><instanceType>\(machine.type)</instanceType>"
                            + "<instanceState><name>\(stateName(machine, now))</name></instanceState>"
                            + "<launchTime>\(launch.formatted(.iso8601))</launchTime>"
                            + "<placement><availabilityZone>\(Self.zones[machine.subnet] ?? "")"
                            + "</availabilityZone></placement>"
                            + (machine.isSpot ? "<instanceLifecycle>spot</instanceLifecycle>" : "")
                            + Self.tags(machine.tags)
                    ])
            })
    }

    private func stateName(_ machine: FakeCloud.Machine, _ now: Duration) -> String {
        guard let end = machine.endsAt else {
            return now - machine.launched < .seconds(3) ? "pending" : "running"
        }
        return now < end ? "shutting-down" : "terminated"
    }

    private mutating func end(_ id: String, _ now: Duration) {
        if machines[id]?.endsAt == nil { machines[id]?.endsAt = now + habits.shutdown }
    }

    // MARK: - Creates

    /// Answers a create once for each token.
    private mutating func once(
        _ token: String?, _ request: CloudRequest, _ make: (inout Self) throws -> String
    ) throws -> String {
        guard let token else { return try make(&self) }
        let parameters = request.form.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            .joined(separator: "&")
        if let known = tokens[token] {
            guard known.parameters == parameters else {
                throw Refusal(code: "IdempotentParameterMismatch")
            }
            return known.answer
        }
        let answer = try make(&self)
        tokens[token] = (parameters, answer)
        return answer
    }

    private mutating func id(_ kind: String) -> String {
        nextID += 1
        return "\(kind)-\(String(nextID + 0x1000, radix: 16))"
    }

    private mutating func createTemplate(_ request: CloudRequest, _ now: Duration) throws -> String
    {
        try once(request.form["ClientToken"], request) { state in
            let name = request.form["LaunchTemplateName"] ?? ""
            guard !state.templates.values.contains(where: { $0.name == name }) else {
                throw Refusal(code: "InvalidLaunchTemplateName.AlreadyExistsException")
            }
            let template = FakeCloud.Template(
                id: state.id("lt"), name: name, tags: request.tags("TagSpecification.1"), made: now,
                form: request.form)
            state.templates[template.id] = template
            return "<launchTemplate>\(Self.template(template))</launchTemplate>"
        }
    }

    private mutating func createFleet(_ request: CloudRequest, _ now: Duration) throws -> String {
        try once(request.form["ClientToken"], request) { state in
            let isSpot =
                request.form["TargetCapacitySpecification.DefaultTargetCapacityType"] == "spot"
            let target =
                Int(request.form["TargetCapacitySpecification.TotalTargetCapacity"] ?? "") ?? 0
            let (ids, errors) = try state.launch(
                request, place: "LaunchTemplateConfigs.1", target, isSpot: isSpot, now)
            let id = state.id("fleet")
            state.fleets[id] = ids
            state.fleetsMade[id] = now
            let instances = ids.map {
                "<instanceIds><item>\($0)</item></instanceIds><lifecycle>spot</lifecycle>"
            }
            return "<fleetId>\(id)</fleetId>" + state.items("fleetInstanceSet", instances)
                + state.items("errorSet", errors)
        }
    }

    /// Starts instances as far as there is room: ids, and errors as XML.
    private mutating func launch(
        _ request: CloudRequest, place: String, _ target: Int, isSpot: Bool, _ now: Duration
    ) throws -> ([String], [String]) {
        let templateID = request.form["\(place).LaunchTemplateSpecification.LaunchTemplateId"] ?? ""
        guard let template = templates[templateID], now >= template.made + habits.visibleAfter
        else {
            throw Refusal(code: "InvalidLaunchTemplateId.NotFound")
        }
        let form = template.form
        var tags: [String: String] = [:]
        var index = 1
        while let key = form["LaunchTemplateData.TagSpecification.1.Tag.\(index).Key"] {
            tags[key] = form["LaunchTemplateData.TagSpecification.1.Tag.\(index).Value"]
            index += 1
        }
        var (ids, errors, pool): ([String], [String], Int) = ([], [], 1)
        while let type = request.form["\(place).Overrides.\(pool).InstanceType"] {
            let subnet = request.form["\(place).Overrides.\(pool).SubnetId"] ?? ""
            pool += 1
            let key = isSpot ? "\(type)/\(subnet)" : "on-demand"
            while ids.count < target, habits.capacity[key] ?? .max > 0 {
                let spot = machines.values.count { $0.isSpot && $0.endsAt == nil && $0.number >= 0 }
                guard !isSpot || spot < habits.quota else {
                    errors.append("<errorCode>MaxSpotInstanceCountExceeded</errorCode>")
                    return (ids, errors)
                }
                if let left = habits.capacity[key] { habits.capacity[key] = left - 1 }
                ids.append(add(type, subnet, isSpot, tags, template, now))
            }
            guard ids.count < target else { break }
            errors.append(
                "<errorCode>InsufficientInstanceCapacity</errorCode><launchTemplateAndOverrides>"
                    + "<overrides><instanceType>\(type)</instanceType><subnetId>\(subnet)</subnetId>"
                    + "</overrides></launchTemplateAndOverrides>")
        }
        return (ids, ids.count < target ? errors : [])
    }

    private mutating func add(
        _ type: String, _ subnet: String, _ isSpot: Bool, _ tags: [String: String],
        _ template: FakeCloud.Template, _ now: Duration
    ) -> String {
        let instance = id("i")
        machines[instance] = FakeCloud.Machine(
            id: instance, type: type, subnet: subnet, isSpot: isSpot, tags: tags,
            template: template.id, launched: now,
            number: machines.values.count { $0.number >= 0 },
            image: template.form["LaunchTemplateData.ImageId"] ?? "")
        let workers = machines.values.count {
            $0.endsAt == nil && $0.tags["loadfleet:role"] == "worker"
        }
        most = max(most, workers)
        return instance
    }

    private mutating func deleteFleets(_ request: CloudRequest, _ now: Duration) -> String {
        var (done, failed): ([String], [String]) = ([], [])
        for id in request.list("FleetId") {
            guard let ids = fleets[id], now >= (fleetsMade[id] ?? .zero) + habits.visibleAfter
            else {
                failed.append(
                    "<fleetId>\(id)</fleetId><error><code>fleetIdDoesNotExist</code></error>")
                continue
            }
            for instance in ids { end(instance, now) }
            done.append(
                "<fleetId>\(id)</fleetId><currentFleetState>deleted_terminating</currentFleetState>"
            )
        }
        return items("successfulFleetDeletionSet", done)
            + items("unsuccessfulFleetDeletionSet", failed)
    }

    // MARK: - Spot fleets

    private mutating func requestSpotFleet(_ request: CloudRequest, _ now: Duration) throws
        -> String
    {
        let place = "SpotFleetRequestConfig"
        return try once(request.form["\(place).ClientToken"], request) { state in
            let target = Int(request.form["\(place).TargetCapacity"] ?? "") ?? 0
            let (ids, _) = try state.launch(
                request, place: "\(place).LaunchTemplateConfigs.1", target, isSpot: true, now)
            let id = state.id("sfr")
            state.spotFleets[id] = FakeCloud.SpotFleet(
                id: id, tags: request.tags("\(place).TagSpecification.1"), instances: ids,
                target: target)
            return "<spotFleetRequestId>\(id)</spotFleetRequestId>"
        }
    }

    private mutating func cancelSpotFleets(_ request: CloudRequest, _ now: Duration) -> String {
        var done: [String] = []
        let ends = request.form["TerminateInstances"] == "true"
        for id in request.list("SpotFleetRequestId") {
            spotFleets[id]?.state = ends ? "cancelled_terminating" : "cancelled_running"
            if ends { for instance in spotFleets[id]?.instances ?? [] { end(instance, now) } }
            done.append(
                "<spotFleetRequestId>\(id)</spotFleetRequestId>"
                    + "<currentSpotFleetRequestState>x</currentSpotFleetRequestState>")
        }
        return items("successfulFleetRequestSet", done)
    }

    // MARK: - XML

    private func items(_ name: String, _ items: [String]) -> String {
        "<\(name)>" + items.map { "<item>\($0)</item>" }.joined() + "</\(name)>"
    }

    private static func tags(_ tags: [String: String]) -> String {
        let items = tags.map { "<item><key>\($0)</key><value>\($1)</value></item>" }
        return "<tagSet>\(items.joined())</tagSet>"
    }

    private static func template(_ template: FakeCloud.Template) -> String {
        "<launchTemplateId>\(template.id)</launchTemplateId><launchTemplateName>\(template.name)"
            + "</launchTemplateName><latestVersionNumber>1</latestVersionNumber>"
            + tags(template.tags)
    }

    private static func type(_ name: String) -> String {
        let size = name.split(separator: ".").last.map(String.init) ?? ""
        return "<instanceType>\(name)</instanceType><vCpuInfo><defaultVCpus>\(sizes[size] ?? 4)"
            + "</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>8192</sizeInMiB></memoryInfo>"
            + "<processorInfo><supportedArchitectures><item>x86_64</item>"
            + "</supportedArchitectures></processorInfo>"
    }
}
