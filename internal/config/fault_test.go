package config_test

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/relatingfield/vault/internal/config"
)

// row is one way to be wrong, and the fault that it must give.
type row struct {
	sources config.Sources
	where   string // ends the fault's place
	problem string // stands in what is wrong
	fix     string // stands in what to do
}

// set, file and env are the sources of a row.
func set(texts ...string) config.Sources { return config.Sources{Set: texts} }
func env(texts ...string) config.Sources { return config.Sources{Environ: texts} }

// inFile makes a file of the given mode.
func inFile(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(path, mode), os.Chmod(filepath.Dir(path), 0o755), os.Chmod(filepath.Dir(filepath.Dir(path)), 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// fill is s with more settings.
func fill(s config.Sources, more ...string) config.Sources {
	s.Set = append(s.Set, more...)
	return s
}

func database(u string, more ...string) config.Sources {
	return config.Sources{Environ: []string{"TESTIMONYD_STORE_URL=" + u}, Set: append(more, "store.engine=postgres")}
}

const onion = "dv6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvid.onion"

// rows has a row for every fault that this package can report.
func rows(t *testing.T) []row {
	return slices.Concat(sourceRows(t), comingRows(), placeRows(), keptRows(), tlsRows(), backupRows(t), machineRows(t), newcomerRows(t))
}

// sourceRows are about what can be read at all.
func sourceRows(t *testing.T) []row {
	yaml := func(text string) config.Sources { return config.Sources{File: inFile(t, "c.yaml", text, 0o600)} }
	plain := inFile(t, "plain", "x", 0o600)
	return []row{
		{config.Sources{File: "/nowhere/c.yaml"}, "--config", "no such file", "name a file that this user may read"},
		{config.Sources{File: t.TempDir()}, "--config", "is no file", "name a file that this user may read"},
		{config.Sources{File: inFile(t, "c.yaml", "", 0o666)}, "--config", "can change", "chmod go-w"},
		{config.Sources{File: inFile(t, "c.yaml", strings.Repeat("#", 1<<20+1), 0o600)}, "--config", "is larger than", "name a file"},
		{yaml("listen: ["), "c.yaml", "yaml: line 1", "mend the YAML"},
		{yaml("a: 1\n---\nb: 2"), "c.yaml", "more than one YAML document", "mend the YAML"},
		{yaml("store: sqlite"), "c.yaml:1: store", "is not a section of settings", "one setting a line"},
		{yaml("listen: 127.0.0.1:1\nlisten: 127.0.0.1:2"), "c.yaml:2: listen", "stands twice", "keep one"},
		{yaml("listen:"), "c.yaml:1: listen", "has no plain value", "write one value"},
		{yaml("lsiten: 127.0.0.1:1"), "c.yaml:1: lsiten", "there is no such setting", "write listen if that was meant"},
		{yaml("store: {engin: sqlite}"), "c.yaml:1: store.engin", "there is no such setting", "write store.engine if"},
		{yaml("url_file: x"), "c.yaml:1: url_file", "there is no such setting", "write store.url_file if"},
		{yaml("colour: red"), "c.yaml:1: colour", "there is no such setting", "leave it out"},
		{yaml("limits: {body: [1, 2]}"), "limits.body", "is a list where one value belongs", "as in 64 KiB"},
		{yaml("store: {url: 'postgres://x'}"), "store.url", "a secret does not belong here", "TESTIMONYD_STORE_URL"},
		{env("TESTIMONYD_LSTEN=x"), "TESTIMONYD_LSTEN", "there is no such setting", "write TESTIMONYD_LISTEN if"},
		{set("listen"), "--set", "has no value", "--set path=value"},
		{set("Listen=127.0.0.1:1"), "--set Listen", "there is no such setting", "write listen if"},
		{set("store.url=x"), "--set store.url", "a secret does not belong here", "store.url_file"},
		{set("limits.body=5 MB"), "limits.body", "is not a size", "as in 64 KiB"},
		{set("backups.keep=90"), "backups.keep", "is not a number of days", "as in 90d"},
		{set("tokens.ttl=5"), "tokens.ttl", "is not a time", "as in 90s"},
		{set("on_arrival.enabled=yes"), "on_arrival.enabled", "is neither true nor false", "write true or false"},
		{set("enrolment.pow_bits=0x10"), "enrolment.pow_bits", "is not a whole number", "write digits"},
		{set("store.url_file=/nowhere/url", "store.engine=postgres"), "store.url_file", "no such file", "name a file that this user may read"},
		{set("store.engine=postgres", "store.url_file="+inFile(t, "url", url, 0o644)), "store.url_file", "every user of this machine can read", "chmod o-r"},
		{set("store.engine=postgres", "store.url_file="+inFile(t, "url", url, 0o620)), "store.url_file", "can change", "chmod go-w"},
		{config.Sources{Environ: []string{"TESTIMONYD_STORE_URL=" + url}, Set: []string{"store.engine=postgres", "store.url_file=" + plain}}, "store.url", "is given twice", "unset TESTIMONYD_STORE_URL"},
	}
}

// comingRows are about who comes, and how.
func comingRows() []row {
	return []row{
		{set("listen=8080"), "listen", "is not an address and a port", "127.0.0.1:8080"},
		{set("listen=:8080", "origins=https://a.test"), "listen", "it speaks no TLS", "i_know_this_is_public: true"},
		{set("listen=:8080", "i_know_this_is_public=true"), "origins", "is empty, so nobody could sign in", "list the addresses"},
		{set("listen=:8080", "i_know_this_is_public=true", "origins=https://a.test", "enrolment.pow_bits=15"), "enrolment.pow_bits", "is too little for an open vault", "16 or more"},
		{set("origins=vault.example"), "origins", "is not an origin", "https://vault.example"},
		{set("origins=https://vault.example:443"), "origins", "browsers leave out", "https://vault.example"},
		{set("origins=ftp://vault.example"), "origins", "neither http nor https", "https://vault.example"},
		{set("origins=http://vault.example"), "origins", "would be read on the line", "https://vault.example"},
		{set("origins=http://" + strings.Replace(onion, "d", "e", 1)), "origins", "slip of the pen", "https://vault.example"},
		{set("listen=:8080", "i_know_this_is_public=true", "origins=http://"+onion), "listen", "people come by onion addresses alone", "i_know_the_onion_service_is_elsewhere"},
		{set("origins=https://a.test", "onion=https://a.test"), "onion", "is no onion address", "as in origins"},
		{set("origins=https://a.test", "onion=http://"+onion), "onion", "is not among origins", "add it to origins"},
		{set("origins=https://a.test,https://a.test"), "origins", "stands twice", "keep one"},
		{set("field_tools.origin=forms"), "field_tools.origin", "is not an origin", "https://forms.example:8444"},
		{set("origins=https://a.test", "field_tools.origin=https://a.test"), "field_tools.origin", "people sign in", "an address of their own"},
		{set("enrolment.mode=closed"), "enrolment.mode", "closed", "one of open, code, partners"},
	}
}

// placeRows are about where things are.
func placeRows() []row {
	unset := bucket("blobs.s3")
	unset.Environ = nil
	return []row{
		{set("data_dir="), "data_dir", "is empty", "name a folder"},
		{set("blobs.dir=./var/vault"), "blobs.dir", "is data_dir", "a folder of its own"},
		{set("journal.dir=x/blobs/j", "blobs.dir=x/blobs"), "journal.dir", "is the folder of blobs.dir, or one lies in the other", "a folder of its own"},
		{database("mysql://x"), "store.url", "is not a connection URL", "postgres://"},
		{database("postgres://db.example/v"), "store.url", "neither encrypted nor verified", "sslmode=verify-full"},
		{database(url, "store.path=x"), "store.path", "the engine is postgres", "leave it out"},
		{set("store.engine=postgres"), "store.url", "is missing", "TESTIMONYD_STORE_URL"},
		{env("TESTIMONYD_STORE_URL=" + url), "store.url", "the engine is sqlite", "unset the URL"},
		{set("store.engine=mysql"), "store.engine", "mysql", "sqlite, postgres"},
		{set("blobs.second.dir=x"), "blobs.second.dir", "is set, but the engine is none", "leave it out"},
		{set("blobs.second.engine=dir"), "blobs.second.dir", "is missing", "on another disk"},
		{set("blobs.s3.bucket=vault"), "blobs.s3", "is set, but the engine is dir", "leave it out"},
		{config.Sources{Environ: append(bucket("blobs.s3").Environ, bucket("blobs.second.s3").Environ...), Set: append(bucket("blobs.s3").Set, bucket("blobs.second.s3").Set...)}, "blobs.second", "is the place of the first", "name another one"},
		{fill(bucket("blobs.s3"), "blobs.s3.endpoint=x"), "blobs.s3.endpoint", "is not an address", "https://s3.example"},
		{fill(bucket("blobs.s3"), "blobs.s3.endpoint=http://s3.example"), "blobs.s3.endpoint", "is not encrypted", "i_know_the_object_line_is_open"},
		{fill(bucket("blobs.s3"), "blobs.s3.bucket=B"), "blobs.s3.bucket", "names no bucket", "3 to 63"},
		{fill(bucket("blobs.s3"), "blobs.s3.prefix=x"), "blobs.s3.prefix", "begins no names", "a slash at the end"},
		{fill(bucket("blobs.s3"), "blobs.s3.region="), "blobs.s3.region", "is empty", "us-east-1"},
		{fill(bucket("blobs.s3"), "blobs.s3.access_key="), "blobs.s3.access_key", "is missing", "name it here"},
		{unset, "blobs.s3.secret_key", "is missing", "TESTIMONYD_BLOBS_S3_SECRET_KEY"},
		{fill(bucket("blobs.s3"), "blobs.s3.kms_key=k"), "blobs.s3.kms_key", "is set, but sse is none", "set blobs.s3.sse to kms"},
	}
}

// keptRows are about what is kept, and for how long.
func keptRows() []row {
	return []row{
		{set("journal.node=Node 1"), "journal.node", "names no node", "1 to 32"},
		{set("journal.at_least=x"), "journal.at_least", "is no head of a journal", "journal head prints"},
		{set("journal.keep=60d"), "journal.keep", "is shorter than backups.keep", "raise it to 90d"},
		{set("backups.keep=20d"), "fixity.every", "is longer than backups.keep", "set it to 20d or less"},
		{set("limits.bytes_per_account=1 GiB"), "limits.part_size", "more than a whole account", "raise limits.bytes_per_account"},
		{set("limits.body=64 KiB"), "blobs.inline_max", "does not fit into a request", "raise limits.body"},
		{set("programs.window=1500ms"), "programs.window", "whole seconds", "in seconds"},
		{set("webhooks.ports=0"), "webhooks.ports", "is no port", "1 to 65535"},
		{set("webhooks.refuse=10.0.0.1/8"), "webhooks.refuse", "is no network", "198.51.100.0/24"},
		{set("watch.listen=9464"), "watch.listen", "is not an address and a port", "127.0.0.1:9464"},
		{set("watch.listen=:9464"), "watch.listen", "other machines can reach it", "listen on 127.0.0.1"},
		{set("traces.endpoint=http://collector.example:4318/v1/traces"), "traces.endpoint", "is not encrypted", "write https://"},
		{set("traces.endpoint=https://someone:word@collector.example/v1/traces"), "traces.endpoint", "is not an address", "https://collector.example/v1/traces"},
		{set("traces.endpoint=https://127.0.0.1:4318/v1/traces?from=here"), "traces.endpoint", "is not an address", "https://collector.example/v1/traces"},
		{set("traces.endpoint=https://127.0.0.1:4318/v1/traces", "traces.every=1m"), "traces.every", "is 1m", "10m at least"},
		{set("traces.ca_file=/nowhere"), "traces", "there is no endpoint", "name the collector"},
		{set("watch.socket=/" + strings.Repeat("x", 107)), "watch.socket", "is too long for a socket", "at most 107 bytes"},
	}
}

// machineRows are what config check sees on the machine.
func machineRows(t *testing.T) []row {
	folder := func(mode os.FileMode) string {
		dir := filepath.Join(t.TempDir(), "data")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, mode)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	plain, closed := inFile(t, "plain", "x", 0o600), t.TempDir()
	if err := os.Chmod(closed, 0o555); err != nil {
		t.Fatal(err)
	}
	return []row{
		{set("data_dir=" + folder(0o755)), "data_dir", "can look into", "chmod o-rwx"},
		{set("data_dir=" + plain), "data_dir", "is no folder", "name a folder"},
		{set("data_dir=" + plain + "/x"), "data_dir", "not a directory", "let the user of the vault come to it"},
		{set("data_dir=" + closed + "/vault"), "data_dir", "does not exist, and this user may not make it in ", "make it, give it"},
		{set("data_dir=" + closed), "data_dir", "this user may not read and write", "run this as the user of the vault"},
		{set("data_dir="+folder(0o700), "journal.at_least_from=/nowhere/heads"), "journal.at_least_from", "no such file", "leave the setting out"},
		{set("data_dir="+folder(0o700), "webhooks.ca_file=/nowhere/ca"), "webhooks.ca_file", "no such file", "leave the setting out"},
		{set("data_dir="+folder(0o700), "webhooks.ca_file="+plain), "webhooks.ca_file", "holds no certificate", "BEGIN CERTIFICATE"},
	}
}

// check is config check, for what only a user who is not root may not do as nobody: on
// a thread of its own, which ends with it.
func check(t *testing.T, r row) (err error) {
	if !strings.Contains(r.problem, "this user may not") || os.Getuid() != 0 {
		return config.Command("check", r.sources, &bytes.Buffer{})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); e != 0 {
			t.Error(e)
			return
		}
		err = config.Command("check", r.sources, &bytes.Buffer{})
	}()
	<-done
	return err
}

// Each fault there can be is reported at its place, with what is wrong and what to do,
// and without a secret.
func TestEveryFaultSaysWhatToDo(t *testing.T) {
	for _, r := range rows(t) {
		err := check(t, r)
		var faults config.Faults
		if !errors.As(err, &faults) || !slices.ContainsFunc(faults, func(f config.Fault) bool {
			return strings.HasSuffix(f.Where, r.where) && strings.Contains(f.Problem, r.problem) && strings.Contains(f.Fix, r.fix)
		}) {
			t.Errorf("%s, %s, %s:\n%v", r.where, r.problem, r.fix, err)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("%s: the fault repeats a secret", r.where)
		}
	}
}

// A fault that is added to the package needs a row: the words of every call of add are
// found in one.
func TestEveryFaultHasARow(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	all := rows(t)
	calls := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "add" || len(call.Args) != 3 {
				return true
			}
			calls++
			if words := longest(call.Args[1]); words != "" && !slices.ContainsFunc(all, func(r row) bool {
				return strings.Contains(words, r.problem) || strings.Contains(r.problem, strings.TrimSpace(words))
			}) {
				t.Errorf("%s: no row for the fault that says %q", name, words)
			}
			return true
		})
	}
	if calls < 50 {
		t.Errorf("%d calls were found", calls)
	}
}

// longest is the longest text in an expression that stands for words of ours.
func longest(e ast.Expr) (out string) {
	ast.Inspect(e, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if text, err := strconv.Unquote(l.Value); err == nil && len(text) > len(out) {
				out = text
			}
		}
		return true
	})
	if strings.Trim(out, "%vqs ") == "" || !regexp.MustCompile(`[a-z]{3}`).MatchString(out) || out == "is %q" {
		return ""
	}
	return out
}

// What nobody else can come to may have any mode; and a container with one user says so.
func TestSecretFilesInAFolderOfOnesOwn(t *testing.T) {
	name := inFile(t, "url", url, 0o444)
	if _, err := set("store.engine=postgres", "store.url_file="+name, "i_know_secret_files_are_readable=true").Load(); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := set("store.engine=postgres", "store.url_file="+name).Load(); err != nil {
		t.Error(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	if _, err := set("store.engine=postgres", "store.url_file="+link).Load(); err != nil {
		t.Errorf("through a link: %v", err)
	}
}

// Whatever is said in the environment and on the command line is refused with words,
// or gives a configuration that is written and read again as it is.
func FuzzSources(f *testing.F) {
	f.Add("origins", "http://"+onion+",https://a.test")
	f.Add("limits.body", "5 GiB")
	f.Add("sotre.url", "x=y")
	f.Add("", strings.Repeat(".", 200))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, path, value string) {
		for _, s := range []config.Sources{set(path + "=" + value), env(config.Variable(path) + "=" + value)} {
			if strings.HasSuffix(path, "_file") || strings.HasPrefix(path, "TESTIMONYD") {
				continue // a file that a fuzzer names is not opened
			}
			c, err := s.Load()
			var faults config.Faults
			if err != nil {
				if !errors.As(err, &faults) || slices.ContainsFunc(faults, func(f config.Fault) bool { return f.Where == "" || f.Problem == "" || f.Fix == "" }) {
					t.Fatalf("%q=%q: %v", path, value, err)
				}
				continue
			}
			var out bytes.Buffer
			if err := c.Print(&out); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, "again.yaml")
			if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			if again, err := (config.Sources{File: name}).Load(); strings.ToValidUTF8(value, "") == value && (err != nil || again.Listen != c.Listen || again.Limits != c.Limits) {
				t.Fatalf("%q=%q is not read again: %v", path, value, err)
			}
		}
	})
}
