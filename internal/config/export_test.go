package config

import "io"

// Render lets the generator of example.yaml write comments.
func Render(c Config, w io.Writer, comment func(path string) string) error {
	return c.render(w, comment)
}

// Paths are the paths of all settings.
func Paths() []string {
	var out []string
	for _, s := range settings(&Config{}) {
		out = append(out, s.path)
	}
	return out
}

// Variable is a setting's name in the environment.
func Variable(path string) string { return setting{path: path}.variable() }
