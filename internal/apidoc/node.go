package apidoc

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// node is a place in the contract. Unlike maps it keeps the order in which the
// contract says things. The zero node is a place that is not there.
type node struct{ y *yaml.Node }

// reader follows references and remembers the first that leads nowhere.
type reader struct {
	root node
	err  error
}

// get is a member, or nowhere.
func (n node) get(name string) node {
	if n.y == nil || n.y.Kind != yaml.MappingNode {
		return node{}
	}
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		if n.y.Content[i].Value == name {
			return node{n.y.Content[i+1]}
		}
	}
	return node{}
}

// each visits the members of a mapping in their order.
func (n node) each(visit func(name string, v node)) {
	if n.y == nil || n.y.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		visit(n.y.Content[i].Value, node{n.y.Content[i+1]})
	}
}

// items are those of a list.
func (n node) items() (out []node) {
	if n.y == nil || n.y.Kind != yaml.SequenceNode {
		return nil
	}
	for _, c := range n.y.Content {
		out = append(out, node{c})
	}
	return out
}

// text is a scalar as it was written; empty where there is none.
func (n node) text() string {
	if n.y == nil || n.y.Kind != yaml.ScalarNode {
		return ""
	}
	return n.y.Value
}

func (n node) there() bool { return n.y != nil }
func (n node) truth() bool { return n.text() == "true" }

// texts are the scalars of a list.
func (n node) texts() (out []string) {
	for _, i := range n.items() {
		out = append(out, i.text())
	}
	return out
}

// follow gives what a place is and, where it refers to a component, that component's
// name.
func (r *reader) follow(n node) (to node, name string) {
	ref := n.get("$ref").text()
	if ref == "" {
		return n, ""
	}
	to = r.root
	steps := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	for _, step := range steps {
		to = to.get(step)
	}
	if !to.there() && r.err == nil {
		r.err = fmt.Errorf("%s leads nowhere", ref)
	}
	return to, steps[len(steps)-1]
}
