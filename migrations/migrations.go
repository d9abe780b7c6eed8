// Package migrations embeds the schemas: the same tables for both engines, one
// folder each, forward only. internal/store applies them.
package migrations

import "embed"

// Files holds postgres/NNNN_name.sql and sqlite/NNNN_name.sql.
//
//go:embed postgres/*.sql sqlite/*.sql
var Files embed.FS
