// Launch templates: what an instance is, written down once so that fleets can refer to it. Each
// version is complete; nothing is taken over from an older one.

/// Which template, and which of its versions.
package struct LaunchTemplateSpecification: FormPart, Equatable {
    /// The template's id.
    package let id: String
    /// A number, `$Latest` or `$Default`.
    package let version: String

    /// A version of a template.
    package init(id: String, version: String) {
        self.id = id
        self.version = version
    }

    func write(to form: inout Form) {
        form.set("LaunchTemplateId", id)
        form.set("Version", version)
    }
}

/// What an instance made from a template is.
package struct LaunchTemplateData: FormPart, Equatable {
    /// The image, or `resolve:ssm:` and a parameter's name.
    package var imageID: String?
    /// The type.
    package var instanceType: String?
    /// The ARN of the instance profile.
    package var instanceProfileARN: String?
    /// The name of the instance profile, when there is no ARN.
    package var instanceProfileName: String?
    /// The security groups; none when there are network interfaces.
    package var securityGroupIDs: [String]
    /// Network interfaces, for a public address.
    package var networkInterfaces: [NetworkInterface]
    /// The volumes.
    package var blockDevices: [BlockDevice]
    /// What runs at boot, base64-coded, at most 16 KiB before coding.
    package var userData: String?
    /// `terminate` or `stop`.
    package var shutdownBehavior: String?
    /// Who may ask the instance's metadata, and how.
    package var metadata: MetadataOptions?
    /// The key pair for SSH.
    package var keyName: String?
    /// Measures each minute instead of every five.
    package var detailedMonitoring: Bool?
    /// Tags for what is made.
    package var tagSpecifications: [TagSpecification]

    /// An instance's make-up.
    package init(
        imageID: String? = nil, instanceType: String? = nil, instanceProfileARN: String? = nil,
        instanceProfileName: String? = nil, securityGroupIDs: [String] = [],
        networkInterfaces: [NetworkInterface] = [], blockDevices: [BlockDevice] = [],
        userData: String? = nil, shutdownBehavior: String? = nil,
        metadata: MetadataOptions? = nil, keyName: String? = nil,
        detailedMonitoring: Bool? = nil, tagSpecifications: [TagSpecification] = []
    ) {
        self.imageID = imageID
        self.instanceType = instanceType
        self.instanceProfileARN = instanceProfileARN
        self.instanceProfileName = instanceProfileName
        self.securityGroupIDs = securityGroupIDs
        self.networkInterfaces = networkInterfaces
        self.blockDevices = blockDevices
        self.userData = userData
        self.shutdownBehavior = shutdownBehavior
        self.metadata = metadata
        self.keyName = keyName
        self.detailedMonitoring = detailedMonitoring
        self.tagSpecifications = tagSpecifications
    }

    func write(to form: inout Form) {
        form.set("ImageId", imageID)
        form.set("InstanceType", instanceType)
        form.set("IamInstanceProfile.Arn", instanceProfileARN)
        form.set("IamInstanceProfile.Name", instanceProfileName)
        form.set("SecurityGroupId", securityGroupIDs)
        form.set("NetworkInterface", networkInterfaces)
        form.set("BlockDeviceMapping", blockDevices)
        form.set("UserData", userData)
        form.set("InstanceInitiatedShutdownBehavior", shutdownBehavior)
        form.set("MetadataOptions", metadata)
        form.set("KeyName", keyName)
        form.set("Monitoring.Enabled", detailedMonitoring)
        form.set("TagSpecification", tagSpecifications)
    }
}

/// A network interface of an instance.
package struct NetworkInterface: FormPart, Equatable {
    /// From 0.
    package var deviceIndex: Int
    /// Whether it gets an address on the internet.
    package var associatesPublicAddress: Bool?
    /// Its security groups.
    package var groups: [String]
    /// Its subnet; a fleet brings its own.
    package var subnetID: String?
    /// Whether it ends with the instance.
    package var deleteOnTermination: Bool?

    /// A network interface.
    package init(
        deviceIndex: Int = 0, associatesPublicAddress: Bool? = nil, groups: [String] = [],
        subnetID: String? = nil, deleteOnTermination: Bool? = true
    ) {
        self.deviceIndex = deviceIndex
        self.associatesPublicAddress = associatesPublicAddress
        self.groups = groups
        self.subnetID = subnetID
        self.deleteOnTermination = deleteOnTermination
    }

    func write(to form: inout Form) {
        form.set("DeviceIndex", deviceIndex)
        form.set("AssociatePublicIpAddress", associatesPublicAddress)
        form.set("SecurityGroupId", groups)
        form.set("SubnetId", subnetID)
        form.set("DeleteOnTermination", deleteOnTermination)
    }
}

/// A volume of an instance.
package struct BlockDevice: FormPart, Equatable {
    /// The name the image knows it by, as in `/dev/xvda`.
    package var name: String
    /// GiB.
    package var size: Int?
    /// As in `gp3`.
    package var type: String?
    /// Whether it is encrypted.
    package var isEncrypted: Bool?
    /// Whether it ends with the instance.
    package var deleteOnTermination: Bool?

    /// A volume.
    package init(
        name: String, size: Int? = nil, type: String? = nil, isEncrypted: Bool? = nil,
        deleteOnTermination: Bool? = true
    ) {
        self.name = name
        self.size = size
        self.type = type
        self.isEncrypted = isEncrypted
        self.deleteOnTermination = deleteOnTermination
    }

    func write(to form: inout Form) {
        form.set("DeviceName", name)
        form.set("Ebs.VolumeSize", size)
        form.set("Ebs.VolumeType", type)
        form.set("Ebs.Encrypted", isEncrypted)
        form.set("Ebs.DeleteOnTermination", deleteOnTermination)
    }
}

/// Who may ask an instance's metadata, and how.
package struct MetadataOptions: FormPart, Equatable {
    /// `required` for IMDSv2 only.
    package var httpTokens: String
    /// How many hops an answer may travel: 1, or 2 for containers.
    package var hopLimit: Int
    /// Whether the instance can read its tags there; keys with `/` or spaces then fail a launch.
    package var exposesTags: Bool

    /// IMDSv2 only, unless said otherwise.
    package init(httpTokens: String = "required", hopLimit: Int = 1, exposesTags: Bool = false) {
        self.httpTokens = httpTokens
        self.hopLimit = hopLimit
        self.exposesTags = exposesTags
    }

    func write(to form: inout Form) {
        form.set("HttpTokens", httpTokens)
        form.set("HttpPutResponseHopLimit", hopLimit)
        form.set("HttpEndpoint", "enabled")
        form.set("InstanceMetadataTags", exposesTags ? "enabled" : "disabled")
    }
}
