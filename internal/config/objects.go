package config

import (
	"net/url"
	"reflect"
	"regexp"
	"strings"
)

// checkBlobs is about the object stores. Faults never repeat a secret.
func (c Config) checkBlobs(f *Faults) {
	between(f, "blobs.inline_max", c.Blobs.InlineMax, 0, MiB)
	oneOf(f, "blobs.engine", c.Blobs.Engine, Folder, Bucket)
	oneOf(f, "blobs.second.engine", c.Blobs.Second.Engine, NoKeeper, Folder, Bucket)
	checkKeeper(f, "blobs", c.Blobs.Engine, c.Blobs.Dir, c.Blobs.S3)
	checkKeeper(f, "blobs.second", c.Blobs.Second.Engine, c.Blobs.Second.Dir, c.Blobs.Second.S3)
	if c.Blobs.Second.Engine == Folder && c.Blobs.Second.Dir == "" {
		f.add("blobs.second.dir", "is missing", "name a folder on another disk than the first")
	}
	if c.Blobs.samePlace() {
		f.add("blobs.second", "is the place of the first copies", "name another one, or set blobs.second.engine: none")
	}
}

// samePlace reports second copies in the bucket of the first ones. Folders are
// compared with all others.
func (b Blobs) samePlace() bool {
	if b.Engine != Bucket || b.Second.Engine != Bucket {
		return false
	}
	one, two := b.S3, b.Second.S3
	return one.Endpoint != "" && one.Endpoint == two.Endpoint && one.Bucket == two.Bucket && one.Prefix == two.Prefix
}

// checkKeeper checks what belongs to an engine, and refuses what belongs to
// another: whoever sets it believes that it counts.
func checkKeeper(f *Faults, path string, engine Keeper, dir string, s3 S3) {
	if engine != Folder && dir != "" {
		f.add(path+".dir", "is set, but the engine is "+string(engine), "leave it out, or set "+path+".engine to dir")
	}
	switch {
	case engine == Bucket:
		s3.check(f, path+".s3")
	case !s3.empty():
		f.add(path+".s3", "is set, but the engine is "+string(engine), "leave it out, or set "+path+".engine to s3")
	}
}

// empty reports a section in which nothing but defaults stands.
func (s S3) empty() bool {
	secretGiven := s.SecretKey.Len() > 0
	s.SecretKey = defaultS3().SecretKey
	return !secretGiven && reflect.DeepEqual(s, defaultS3())
}

func (s S3) check(f *Faults, path string) {
	s.checkEndpoint(f, path)
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`).MatchString(s.Bucket) {
		f.add(path+".bucket", "names no bucket", "write the name of one that exists: 3 to 63 of a-z, 0-9, . and -")
	}
	if !regexp.MustCompile(`^([A-Za-z0-9._-]+/){0,8}$`).MatchString(s.Prefix) {
		f.add(path+".prefix", "begins no names", "leave it empty, or write it like vault/: letters, digits, ., _ and -, and a slash at the end")
	}
	if s.Region == "" {
		f.add(path+".region", "is empty", "write us-east-1 if the server has none")
	}
	if s.AccessKey == "" {
		f.add(path+".access_key", "is missing", "make a key for the vault at the server, and name it here")
	}
	if s.SecretKey.Len() == 0 {
		f.add(path+".secret_key", "is missing", "set "+setting{path: path + ".secret_key"}.variable()+", or name a file that holds it in "+path+".secret_key_file")
	}
	oneOf(f, path+".sse", s.SSE, "none", "s3", "kms")
	if s.KMSKey != "" && s.SSE != "kms" {
		f.add(path+".kms_key", "is set, but sse is "+s.SSE, "set "+path+".sse to kms, or leave the key out")
	}
}

// checkEndpoint refuses a line on which somebody could read along or answer in the
// server's place. Sizes and times are on it, and keys that sign, though no content.
func (s S3) checkEndpoint(f *Faults, path string) {
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.TrimSuffix(s.Endpoint, "/") != u.Scheme+"://"+u.Host {
		f.add(path+".endpoint", "is not an address", "write it like https://s3.example, without a path")
		return
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) && !s.IKnowTheObjectLineIsOpen {
		f.add(path+".endpoint", "the line to the object store is not encrypted",
			"write https://, or set "+path+".i_know_the_object_line_is_open: true if something else protects that line")
	}
}
