// Package blob is the contract of object stores: where payloads lie that are too
// large for a row.
//
// An object is bytes under a random key, written once and whole, never changed,
// deleted once. It means nothing without the row that names it, so the order is
// always: put the object, then commit the row; commit the row's end, then delete
// the object. A crash in between leaves an object without a row, which List
// finds, and never a row without an object.
//
// Stores see ciphertext only. They tell no time but the day; a store that is
// another's server keeps what that server keeps.
package blob

import (
	"context"
	"errors"
	"io"

	"github.com/relatingfield/vault/internal/id"
)

// Errors that every store reports; anything else is the store's own trouble.
var (
	ErrNotFound = errors.New("there is no such object")
	ErrExists   = errors.New("an object of this name exists already")
	ErrSize     = errors.New("the object has not the announced size")
	ErrFull     = errors.New("the object store is full; nothing was stored, and what was stored before is safe")
	ErrDamaged  = errors.New("the object is not what was stored")
	// ErrUnavailable: the store does not answer, or asks to come back later. What
	// was under way is there whole or not at all; what is stored is safe.
	ErrUnavailable = errors.New("the object store does not answer now")
)

// Object is an open object. Stores on a file system give objects that have a
// SyscallConn, so that the kernel can copy them to a socket.
type Object interface {
	io.ReadSeekCloser
	io.ReaderAt
	// Size is the length in bytes.
	Size() int64
}

// Entry is an object as List tells it.
type Entry struct {
	Key  id.ID
	Size int64
	Day  int64 // Unix seconds of the first second of the day it was put
}

// Store keeps objects. Its methods may be called from many goroutines.
type Store interface {
	// Put stores exactly size bytes from r under key. When it returns nil the
	// object is durable, through a crash of machine or store. When it returns
	// an error the object is not there, unless the error is of a kind that
	// leaves the outcome open (a lost connection): then it is there whole or
	// not at all. An existing object is never touched: ErrExists. r ending early
	// is io.ErrUnexpectedEOF, going on ErrSize, failing its own error.
	Put(ctx context.Context, key id.ID, size int64, r io.Reader) error
	// PutSome is Put for what may end early: it stores what comes before r ends
	// with io.EOF, from 1 to most bytes, and says how many. It reads no further
	// than most. Where nothing comes it stores nothing and gives 0. Any other
	// error of r fails it as it fails Put: whoever wants to keep what came before
	// a line broke makes the break an end. An r that is an io.WriterTo and says by
	// a method Most() int64 that it has no more than most may be asked to write.
	PutSome(ctx context.Context, key id.ID, most int64, r io.Reader) (int64, error)
	// Open opens an object or reports ErrNotFound. An object that is deleted
	// while it is open may go on being read. Where a store notices that an object
	// is not what was put, here or in a read, it is ErrDamaged. ctx counts for
	// the object's reads, too: read before it ends, and close the object.
	Open(ctx context.Context, key id.ID) (Object, error)
	// Delete removes an object durably. That it is not there is no error.
	Delete(ctx context.Context, key id.ID) error
	// List calls f for every object that was put before it began and is not
	// deleted meanwhile, in any order. f may delete. Its error ends the listing.
	List(ctx context.Context, f func(Entry) error) error
}
