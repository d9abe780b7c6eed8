package store

// Era names the history that a PostgreSQL server writes: its cluster, and the
// timeline, which counts the promotions. Two servers of one cluster on different
// timelines have parted, and the lower one is the past: a primary that was replaced
// and does not know it.
type Era struct {
	System   string // the system identifier of the cluster; empty: unknown
	Timeline uint32
}

// before says whether e is the past of o. Of different clusters nobody can say.
func (e Era) before(o Era) bool { return e.System == o.System && e.Timeline < o.Timeline }

// Era is the latest one that was seen. It is the zero Era on SQLite, and where the
// server does not tell.
func (db *DB) Era() Era { return db.back.era() }

// Outlive makes the database refuse servers of an earlier era than one that was seen
// elsewhere, connections that stand among them: what was read there is the past, and
// what is written there will be lost. Servers that are refused are unavailable, and
// the next one in the connection string is asked.
func (db *DB) Outlive(e Era) { db.back.outlive(e) }
