module github.com/relatingfield/vault

go 1.26.0

ignore (
	./api/lint/node_modules
	./internal/web/app/node_modules
)

require (
	filippo.io/age v1.3.2 // the file format that everything is sealed in
	github.com/andybalholm/brotli v1.2.8 // compresses the web app when it is built; in internal/web/build only
	github.com/evanw/esbuild v0.28.2 // bundles the web app when it is built; in internal/web/build only
	github.com/go-json-experiment/json v1.27.2 // strict JSON with one spelling: no repeated, unknown or differently cased names
	github.com/golang-jwt/jwt/v5 v5.3.1 // access tokens and DPoP proofs, with one parser a purpose
	github.com/jackc/pgx/v5 v5.12.0 // the PostgreSQL driver, behind database/sql
	github.com/labstack/echo/v4 v4.16.0 // routing of the REST API, in internal/httpapi only
	github.com/minio/minio-go/v7 v7.4.1 // the S3 protocol: signed requests, multipart, checksums; in internal/blob/s3blob only
	github.com/prometheus/client_golang v1.25.0 // counters in the format that Prometheus reads, and their lint; in internal/watch only
	github.com/prometheus/client_model v0.6.3 // the types of client_golang's families, to leave some out
	github.com/tus/tusd/v2 v2.9.2 // the tus protocol of uploads, in internal/httpapi only
	github.com/tyler-smith/go-bip39 v1.1.0 // its word lists (English, French); none of its code
	go.opentelemetry.io/proto/otlp v1.11.1 // the types of traces as OpenTelemetry's collectors read them, without its SDK; in internal/trace only
	golang.org/x/crypto v0.58.0 // ChaCha20-Poly1305: payload chunks, and what lies under the shred keys
	golang.org/x/exp v0.0.0-20250106191152-7588d65b2ba8 // the log package that tusd wants its logger from: to give it one that says nothing
	golang.org/x/sync v0.24.0 // bounded groups of goroutines that report the first error
	golang.org/x/sys v0.49.0 // file locks and early write-back
	golang.org/x/term v0.47.0 // asking for words without showing them
	golang.org/x/text v0.43.0 // Unicode normal forms: words are compared as people see them
	google.golang.org/protobuf v1.36.12 // writes those types; in internal/trace only
	gopkg.in/yaml.v3 v3.0.1 // the configuration file, with unknown keys refused
	modernc.org/sqlite v1.61.1 // the embedded engine, in pure Go
	rsc.io/qr v0.2.0 // draws the picture that sets up a phone: small, finished, needs nothing; in internal/openrosa/provision only
)

// Tests only.
require (
	c2sp.org/CCTV/age v0.0.0-20260829155415-4448f2097b2d // the community's test vectors of the age format
	filippo.io/hpke v0.4.0 // public keys no honest program makes, to see them refused
	github.com/rogpeppe/go-internal v1.16.0 // testscript: the command line tested as people type it
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // JSON Schema 2020-12: the API contract's examples and live traffic
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1 // the official receiver of Standard Webhooks: what we sign must verify with it
	golang.org/x/net v0.61.0 // answers an authority that asks under which address a vault is: package dnsmessage
	pgregory.net/rapid v1.3.0 // properties checked over generated cases
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	filippo.io/nistec v0.0.4 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/klauspost/compress v1.20.1 // indirect
	github.com/klauspost/cpuid/v2 v2.4.0 // indirect
	github.com/klauspost/crc32 v1.3.0 // indirect
	github.com/kr/text v0.2.0 // indirect
	github.com/labstack/gommon v0.5.0 // indirect
	github.com/mattn/go-colorable v0.1.15 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/minio/crc64nvme v1.1.1 // indirect
	github.com/minio/md5-simd v1.1.2 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/rs/xid v1.6.0 // indirect
	github.com/tinylib/msgp v1.6.4 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasttemplate v1.2.2 // indirect
	github.com/zeebo/xxh3 v1.1.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/tools v0.52.0 // indirect
	gopkg.in/ini.v1 v1.67.3 // indirect
	modernc.org/libc v1.79.0 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)

// Built by tests: what we write must open with the program everybody has.
tool (
	filippo.io/age/cmd/age
	filippo.io/age/cmd/age-keygen
)
