package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// file reads settings from YAML. Only the structure is YAML's: what a value
// means is decided by the setting, so that no, 0x10 or 1_000 mean the same here
// as in the environment.
func (l *loading) file(name string) {
	b, mode, err := readPlain(name)
	if err != nil {
		l.faults.add("--config", err.Error(), "name a file that this user may read")
		return
	}
	if mode&0o022 != 0 {
		l.faults.add("--config", "other users of this machine can change "+name, "chmod go-w "+name)
	}
	root, err := parseYAML(b)
	if err != nil {
		l.faults.add(name, err.Error(), "mend the YAML")
		return
	}
	if root != nil {
		l.section(name, "", root)
	}
}

// parseYAML gives the root of the one document; nil if there is none.
func parseYAML(b []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(b))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one YAML document")
	}
	return document.Content[0], nil
}

// section reads the settings of one mapping, whose paths begin with prefix. A
// section without a value is one whose settings are all commented out.
func (l *loading) section(file, prefix string, node *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		if node.Tag != "!!null" {
			l.faults.add(where(file, node, prefix), "is not a section of settings", "write one setting a line, with its name before a colon")
		}
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		path := prefix + key.Value
		switch {
		case seen[path]:
			l.faults.add(where(file, key, path), "stands twice", "keep one")
		case l.isSection(path + "."):
			l.section(file, path+".", value)
		default:
			l.value(where(file, key, path), path, value)
		}
		seen[path] = true
	}
}

func (l *loading) isSection(prefix string) bool {
	for path := range l.known {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// value reads a scalar or a list of scalars. Anchors, tags and empty values are
// refused: each is a way to say something else than what stands there.
func (l *loading) value(where, path string, node *yaml.Node) {
	nodes := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		nodes = node.Content
	}
	texts := make([]string, 0, len(nodes))
	for _, n := range nodes {
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Style&yaml.TaggedStyle != 0 || n.Anchor != "" {
			l.faults.add(where, "has no plain value", "write one value, or leave the setting out")
			return
		}
		texts = append(texts, n.Value)
	}
	l.assign(where, path, texts, false)
}

func where(file string, node *yaml.Node, path string) string {
	return fmt.Sprintf("%s:%d: %s", file, node.Line, strings.TrimSuffix(path, "."))
}
