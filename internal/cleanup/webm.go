package cleanup

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// The elements of Matroska (RFC 9559) that are told apart.
const (
	idEBML       = 0x1a45dfa3
	idSegment    = 0x18538067
	idSeekHead   = 0x114d9b74
	idInfo       = 0x1549a966
	idTracks     = 0x1654ae6b
	idCluster    = 0x1f43b675
	idCues       = 0x1c53bb6b
	idVoid       = 0xec
	idCRC        = 0xbf
	idScale      = 0x2ad7b1
	idDuration   = 0x4489
	idMuxer      = 0x4d80
	idWriter     = 0x5741
	idTrack      = 0xae
	idTrackType  = 0x83
	idTrackName  = 0x536e
	unknownSize  = -1
	maxElementID = 4
)

// element is an element: its id, and where it and its content are. Its end is
// unknownSize where only what follows tells it.
type element struct {
	id             uint32
	at, inner, end int64
}

// elementAt reads the head of an element inside a stretch that ends at end.
func (b *builder) elementAt(at, end int64) (element, error) {
	if err := b.step(); err != nil {
		return element{}, err
	}
	id, idLen, err := b.vint(at, end)
	if err != nil || idLen > maxElementID {
		return element{}, ErrBroken
	}
	size, sizeLen, err := b.vint(at+int64(idLen), end)
	if err != nil {
		return element{}, err
	}
	e := element{id: uint32(id), at: at, inner: at + int64(idLen+sizeLen)}
	marker := uint64(1) << (7 * sizeLen)
	switch n := size &^ marker; {
	case n == marker-1:
		e.end = unknownSize
	case n > uint64(end-e.inner):
		return element{}, ErrBroken
	default:
		e.end = e.inner + int64(n)
	}
	return e, nil
}

// vint reads a number of variable length, its marker bit included.
func (b *builder) vint(at, end int64) (v uint64, n int, err error) {
	p, err := b.read(at, 1)
	if err != nil {
		return 0, 0, err
	}
	n = bits.LeadingZeros8(p[0]) + 1
	if n > 8 || at+int64(n) > end {
		return 0, 0, ErrBroken
	}
	if p, err = b.read(at, n); err != nil {
		return 0, 0, err
	}
	return binary.BigEndian.Uint64(append(make([]byte, 8-n), p...)), n, nil
}

// each visits the elements between two places. visit says where to go on: behind
// the element, or inside it.
func (b *builder) each(from, end int64, visit func(element) (int64, error)) error {
	for at := from; at < end; {
		e, err := b.elementAt(at, end)
		if err != nil {
			return err
		}
		if at, err = visit(e); err != nil {
			return err
		}
	}
	return nil
}

// webm goes through a recording. Segment and clusters are entered rather than
// skipped, since a browser that records does not know their length.
func webm(b *builder) error {
	if err := b.each(0, b.size, b.top); err != nil {
		return err
	}
	return b.rest()
}

func (b *builder) top(e element) (int64, error) {
	switch e.id {
	case idSegment:
		return e.inner, nil
	case idCluster:
		if e.end == unknownSize {
			return e.inner, nil
		}
		return e.end, nil
	}
	if e.end == unknownSize {
		return 0, fmt.Errorf("%w: an element without an end", ErrBroken)
	}
	switch e.id {
	case idEBML, idSeekHead, idCues:
		return e.end, nil
	case idInfo:
		return e.end, b.each(e.inner, e.end, b.info)
	case idTracks:
		return e.end, b.each(e.inner, e.end, b.tracks)
	}
	if inCluster(e.id) {
		return e.end, nil
	}
	return e.end, b.void(e)
}

// inCluster are the elements of a cluster, which stand here where it has no end.
func inCluster(id uint32) bool {
	switch id {
	case 0xe7, 0x5854, 0xa7, 0xab, 0xa3, 0xa0, 0xaf:
		return true
	}
	return false
}

// info keeps how time is counted, and empties which programs wrote it: these two
// must be there.
func (b *builder) info(e element) (int64, error) {
	switch {
	case e.end == unknownSize:
		return 0, ErrBroken
	case e.id == idScale, e.id == idDuration:
		return e.end, nil
	case e.id == idMuxer, e.id == idWriter:
		return e.end, b.replace(e.inner, e.end, nil)
	}
	return e.end, b.void(e)
}

func (b *builder) tracks(e element) (int64, error) {
	switch {
	case e.end == unknownSize:
		return 0, ErrBroken
	case e.id == idTrack:
		return e.end, b.each(e.inner, e.end, b.track)
	}
	return e.end, b.void(e)
}

// track empties the name of a track, and refuses one that is neither picture nor
// sound nor words.
func (b *builder) track(e element) (int64, error) {
	switch {
	case e.end == unknownSize:
		return 0, ErrBroken
	case e.id == idCRC:
		return e.end, b.void(e)
	case e.id == idTrackName:
		return e.end, b.replace(e.inner, e.end, nil)
	case e.id != idTrackType:
		return e.end, nil
	}
	p, err := b.read(e.inner, 1)
	if err != nil {
		return 0, err
	}
	if e.end != e.inner+1 || p[0] != 1 && p[0] != 2 && p[0] != 17 {
		return 0, fmt.Errorf("%w: a track of other data", ErrInside)
	}
	return e.end, nil
}

// void makes an element a void one, of the same length and full of zeros. The
// bytes of its id and length take the id of void and a length as long as fits.
func (b *builder) void(e element) error {
	n := min(8, e.inner-e.at-1)
	size := uint64(e.end-e.at-1-n) | 1<<(7*n)
	head := append([]byte{idVoid}, binary.BigEndian.AppendUint64(nil, size)[8-n:]...)
	return b.replace(e.at, e.end, head)
}
