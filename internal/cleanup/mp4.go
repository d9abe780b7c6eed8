package cleanup

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// box is a box of ISO/IEC 14496-12: its kind, and where it and its content are.
type box struct {
	kind           string
	at, inner, end int64
}

// boxAt reads the head of a box inside a stretch that ends at end.
func (b *builder) boxAt(at, end int64) (box, error) {
	if err := b.step(); err != nil {
		return box{}, err
	}
	p, err := b.read(at, 8)
	if err != nil {
		return box{}, err
	}
	x := box{kind: string(p[4:]), at: at, inner: at + 8}
	switch n := int64(binary.BigEndian.Uint32(p)); n {
	case 0: // to the end of what it is in
		x.end = end
	case 1:
		if p, err = b.read(at+8, 8); err != nil {
			return box{}, err
		}
		x.inner = at + 16
		x.end = at + int64(binary.BigEndian.Uint64(p)&(1<<62-1))
	default:
		x.end = at + n
	}
	if x.end < x.inner || x.end > end {
		return box{}, ErrBroken
	}
	return x, nil
}

// boxRule says what becomes of the boxes inside one: those that stay as they are,
// and those that are looked into. All others become free space, so that every
// offset in the file stays right and no decoder notices.
type boxRule struct {
	stay   []string
	within map[string]func(*builder, box) error
}

func (r boxRule) apply(b *builder, from, end int64) error {
	for at := from; at < end; {
		x, err := b.boxAt(at, end)
		if err != nil {
			return err
		}
		if look, ok := r.within[x.kind]; ok {
			err = look(b, x)
		} else if !slices.Contains(r.stay, x.kind) {
			err = b.free(x)
		}
		if err != nil {
			return err
		}
		at = x.end
	}
	return nil
}

func (r boxRule) box(b *builder, x box) error { return r.apply(b, x.inner, x.end) }

// mp4 goes through the boxes of a film or a recording.
func mp4(b *builder) error {
	if err := filmRule().apply(b, 0, b.size); err != nil {
		return err
	}
	return b.rest()
}

func filmRule() boxRule {
	fragment := boxRule{stay: []string{"mfhd"}, within: map[string]func(*builder, box) error{
		"traf": boxRule{stay: []string{"tfhd", "tfdt", "trun", "sdtp", "sbgp", "sgpd", "subs", "saiz", "saio"}}.box,
	}}
	return boxRule{
		stay: []string{"ftyp", "styp", "mdat", "sidx", "ssix", "mfra", "pdin"},
		within: map[string]func(*builder, box) error{
			"moov": movieRule().box, "moof": fragment.box,
		},
	}
}

func movieRule() boxRule {
	media := boxRule{stay: []string{"elng"}, within: map[string]func(*builder, box) error{
		"mdhd": (*builder).timeless, "hdlr": (*builder).handler,
		"minf": boxRule{
			stay:   []string{"vmhd", "smhd", "nmhd", "sthd", "gmhd", "dinf", "stbl"},
			within: map[string]func(*builder, box) error{"hdlr": (*builder).nameless},
		}.box,
	}}
	track := boxRule{stay: []string{"edts", "tref", "tapt", "trgr"}, within: map[string]func(*builder, box) error{
		"tkhd": (*builder).timeless, "mdia": media.box,
	}}
	return boxRule{stay: []string{"mvex", "iods"}, within: map[string]func(*builder, box) error{
		"mvhd": (*builder).timeless, "trak": track.box,
	}}
}

// free makes a box one of free space, of the same length and full of zeros.
func (b *builder) free(x box) error {
	if err := b.replace(x.at+4, x.at+8, []byte("free")); err != nil {
		return err
	}
	return b.replace(x.inner, x.end, nil)
}

// timeless takes the times of creation and change out of a header.
func (b *builder) timeless(x box) error {
	p, err := b.read(x.inner, 1)
	if err != nil {
		return err
	}
	times := int64(8)
	if p[0] == 1 { // the longer version
		times = 16
	}
	if x.inner+4+times > x.end {
		return ErrBroken
	}
	return b.replace(x.inner+4, x.inner+4+times, nil)
}

const handlerName = 24 // where the name of a handler stands

// handler refuses a track that is neither picture nor sound nor words: what is in
// it lies among the pictures, and is most often the place.
func (b *builder) handler(x box) error {
	p, err := b.read(x.inner, handlerName)
	if err != nil {
		return err
	}
	switch string(p[8:12]) {
	case "vide", "soun", "text", "sbtl", "subt", "clcp":
		return b.nameless(x)
	}
	return fmt.Errorf("%w: a track of other data, perhaps places", ErrInside)
}

// nameless takes the name out of a handler.
func (b *builder) nameless(x box) error {
	if x.inner+handlerName >= x.end {
		return nil
	}
	return b.replace(x.inner+handlerName, x.end, nil)
}
