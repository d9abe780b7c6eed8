package journal

// Written lists the nodes that are writing their journal now.
func (p Place) Written() ([]string, error) {
	nodes, err := p.nodes()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range nodes {
		busy, err := written(p.folder(n))
		if err != nil {
			return nil, err
		}
		if busy {
			out = append(out, n)
		}
	}
	return out, nil
}
