package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lookAround looks at what the configuration names on this machine, and changes
// nothing. Serving looks again when it opens each.
func (c Config) lookAround() (f Faults) {
	places := append([]folder{{"data_dir", c.DataDir}}, c.folders()...)
	if c.Store.Engine == SQLite && c.Store.Path != "" {
		places = append(places, folder{"store.path", filepath.Dir(c.Store.Path)})
	}
	if c.Watch.Socket != "" {
		places = append(places, folder{"watch.socket", filepath.Dir(c.Watch.Socket)})
	}
	for _, p := range places {
		if p.dir != "" {
			p.look(&f)
		}
	}
	for path, name := range c.certificates() {
		if name != "" {
			lookAtCertificates(&f, path, name)
		}
	}
	c.lookAtKey(&f)
	if name := c.CanaryFile; name != "" {
		if _, _, err := readPlain(name); err != nil {
			f.add("canary_file", err.Error(), "name a file that this user may read, or leave the setting out: people would see that the stewards say nothing")
		}
	}
	if name := c.Journal.AtLeastFrom; name != "" {
		if _, _, err := readPlain(name); err != nil {
			f.add("journal.at_least_from", err.Error(), "name the file of heads that was kept elsewhere, or leave the setting out")
		}
	}
	return f
}

// look reports a folder that others can open, or that cannot be used or made.
func (p folder) look(f *Faults) {
	info, err := os.Stat(p.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if above := existing(p.dir); unix.Access(above, unix.W_OK|unix.X_OK) != nil {
			f.add(p.path, p.dir+" does not exist, and this user may not make it in "+above, "make it, give it to the user of the vault and chmod 700 it")
		}
	case err != nil:
		f.add(p.path, err.Error(), "let the user of the vault come to it")
	case !info.IsDir():
		f.add(p.path, p.dir+" is no folder", "name a folder")
	case unix.Access(p.dir, unix.R_OK|unix.W_OK|unix.X_OK) != nil:
		f.add(p.path, "this user may not read and write in "+p.dir, "run this as the user of the vault, or give the folder to it")
	case info.Mode().Perm()&0o077 != 0 && p.path == "tls.acme.cache":
		f.add(p.path, "holds keys, and others on this machine can look into "+p.dir, "chmod go-rwx "+p.dir)
	case info.Mode().Perm()&0o007 != 0 && p.path != "watch.socket": // the socket itself lets nobody else in
		f.add(p.path, "every user of this machine can look into "+p.dir, "chmod o-rwx "+p.dir)
	}
}

// existing is the nearest folder above a path that is there.
func existing(path string) string {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
	}
}

// certificates are the files of certificates, by their settings.
func (c Config) certificates() map[string]string {
	return map[string]string{
		"blobs.s3.ca_file": c.Blobs.S3.CAFile, "blobs.second.s3.ca_file": c.Blobs.Second.S3.CAFile, "webhooks.ca_file": c.Webhooks.CAFile, "traces.ca_file": c.Traces.CAFile,
		"tls.certificate": c.TLS.Certificate, "tls.acme.ca_file": c.TLS.ACME.CAFile, "programs.mutual_tls.ca_file": c.Programs.MutualTLS.CAFile,
	}
}

// lookAtKey looks at the key of the certificate: that nobody else has it, and that it is
// the certificate's.
func (c Config) lookAtKey(f *Faults) {
	if c.TLS.Key == "" {
		return
	}
	key, mode, err := readPlain(c.TLS.Key)
	if err != nil {
		f.add("tls.key", err.Error(), "name a file that this user may read")
		return
	}
	if mode&0o007 != 0 {
		f.add("tls.key", "every user of this machine can come to "+c.TLS.Key, "chmod 600 "+c.TLS.Key+", and think about whether the key was seen")
	}
	certificate, _, err := readPlain(c.TLS.Certificate)
	if err != nil {
		return // which is a fault of tls.certificate
	}
	if _, err := tls.X509KeyPair(certificate, key); err != nil {
		f.add("tls.key", c.TLS.Key+" does not fit the certificate", "name the key that the certificate was made for, as PEM and without a passphrase")
	}
}

func lookAtCertificates(f *Faults, path, name string) {
	b, _, err := readPlain(name)
	if err != nil {
		f.add(path, err.Error(), "name a file that this user may read, or leave the setting out")
	} else if !x509.NewCertPool().AppendCertsFromPEM(b) {
		f.add(path, name+" holds no certificate", "name a PEM file, with lines that say BEGIN CERTIFICATE")
	}
}
