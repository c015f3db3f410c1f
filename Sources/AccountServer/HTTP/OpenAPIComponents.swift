extension OpenAPIText {
    /// What the answers and questions are made of; the rest of the document.
    static let components = #"""
          "components": {
            "securitySchemes": {
              "bearer": {"type": "http", "scheme": "bearer"},
              "certificate": {"type": "mutualTLS"}
            },
            "parameters": {
              "key": {
                "name": "key",
                "in": "path",
                "required": true,
                "description": "An account's public key",
                "schema": {"type": "string", "pattern": "^A[A-Z2-7]{55}$"}
              },
              "hash": {
                "name": "hash",
                "in": "path",
                "required": true,
                "description": "An activation's hash",
                "schema": {"type": "string", "pattern": "^[A-Z2-7]{52}$"}
              },
              "max": {
                "name": "max",
                "in": "query",
                "description": "How many accounts at most",
                "schema": {"type": "integer", "minimum": 1}
              },
              "jti": {
                "name": "jti",
                "in": "query",
                "deprecated": true,
                "description": "Given up: answered by 501",
                "schema": {"type": "string"}
              },
              "text": {
                "name": "text",
                "in": "query",
                "description": "The token as plain text",
                "schema": {"type": "boolean"}
              },
              "decode": {
                "name": "decode",
                "in": "query",
                "description": "Header and claims, embedded tokens masked",
                "schema": {"type": "boolean"}
              },
              "check": {
                "name": "check",
                "in": "query",
                "description": "Not found when it has expired",
                "schema": {"type": "boolean"}
              },
              "notify": {
                "name": "notify",
                "in": "query",
                "description": "Announces the account to the servers",
                "schema": {"type": "boolean"}
              },
              "dry_run": {
                "name": "dry_run",
                "in": "query",
                "description": "Judges and stores nothing",
                "schema": {"type": "boolean"}
              }
            },
            "responses": {
              "Refusal": {
                "description": "Every rule that stands against the request",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
              },
              "Issued": {
                "description": "The token was issued, and is in the journal",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/IssuedToken"}}}
              },
              "TokenError": {
                "description": "The error of RFC 6749, and every rule that stands against the request",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TokenError"}}}
              },
              "Acceptance": {
                "description": "It was accepted",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Acceptance"}}}
              },
              "Pending": {
                "description": "It waits for what is said",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pending"}}}
              },
              "Pack": {
                "description": "What became of each line",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PackResult"}}}
              },
              "Token": {
                "description": "The token, or what it says",
                "content": {
                  "application/jwt": {"schema": {"type": "string"}},
                  "text/plain": {"schema": {"type": "string"}}
                }
              },
              "Text": {"description": "Plain text", "content": {"text/plain": {"schema": {"type": "string"}}}},
              "Object": {
                "description": "One JSON object",
                "content": {"application/json": {"schema": {"type": "object"}}}
              },
              "Empty": {"description": "No body"}
            },
            "schemas": {
              "Finding": {
                "type": "object",
                "required": ["rule", "at", "message"],
                "properties": {"rule": {"type": "string"}, "at": {"type": "string"}, "message": {"type": "string"}}
              },
              "Refusal": {
                "type": "object",
                "required": ["failures", "warnings"],
                "properties": {
                  "failures": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
                  "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}
                }
              },
              "Exchange": {
                "type": "object",
                "required": ["grant_type", "subject_token", "subject_token_type", "credence_proof"],
                "properties": {
                  "grant_type": {"const": "urn:ietf:params:oauth:grant-type:token-exchange"},
                  "subject_token": {"type": "string"},
                  "subject_token_type": {"type": "string"},
                  "audience": {"type": "string"},
                  "resource": {"type": "string"},
                  "scope": {"type": "string"},
                  "requested_token_type": {"type": "string"},
                  "actor_token": {"type": "string"},
                  "actor_token_type": {"type": "string"},
                  "credence_proof": {"type": "string"},
                  "credence_lifetime": {"type": "integer", "minimum": 1}
                }
              },
              "IssuedToken": {
                "type": "object",
                "required": ["access_token", "issued_token_type", "token_type", "expires_in", "scope"],
                "properties": {
                  "access_token": {"type": "string"},
                  "issued_token_type": {"const": "urn:ietf:params:oauth:token-type:jwt"},
                  "token_type": {"const": "N_A"},
                  "expires_in": {"type": "integer"},
                  "scope": {"type": "string"},
                  "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}
                }
              },
              "TokenError": {
                "type": "object",
                "required": ["error", "error_description", "failures", "warnings"],
                "properties": {
                  "error": {"type": "string"},
                  "error_description": {"type": "string"},
                  "failures": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
                  "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}
                }
              },
              "Dependent": {
                "type": "object",
                "required": ["account", "import", "change"],
                "properties": {
                  "account": {"type": "string"},
                  "import": {"type": "integer"},
                  "change": {"enum": ["stops", "starts"]}
                }
              },
              "Acceptance": {
                "type": "object",
                "required": ["accepted", "failures", "warnings", "dependents"],
                "properties": {
                  "accepted": {"const": true},
                  "failures": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
                  "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
                  "dependents": {"type": "array", "items": {"$ref": "#/components/schemas/Dependent"}},
                  "resigned": {"const": true},
                  "dry_run": {"const": true},
                  "hash": {"type": "string"}
                }
              },
              "Pending": {
                "type": "object",
                "required": ["accepted", "pending"],
                "properties": {
                  "accepted": {"const": false},
                  "pending": {"type": "array", "items": {"type": "string"}},
                  "failures": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
                  "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}
                }
              },
              "PackResult": {
                "type": "object",
                "required": ["failures", "warnings"],
                "properties": {
                  "accepted": {"type": "boolean"},
                  "failures": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
                  "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
                  "stored": {"type": "integer"},
                  "results": {"type": "array", "items": {"type": "object"}}
                }
              }
            }
          }
        }

        """#
}
