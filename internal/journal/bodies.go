package journal

// Bodies visits every record of every node's journal, oldest first for each node, as
// the canonical JSON that was signed. It checks each journal as reading always does,
// and changes nothing.
func (p Place) Bodies(see func(node string, body []byte) error) error {
	nodes, err := p.nodes()
	if err != nil {
		return err
	}
	for _, node := range nodes {
		_, err := p.read(node, false, func(body []byte, _ Head) error {
			if body == nil {
				return nil
			}
			return see(node, body)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
