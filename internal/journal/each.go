package journal

// Each shows every act of all journals in the folder that was not voided, without a
// database, and checks the chains on the way. Errors wrap ErrRefused, or are the file
// system's.
func (p Place) Each(see func(Entry)) error {
	nodes, err := p.nodes()
	if err != nil {
		return err
	}
	for _, n := range nodes {
		acts, voided := map[int64][]Entry{}, map[int64]bool{}
		c, err := p.read(n, false, func(body []byte, h Head) error {
			r, err := parse(body)
			if err != nil {
				return ErrNewer
			}
			acts[h.Seq] = r.Entries
			for _, v := range r.Void {
				voided[v] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
		for seq := c.base.Seq + 1; seq <= c.head.Seq; seq++ {
			for _, e := range acts[seq] {
				if !voided[seq] {
					see(e)
				}
			}
		}
	}
	return nil
}
