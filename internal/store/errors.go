package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What went wrong, told from the engine's error code, never from its text.
// Every error of Update and View that comes from the database is one of these
// (errors.Is) or a defect of the program.
var (
	// ErrConflict: a row with this key exists already.
	ErrConflict = errors.New("conflict with an existing row")
	// ErrReference: the row refers to one that does not exist, or is referred to.
	ErrReference = errors.New("broken reference between rows")
	// ErrCheck: a CHECK, NOT NULL or type rule, or a trigger, refuses the row.
	ErrCheck = errors.New("row refused by a rule of the schema")
	// ErrUnavailable: the database is down, full, or busy beyond the bounded
	// retries. The caller may try again later (HTTP 503).
	ErrUnavailable = errors.New("database unavailable")
	// ErrFull comes with ErrUnavailable when the database's disk is full. Nothing
	// was kept, and what was kept before is safe (HTTP 507).
	ErrFull = errors.New("the database's disk is full")
	// ErrUncertain comes with ErrUnavailable when the answer to a commit was
	// lost: the changes are kept or not, as a whole. Whoever cleans up after an
	// error must not clean up after this one.
	ErrUncertain = errors.New("it is unknown whether the change was kept")
	// ErrSchema: the database is not the one this program was made for. Its
	// text names the next step.
	ErrSchema = errors.New("database schema")
)

// errAgain marks a failure after which the same closure may well succeed.
var errAgain = errors.New("transaction lost to another")

// classified is a driver's error with its class in front.
type classified struct {
	class []error
	err   error
}

func (e *classified) Error() string   { return fmt.Sprintf("%v: %v", e.class[0], e.err) }
func (e *classified) Unwrap() []error { return append(e.class[:len(e.class):len(e.class)], e.err) }

func as(err error, class ...error) error { return &classified{class, err} }

// classify adds the class to an error that carries a driver's code.
func classify(err error) error {
	var done *classified
	if err == nil || errors.As(err, &done) {
		return err
	}
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return withClass(err, postgresClass(p.Code))
	}
	var s *sqlite.Error
	if errors.As(err, &s) {
		return withClass(err, sqliteClass(s.Code()))
	}
	return err
}

func withClass(err error, class []error) error {
	if class == nil {
		return err
	}
	return as(err, class...)
}

// classifyStatement is classify for an error straight from the driver, where an
// error of the network can only mean that the connection is lost.
func classifyStatement(err error) error {
	c := classify(err)
	var done *classified
	if c == nil || errors.As(c, &done) || !lost(err) {
		return c
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return as(err, ErrUnavailable) // so much time was lost that the caller is told at once
	}
	return as(err, ErrUnavailable, errAgain)
}

// lost reports whether a driver's error means a lost or refused connection.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// postgresClass reads a SQLSTATE (PostgreSQL documentation, appendix A).
func postgresClass(code string) []error {
	switch code {
	case "23505", "23P01": // unique_violation, exclusion_violation
		return []error{ErrConflict}
	case "23503": // foreign_key_violation
		return []error{ErrReference}
	case "23514", "23502", "23000", "23001", "P0001": // check, not null, integrity, restrict, raise_exception
		return []error{ErrCheck}
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return []error{ErrUnavailable, errAgain}
	case "55P03", "57014", "25006": // lock_not_available, query_canceled, read only (a demoted primary)
		return []error{ErrUnavailable}
	case "57P01", "57P02", "57P03", "57P05": // shutdown, crash, starting up, idle timeout
		return []error{ErrUnavailable, errAgain}
	}
	if code == "53100" { // disk_full
		return []error{ErrFull, ErrUnavailable}
	}
	switch code[:min(2, len(code))] {
	case "08": // connection exception
		return []error{ErrUnavailable, errAgain}
	case "53", "58": // insufficient resources, system error
		return []error{ErrUnavailable}
	}
	return nil
}

// sqliteClass reads an extended result code (https://sqlite.org/rescode.html).
func sqliteClass(code int) []error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return []error{ErrConflict}
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return []error{ErrReference}
	case sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_NOTNULL,
		sqlite3.SQLITE_CONSTRAINT_DATATYPE, sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return []error{ErrCheck}
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return []error{ErrUnavailable, errAgain}
	case sqlite3.SQLITE_FULL:
		return []error{ErrFull, ErrUnavailable}
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return []error{ErrUnavailable}
	}
	return nil
}

// full reports a full disk.
func full(err error) bool {
	var s *sqlite.Error
	return errors.As(err, &s) && s.Code()&0xff == sqlite3.SQLITE_FULL
}
