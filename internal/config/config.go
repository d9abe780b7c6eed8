// Package config is everything an operator can set, in one struct whose comments
// are the manual.
//
// A setting comes from, in rising order of precedence: its default; the YAML file
// named by --config or TESTIMONYD_CONFIG; the environment; --set on the command
// line. Its name in the file is its path (store.engine); in the environment
// TESTIMONYD_ and the path in capitals with underscores (TESTIMONYD_STORE_ENGINE);
// on the command line --set store.engine=postgres. All three are read by the same
// rules: sizes are bytes or have a binary unit (64 KiB), times are like 90s or
// 10m, lists in the environment and on the command line are separated by commas.
//
// Promises: an unknown name is refused, in all three places; every fault is
// reported at once and with what to do about it; a zero never means "no limit"
// and a false never opens anything; a dangerous combination is refused until a
// setting beginning with i_know_ says that it is wanted; a secret is never
// printed, and is accepted from the environment or from a file of its own only.
// Does not: look for a file where nobody named one, or change while running.
package config

import (
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// Config is the configuration of one testimonyd process.
type Config struct {
	// DataDir is the folder that holds whatever has no place of its own: the
	// SQLite database, the payloads and the server's keys.
	DataDir string `yaml:"data_dir"`

	// KeysDir is the folder of the server's own keys (receipts, tokens, proof of
	// work). They open no testimony. Empty: keys in data_dir.
	KeysDir string `yaml:"keys_dir"`

	// Listen is the address and port to serve on. On any other address than a loopback
	// one, the vault must speak TLS itself (tls), or i_know_this_is_public be true.
	Listen string `yaml:"listen"`

	// IKnowThisIsPublic says that listen can be reached from other machines and
	// that a proxy which speaks TLS, or an onion service, stands before it. Without
	// one, everybody on the line could read who signs in.
	IKnowThisIsPublic bool `yaml:"i_know_this_is_public"`

	// IKnowSecretFilesAreReadable says that the files of secrets (url_file,
	// secret_key_file, token_file) may be readable for every user of this machine, because there
	// is none but the vault's: a container.
	IKnowSecretFilesAreReadable bool `yaml:"i_know_secret_files_are_readable"`

	// IKnowThisIsForPractice says that a practice vault may be reached at addresses
	// of other machines (origins): for trying things out with a proxy. Its steward's
	// words lie beside its data, so nothing real belongs there.
	IKnowThisIsForPractice bool `yaml:"i_know_this_is_for_practice"`

	// Origins are the addresses that people type (scheme, host and port), clear
	// and onion. Sign-in is accepted for these only. http is accepted for loopback
	// and onion hosts only. Empty: 127.0.0.1 and localhost at the port of listen,
	// if that is a loopback address.
	Origins []string `yaml:"origins"`

	// TLS says whether the vault speaks TLS itself.
	TLS TLS `yaml:"tls"`
	// Onion is the one of origins that is an onion service. Every page at the other
	// addresses names it in Onion-Location, so that Tor Browser offers to go there.
	// Empty: they do not.
	Onion string `yaml:"onion"`

	// IKnowTheOnionServiceIsElsewhere says that a vault to which people come by onion
	// addresses alone may listen on an address that other machines can reach, because
	// tor runs on one of them. Whoever finds that address knows where the vault is.
	IKnowTheOnionServiceIsElsewhere bool `yaml:"i_know_the_onion_service_is_elsewhere"`

	// Store says where accounts, statements and small payloads are kept.
	Store Store `yaml:"store"`

	// Blobs says where larger payloads are kept.
	Blobs Blobs `yaml:"blobs"`

	// Fixity is the reading of all that is stored, to find damage before she does.
	Fixity Fixity `yaml:"fixity"`

	// Journal says where restricting acts are remembered outside the database, so
	// that a restored backup cannot undo them.
	Journal Journal `yaml:"journal"`

	// Backups says what participants are told of backups, and how they are made.
	Backups Backups `yaml:"backups"`

	// Enrolment says who may open an account.
	Enrolment Enrolment `yaml:"enrolment"`

	// OnArrival says whether the server may seal what comes in unsealed.
	OnArrival OnArrival `yaml:"on_arrival"`

	// Closure is what readers owe when a grant of theirs has ended.
	Closure Closure `yaml:"closure"`

	// Webhooks tell partners what became of what they brought.
	Webhooks Webhooks `yaml:"webhooks"`

	// Limits keep one client from taking everything.
	Limits Limits `yaml:"limits"`

	// Strangers are those who have not signed in.
	Strangers Strangers `yaml:"strangers"`

	// Trays are where partners put what they bring, and collections what they keep.
	Trays Trays `yaml:"trays"`

	// Uploads are large payloads on their way.
	Uploads Uploads `yaml:"uploads"`

	// Tokens are what clients show after signing in.
	Tokens Tokens `yaml:"tokens"`

	// Programs are what partner organisations bring testimonies with.
	Programs Programs `yaml:"programs"`

	// FieldTools are phones that send encrypted forms.
	FieldTools FieldTools `yaml:"field_tools"`

	// Log is written to standard error and never holds identifiers, addresses or
	// content.
	Log Log `yaml:"log"`

	// Watch is where the process can be watched from this machine.
	Watch Watch `yaml:"watch"`

	// Traces tell an OpenTelemetry collector where time goes.
	Traces Traces `yaml:"traces"`

	// GC removes what no row names.
	GC GC `yaml:"gc"`

	// CanaryFile is a file with words of stewards (testimony steward canary), one a line,
	// which everybody is shown: that no demand came of which they may not speak. It is
	// read anew each time. Empty: there is none.
	CanaryFile string `yaml:"canary_file"`

	// ShutdownGrace is how long running requests may still take after the signal
	// to stop, 0s to 10m.
	ShutdownGrace time.Duration `yaml:"shutdown_grace"`
}

// Store is the database.
type Store struct {
	// Engine is sqlite (one process, nothing to install) or postgres (several
	// processes over one database).
	Engine Engine `yaml:"engine"`

	// Path is the SQLite file. Empty: vault.db in data_dir.
	Path string `yaml:"path"`

	// URL is the PostgreSQL connection string. A secret: set it in the environment,
	// or put it in a file and name that in url_file.
	URL secret.Bytes `yaml:"url"`

	// URLFile is a file that holds the PostgreSQL connection string, and nothing
	// else.
	URLFile string `yaml:"url_file"`

	// IKnowTheDatabaseLineIsOpen says that the connection to a PostgreSQL on
	// another machine may do without verified TLS (sslmode=verify-full), because
	// something else protects that line.
	IKnowTheDatabaseLineIsOpen bool `yaml:"i_know_the_database_line_is_open"`
}

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Blobs is where payloads lie that are too large for a row.
type Blobs struct {
	// Engine is dir (a folder) or s3 (a bucket of an S3 server). Moving from one to
	// the other is in docs/operate/objects.md.
	Engine Keeper `yaml:"engine"`

	// Dir is the folder. Empty: blobs in data_dir.
	Dir string `yaml:"dir"`

	// InlineMax is the size up to which a payload is kept in the database beside
	// its row, 0 to 1 MiB: faster for small testimonies, and a larger database.
	InlineMax Size `yaml:"inline_max"`

	// S3 is the bucket, for engine s3.
	S3 S3 `yaml:"s3"`

	// Second is where every payload is copied to, so that a damaged one can be
	// healed. It should share neither disk nor operator with the first.
	Second Second `yaml:"second"`
}

// Keeper names a kind of object store.
type Keeper string

// The kinds of object stores.
const (
	NoKeeper Keeper = "none"
	Folder   Keeper = "dir"
	Bucket   Keeper = "s3"
)

// Second is the place of second copies.
type Second struct {
	// Engine is none, dir (a folder) or s3 (a bucket of an S3 server).
	Engine Keeper `yaml:"engine"`

	// Dir is the folder, for engine dir.
	Dir string `yaml:"dir"`

	// S3 is the bucket, for engine s3.
	S3 S3 `yaml:"s3"`
}

// S3 is a bucket.
type S3 struct {
	// Endpoint is the server's address, as in https://s3.example. http is accepted
	// for a server on this machine only.
	Endpoint string `yaml:"endpoint"`

	// Region is what the server calls its region; us-east-1 where it has none.
	Region string `yaml:"region"`

	// Bucket is the bucket. It exists already, is private and keeps no versions.
	Bucket string `yaml:"bucket"`

	// Prefix begins the name of every object, so that a bucket can hold more than
	// one vault. Empty, or ending with a slash.
	Prefix string `yaml:"prefix"`

	// AccessKey is the vault's name at the server.
	AccessKey string `yaml:"access_key"`

	// SecretKey signs the vault's requests. A secret: set it in the environment, or
	// put it in a file and name that in secret_key_file.
	SecretKey secret.Bytes `yaml:"secret_key"`

	// SecretKeyFile is a file that holds the secret key, and nothing else.
	SecretKeyFile string `yaml:"secret_key_file"`

	// PathStyle says that the bucket is named in the path of requests. With false it
	// is named in the host, as Amazon wants it.
	PathStyle bool `yaml:"path_style"`

	// SSE is what the server is asked to encrypt with: none (whatever the bucket
	// does by itself), s3 (its own key) or kms (a key of its key manager). Payloads
	// are sealed before they come there: this is no substitute for anything.
	SSE string `yaml:"sse"`

	// KMSKey is the key of sse kms. Empty: the bucket's own.
	KMSKey string `yaml:"kms_key"`

	// CAFile holds the certificates (PEM) that may vouch for the server. Empty:
	// those that this system trusts.
	CAFile string `yaml:"ca_file"`

	// Scratch is the folder for what is on its way to the server and has no known
	// length: ciphertext, as much as is arriving, gone with the process. Empty:
	// arriving in data_dir.
	Scratch string `yaml:"scratch"`

	// IKnowTheObjectLineIsOpen says that the line to a server on another machine may
	// do without TLS, because something else protects it.
	IKnowTheObjectLineIsOpen bool `yaml:"i_know_the_object_line_is_open"`
}

// Fixity compares what is stored with what was stored.
type Fixity struct {
	// Every is the period in which everything is read once, 1d to 3650d. The work is
	// shared by all processes over one database.
	Every Days `yaml:"every"`

	// BytesPerSecond is how fast one process reads for it and makes second copies, at
	// most, 64 KiB to 4 GiB. What somebody waits for is read without delay.
	BytesPerSecond Size `yaml:"bytes_per_second"`

	// AskedPerDay is how much one account can have read in a day because its client
	// found damage, 0 to 1 TiB; more waits for its turn.
	AskedPerDay Size `yaml:"asked_per_day"`
}

// Journal is what remembers restricting acts outside the database.
type Journal struct {
	// Dir is the folder of the journals of all nodes, one folder in it for each. It
	// must not be lost or rolled back together with the database: put it on another
	// disk or machine, and never into the same backup. Empty: journal in data_dir.
	Dir string `yaml:"dir"`

	// Node names this process among those over one database: 1 to 32 of a-z, 0-9 and
	// -. Each needs a name of its own, and keeps it.
	Node string `yaml:"node"`

	// Keep is how long what was restricted stays in the journal, 30d to 3650d: at
	// least as long as the oldest backup.
	Keep Days `yaml:"keep"`

	// AtLeast are heads of journals that were kept elsewhere, as testimonyd journal
	// head prints them: a journal that does not hold one of them was rolled back,
	// and nothing is served.
	AtLeast []string `yaml:"at_least"`

	// AtLeastFrom is a file of such heads, one a line.
	AtLeastFrom string `yaml:"at_least_from"`
}

// Backups is what the vault tells participants about its backups, and what testimonyd
// backup makes. Serving makes none.
type Backups struct {
	// Keep is how long a backup is kept at most, archived write-ahead logs and
	// snapshots included, 1d to 3650d. What is erased is in backups for that long,
	// sealed to its owner, and she is told so.
	Keep Days `yaml:"keep"`

	// Dir is the folder that testimonyd backup writes to. It should be on another
	// disk than the database; whatever copies it elsewhere must copy deletions, too.
	Dir string `yaml:"dir"`

	// Recipients are the age recipients (age1… or age1pq1…, all of one kind) that
	// backups and exported server keys are sealed to. Their identities belong on no
	// machine of the vault.
	Recipients []string `yaml:"recipients"`

	// Objects is copy (payloads are in the backup) or reference (their names and
	// digests are; something else keeps a second copy of the object store).
	Objects string `yaml:"objects"`
}

// Enrolment is the way to an account.
type Enrolment struct {
	// Mode is open (everybody, after a proof of work), code (whoever has an
	// invitation) or partners (invitations of partner organisations only).
	Mode Mode `yaml:"mode"`

	// PowBits is the work asked for in mode open, 1 to 28: each bit doubles it. 18
	// take about a tenth of a second in a program and some seconds in a browser
	// without a compiler.
	PowBits int `yaml:"pow_bits"`

	// PerDay is how many accounts may be opened in 24 hours in all, 1 to 1000000.
	PerDay int `yaml:"per_day"`
}

// Mode says who may enrol.
type Mode string

// The modes.
const (
	Open     Mode = "open"
	Code     Mode = "code"
	Partners Mode = "partners"
)

// OnArrival is sealing by the server.
type OnArrival struct {
	// Enabled lets clients that cannot seal send plaintext, which the server seals
	// while it arrives and holds in memory only. Such a part is marked for ever,
	// and cannot be granted before its owner has adopted it.
	Enabled bool `yaml:"enabled"`
}

// Tokens is about access tokens.
type Tokens struct {
	// TTL is how long an access token lives, 10s to 10m. A token cannot be taken
	// back, only waited out.
	TTL time.Duration `yaml:"ttl"`
}
