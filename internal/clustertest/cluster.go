// Package clustertest is a vault of several nodes as deploy/compose.yaml runs it, with
// processes of this machine in place of containers: testimonyd from the same
// configuration file, PostgreSQL with a synchronous streaming replica, an S3 server,
// and people who come by one address behind which a request may meet any node.
//
// It promises that only addresses and folders differ from the file, that a node that
// was killed comes back at its address, and that whoever comes is not sent to a node
// that is known to be down.
//
// Assumes what packages daemontest, pgtest and s3test assume. Does not: terminate TLS,
// or order nodes, servers and networks as an operator of machines has to.
package clustertest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/s3test"
)

// Origin is the address that people type, as the configuration file has it.
const Origin = "https://vault.example"

// Database is the name of the vault's database.
const Database = "vault"

// Options say what the cluster is made of.
type Options struct {
	Nodes int
	File  string // the configuration of all nodes
	// Asynchronous leaves the replica behind: a failover may lose what was
	// acknowledged.
	Asynchronous bool
	Set          []string // further settings, path=value
}

// Cluster is a vault of several nodes.
type Cluster struct {
	Primary, Replica *pgtest.Cluster
	Objects          *s3test.Server
	Nodes            []*daemontest.Daemon
	Balance          *Balance

	t     testing.TB
	dir   string
	vault api.Hash
}

// New starts everything and founds a practice vault.
func New(t testing.TB, program string, o Options) *Cluster {
	t.Helper()
	c := &Cluster{t: t, dir: t.TempDir(), Primary: pgtest.New(t, pgtest.Options{}), Objects: s3test.New(t)}
	c.must(c.Primary.Create(t.Context(), Database, ""))
	c.Replica = c.Primary.Replica(t)
	if !o.Asynchronous {
		c.must(c.Primary.Synchronous(t.Context()))
	}
	for i := range o.Nodes {
		c.node(program, o, i)
	}
	var addrs []string
	for _, n := range c.Nodes {
		addrs = append(addrs, n.Addr())
	}
	c.Balance = NewBalance(addrs)
	for _, n := range c.Nodes {
		c.must(n.Start(t.Context()))
		t.Cleanup(func() { c.must(n.Kill()) })
	}
	var err error
	c.vault, err = c.Nodes[0].Way().Vault(t.Context())
	c.must(err)
	return c
}

func (c *Cluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// node makes a node.
func (c *Cluster) node(program string, o Options, i int) {
	c.t.Helper()
	access, secretKey := c.Objects.Keys()
	set := []string{
		"i_know_this_is_for_practice=true", // at the address of the stack
		"keys_dir=" + filepath.Join(c.dir, "keys"),
		"store.url_file=" + c.secret("database", c.url()),
		"blobs.s3.endpoint=" + c.Objects.Endpoint(), "blobs.s3.bucket=" + s3test.Bucket, "blobs.s3.access_key=" + access,
		"blobs.s3.secret_key_file=" + c.secret("s3_secret_key", secretKey),
		"journal.dir=" + c.Journals(), fmt.Sprintf("journal.node=node-%d", i+1),
	}
	d, err := daemontest.New(daemontest.Config{Program: program, File: o.File, Dir: filepath.Join(c.dir, fmt.Sprintf("node-%d", i+1)),
		Origins: []string{Origin}, Set: append(set, o.Set...)})
	c.must(err)
	c.Nodes = append(c.Nodes, d)
}

// secret writes a secret where only the nodes read it.
func (c *Cluster) secret(name, text string) string {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	c.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// url names both database servers.
func (c *Cluster) url() string {
	hosts := url.QueryEscape(strings.Join([]string{c.Primary.Dir(), c.Replica.Dir()}, ","))
	return "postgres://vault@/" + Database + "?target_session_attrs=read-write&sslmode=disable&connect_timeout=1&host=" + hosts
}

// Journals is the folder of the journals of all nodes.
func (c *Cluster) Journals() string { return filepath.Join(c.dir, "journal") }

// Way is how people come: by the common address, to any node.
func (c *Cluster) Way() daemontest.Way {
	return daemontest.Way{Origin: Origin, HTTP: c.Balance.Client(), Words: filepath.Join(c.Nodes[0].Dir(), "practice-steward.words")}
}

// Front is the way in by the common address.
func (c *Cluster) Front() *peopletest.Door {
	c.t.Helper()
	d := c.Door(0)
	d.Origin, d.HTTP = Origin, c.Balance.Client()
	return d
}

// Door is the way in at one node alone.
func (c *Cluster) Door(i int) *peopletest.Door {
	c.t.Helper()
	words, err := os.ReadFile(filepath.Join(c.Nodes[0].Dir(), "practice-steward.words"))
	c.must(err)
	steward, err := client.ParseSecret(strings.TrimSpace(string(words)))
	c.must(err)
	return &peopletest.Door{T: c.t, Origin: c.Nodes[i].Origin(), Vault: c.vault, Steward: steward}
}
