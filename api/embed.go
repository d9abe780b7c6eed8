package api

import _ "embed"

// OpenAPI is the contract in words for every other language: an OpenAPI 3.1
// document in YAML, as the vault serves it at /openapi.yaml.
//
//go:embed openapi.yaml
var OpenAPI []byte

// StatementSchema is the JSON Schema (2020-12) of what is signed: the payload of
// every act and, as #/$defs/header, the protected header. The vault serves it at
// /statement.schema.json.
//
//go:embed statement.schema.json
var StatementSchema []byte
