package pgtest

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
)

// sweep is what the janitor runs: it remembers the last process id it was told
// and, when its input ends, stops that server and removes the folder. Its input
// ends when this process does, in whatever way. A process that ends before it
// could withdraw the id leaves its server running, so the id is still the
// server's when the signal is sent.
const sweep = `
server=none
while read -r line; do server=$line; done
if [ "$server" != none ]; then
	kill -QUIT "$server" && n=0
	kill -CONT "$server" $(ps -o pid= --ppid "$server") # in case it is frozen
	while [ "$n" -lt 200 ] && kill -0 "$server"; do sleep 0.05; n=$((n+1)); done
fi 2>/dev/null
cd / && rm -rf "$1"
`

// janitor cleans up after a process that may not get to do it itself.
type janitor struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

func hire(dir string, as *owner) (*janitor, error) {
	cmd := exec.Command("/bin/sh", "-c", sweep, "pgtest", dir)
	cmd.SysProcAttr = as.attr()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the janitor: %w", err)
	}
	return &janitor{cmd, in}, nil
}

// watch names the process to stop; 0 is none.
func (j *janitor) watch(pid int) error {
	line := "none"
	if pid != 0 {
		line = strconv.Itoa(pid)
	}
	if _, err := io.WriteString(j.in, line+"\n"); err != nil {
		return fmt.Errorf("tell the janitor: %w", err)
	}
	return nil
}

// dismiss lets the janitor do its work and waits for it.
func (j *janitor) dismiss() error {
	return errors.Join(j.in.Close(), j.cmd.Wait())
}
