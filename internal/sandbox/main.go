// Command sandbox serves a vault full of people who do not exist, for whoever writes
// a program against the API: stewards, partners with registered programs,
// researchers, and women with testimonies in five languages. It prints everybody's
// credentials and calls to paste.
//
//	go run ./internal/sandbox [-listen 127.0.0.1:8090] [-once]
//
// Promises: everything lies in a temporary folder that is gone when it ends; it
// listens on this machine only; it takes no setting of a real vault, and refuses to
// start where one is set, so that it can never be pointed at one. Nothing real
// belongs there: it prints the keys.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

// run fills a vault and serves it until ctx ends.
func run(ctx context.Context, args, environ []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8090", "loopback `address` and port")
	once := flags.Bool("once", false, "stop when everything is there and printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := errors.Join(nothingReal(environ), onThisMachine(*listen)); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "testimony-sandbox-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	v, err := serve(ctx, dir, *listen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.stop()) }()
	w := &world{vault: v, ctx: ctx, dir: dir}
	if err := w.fill(); err != nil {
		return err
	}
	if err := w.print(out); err != nil || *once {
		return err
	}
	select {
	case <-ctx.Done():
	case err := <-v.ended:
		return err
	}
	return nil
}

// nothingReal refuses an environment that holds settings of a vault or its client.
func nothingReal(environ []string) error {
	var set []string
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "TESTIMONYD_") || strings.HasPrefix(name, "TESTIMONY_") {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return nil
	}
	slices.Sort(set)
	return fmt.Errorf("the environment has settings of a vault (%s): a sandbox is never a real one; unset them, or use another shell", strings.Join(set, ", "))
}

func onThisMachine(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("%q is not an address and a port", listen)
	}
	if a, err := netip.ParseAddr(host); err != nil || !a.IsLoopback() {
		return fmt.Errorf("%s can be reached from other machines, and the sandbox prints every key: listen on 127.0.0.1", listen)
	}
	return nil
}
