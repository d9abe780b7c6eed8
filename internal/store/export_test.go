package store

import "time"

// GiveUpCommits makes callers give up soon on a commit that has no answer.
func GiveUpCommits(db *DB) { db.back.(*postgresDB).end = 300 * time.Millisecond }
