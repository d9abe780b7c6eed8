// Package restoretest restores old backups of real vaults, as
// docs/operate/backup.md has them made and docs/operate/restore.md has them put
// back, and looks whether anything she took away is open again (promise P8).
package restoretest_test
