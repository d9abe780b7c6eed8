package yard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/relatingfield/vault/internal/daemontest"
)

// ErrAbsent says that a yardstick is not there, and why.
var ErrAbsent = errors.New("absent")

// Nginx is a running nginx that gives the files of a folder by sendfile.
type Nginx struct {
	Addr string // host:port

	cmd *exec.Cmd
}

// FindNginx returns nginx's path. Where it is missing, it is installed from the
// distribution when install says so and this is root; otherwise the error wraps
// ErrAbsent.
func FindNginx(ctx context.Context, install bool) (string, error) {
	if path, err := exec.LookPath("nginx"); err == nil {
		return path, nil
	}
	if !install || os.Geteuid() != 0 {
		return "", fmt.Errorf("%w: nginx is not installed: apt-get install nginx-light", ErrAbsent)
	}
	cmd := exec.CommandContext(ctx, "apt-get", "install", "-y", "--no-install-recommends", "nginx-light")
	// Installed for its program only: no service is to be started.
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: nginx could not be installed: %w: %.200s", ErrAbsent, err, out)
	}
	path, err := exec.LookPath("nginx")
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	return path, nil
}

const nginxConf = `daemon off;
worker_processes auto;
pid %[1]s/nginx.pid;
error_log %[1]s/error.log;
%[4]s
events { worker_connections 256; }
http {
	access_log off;
	sendfile on;
	tcp_nopush on;
	tcp_nodelay on;
	keepalive_timeout 600;
	keepalive_requests 100000;
	default_type application/octet-stream;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s;
		root %[3]s;
	}
}
`

// StartNginx serves root with the program, keeping its own files in dir.
func StartNginx(ctx context.Context, program, dir, root string) (*Nginx, error) {
	n, err := startNginx(ctx, program, dir, root)
	if err != nil {
		return nil, fmt.Errorf("start nginx: %w", err)
	}
	return n, nil
}

func startNginx(ctx context.Context, program, dir, root string) (*Nginx, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // the folders are private
	}
	conf := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(nginxConf, dir, addr, root, user)
	if err := errors.Join(l.Close(), os.MkdirAll(dir, 0o700), os.WriteFile(conf, []byte(text), 0o600)); err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-c", conf, "-p", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	daemontest.DieWithParent(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	n := &Nginx{addr, cmd}
	if err := reachable(ctx, addr); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	return n, nil
}

// reachable waits until somebody listens on addr.
func reachable(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			return c.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// Stop ends nginx and its workers.
func (n *Nginx) Stop() error {
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop nginx: %w", err)
	}
	if err := n.cmd.Wait(); err != nil {
		return fmt.Errorf("stop nginx: %w", err)
	}
	return nil
}
