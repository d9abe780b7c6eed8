package api

import _ "embed"

// OpenAPI is the contract in words for every other language: an OpenAPI 3.1
// document in YAML, as the vault serves it at /openapi.yaml.
//
//go:embed openapi.yaml
var OpenAPI []byte
