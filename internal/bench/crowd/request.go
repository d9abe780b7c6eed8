package crowd

// Request is a request made beforehand.
type Request struct {
	// Pieces are head and body; requests share what they have in common.
	Pieces [][]byte

	head func() ([]byte, error)
}

// request makes a request whose head can be made again.
func (p *Person) request(head func() ([]byte, error), body ...[]byte) (Request, error) {
	first, err := head()
	return Request{append([][]byte{first}, body...), head}, err
}

// Again is the same request with a new proof: the server has seen the old one.
func (r Request) Again() (Request, error) {
	first, err := r.head()
	return Request{append([][]byte{first}, r.Pieces[1:]...), r.head}, err
}
