// The call of the price list: what instances cost on demand.

/// Reads products and their prices.
package struct GetProducts: JSONCall, PagedCall {
    /// As in `AmazonEC2`.
    package var serviceCode: String
    /// What attributes of the products must be, as in `instanceType`.
    package var filters: [String: String]
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Reads products.
    package init(serviceCode: String, filters: [String: String]) {
        self.serviceCode = serviceCode
        self.filters = filters
    }

    /// What a type of instance with Linux costs in a region.
    ///
    /// The attributes are those of AWS's price list for shared machines without further software.
    package static func linuxInstance(_ type: String, region: String) -> GetProducts {
        GetProducts(
            serviceCode: "AmazonEC2",
            filters: [
                "instanceType": type, "regionCode": region, "operatingSystem": "Linux",
                "tenancy": "Shared", "capacitystatus": "Used", "preInstalledSw": "NA",
            ])
    }

    /// The price list's interface.
    package static var api: ServiceAPI {
        ServiceAPI(
            service: .pricing, dialect: .json(target: "AWSPriceListService", version: "1.1"))
    }

    package func write(to object: inout JSONObject) {
        object.set("ServiceCode", serviceCode)
        object.set("FormatVersion", "aws_v1")
        let list = filters.sorted { $0.key < $1.key }.map { field, value in
            var item = JSONObject()
            item.set("Type", "TERM_MATCH")
            item.set("Field", field)
            item.set("Value", value)
            return item.value
        }
        object.set("Filters", JSONValue.array(list))
        object.set("NextToken", nextToken)
    }

    /// One page.
    package struct Answer: Sendable, Equatable {
        /// The products, each as a text of JSON.
        package let priceList: [String]
        /// Where the next page begins.
        package let nextToken: String?

        /// The products that can be read; the list holds many kinds, and none is promised.
        package var products: [Product] {
            priceList.compactMap { text in
                try? Product(try JSONValue.read(Array(text.utf8)))
            }
        }
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        Answer(
            priceList: try value.texts("PriceList"), nextToken: try value.value("NextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A product of the price list.
package struct Product: Sendable, Equatable {
    /// As in `c5.large`; `nil` for other products than instances.
    package let instanceType: String?
    /// What an hour costs in US dollars, as AWS writes it; `nil` without such a price.
    package let dollarsAnHour: String?

    init(_ value: JSONValue) throws(AnswerFault) {
        instanceType = try value["product"]?["attributes"]?.value("instanceType")
        var price: String?
        for term in value["terms"]?["OnDemand"]?.values ?? [] {
            for dimension in term["priceDimensions"]?.values ?? [] {
                guard try dimension.value("unit") == "Hrs" else { continue }
                price = try dimension["pricePerUnit"]?.value("USD")
            }
        }
        dollarsAnHour = price
    }
}
