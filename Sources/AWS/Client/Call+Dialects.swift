// The four ways in which AWS's services are spoken to. A call says what it sends and what it
// reads; how that becomes bytes is written here, once for each dialect.

package import HTTP

/// A call written as a form and answered with XML: EC2, STS, CloudFormation.
package protocol FormCall: Call {
    /// Adds the call's members.
    func write(to form: inout Form)
    /// Reads the element that holds the answer's members.
    static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer
}

extension FormCall {
    package var request: CallRequest {
        var form =
            switch Self.api.dialect {
            case .ec2(let version): Form(action: Self.name, version: version, lists: .flat)
            case .query(let version): Form(action: Self.name, version: version, lists: .member)
            default: preconditionFailure("a form for a service that reads none")
            }
        write(to: &form)
        var request = CallRequest(body: .bytes(form.bytes))
        request.setHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
        return request
    }

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer {
        let root = try XMLNode.read(response.body)
        guard root.name == "\(name)Response" else {
            throw AnswerFault("'\(root.name)' where '\(name)Response' should be")
        }
        if case .ec2 = api.dialect { return try self.answer(root) }
        // What answers nothing may leave its result out.
        return try self.answer(root.child("\(name)Result") ?? XMLNode.empty("\(name)Result"))
    }
}

extension FormCall where Answer == Done {
    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Done { Done() }
}

/// A call written as JSON and answered with JSON, its name in a header.
package protocol JSONCall: Call {
    /// Adds the call's members.
    func write(to object: inout JSONObject)
    /// Reads the answer's members.
    static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer
}

extension JSONCall {
    package var request: CallRequest {
        guard case .json(let target, let version) = Self.api.dialect else {
            preconditionFailure("JSON for a service that reads none")
        }
        var object = JSONObject()
        write(to: &object)
        var request = CallRequest(body: .bytes(object.value.bytes))
        request.setHeader("Content-Type", "application/x-amz-json-\(version)")
        request.setHeader("X-Amz-Target", "\(target).\(Self.name)")
        return request
    }

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer {
        try self.answer(response.body.isEmpty ? .object([]) : JSONValue.read(response.body))
    }
}

extension JSONCall where Answer == Done {
    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Done { Done() }
}

/// A call of S3: a bucket, a key, headers, and XML where there is structure.
package protocol S3Call: Call {}

extension S3Call {
    /// S3's interface.
    package static var api: ServiceAPI { ServiceAPI(service: .s3, dialect: .restXML) }
}

extension S3Call where Answer == Done {
    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Done {
        // S3 says nothing here, and others like it a little XML; what is neither is a stranger's.
        if !response.body.isEmpty { _ = try XMLNode.read(response.body) }
        return Done()
    }
}
