/// The description of the routes in OpenAPI 3.1: Docs/openapi.json, byte for byte, which a test compares.
enum OpenAPIText {
    /// One JSON object, and the end of a line.
    static let json = paths + components

    /// What there is to ask.
    private static let paths = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Credence account server",
            "version": "1",
            "description": "Docs/AccountServer.md says what it means. Any request may also be answered with a status of x-any-request."
          },
          "x-any-request": ["400", "405", "408", "415", "417", "429", "431", "503", "505"],
          "security": [{}, {"bearer": []}, {"certificate": []}],
          "paths": {
            "/jwt/v1/accounts/": {
              "get": {
                "summary": "Says that there is a resolver here",
                "responses": {
                  "200": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "responses": {
                  "200": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/jwt/v1/accounts/{key}": {
              "get": {
                "summary": "An account's token",
                "parameters": [
                  {"$ref": "#/components/parameters/key"},
                  {"$ref": "#/components/parameters/text"},
                  {"$ref": "#/components/parameters/decode"},
                  {"$ref": "#/components/parameters/check"},
                  {"$ref": "#/components/parameters/notify"},
                  {"$ref": "#/components/parameters/jti"}
                ],
                "responses": {
                  "200": {"$ref": "#/components/responses/Token"},
                  "304": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "404": {"$ref": "#/components/responses/Refusal"},
                  "501": {"$ref": "#/components/responses/Refusal"},
                  "503": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "parameters": [
                  {"$ref": "#/components/parameters/key"},
                  {"$ref": "#/components/parameters/text"},
                  {"$ref": "#/components/parameters/decode"},
                  {"$ref": "#/components/parameters/check"},
                  {"$ref": "#/components/parameters/jti"}
                ],
                "responses": {
                  "200": {"$ref": "#/components/responses/Token"},
                  "304": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "404": {"$ref": "#/components/responses/Refusal"},
                  "501": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "post": {
                "summary": "Stores an account's token",
                "parameters": [
                  {"$ref": "#/components/parameters/key"},
                  {"$ref": "#/components/parameters/dry_run"}
                ],
                "requestBody": {"required": true, "content": {"application/jwt": {"schema": {"type": "string"}}}},
                "responses": {
                  "200": {"$ref": "#/components/responses/Acceptance"},
                  "202": {"$ref": "#/components/responses/Pending"},
                  "400": {"$ref": "#/components/responses/Refusal"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "403": {"$ref": "#/components/responses/Refusal"},
                  "409": {"$ref": "#/components/responses/Refusal"},
                  "413": {"$ref": "#/components/responses/Refusal"},
                  "503": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "delete": {
                "summary": "Deletes accounts, by a token that the operator signed",
                "parameters": [{"$ref": "#/components/parameters/key"}],
                "requestBody": {"required": true, "content": {"application/jwt": {"schema": {"type": "string"}}}},
                "responses": {
                  "200": {"$ref": "#/components/responses/Acceptance"},
                  "202": {"$ref": "#/components/responses/Pending"},
                  "400": {"$ref": "#/components/responses/Refusal"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "403": {"$ref": "#/components/responses/Refusal"},
                  "409": {"$ref": "#/components/responses/Refusal"},
                  "413": {"$ref": "#/components/responses/Refusal"},
                  "503": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/jwt/v1/operator": {
              "get": {
                "summary": "The operator's token",
                "parameters": [
                  {"$ref": "#/components/parameters/text"},
                  {"$ref": "#/components/parameters/decode"}
                ],
                "responses": {
                  "200": {"$ref": "#/components/responses/Token"},
                  "304": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "parameters": [
                  {"$ref": "#/components/parameters/text"},
                  {"$ref": "#/components/parameters/decode"}
                ],
                "responses": {
                  "200": {"$ref": "#/components/responses/Token"},
                  "304": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "post": {
                "summary": "Replaces the operator's token",
                "requestBody": {"required": true, "content": {"application/jwt": {"schema": {"type": "string"}}}},
                "responses": {
                  "200": {"$ref": "#/components/responses/Acceptance"},
                  "202": {"$ref": "#/components/responses/Pending"},
                  "400": {"$ref": "#/components/responses/Refusal"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "403": {"$ref": "#/components/responses/Refusal"},
                  "409": {"$ref": "#/components/responses/Refusal"},
                  "413": {"$ref": "#/components/responses/Refusal"},
                  "503": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/jwt/v1/activations": {
              "post": {
                "summary": "Stores an activation token",
                "requestBody": {"required": true, "content": {"application/jwt": {"schema": {"type": "string"}}}},
                "responses": {
                  "200": {"$ref": "#/components/responses/Acceptance"},
                  "202": {"$ref": "#/components/responses/Pending"},
                  "400": {"$ref": "#/components/responses/Refusal"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "403": {"$ref": "#/components/responses/Refusal"},
                  "409": {"$ref": "#/components/responses/Refusal"},
                  "413": {"$ref": "#/components/responses/Refusal"},
                  "503": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/jwt/v1/activations/{hash}": {
              "get": {
                "summary": "An activation token",
                "parameters": [
                  {"$ref": "#/components/parameters/hash"},
                  {"$ref": "#/components/parameters/text"},
                  {"$ref": "#/components/parameters/decode"}
                ],
                "responses": {
                  "200": {"$ref": "#/components/responses/Token"},
                  "304": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "404": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "parameters": [
                  {"$ref": "#/components/parameters/hash"},
                  {"$ref": "#/components/parameters/text"},
                  {"$ref": "#/components/parameters/decode"}
                ],
                "responses": {
                  "200": {"$ref": "#/components/responses/Token"},
                  "304": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "404": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/jwt/v1/pack": {
              "get": {
                "summary": "All accounts, KEY|TOKEN a line",
                "parameters": [{"$ref": "#/components/parameters/max"}],
                "responses": {
                  "200": {"$ref": "#/components/responses/Text"},
                  "400": {"$ref": "#/components/responses/Refusal"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "parameters": [{"$ref": "#/components/parameters/max"}],
                "responses": {
                  "200": {"$ref": "#/components/responses/Text"},
                  "400": {"$ref": "#/components/responses/Refusal"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "post": {
                "summary": "Stores accounts, KEY|TOKEN a line, each for itself",
                "requestBody": {"required": true, "content": {"text/plain": {"schema": {"type": "string"}}}},
                "responses": {
                  "200": {"$ref": "#/components/responses/Pack"},
                  "400": {"$ref": "#/components/responses/Pack"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "403": {"$ref": "#/components/responses/Refusal"},
                  "413": {"$ref": "#/components/responses/Pack"}
                }
              }
            },
            "/jwt/v1/help": {
              "get": {
                "summary": "What there is",
                "responses": {
                  "200": {"$ref": "#/components/responses/Text"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "responses": {
                  "200": {"$ref": "#/components/responses/Text"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/healthz": {
              "get": {
                "summary": "Whether the process answers",
                "responses": {"200": {"$ref": "#/components/responses/Empty"}}
              },
              "head": {
                "summary": "The same, without a body",
                "responses": {"200": {"$ref": "#/components/responses/Empty"}}
              }
            },
            "/readyz": {
              "get": {
                "summary": "Whether uploads can be judged",
                "responses": {
                  "200": {"$ref": "#/components/responses/Object"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "503": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "responses": {
                  "200": {"$ref": "#/components/responses/Object"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "503": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/metrics": {
              "get": {
                "summary": "What is counted, for Prometheus",
                "responses": {
                  "200": {"$ref": "#/components/responses/Text"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "responses": {
                  "200": {"$ref": "#/components/responses/Text"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/openapi.json": {
              "get": {
                "summary": "This document",
                "responses": {
                  "200": {"$ref": "#/components/responses/Object"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "responses": {
                  "200": {"$ref": "#/components/responses/Object"},
                  "401": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/oauth2/token": {
              "post": {
                "summary": "A user token in exchange for another token (RFC 8693)",
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/Exchange"}}
                  }
                },
                "responses": {
                  "200": {"$ref": "#/components/responses/Issued"},
                  "400": {"$ref": "#/components/responses/TokenError"},
                  "401": {"$ref": "#/components/responses/TokenError"},
                  "403": {"$ref": "#/components/responses/TokenError"},
                  "404": {"$ref": "#/components/responses/TokenError"},
                  "413": {"$ref": "#/components/responses/TokenError"},
                  "503": {"$ref": "#/components/responses/TokenError"}
                }
              }
            },
            "/.well-known/credence-audiences": {
              "get": {
                "summary": "Whom tokens can be asked for",
                "responses": {
                  "200": {"$ref": "#/components/responses/Object"},
                  "304": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Refusal"},
                  "404": {"$ref": "#/components/responses/Refusal"}
                }
              },
              "head": {
                "summary": "The same, without a body",
                "responses": {
                  "200": {"$ref": "#/components/responses/Empty"},
                  "304": {"$ref": "#/components/responses/Empty"},
                  "401": {"$ref": "#/components/responses/Empty"},
                  "404": {"$ref": "#/components/responses/Empty"}
                }
              }
            }
          },

        """#
}
