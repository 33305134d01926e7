package enum FoundationTemplate {
    package static let text = String(decoding: PackageResources.foundation_yaml, as: UTF8.self)
}
