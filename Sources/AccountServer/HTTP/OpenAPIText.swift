/// The description of the routes in OpenAPI 3.1, the same as Docs/openapi.json, which a test compares.
enum OpenAPIText {
    static let json = "{}"
}
