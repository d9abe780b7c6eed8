package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// TLS says whether the vault itself speaks TLS. It speaks 1.3 and nothing older.
type TLS struct {
	// Mode is none (a proxy or an onion service stands before the vault), files (with a
	// certificate that somebody else renews) or acme (it gets a certificate by itself,
	// for the hosts of origins that begin with https).
	Mode TLSMode `yaml:"mode"`

	// Certificate is the file of the certificate and its chain (PEM), for files. It is
	// read again when it changes.
	Certificate string `yaml:"certificate"`

	// Key is the file of its key (PEM), which nobody else on this machine may read.
	Key string `yaml:"key"`

	// ACME is who gives certificates, for acme. The vault has to be reached at port 443
	// of each host, without anything that ends TLS before it.
	ACME ACME `yaml:"acme"`
}

// TLSMode names a way to a certificate.
type TLSMode string

// The ways.
const (
	NoTLS    TLSMode = "none"
	TLSFiles TLSMode = "files"
	TLSACME  TLSMode = "acme"
)

// ACME is an authority that gives certificates (RFC 8555).
type ACME struct {
	// Directory is its address.
	Directory string `yaml:"directory"`

	// IAgreeToTheTerms says that its terms of service have been read and are agreed to.
	IAgreeToTheTerms bool `yaml:"i_agree_to_the_terms"`

	// Contact is an e-mail address that the authority may write to. Empty: none. It
	// becomes known to the authority.
	Contact string `yaml:"contact"`

	// Cache is the folder of keys and certificates, for this user alone. Empty: acme in
	// data_dir.
	Cache string `yaml:"cache"`

	// CAFile holds the certificates (PEM) that may vouch for the authority, and for what
	// it gives out, by which testimonyd ready knows this vault. Empty: those
	// that this system trusts.
	CAFile string `yaml:"ca_file"`
}

// MutualTLS is a second listener for programs of partners, which show a certificate
// there besides all that they show elsewhere.
type MutualTLS struct {
	// Listen is its address and port. Empty: there is none. It takes the certificate of
	// the vault from tls.
	Listen string `yaml:"listen"`

	// Origin is the address that programs type for it, as in
	// https://partners.vault.example:8445.
	Origin string `yaml:"origin"`

	// CAFile holds the certificates (PEM) that may vouch for programs. It is read again
	// when it changes. A program's certificate names it, as the URI
	// urn:testimony-vault:client:ID, and is good for no other.
	CAFile string `yaml:"ca_file"`

	// Only says that programs are served at this listener and nowhere else.
	Only bool `yaml:"only"`
}

func defaultTLS() TLS {
	return TLS{Mode: NoTLS, ACME: ACME{Directory: "https://acme-v02.api.letsencrypt.org/directory"}}
}

// Hosts are those that certificates are asked for.
func (c Config) Hosts() (out []string) {
	for _, origin := range append(slices.Clone(c.Origins), c.Programs.MutualTLS.Origin) {
		u, err := url.Parse(origin)
		if err == nil && u.Scheme == "https" && !slices.Contains(out, u.Hostname()) {
			out = append(out, u.Hostname())
		}
	}
	return out
}

func (c Config) checkTLS(f *Faults) {
	oneOf(f, "tls.mode", c.TLS.Mode, NoTLS, TLSFiles, TLSACME)
	files := c.TLS.Certificate != "" || c.TLS.Key != ""
	switch {
	case c.TLS.Mode == TLSFiles && (c.TLS.Certificate == "" || c.TLS.Key == ""):
		f.add("tls.certificate", "and tls.key are not both set", "name the two files, or set tls.mode to acme or none")
	case c.TLS.Mode != TLSFiles && files:
		f.add("tls.certificate", "or tls.key is set, but tls.mode is "+string(c.TLS.Mode), "set tls.mode to files, or leave them out")
	}
	if c.TLS.Mode == TLSACME {
		c.checkACME(f)
	}
	if c.TLS.Mode != NoTLS && c.FieldTools.Origin != "" {
		f.add("field_tools.origin", "is for old TLS, which the vault does not speak itself", "leave it out, or let a proxy speak TLS for the vault")
	}
	for _, origin := range c.Origins {
		if c.TLS.Mode != NoTLS && strings.HasPrefix(origin, "http://") {
			f.add("origins", fmt.Sprintf("%q is without TLS, which the vault now speaks at its one address", origin), "leave it out; an onion service needs a vault, or a proxy, without tls")
		}
	}
	c.checkMutualTLS(f)
}

func (c Config) checkACME(f *Faults) {
	u, err := url.Parse(c.TLS.ACME.Directory)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		f.add("tls.acme.directory", "is no address of an authority", "write it like https://acme-v02.api.letsencrypt.org/directory")
	}
	if !c.TLS.ACME.IAgreeToTheTerms {
		f.add("tls.acme.i_agree_to_the_terms", "is not true", "read the authority's terms of service, and set it to true if you agree to them")
	}
	if len(c.Hosts()) == 0 {
		f.add("origins", "has no address that begins with https, so there is no host to get a certificate for", "list the addresses that people type")
	}
}

func (c Config) checkMutualTLS(f *Faults) {
	m := c.Programs.MutualTLS
	if m.Listen == "" {
		if m.Origin != "" || m.CAFile != "" || m.Only {
			f.add("programs.mutual_tls.listen", "is empty, but the rest of mutual_tls is not", "name an address and a port, or leave mutual_tls out")
		}
		return
	}
	if _, _, err := net.SplitHostPort(m.Listen); err != nil || m.Listen == c.Listen {
		f.add("programs.mutual_tls.listen", fmt.Sprintf("%q is no address and port of its own", m.Listen), "write it like 0.0.0.0:8445")
	}
	if c.TLS.Mode == NoTLS {
		f.add("programs.mutual_tls.listen", "is set, but the vault has no certificate to show", "set tls.mode to files or acme")
	}
	if m.CAFile == "" {
		f.add("programs.mutual_tls.ca_file", "is missing", "name the file of the certificates that may vouch for programs")
	}
	if err := checkOrigin(m.Origin); err != nil || !strings.HasPrefix(m.Origin, "https://") {
		f.add("programs.mutual_tls.origin", fmt.Sprintf("%q is no origin with https", m.Origin), "write it like https://partners.vault.example:8445")
	}
	if slices.Contains(c.Origins, m.Origin) {
		f.add("programs.mutual_tls.origin", "is also an address where people sign in", "give programs an address of their own")
	}
}
