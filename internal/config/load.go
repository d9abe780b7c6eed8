package config

import (
	"bytes"
	"flag"
	"maps"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/secret"
)

// Prefix begins the names of all our environment variables.
const Prefix = "TESTIMONYD_"

// fileVariable names the configuration file; it is no setting.
const fileVariable = Prefix + "CONFIG"

// Sources are where a configuration comes from.
type Sources struct {
	File    string   // YAML; empty: what TESTIMONYD_CONFIG names, if anything
	Environ []string // like os.Environ; other variables are ignored
	Set     []string // path=value, the later the stronger
}

// Flags registers --config and --set.
func (s *Sources) Flags(flags *flag.FlagSet) {
	flags.StringVar(&s.File, "config", s.File, "read settings from this YAML `file`")
	flags.Func("set", "set one setting, as `path=value`; may be repeated", func(text string) error {
		s.Set = append(s.Set, text)
		return nil
	})
}

// Load reads all sources, resolves and validates. The error is Faults with every
// fault found; the configuration is returned with it, for showing.
func (s Sources) Load() (Config, error) {
	l := loading{config: Default(), known: map[string]setting{}}
	for _, setting := range settings(&l.config) {
		l.known[setting.path] = setting
	}
	environ := ours(s.Environ)
	file := s.File
	if file == "" {
		file = environ[fileVariable]
	}
	if file != "" {
		l.file(file)
	}
	l.environment(environ)
	l.flags(s.Set)
	l.secretFiles()
	l.config.Resolve()
	if err := l.config.Validate(); err != nil {
		l.faults = append(l.faults, err.(Faults)...)
	}
	return l.config, l.faults.err()
}

// ours are the variables that begin with our prefix.
func ours(environ []string) map[string]string {
	out := map[string]string{}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, Prefix) {
			out[name] = value
		}
	}
	return out
}

// loading is a configuration on its way through the sources.
type loading struct {
	config Config
	known  map[string]setting // by path
	faults Faults
}

func (l *loading) environment(environ map[string]string) {
	paths := map[string]string{}
	for path, setting := range l.known {
		paths[setting.variable()] = path
	}
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if path, ok := paths[name]; ok {
			l.assign(name, path, l.split(path, environ[name]), true)
		} else if name != fileVariable {
			l.faults.add(name, "there is no such setting", nearest(name, slices.Sorted(maps.Keys(paths))))
		}
	}
}

func (l *loading) flags(set []string) {
	for _, text := range set {
		path, value, ok := strings.Cut(text, "=")
		if !ok {
			l.faults.add("--set", "has no value", "write --set path=value")
			continue
		}
		l.assign("--set "+path, path, l.split(path, value), false)
	}
}

// split cuts a list at its commas; an empty text is an empty list.
func (l *loading) split(path, text string) []string {
	s, ok := l.known[path]
	switch {
	case !ok || !s.isList():
		return []string{text}
	case text == "":
		return []string{}
	}
	return strings.Split(text, ",")
}

// assign sets one setting. Only private sources may set a secret: a command line
// is seen by every process, and a configuration file is copied and shown around.
func (l *loading) assign(where, path string, texts []string, private bool) {
	s, ok := l.known[path]
	if !ok {
		l.faults.add(where, "there is no such setting", nearest(path, slices.Sorted(maps.Keys(l.known))))
		return
	}
	if isSecret(s.value) && !private {
		l.faults.add(where, "a secret does not belong here", "set "+s.variable()+", or name a file that holds it in "+path+fileSuffix)
		return
	}
	if err := s.set(texts); err != nil {
		l.faults.add(where, err.Error(), s.hint())
	}
}

// fileSuffix makes the name of the setting that names the file of a secret.
const fileSuffix = "_file"

// secretFiles reads the secrets that are kept in files of their own.
func (l *loading) secretFiles() {
	for _, s := range settings(&l.config) {
		if isSecret(s.value) {
			l.secretFile(s, l.known[s.path+fileSuffix].value.String())
		}
	}
}

func (l *loading) secretFile(s setting, name string) {
	to := s.value.Addr().Interface().(*secret.Bytes)
	switch {
	case name == "":
		return
	case to.Len() > 0:
		l.faults.add(s.path, "is given twice", "unset "+s.variable()+" or "+s.path+fileSuffix)
		return
	}
	b, mode, err := readPlain(name)
	if err != nil {
		l.faults.add(s.path+fileSuffix, err.Error(), "name a file that this user may read, with the secret and nothing else in it")
		return
	}
	if mode&0o022 != 0 {
		l.faults.add(s.path+fileSuffix, "other users of this machine can change "+name, "chmod go-w "+name)
	}
	if mode&0o004 != 0 && othersReach(name) && !l.config.IKnowSecretFilesAreReadable {
		l.faults.add(s.path+fileSuffix, "every user of this machine can read "+name,
			"chmod o-r "+name+", and give it to the user or the group of the vault; or, in a container with one user, set i_know_secret_files_are_readable: true")
	}
	*to = secret.Of(bytes.TrimSpace(b))
}
