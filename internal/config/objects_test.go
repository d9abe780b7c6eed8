package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/config"
)

// bucket is a sound bucket as blobs.s3 or, with another path, blobs.second.s3.
func bucket(path string, set ...string) config.Sources {
	engine := strings.TrimSuffix(path, ".s3") + ".engine=s3"
	return config.Sources{
		Environ: []string{config.Variable(path+".secret_key") + "=" + password},
		Set:     append([]string{engine, path + ".endpoint=https://s3.example", path + ".bucket=vault", path + ".access_key=me"}, set...),
	}
}

// Where payloads lie, first and second, is said whole and once, or refused with
// what to do.
func TestABucketIsSaidWhole(t *testing.T) {
	for _, path := range []string{"blobs.s3", "blobs.second.s3"} {
		c, err := bucket(path).Load()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		at := c.Blobs.S3
		if path != "blobs.s3" {
			at = c.Blobs.Second.S3
		}
		if string(at.SecretKey.Reveal()) != password || at.Region != "us-east-1" || at.Scratch != "var/vault/arriving" || !at.PathStyle {
			t.Errorf("%s: %+v", path, at)
		}
		for set, says := range map[string]string{
			".endpoint=":                      "is not an address",
			".endpoint=s3.example":            "is not an address",
			".endpoint=https://s3.example/a":  "is not an address",
			".endpoint=https://u:p@s3.exampl": "is not an address",
			".endpoint=ftp://s3.example":      "is not an address",
			".endpoint=http://s3.example":     "i_know_the_object_line_is_open: true",
			".bucket=":                        "names no bucket",
			".bucket=UPPER":                   "names no bucket",
			".bucket=a/b":                     "names no bucket",
			".prefix=a":                       "a slash at the end",
			".prefix=/":                       "a slash at the end",
			".prefix=a//":                     "a slash at the end",
			".region=":                        "us-east-1",
			".access_key=":                    "make a key for the vault",
			".sse=aes":                        "one of none, s3, kms",
			".kms_key=k":                      "set " + path + ".sse to kms",
		} {
			_, err := bucket(path, path+set).Load()
			name, _, _ := strings.Cut(set, "=")
			says2(t, path+set, err, path+name, says)
		}
		noKey := bucket(path)
		noKey.Environ = nil
		_, err = noKey.Load()
		says2(t, path, err, path+".secret_key: is missing", config.Variable(path+".secret_key"))
		for _, good := range []string{".endpoint=http://127.0.0.1:7070", ".endpoint=http://[::1]:1", ".endpoint=https://s3.example:9000/", ".prefix=a/b.c/", ".sse=s3", ".sse=kms", ".path_style=false"} {
			if _, err := bucket(path, path+good).Load(); err != nil {
				t.Errorf("%s: %v", path+good, err)
			}
		}
		if _, err := bucket(path, path+".endpoint=http://s3.example", path+".i_know_the_object_line_is_open=true").Load(); err != nil {
			t.Errorf("%s open, meant: %v", path, err)
		}
	}
}

// What belongs to the engine that is not chosen is refused, and a second copy is
// another place.
func TestOneEngineAndTwoPlaces(t *testing.T) {
	for name, c := range map[string]struct {
		sources    config.Sources
		path, says string
	}{
		"a bucket for a folder":   {config.Sources{Set: []string{"blobs.s3.bucket=vault"}}, "blobs.s3", "blobs.engine to s3"},
		"a secret for a folder":   {config.Sources{Environ: []string{config.Variable("blobs.s3.secret_key") + "=x"}}, "blobs.s3", "blobs.engine to s3"},
		"a folder for a bucket":   {bucket("blobs.s3", "blobs.dir=x"), "blobs.dir", "blobs.engine to dir"},
		"a folder for nothing":    {config.Sources{Set: []string{"blobs.second.dir=x"}}, "blobs.second.dir", "blobs.second.engine to dir"},
		"a second without folder": {config.Sources{Set: []string{"blobs.second.engine=dir"}}, "blobs.second.dir", "another disk"},
		"the same folder":         {config.Sources{Set: []string{"blobs.dir=a/b", "blobs.second.engine=dir", "blobs.second.dir=a/./b/"}}, "blobs.second", "name a folder of its own"},
		"an engine of its own":    {config.Sources{Set: []string{"blobs.engine=tape"}}, "blobs.engine", "one of dir, s3"},
		"no first":                {config.Sources{Set: []string{"blobs.engine=none"}}, "blobs.engine", "one of dir, s3"},
	} {
		_, err := c.sources.Load()
		says2(t, name, err, c.path, c.says)
	}
	both := func(set ...string) error {
		one, two := bucket("blobs.s3"), bucket("blobs.second.s3", set...)
		_, err := config.Sources{Environ: append(one.Environ, two.Environ...), Set: append(one.Set, two.Set...)}.Load()
		return err
	}
	says2(t, "the same bucket", both(), "blobs.second", "name another one")
	for _, set := range []string{"blobs.second.s3.prefix=second/", "blobs.second.s3.bucket=other", "blobs.second.s3.endpoint=https://elsewhere.example"} {
		if err := both(set); err != nil {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// Faults and listings of buckets show no secret.
func TestSecretKeysAreNeverShown(t *testing.T) {
	var out bytes.Buffer
	for _, sources := range []config.Sources{
		bucket("blobs.s3"), bucket("blobs.second.s3", "blobs.second.s3.endpoint=x"), bucket("blobs.s3", "blobs.engine=dir"),
		{Set: []string{"blobs.s3.secret_key=" + password}},
	} {
		c, err := sources.Load()
		fmt.Fprintf(&out, "%v %+v %#v %s", c, c, err, err)
		if err := c.Print(&out); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(out.String(), password) || !strings.Contains(out.String(), "    # secret_key: [redacted]") {
		t.Error("a secret key is shown, or not said to be set")
	}
	_, err := config.Sources{Set: []string{"blobs.s3.secret_key=" + password}}.Load()
	var faults config.Faults
	if !errors.As(err, &faults) || !strings.Contains(err.Error(), "does not belong here") {
		t.Errorf("a secret on the command line: %v", err)
	}
}
