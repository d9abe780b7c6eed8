package gateway

import (
	"crypto"
	"crypto/tls"
	"io"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/gateway/rosa"
	"github.com/relatingfield/vault/internal/gateway/tella"
	"github.com/relatingfield/vault/internal/secret"
)

// Settings are the configuration of a gateway: one YAML file, of which example.yaml
// explains every setting. Unknown names are refused. No secret stands in it: each is
// in a file of its own, or in the environment.
type Settings struct {
	Folder            string        `yaml:"folder"`
	Listen            string        `yaml:"listen"`
	IKnowThisIsPublic bool          `yaml:"i_know_this_is_public"`
	TLS               TLS           `yaml:"tls"`
	Vault             Vault         `yaml:"vault"`
	Destinations      []Destination `yaml:"destinations"`
	Tella             Tella         `yaml:"tella"`
	Kobo              []Hook        `yaml:"kobo"`
	Forms             []Hook        `yaml:"forms"`
	OpenRosa          OpenRosa      `yaml:"openrosa"`
	Limits            Limits        `yaml:"limits"`
	Log               Log           `yaml:"log"`

	certificate *tls.Certificate
}

// TLS is the gateway's own certificate. Without one a proxy must stand before it, or
// it must listen on this machine alone.
type TLS struct {
	Certificate string `yaml:"certificate_file"`
	Key         string `yaml:"key_file"`
}

// Vault is whereto things are brought, and by which program.
type Vault struct {
	Server string `yaml:"server"`
	ID     string `yaml:"id"`
	Client string `yaml:"client"`
	Key    string `yaml:"key_file"`

	Line VaultLine `yaml:"tls"`

	id     api.Hash
	client api.ID
	key    crypto.Signer
}

// VaultLine is what the line to the vault needs beyond the ordinary: see client.Line.
type VaultLine struct {
	Certificate string `yaml:"certificate_file"`
	Key         string `yaml:"key_file"`
	CA          string `yaml:"ca_file"`
}

// Destination is somebody whom things are sealed to: a person whose card was scanned,
// or a collection of the partner's.
type Destination struct {
	Name         string `yaml:"name"`
	Recipient    string `yaml:"recipient"`
	Tray         Secret `yaml:"tray"`
	Consultation api.ID `yaml:"consultation"`

	tray secret.Bytes
	to   queue.Destination
}

// Secret says where a secret is: in a file that holds nothing else, or in a variable
// of the environment.
type Secret struct {
	File string `yaml:"file"`
	Env  string `yaml:"env"`
}

// Tella are users and projects for Tella's reports.
type Tella struct {
	Users    []User    `yaml:"users"`
	Projects []Project `yaml:"projects"`
}

// User is a user of Tella.
type User struct {
	Name     string `yaml:"name"`
	Password Secret `yaml:"password"`

	password secret.Bytes
}

// Project is a project of Tella.
type Project struct {
	Slug  string   `yaml:"slug"`
	Name  string   `yaml:"name"`
	To    string   `yaml:"to"`
	Users []string `yaml:"users"`
}

// Hook is one address that posts come to: a form of Kobo's, or of a page.
type Hook struct {
	Name   string `yaml:"name"`
	Secret Secret `yaml:"secret"`
	To     string `yaml:"to"`

	secret secret.Bytes
}

// OpenRosa are phones with ODK Collect, and the forms they are handed.
type OpenRosa struct {
	Address    string      `yaml:"address"`
	Collectors []Collector `yaml:"collectors"`
	Forms      []XForm     `yaml:"forms"`
}

// Collector is a phone.
type Collector struct {
	Name  string `yaml:"name"`
	Token Secret `yaml:"token"`

	token secret.Bytes
}

// XForm is a form that is handed out.
type XForm struct {
	File       string   `yaml:"file"`
	To         string   `yaml:"to"`
	Collectors []string `yaml:"collectors"`

	document []byte
}

// Limits bound what is taken and kept.
type Limits struct {
	Room              config.Size   `yaml:"room"`
	Item              config.Size   `yaml:"item"`
	Text              config.Size   `yaml:"text"`
	Requests          int           `yaml:"requests"`
	Uploads           int           `yaml:"uploads"`
	Unfinished        time.Duration `yaml:"unfinished"`
	Remember          config.Days   `yaml:"remember"`
	MinBytesPerSecond config.Size   `yaml:"min_bytes_per_second"`
	Stall             time.Duration `yaml:"stall"`
}

// Log is about the process log, which goes to standard error.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Defaults are the settings of somebody who sets nothing.
func Defaults() Settings {
	return Settings{
		Listen: "127.0.0.1:8090",
		Limits: Limits{Room: 20 * config.GiB, Item: 2 * config.GiB, Text: 4 * config.MiB, Requests: 64, Uploads: 16, Unfinished: 24 * time.Hour,
			Remember: 60, MinBytesPerSecond: 256, Stall: time.Minute},
		Log: Log{Level: "info", Format: "text"},
	}
}

// to finds a destination that validation has found.
func (s *Settings) to(name string) queue.Destination {
	for _, d := range s.Destinations {
		if d.Name == name {
			return d.to
		}
	}
	return queue.Destination{}
}

func (s *Settings) tella(rand io.Reader) tella.Config {
	c := tella.Config{Uploads: s.Limits.Uploads, Idle: s.Limits.Unfinished, Rand: rand}
	for _, u := range s.Tella.Users {
		c.Users = append(c.Users, tella.User{Name: u.Name, Password: u.password})
	}
	for _, p := range s.Tella.Projects {
		c.Projects = append(c.Projects, tella.Project{Slug: p.Slug, Name: p.Name, Users: p.Users, To: s.to(p.To)})
	}
	return c
}

func (s *Settings) rosa() rosa.Config {
	c := rosa.Config{Address: s.OpenRosa.Address}
	for _, one := range s.OpenRosa.Collectors {
		c.Collectors = append(c.Collectors, rosa.Collector{Name: one.Name, Token: one.token})
	}
	for _, x := range s.OpenRosa.Forms {
		c.Forms = append(c.Forms, rosa.Form{Document: x.document, Collectors: x.Collectors, To: s.to(x.To)})
	}
	return c
}

// forms gives what an adapter needs of the addresses that posts come to.
func (s *Settings) forms(hooks []Hook) (out []intake.Form) {
	for _, h := range hooks {
		out = append(out, intake.Form{Name: h.Name, Secret: h.secret, To: s.to(h.To)})
	}
	return out
}
