// Package abusetest sends a vault what nobody in good faith sends: requests of which
// two programs would think differently where they end, heads, paths, bodies and
// encodings that are made to confuse. Each line of a table has its one defined
// outcome; afterwards nothing is on the disk, the log says nothing of it, and people
// are served as before.
//
// The tables of requests are tried at the vault itself, and once more through the
// proxy that deploy/config/nginx.conf ships.
package abusetest_test
