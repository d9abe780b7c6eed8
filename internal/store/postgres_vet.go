package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	askEra = `SELECT current_setting('transaction_read_only'), (SELECT system_identifier FROM pg_control_system()),
		CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_walfile_name(pg_current_wal_lsn()) END`
	askWrites = `SELECT current_setting('transaction_read_only'), '', ''`
)

// vet refuses a server that takes no writes, or whose time is over.
func (l *line) vet(ctx context.Context, c *pgconn.PgConn) error {
	row, err := asks(ctx, c, askEra)
	if refusesToTell(err) {
		row, err = asks(ctx, c, askWrites)
	}
	if err != nil {
		return err
	}
	if row[0] != "off" {
		return errReadOnly
	}
	if l.era, err = eraOf(row[1], row[2]); err != nil {
		return err
	}
	if l.life, err = l.servers.meet(l.era, l.host, l.port); err != nil {
		return err
	}
	c.CustomData()[lineKey] = l
	return nil
}

// refusesToTell is for servers that speak PostgreSQL and are another program, or
// whose operator has taken the right away.
func refusesToTell(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && (p.Code == "42883" || p.Code == "42501" || p.Code == "0A000" || p.Code == "42P01")
}

func asks(ctx context.Context, c *pgconn.PgConn, query string) ([3]string, error) {
	var row [3]string
	results, err := c.Exec(ctx, query).ReadAll()
	if err != nil {
		return row, err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) != len(row) {
		return row, fmt.Errorf("the server answered in another shape")
	}
	for i, v := range results[0].Rows[0] {
		row[i] = string(v)
	}
	return row, nil
}

// eraOf reads the timeline from the name of a file of the write-ahead log, of which
// it is the first eight hexadecimal digits: it is known there at once, while the
// control file learns of a promotion with the next checkpoint.
func eraOf(system, file string) (Era, error) {
	if system == "" {
		return Era{}, nil
	}
	if len(file) < 8 {
		return Era{}, errReadOnly
	}
	n, err := strconv.ParseUint(file[:8], 16, 32)
	if err != nil {
		return Era{}, fmt.Errorf("timeline of %q: %w", file, err)
	}
	return Era{system, uint32(n)}, nil
}

// outlived says whether a newer server was seen since the connection was made.
func (l *line) outlived() bool { return l.era.before(l.servers.latest()) }
