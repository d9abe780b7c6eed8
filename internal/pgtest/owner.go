package pgtest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// owner is the account that runs the server: nil is this process's own.
type owner struct{ uid, gid uint32 }

// account is postgres where this process is root, for the server refuses root.
func account() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("as root, postgresql must run as the user postgres (apt-get install postgresql makes it): %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &owner{uint32(uid), uint32(gid)}, nil
}

// attr starts a process as the owner and in a session of its own, so that
// Ctrl-C at the terminal reaches the tests and not the server.
func (o *owner) attr() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: true}
	if o != nil {
		a.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid}
	}
	return a
}

func (o *owner) give(path string) error {
	if o == nil {
		return nil
	}
	return os.Chown(path, int(o.uid), int(o.gid))
}
